//! The proofs of `disk`. What has to die or to wait runs in a process of its
//! own: this test binary, told to run only [`sandbox::child`].

mod crash;
mod everyday;
mod hostile;
mod locking;
mod meanwhile;
mod sandbox;
mod scarce;

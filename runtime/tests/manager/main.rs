//! Managers as processes of their own: signals, exit codes, and who may write when several want to lead.
//!
//! What needs an API server is in the slow ring (`RUSTOP_SLOW=1`).
#![allow(
    clippy::disallowed_methods,
    reason = "tests look at what is left behind"
)]
#![cfg(all(feature = "testing", unix))]
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "this whole file is tests; processes talk to each other, and what was measured is printed"
)]

mod audit;
#[path = "../common/mod.rs"]
mod common;
mod election;
mod environment;
mod interoperation;
mod lifecycle;
mod operator;
mod proxy;

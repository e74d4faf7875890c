//! What holds for any input, one function for each fuzz target.
//!
//! A function panics where its property does not hold. The fast ring runs the
//! same source on the seeds and on random inputs (`tests/it/fuzz.rs`,
//! `runtime/tests/fuzz.rs`), so that a property cannot rot between two fuzzings.

#[cfg(feature = "command")]
pub mod markers;
#[cfg(feature = "command")]
pub mod merge;
#[cfg(feature = "command")]
pub mod project;
#[cfg(feature = "webhooks")]
pub mod webhooks;

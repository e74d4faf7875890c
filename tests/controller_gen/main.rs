//! Compares what rustop makes of markers with what controller-gen makes of them.
//!
//! Slow ring: runs with `RUSTOP_SLOW=1` and needs Go.
#![allow(
    clippy::disallowed_methods,
    reason = "tests write packages for controller-gen"
)]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

mod fields;
mod roles;
mod tool;
mod webhooks;

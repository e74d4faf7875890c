//! Webhooks and conversion as a real API server calls them: slow ring (`RUSTOP_SLOW=1`).
#![allow(
    clippy::disallowed_methods,
    reason = "tests write what a Secret volume would hold"
)]
#![cfg(all(feature = "testing", feature = "webhooks"))]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "this whole file is tests; what was measured is printed for `--nocapture`"
)]

mod admission;
mod boxes;
#[path = "../common/mod.rs"]
mod common;
mod conversion;
mod reload;
mod rig;
mod start;

//! The versions that generated projects are tested with.
//!
//! Those of crates stand in `[workspace.dependencies]` of
//! `templates/project/Cargo.toml.tera`; a test compares them with rustop's own
//! Cargo.toml, by which the runtime crate is built.

/// The Rust that kube asks for; kube raises it, not we.
pub const RUST_VERSION: &str = "1.89";
/// The Rust edition of generated crates.
pub const EDITION: &str = "2024";

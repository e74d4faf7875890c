//! Manifests that are computed, not rendered: roles, CRDs and webhook
//! configurations.
//!
//! Their owner is *derived*: they follow from the user's Rust and from PROJECT
//! alone, so the same input gives the same bytes, with keys in the order that
//! controller-gen's users know from their diffs. Each file's path stands here
//! once. Nothing in here reads or writes a file.

mod check;
pub mod crd;
mod description;
pub mod local_webhooks;
pub mod role;
mod rules;
mod schema;
pub mod webhook;
pub mod yaml;

pub use crate::markers::Problem;
pub use check::CrdProblem;
pub use crd::{CrdOptions, crd_files};
pub use role::{ROLE, RoleOptions, derive};

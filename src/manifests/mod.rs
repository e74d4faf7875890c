//! Manifests that are computed, not rendered: roles, CRDs and webhook
//! configurations.
//!
//! Their owner is *derived*: they follow from the user's Rust and from PROJECT
//! alone, so the same input gives the same bytes, with keys in the order that
//! controller-gen's users know from their diffs. Each file's path stands here
//! once. Nothing in here reads or writes a file.

pub mod breaking;
mod cel;
mod check;
pub mod crd;
mod description;
mod hidden;
mod lint;
pub mod local_webhooks;
mod place;
pub mod rights;
pub mod role;
mod rules;
mod schema;
mod served;
mod test_modules;
mod types;
pub mod verdict;
pub mod webhook;
pub mod yaml;

pub use crate::markers::Problem;
pub use crd::{CrdOptions, crd_files, examine};
pub use hidden::{HiddenVersion, hidden};
pub use lint::{CrdProblem, Finding, Lint};
pub use place::{CrdPlace, Step};
pub use role::{ROLE, RoleOptions, derive};
pub use served::{KnownHandler, unserved};
pub use types::Types;

/// The line of the first marker in a source, if it has one.
pub fn first_marker(path: &crate::tree::RelativePath, source: &str) -> Option<usize> {
    let (markers, _) = crate::markers::scan(path, source);
    markers.first().map(|marker| marker.line)
}

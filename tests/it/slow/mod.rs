//! The slow ring: generated projects are compiled, and deployed to a real API server.
//!
//! `RUSTOP_SLOW=1` switches it on. cargo works offline on what is in its cache;
//! `cargo fetch --locked` in one generated project fills that. The projects
//! share two target folders (`RUSTOP_TEST_TARGET`), so that what they depend on is
//! not compiled for each, and they take turns in them.

mod builtin;
pub(crate) mod cluster;
mod crd_markers;
mod elsewhere;
mod existing;
mod external_crds;
mod field_edges;
mod fields;
mod formatting;
mod fuzzing;
mod generated;
mod manager;
mod manifests;
mod names;
mod package;
mod projects;
mod rbac_audit;
mod reader;
mod schemas;
pub(crate) mod server;
mod webhook_certificates;
mod webhook_markers;
mod webhooks;

//! rustop, run as its users run it: one binary, a module for each subject.
//!
//! The fast ring runs always. The slow ring compiles generated projects, and
//! starts a real API server; `RUSTOP_SLOW=1` (`make test`) switches it on.
#![allow(clippy::disallowed_methods, reason = "tests look at what rustop wrote")]
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "this whole binary is tests: a panic is a result"
)]

mod api;
mod architecture;
mod command_line;
#[cfg(unix)]
mod completion;
mod controllers;
mod crash;
mod crd_markers;
mod demo;
mod documents;
mod elsewhere;
mod external_crds;
mod fields;
mod fuzz;
mod history;
mod init;
#[cfg(unix)]
mod keyboard;
#[cfg(unix)]
mod local_webhooks;
#[cfg(unix)]
mod manifests;
mod names;
mod own_dependencies;
mod project_file;
#[cfg(unix)]
mod prompts;
mod properties;
mod rbac_audit;
mod review_groups;
mod review_layout;
mod review_project_text;
mod review_reports;
mod review_versions;
mod sandbox;
mod slow;
mod snapshots;
mod templates;
mod update;
mod webhook_config;
mod webhook_markers;
#[cfg(unix)]
mod webhook_paths;
mod webhooks;

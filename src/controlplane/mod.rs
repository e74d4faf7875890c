//! etcd and kube-apiserver: found, downloaded or built, and run.
//!
//! What people are told about an operator is only worth something when a real
//! API server has said so. This module gets the two binaries onto the machine and
//! hands a folder that holds both to whoever asks. It is the only user of the
//! network in rustop, and only `rustop envtest` and `rustop rbac audit`, which runs
//! tests, let it: `rustop manifests --server=local` takes what is installed, and no
//! other command calls it.
#![allow(
    clippy::disallowed_methods,
    reason = "binaries lie in a cache folder of their own"
)]

mod build;
mod download;
mod find;
mod index;
mod platform;
mod ready;
mod run;
mod store;
mod version;

/// The processes themselves: the very source that generated projects test with.
#[path = "../../templates/project/runtime/src/testing/control_plane/mod.rs"]
pub mod control_plane;

pub use build::KUBERNETES;
pub use find::{Found, Origin, Request, controller_manager, find};
pub use index::DEFAULT_INDEX;
pub use platform::Platform;
pub use ready::{agent, get};
pub use run::{Ending, Signals, run};
pub use store::{Installed, SERVERS, Store};
pub use version::{Selector, Version};

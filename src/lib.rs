//! rustop starts, grows and keeps up Kubernetes operator projects written on kube-rs.
//!
//! The scaffold is a pure function of the `PROJECT` file, and every command is
//! a new `PROJECT` and a three-way merge. `ARCHITECTURE.md` tells the whole story.

pub mod audit;
pub mod change;
pub mod cli;
pub mod controlplane;
pub mod disk;
pub mod external;
pub mod manifests;
pub mod markers;
pub mod project;
pub mod render;
pub mod report;
pub mod resource;
pub mod scaffold;
pub mod tree;

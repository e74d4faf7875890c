//! Where the pieces of a resource lie, and what its controllers are called.
//!
//! Rust paths are the same in every layout; only the folders differ.

use super::{Controller, Project};
use crate::resource::ResourceKey;

impl Project {
    /// The folder of a version's types below `api/src`, and of its handlers below
    /// `src/webhook`: `v1`, or `apps/v1` in a
    /// multi-group project.
    pub fn api_folder(&self, key: &ResourceKey) -> String {
        let version = key.version().module();
        if self.multigroup {
            format!("{}/{version}", key.group().module())
        } else {
            version
        }
    }

    /// Where the types of an API lie.
    pub fn types_path(&self, key: &ResourceKey) -> String {
        format!(
            "api/src/{}/{}.rs",
            self.api_folder(key),
            key.kind().module()
        )
    }

    /// The folder of a kind's controllers below `src/controller`; empty in a
    /// single-group project.
    pub fn controller_folder(&self, key: &ResourceKey) -> String {
        if self.multigroup {
            key.group().module()
        } else {
            String::new()
        }
    }

    /// Where a controller lies.
    pub fn controller_path(&self, key: &ResourceKey, controller: &Controller) -> String {
        let folder = self.controller_folder(key);
        let folder = if folder.is_empty() {
            folder
        } else {
            folder + "/"
        };
        format!("src/controller/{folder}{}.rs", controller.module(key))
    }

    /// Where a handler lies: the `defaulter` or the `validator`.
    pub fn handler_path(&self, key: &ResourceKey, name: &str) -> String {
        let (folder, kind) = (self.api_folder(key), key.kind().module());
        format!("src/webhook/{folder}/{kind}/{name}.rs")
    }

    /// Where the conversions between a spoke and its hub lie.
    pub fn conversion_path(&self, spoke: &ResourceKey) -> String {
        let (folder, kind) = (self.api_folder(spoke), spoke.kind().module());
        format!("api/src/{folder}/{kind}_conversion.rs")
    }

    /// What a controller is called in metrics and logs: its name, or kubebuilder's
    /// rule for the kind's own, with the group in front in a multi-group project.
    pub fn controller_name(&self, key: &ResourceKey, controller: &Controller) -> String {
        match controller {
            Controller::Named(name) => name.to_string(),
            Controller::Default => self.qualified_kind(key, '-'),
        }
    }

    /// The kind in lower case, with the group in front in a multi-group project.
    pub fn qualified_kind(&self, key: &ResourceKey, separator: char) -> String {
        let kind = key.kind().lower();
        match key.group().as_str() {
            group if self.multigroup && !group.is_empty() => format!("{group}{separator}{kind}"),
            _ => kind,
        }
    }
}

impl Controller {
    /// The Rust module of this controller.
    pub fn module(&self, key: &ResourceKey) -> String {
        match self {
            Self::Default => key.kind().module(),
            Self::Named(name) => name.module(),
        }
    }

    /// What it keeps objects with until it has cleaned up.
    pub fn finalizer(&self, key: &ResourceKey) -> String {
        let name = match self {
            Self::Default => "finalizer",
            Self::Named(name) => name.as_str(),
        };
        format!("{}/{name}", key.qualified_group())
    }

    /// The type of the condition in which it says whether all is as asked for.
    pub fn condition(&self, key: &ResourceKey) -> String {
        match self {
            Self::Default => "Ready".to_owned(),
            Self::Named(_) => format!("{}Ready", self.type_prefix(key)),
        }
    }

    /// What the names of its Rust types begin with.
    pub fn type_prefix(&self, key: &ResourceKey) -> String {
        match self {
            Self::Default => key.kind().to_string(),
            Self::Named(name) => name.camel_case(),
        }
    }
}

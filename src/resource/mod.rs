//! The names of an operator: project, domain, group, version, kind, plural.
//!
//! Each is a type of its own whose constructor applies Kubernetes' rules and
//! Rust's, so that what exists is valid and no later step has to judge again.
//! What follows from a name (module, package, prefix, plural) is computed here
//! and nowhere else. Pure: nothing here reads a file, a flag or the clock.

mod builtin;
mod controller_name;
mod dependency;
mod dns;
mod error;
pub mod field;
mod group;
mod key;
mod kind;
mod name_type;
mod plural;
mod plural_endings;
mod pluralize;
mod project_name;
#[cfg(test)]
mod properties;
pub mod right;
mod rust_name;
mod rust_path;
mod shown;
mod version;
mod webhook_path;

pub use builtin::{BuiltinKind, TABLE as BUILTIN_TABLE};
pub use controller_name::ControllerName;
pub use dependency::Dependency;
pub use error::NameError;
pub use field::{Field, FieldError, Fields};
pub use group::{Domain, Group};
pub use key::ResourceKey;
pub use kind::Kind;
pub use plural::Plural;
pub use pluralize::pluralize;
pub use project_name::ProjectName;
pub use rust_name::serde_camel_case;
pub use rust_path::RustPath;
pub use shown::is_shown;
pub use version::Version;
pub use webhook_path::WebhookPath;

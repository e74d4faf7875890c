//! What is wrong with which field, said as the API server's own validation says it: kubectl prints such an answer as it
//! prints those of built-in kinds.
//!
//! ```
//! use rustop_runtime::webhook::field;
//!
//! let spec = field::Path::new("spec");
//! let mut errors = field::ErrorList::new();
//! errors.push(field::Error::invalid(&spec.child("replicas"), -1, "must not be negative"));
//! errors.push(field::Error::required(&spec.child("ports").index(0).child("name"), ""));
//! assert_eq!(
//!     errors.to_string(),
//!     "[spec.replicas: Invalid value: -1: must not be negative, spec.ports[0].name: Required value]"
//! );
//! ```

mod error;
mod list;
mod path;

pub use error::{Error, ErrorType};
pub use list::ErrorList;
pub use path::Path;

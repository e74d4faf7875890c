//! The fields of a kind, as `--field` and PROJECT declare them.
//!
//! A declaration is `path:type[?][=default][,option…]`. [`Field`] is one of them,
//! checked by itself; [`Fields`] is all of a kind's, as a tree of [`Node`]s,
//! checked among each other. What exists gives a schema that an API server
//! takes, Rust that compiles, and a sample that is valid. The words for users
//! are in docs/fields.md. Pure; knows no Rust text and no schema.

mod check;
mod declaration;
pub mod duration;
mod error;
mod format;
mod given;
mod joined;
mod name;
mod node;
mod options;
mod path;
mod pattern;
mod sample;
mod singular;
mod text;
mod tree;
mod types;
pub mod value;
pub mod variant;

pub use declaration::{Field, Presence};
pub use error::FieldError;
pub use format::Format;
pub use name::FieldName;
pub use node::{Content, Node};
pub use options::Options;
pub use pattern::pattern_fault;
pub use tree::Fields;
pub use types::{Scalar, Shape};

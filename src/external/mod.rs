//! Rust types from the CRD of somebody else: CRD text in, Rust text out.
//!
//! kopium's library decides which Rust type a property gets; the names and the
//! text are ours, because kopium's names can meet (`backendTLS` beside
//! `backend.tls`), and its text needs crates that the types crate has not.
//! Nothing here reads or writes a file.

mod analysis;
mod definition;
mod documentation;
mod documents;
mod error;
mod known;
mod names;
mod properties;
mod root;
mod schema;
mod text;

#[cfg(test)]
mod tests;

pub use definition::{Definition, FOLDER, Version, kept_path};
pub use documents::definitions;
pub use error::ExternalError;

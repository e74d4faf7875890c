//! Where a server's certificate comes from.

#[cfg(feature = "builtin-certificates")]
pub mod builtin;
pub(crate) mod watcher;

//! Where a server's certificate comes from.

pub(crate) mod watcher;

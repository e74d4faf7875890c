//! What is wrong with a marker, and where.
//!
//! Problems are collected, not thrown: a user with three wrong markers wants to
//! hear of three. Nothing here prints.

use std::fmt;

use crate::tree::RelativePath;

/// Whether the command can go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The manifests cannot be made.
    Error,
    /// A marker that looks like one and is none; the manifests can be made.
    Warning,
}

/// One marker that is not what its author meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The source it stands in.
    pub file: RelativePath,
    /// Its line, counted from 1.
    pub line: usize,
    /// Whether the command can go on.
    pub severity: Severity,
    /// What is wrong, lower case, without a full stop.
    pub message: String,
    /// What to write instead, where that is known.
    pub help: Option<String>,
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}: {}", self.file, self.line, self.message)?;
        match &self.help {
            Some(help) => write!(formatter, "\nhelp: {help}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Problem {}

//! Why a CRD cannot be used, and what to do about it.

use std::fmt;

/// A CRD that is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExternalError {
    reason: String,
    help: Option<String>,
}

impl ExternalError {
    pub(super) fn new(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            help: None,
        }
    }

    /// Names the CRD that is meant.
    pub(super) fn of(mut self, name: &str) -> Self {
        self.reason = format!("custom resource definition `{name}`: {}", self.reason);
        self
    }

    pub(super) fn or(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl fmt::Display for ExternalError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.reason)?;
        match &self.help {
            Some(help) => write!(formatter, "\nhelp: {help}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for ExternalError {}

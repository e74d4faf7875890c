//! The one error of this module: a field that no CRD could have, and why.

use std::fmt;

/// Why a field is refused, and what to write instead.
///
/// Shown as `` the field `x:int32,min=5,max=1`: … `` with a second line `help: …`
/// where the remedy is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    field: String,
    reason: String,
    help: Option<String>,
}

impl FieldError {
    /// Says that `field` cannot be, for `reason`.
    pub(super) fn new(field: impl fmt::Display, reason: impl Into<String>) -> Self {
        Self {
            field: field.to_string(),
            reason: reason.into(),
            help: None,
        }
    }

    /// Adds the remedy, without the word `help`.
    pub(super) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl fmt::Display for FieldError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "the field `{}`: {}",
            self.field.escape_debug(),
            self.reason
        )?;
        match &self.help {
            Some(help) => write!(formatter, "\nhelp: {help}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for FieldError {}

/// Why a part of a field is refused; who knows the whole field adds it.
pub(super) struct Refusal {
    pub(super) reason: String,
    pub(super) help: Option<String>,
}

impl Refusal {
    pub(super) fn new(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            help: None,
        }
    }

    pub(super) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The error about `field`.
    pub(super) fn of(self, field: impl fmt::Display) -> FieldError {
        let error = FieldError::new(field, self.reason);
        match self.help {
            Some(help) => error.with_help(help),
            None => error,
        }
    }
}

//! The one error of this module: a text that cannot be the name it should be.
//!
//! It keeps its parts apart, so that a caller may show the remedy elsewhere,
//! and never echoes a control character to a terminal.

use std::fmt;

/// Why a text is no legal name, and what to try instead.
///
/// Shown as `` `x` is no kind: it must … `` and, where a remedy can be guessed,
/// a second line `help: …`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameError {
    value: String,
    noun: &'static str,
    reason: String,
    help: Option<String>,
}

impl NameError {
    /// Says that `value` is no `noun`, for `reason`.
    pub(super) fn new(noun: &'static str, value: &str, reason: impl Into<String>) -> Self {
        Self {
            value: value.to_owned(),
            noun,
            reason: reason.into(),
            help: None,
        }
    }

    /// Adds the remedy, without the word `help`.
    pub(super) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds `try --flag candidate` when there is a candidate.
    pub(super) fn or_try(self, flag: &str, candidate: Option<String>) -> Self {
        match candidate {
            Some(candidate) => self.with_help(format!("try `{flag} {candidate}`")),
            None => self,
        }
    }

    /// The text that was refused, as it was given.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// What the text should have been: `kind`, `group`, ….
    pub fn noun(&self) -> &'static str {
        self.noun
    }

    /// The rule that the text breaks.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// What to try instead, without the word `help`.
    pub fn help(&self) -> Option<&str> {
        self.help.as_deref()
    }
}

impl fmt::Display for NameError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = printable(&self.value);
        write!(formatter, "`{value}` is no {}: {}", self.noun, self.reason)?;
        match &self.help {
            Some(help) => write!(formatter, "\nhelp: {help}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for NameError {}

/// `value` with its control characters written as escapes.
fn printable(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for character in value.chars() {
        if character.is_control() {
            text.extend(character.escape_default());
        } else {
            text.push(character);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_why_and_help() {
        let error = NameError::new("kind", "my\n\u{1b}app", "it must not")
            .or_try("--kind", Some("MyApp".into()));
        assert_eq!(
            error.to_string(),
            "`my\\n\\u{1b}app` is no kind: it must not\nhelp: try `--kind MyApp`"
        );
    }

    #[test]
    fn has_one_line_without_a_remedy() {
        let error = NameError::new("kind", "", "it is empty").or_try("--kind", None);
        assert_eq!(error.to_string(), "`` is no kind: it is empty");
    }
}

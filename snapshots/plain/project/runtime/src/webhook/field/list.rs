//! All that is wrong with an object, so that its author mends it in one go.

use std::fmt;

use kube::core::response::StatusCause;

use super::Error;

/// The errors of one object. `?` on [`into_result`](Self::into_result) refuses it.
///
/// ```
/// use rustop_runtime::webhook::{Denied, Warnings, field};
///
/// fn validate(replicas: i32) -> Result<Warnings, Denied> {
///     let mut errors = field::ErrorList::new();
///     if replicas < 0 {
///         let path = field::Path::new("spec").child("replicas");
///         errors.push(field::Error::invalid(&path, replicas, "must not be negative"));
///     }
///     errors.into_result()?;
///     Ok(Warnings::new())
/// }
/// assert!(validate(1).is_ok());
/// assert!(validate(-1).is_err());
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[must_use = "errors that are not returned refuse nothing"]
pub struct ErrorList(Vec<Error>);

impl ErrorList {
    /// No errors yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one.
    pub fn push(&mut self, error: Error) {
        self.0.push(error);
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The errors, in the order in which they were added.
    pub fn iter(&self) -> std::slice::Iter<'_, Error> {
        self.0.iter()
    }

    /// Nothing when there are no errors.
    ///
    /// # Errors
    /// The errors, which become a [`Denied`](crate::webhook::Denied) by `?`.
    pub fn into_result(self) -> Result<(), Self> {
        if self.is_empty() { Ok(()) } else { Err(self) }
    }

    pub(crate) fn causes(&self) -> Vec<StatusCause> {
        self.iter().map(Error::cause).collect()
    }
}

impl Extend<Error> for ErrorList {
    fn extend<I: IntoIterator<Item = Error>>(&mut self, errors: I) {
        self.0.extend(errors);
    }
}

impl FromIterator<Error> for ErrorList {
    fn from_iter<I: IntoIterator<Item = Error>>(errors: I) -> Self {
        Self(errors.into_iter().collect())
    }
}

impl IntoIterator for ErrorList {
    type Item = Error;
    type IntoIter = std::vec::IntoIter<Error>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a ErrorList {
    type Item = &'a Error;
    type IntoIter = std::slice::Iter<'a, Error>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl From<Error> for ErrorList {
    fn from(error: Error) -> Self {
        Self(vec![error])
    }
}

/// One error as it is, several in brackets, each text once: as Go's aggregates.
impl fmt::Display for ErrorList {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut texts: Vec<String> = Vec::new();
        for text in self.iter().map(ToString::to_string) {
            if !texts.contains(&text) {
                texts.push(text);
            }
        }
        match texts.as_slice() {
            [one] => formatter.write_str(one),
            several => write!(formatter, "[{}]", several.join(", ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Path;
    use super::*;

    #[test]
    fn a_text_is_said_once() {
        let error = Error::required(&Path::new("spec"), "");
        let twice: ErrorList = [error.clone(), error.clone()].into_iter().collect();
        assert_eq!(twice.to_string(), "spec: Required value");
        let other = Error::required(&Path::new("status"), "");
        let two: ErrorList = [error, other].into_iter().collect();
        assert_eq!(
            two.to_string(),
            "[spec: Required value, status: Required value]"
        );
    }

    #[test]
    fn no_errors_refuse_nothing() {
        assert!(ErrorList::new().into_result().is_ok());
        let one = ErrorList::from(Error::required(&Path::new("spec"), ""));
        assert_eq!(one.into_result().unwrap_err().causes().len(), 1);
    }
}

//! Why a reconcile has no result, and what that calls for.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use kube::core::Status;

use crate::BoxError;
use crate::error::chain;

/// An error that trying again can't mend, such as a spec that makes no sense.
///
/// It is logged and counted (`controller_runtime_terminal_reconcile_errors_total`), but the object is not tried again: it
/// waits for a change. Found anywhere in the chain of causes of what [`reconcile`](crate::Reconciler::reconcile) returns.
/// What should be heard of in any case belongs into a condition of the object.
///
/// ```
/// use rustop_runtime::TerminalError;
///
/// #[derive(Debug, thiserror::Error)]
/// enum Error {
///     #[error("the API server refused: {0}")]
///     Kube(#[from] kube::Error),
///     #[error(transparent)]
///     Invalid(#[from] TerminalError),
/// }
///
/// fn image(name: &str) -> Result<&str, Error> {
///     if name.is_empty() {
///         return Err(TerminalError::new("`spec.image` is empty").into());
///     }
///     Ok(name)
/// }
/// # assert!(image("").is_err());
/// ```
#[derive(Debug)]
pub struct TerminalError(Terminal);

/// In `TerminalError`'s chain of causes a second time: a wrapper such as `anyhow::Error` hides the type of its first.
#[derive(Debug)]
struct Terminal(BoxError);

impl TerminalError {
    /// Marks an error, or a text, as final.
    pub fn new(error: impl Into<BoxError>) -> Self {
        Self(Terminal(error.into()))
    }
}

impl fmt::Display for TerminalError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl StdError for TerminalError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&self.0)
    }
}

impl fmt::Display for Terminal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl StdError for Terminal {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source()
    }
}

/// Why a reconcile has no result.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error("{}", chain(.0.as_ref()))]
    Failed(BoxError),
    #[error("panicked: {0}")]
    Panicked(String),
    #[error("took longer than {0:?}; help: set `reconciliation_timeout`")]
    TimedOut(Duration),
}

impl Failure {
    pub(super) fn is_terminal(&self) -> bool {
        self.any_cause(|cause| cause.is::<Terminal>() || cause.is::<TerminalError>())
    }

    /// Somebody else wrote the object first. What is read next time is newer, so that it mends itself; a field that
    /// another field manager owns does not.
    pub(super) fn is_conflict(&self) -> bool {
        self.any_cause(|cause| status_of(cause).is_some_and(lost_a_race))
    }

    fn any_cause(&self, is_it: impl Fn(&(dyn StdError + 'static)) -> bool) -> bool {
        let Self::Failed(error) = self else {
            return false;
        };
        let mut next: Option<&(dyn StdError + 'static)> = Some(error.as_ref());
        while let Some(cause) = next {
            if is_it(cause) {
                return true;
            }
            next = cause.source();
        }
        false
    }
}

/// As kube's error, or as the cause of one whose type is hidden, which kube keeps in a box.
fn status_of<'a>(cause: &'a (dyn StdError + 'static)) -> Option<&'a Status> {
    if let Some(kube::Error::Api(status)) = cause.downcast_ref() {
        return Some(status);
    }
    let boxed = cause.downcast_ref::<Box<Status>>();
    boxed.map(AsRef::as_ref).or_else(|| cause.downcast_ref())
}

fn lost_a_race(status: &Status) -> bool {
    let causes = status.details.iter().flat_map(|details| &details.causes);
    let mut owned_by_another = causes.filter(|cause| cause.reason == "FieldManagerConflict");
    status.code == 409 && status.reason == "Conflict" && owned_by_another.next().is_none()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn failed(error: impl Into<BoxError>) -> Failure {
        Failure::Failed(error.into())
    }

    /// An error around another, as `thiserror` and `anyhow` make them.
    #[derive(Debug, thiserror::Error)]
    #[error("around")]
    struct Around(#[source] BoxError);

    fn refused(code: u16, reason: &str, cause: Option<&str>) -> kube::Error {
        let causes: Vec<_> = cause
            .map(|reason| json!({"reason": reason}))
            .into_iter()
            .collect();
        let status = json!({"code": code, "reason": reason, "details": {"causes": causes}});
        kube::Error::Api(serde_json::from_value(status).unwrap())
    }

    #[test]
    fn an_error_is_terminal_anywhere_in_the_chain() {
        let terminal = || TerminalError::new("no image");
        assert!(failed(terminal()).is_terminal());
        assert!(failed(Around(terminal().into())).is_terminal());
        assert!(failed(Around(Around(terminal().into()).into())).is_terminal());
        assert!(!failed("no image").is_terminal());
        assert!(!Failure::Panicked(String::new()).is_terminal());
        let text = failed(Around(terminal().into())).to_string();
        assert_eq!(text, "around: no image");
    }

    /// What `anyhow::Error` becomes as a boxed error: it shows its first error's text and causes, but not its type.
    #[derive(Debug)]
    struct Disguised(Box<dyn StdError + Send + Sync>);

    impl fmt::Display for Disguised {
        fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            self.0.fmt(formatter)
        }
    }

    impl StdError for Disguised {
        fn source(&self) -> Option<&(dyn StdError + 'static)> {
            self.0.source()
        }
    }

    #[test]
    fn an_error_whose_type_is_hidden_is_recognised() {
        assert!(failed(Disguised(TerminalError::new("no").into())).is_terminal());
        let conflict = refused(409, "Conflict", None);
        assert!(failed(Disguised(conflict.into())).is_conflict());
    }

    #[test]
    fn only_a_lost_race_is_a_conflict() {
        for (code, reason, cause, expected) in [
            (409, "Conflict", None, true),
            (409, "Conflict", Some("FieldManagerConflict"), false),
            (409, "AlreadyExists", None, false),
            (422, "Invalid", None, false),
        ] {
            let failure = failed(refused(code, reason, cause));
            assert_eq!(failure.is_conflict(), expected, "{code} {reason} {cause:?}");
        }
        assert!(failed(Around(refused(409, "Conflict", None).into())).is_conflict());
    }
}

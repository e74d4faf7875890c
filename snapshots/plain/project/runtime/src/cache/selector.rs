//! Which objects of a kind are watched.

use std::fmt;

/// Which objects of a kind are watched, cached and handed on: all of them, or those with certain labels and fields.
///
/// The API server applies it, so that what isn't selected is neither sent nor kept. Controllers and readers that ask for
/// the same kind with the same selector share one watch; each other selector is a watch of its own. The syntax is that of
/// `kubectl get --selector` and `--field-selector`:
/// <https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors>.
///
/// ```
/// use rustop_runtime::Selector;
///
/// let selector = Selector::all().labels("app=web,tier!=cache").fields("status.phase=Running");
/// assert_eq!(selector.to_string(), "app=web,tier!=cache;status.phase=Running");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Selector {
    labels: Option<String>,
    fields: Option<String>,
}

impl Selector {
    /// All objects.
    pub const fn all() -> Self {
        Self {
            labels: None,
            fields: None,
        }
    }

    /// Those whose labels fit.
    #[must_use]
    pub fn labels(mut self, selector: impl Into<String>) -> Self {
        self.labels = Some(selector.into());
        self
    }

    /// Those whose fields fit. Every kind has `metadata.name` and `metadata.namespace`; others are the kind's own.
    #[must_use]
    pub fn fields(mut self, selector: impl Into<String>) -> Self {
        self.fields = Some(selector.into());
        self
    }

    /// The selectors for labels and for fields, as a request takes them.
    pub(super) fn parts(&self) -> (Option<String>, Option<String>) {
        (self.labels.clone(), self.fields.clone())
    }
}

/// For names of checks and logs: nothing for all objects.
impl fmt::Display for Selector {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.labels.as_deref().unwrap_or_default())?;
        match &self.fields {
            Some(fields) => write!(formatter, ";{fields}"),
            None => Ok(()),
        }
    }
}

//! What is answered.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Denied, Warnings};
use crate::webhook::patch::{self, Operation};

/// An answer of an [`AdmissionHandler`](super::AdmissionHandler).
#[derive(Clone, Debug)]
#[must_use = "an answer has to be returned"]
pub struct AdmissionResponse {
    pub(crate) verdict: Result<Vec<Operation>, Denied>,
    pub(crate) warnings: Warnings,
    pub(crate) audit_annotations: BTreeMap<String, String>,
}

impl AdmissionResponse {
    /// The request is allowed as it is.
    pub fn allowed() -> Self {
        Self::of(Ok(Vec::new()))
    }

    /// The request is allowed, and `sent` becomes `wanted` on the way. Only mutating webhooks may say so.
    ///
    /// ```
    /// use rustop_runtime::webhook::AdmissionResponse;
    /// use serde_json::json;
    ///
    /// let sent = json!({"metadata": {"name": "a"}});
    /// let mut wanted = sent.clone();
    /// wanted["metadata"]["labels"] = json!({"team": "blue"});
    /// let response = AdmissionResponse::patched(&sent, &wanted);
    /// # let _ = response;
    /// ```
    pub fn patched(sent: &Value, wanted: &Value) -> Self {
        Self::of(Ok(patch::diff(sent, wanted)))
    }

    /// The request is refused.
    pub fn denied(reason: impl Into<Denied>) -> Self {
        Self::of(Err(reason.into()))
    }

    /// Tells the user something, whatever the verdict.
    pub fn with_warning(mut self, warning: impl Into<String>) -> Self {
        self.warnings.push(warning.into());
        self
    }

    /// Notes something in the API server's audit log, under the webhook's name and this key.
    pub fn with_audit_annotation(
        mut self,
        key: impl Into<String>,
        value: impl Into<String>,
    ) -> Self {
        self.audit_annotations.insert(key.into(), value.into());
        self
    }

    fn of(verdict: Result<Vec<Operation>, Denied>) -> Self {
        Self {
            verdict,
            warnings: Warnings::new(),
            audit_annotations: BTreeMap::new(),
        }
    }
}

/// Lets a handler's body use `?`: `AdmissionResponse::from(result)`.
impl From<Result<Self, Denied>> for AdmissionResponse {
    fn from(result: Result<Self, Denied>) -> Self {
        result.unwrap_or_else(Self::denied)
    }
}

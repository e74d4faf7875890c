//! JSON patches (RFC 6902): the difference between two documents, and the application of one in tests.
//!
//! Only what an answer to the API server needs: `add`, `remove` and `replace`.

mod diff;

pub(crate) use diff::diff;

use serde::Serialize;
use serde_json::Value;

/// One step of a patch. Paths are JSON pointers.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "op", rename_all = "lowercase")]
pub(crate) enum Operation {
    Add { path: String, value: Value },
    Remove { path: String },
    Replace { path: String, value: Value },
}

/// The document after the steps; `None` when one of them doesn't fit.
#[cfg(any(test, feature = "testing"))]
pub(crate) fn apply(mut document: Value, patch: &[Operation]) -> Option<Value> {
    let patch: json_patch::Patch = serde_json::to_value(patch)
        .and_then(serde_json::from_value)
        .ok()?;
    json_patch::patch(&mut document, &patch).ok()?;
    Some(document)
}

/// The difference as JSON, for people.
#[cfg(any(test, feature = "testing"))]
pub(crate) fn difference(from: &Value, to: &Value) -> Value {
    serde_json::to_value(diff(from, to)).unwrap_or_default()
}

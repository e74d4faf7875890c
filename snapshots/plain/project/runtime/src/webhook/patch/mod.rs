//! JSON patches (RFC 6902): the difference between two documents, and the application of one in tests.
//!
//! Only what an answer to the API server needs: `add`, `remove` and `replace`.

mod carry_over;
mod diff;

pub(crate) use carry_over::{Lists, carry_over};
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
    for operation in patch {
        match operation {
            Operation::Replace { path, value } => {
                *document.pointer_mut(path)? = value.clone();
            }
            Operation::Remove { path } => remove(&mut document, path)?,
            Operation::Add { path, value } => add(&mut document, path, value.clone())?,
        }
    }
    Some(document)
}

/// The difference as JSON, for people.
#[cfg(any(test, feature = "testing"))]
pub(crate) fn difference(from: &Value, to: &Value) -> Value {
    serde_json::to_value(diff(from, to)).unwrap_or_default()
}

#[cfg(any(test, feature = "testing"))]
fn add(document: &mut Value, path: &str, value: Value) -> Option<()> {
    let (parent, token) = path.rsplit_once('/')?;
    match document.pointer_mut(parent)? {
        Value::Object(fields) => drop(fields.insert(unescape(token), value)),
        Value::Array(items) => {
            let index = token.parse().ok().filter(|index| *index <= items.len())?;
            items.insert(index, value);
        }
        _ => return None,
    }
    Some(())
}

#[cfg(any(test, feature = "testing"))]
fn remove(document: &mut Value, path: &str) -> Option<()> {
    let (parent, token) = path.rsplit_once('/')?;
    match document.pointer_mut(parent)? {
        Value::Object(fields) => drop(fields.remove(&unescape(token))?),
        Value::Array(items) => {
            let index = token.parse().ok().filter(|index| *index < items.len())?;
            items.remove(index);
        }
        _ => return None,
    }
    Some(())
}

#[cfg(any(test, feature = "testing"))]
fn unescape(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
}

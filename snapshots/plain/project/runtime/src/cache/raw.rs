//! An object as the API server sent it: who it is can be read, whatever the rest looks like.
//!
//! One object that doesn't fit its Rust type must not stop its kind, so an object is decoded by itself, and its name,
//! version and uid before it. That also tells what need not be decoded: what is known already, and managed fields.

use std::ops::Range;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::{Object, Request};

/// The text of one object, and who it is.
pub(super) struct RawObject {
    pub(super) request: Request,
    pub(super) uid: Option<String>,
    /// Its resource version; empty when it has none.
    pub(super) version: String,
    text: String,
    managed_fields: Option<Range<usize>>,
}

#[derive(Deserialize)]
struct Outline<'a> {
    #[serde(borrow, default)]
    metadata: Metadata<'a>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Metadata<'a> {
    name: String,
    namespace: Option<String>,
    uid: Option<String>,
    resource_version: Option<String>,
    #[serde(borrow)]
    managed_fields: Option<&'a RawValue>,
}

impl RawObject {
    /// Reads who it is. Fails when there is no telling: then it is no object.
    pub(super) fn read(text: &str) -> Result<Self, serde_json::Error> {
        let Outline { metadata } = serde_json::from_str(text)?;
        Ok(Self {
            request: Request {
                namespace: metadata.namespace,
                name: metadata.name,
            },
            uid: metadata.uid,
            version: metadata.resource_version.unwrap_or_default(),
            managed_fields: metadata.managed_fields.map(|part| place(text, part.get())),
            text: text.to_owned(),
        })
    }

    /// The object without its managed fields: often half of its size, most of the work, and of no use to a reconciler.
    pub(super) fn decode<K: DeserializeOwned>(mut self) -> Result<K, serde_json::Error> {
        if let Some(place) = self.managed_fields {
            self.text.replace_range(place, "null");
        }
        serde_json::from_str(&self.text)
    }

    /// Whether `object` is this very version of it.
    pub(super) fn is(&self, object: &impl Object) -> bool {
        let meta = object.meta();
        meta.uid == self.uid && meta.resource_version.as_deref() == Some(&self.version)
    }
}

/// Where in `whole` its slice `part` is.
fn place(whole: &str, part: &str) -> Range<usize> {
    let start = part.as_ptr().addr() - whole.as_ptr().addr();
    start..start + part.len()
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::ConfigMap;

    use super::*;

    const TEXT: &str = r#"{"data": {"a": "ü"}, "metadata": {"uid": "u", "managedFields": [{"manager": "x"}],
        "labels": {"managedFields": "y"}, "namespace": "ns", "name": "n", "resourceVersion": "7"}}"#;

    #[test]
    fn managed_fields_are_left_out_and_nothing_else() {
        let raw = RawObject::read(TEXT).unwrap();
        assert_eq!(raw.request, Request::namespaced("ns", "n"));
        assert_eq!(raw.version, "7");
        let mut expected: ConfigMap = serde_json::from_str(TEXT).unwrap();
        assert!(expected.metadata.managed_fields.take().is_some());
        assert_eq!(raw.decode::<ConfigMap>().unwrap(), expected);
    }

    #[test]
    fn what_does_not_fit_the_type_still_has_a_name() {
        let raw = RawObject::read(r#"{"data": 3, "metadata": {"name": "n"}}"#).unwrap();
        assert_eq!(raw.request, Request::cluster("n"));
        let error = raw.decode::<ConfigMap>().unwrap_err().to_string();
        assert!(error.contains("invalid type: integer `3`"), "{error}");
    }

    #[test]
    fn a_version_of_an_object_is_told_from_another() {
        let object: ConfigMap = serde_json::from_str(TEXT).unwrap();
        let is = |from: &str, to: &str| {
            RawObject::read(&TEXT.replace(from, to))
                .unwrap()
                .is(&object)
        };
        assert!(is("", ""));
        assert!(!is(r#""7""#, r#""8""#));
        assert!(!is(r#""u""#, r#""other""#));
    }
}

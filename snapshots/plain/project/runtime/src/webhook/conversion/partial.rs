//! Objects of which parts are missing.
//!
//! When a manager applies in another version than before, the API server asks for the conversion of what is left of the
//! object without the fields of that manager, to learn which of them to remove; what it stores has them all. So a
//! conversion sees objects that no schema would let pass: without a field that must be there, or without `spec`
//! (<https://github.com/kubernetes/kubernetes/issues/117260>). In Go such a field has the zero value of its type, and here
//! it is given that.

use serde_json::{Map, Value, json};
use serde_path_to_error::{Path, Segment};

use crate::Object;

/// More fields than this aren't filled in: it is another object altogether.
const MOST: usize = 100;

/// What serde says of a field that must be there, and isn't.
const MISSING: &str = "missing field `";

/// Reads an object. A field that is missing although its type can't do without it has the zero value of its type.
pub(super) fn read<K: Object>(object: &Value) -> Result<K, String> {
    let error = match deserialize(object) {
        Ok(object) => return Ok(object),
        Err(error) => error,
    };
    let mut whole = object.clone();
    let filled = fill(&mut whole, &error).ok_or_else(|| error.to_string())?;
    tracing::debug!(reason = %error, "the object lacks fields, converting it with their zero values");
    Ok(filled)
}

/// The object without anything but what it is called, if it has no spec: then there is nothing to convert. None of an
/// object that has one: it would be lost.
pub(super) fn without_spec(object: &Value) -> Option<Value> {
    let fields = object.as_object()?;
    (!fields.contains_key("spec")).then(|| json!({}))
}

type Error = serde_path_to_error::Error<serde_json::Error>;

fn deserialize<K: Object>(object: &Value) -> Result<K, Error> {
    serde_path_to_error::deserialize(object)
}

/// Adds what is missing, one field after the other.
fn fill<K: Object>(object: &mut Value, error: &Error) -> Option<K> {
    let mut missing = Missing::of(error)?;
    for _ in 0..MOST {
        match missing.fill_in::<K>(object)? {
            Ok(whole) => return Some(whole),
            Err(next) => missing = next,
        }
    }
    None
}

/// Where a field is missing.
struct Missing {
    /// The object that lacks it.
    place: Vec<Key>,
    field: String,
}

enum Key {
    Field(String),
    Index(usize),
}

impl Missing {
    fn of(error: &Error) -> Option<Self> {
        let text = error.inner().to_string();
        let (field, _) = text.strip_prefix(MISSING)?.split_once('`')?;
        Some(Self {
            place: keys(error.path())?,
            field: field.to_owned(),
        })
    }

    /// Gives the field the first value that its type takes. Returns the whole object, or what it lacks besides.
    fn fill_in<K: Object>(&self, object: &mut Value) -> Option<Result<K, Self>> {
        let mut variant = None;
        for zero in zeros() {
            if let Some(done) = self.try_value(object, zero, &mut variant) {
                return Some(done);
            }
        }
        let variant = variant?;
        self.try_value(object, Value::String(variant), &mut None)
    }

    /// None when the type doesn't take `value`. Of an enum the error names the variants: then `variant` is the first.
    fn try_value<K: Object>(
        &self,
        object: &mut Value,
        value: Value,
        variant: &mut Option<String>,
    ) -> Option<Result<K, Self>> {
        self.at(object)?.insert(self.field.clone(), value);
        let error = match deserialize(object) {
            Ok(whole) => return Some(Ok(whole)),
            Err(error) => error,
        };
        if let Some(next) = Self::of(&error) {
            return Some(Err(next));
        }
        *variant = variant.take().or_else(|| first_variant(&error));
        None
    }

    fn at<'a>(&self, object: &'a mut Value) -> Option<&'a mut Map<String, Value>> {
        let mut place = object;
        for key in &self.place {
            place = match key {
                Key::Field(field) => place.get_mut(field)?,
                Key::Index(index) => place.get_mut(index)?,
            };
        }
        place.as_object_mut()
    }
}

/// The zero values of JSON's types, and a time.
fn zeros() -> [Value; 6] {
    [
        json!(""),
        json!(0),
        json!(false),
        json!([]),
        json!({}),
        json!("0001-01-01T00:00:00Z"),
    ]
}

fn keys(path: &Path) -> Option<Vec<Key>> {
    let key = |segment: &Segment| match segment {
        Segment::Map { key } => Some(Key::Field(key.clone())),
        Segment::Seq { index } => Some(Key::Index(*index)),
        Segment::Enum { .. } | Segment::Unknown => None,
    };
    path.iter().map(key).collect()
}

fn first_variant(error: &Error) -> Option<String> {
    let text = error.inner().to_string();
    let (_, expected) = text
        .strip_prefix("unknown variant ")?
        .split_once("expected ")?;
    expected.split('`').nth(1).map(ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    use super::*;

    #[derive(kube::CustomResource, Clone, Debug, Deserialize, Serialize, PartialEq)]
    #[kube(
        group = "example.com",
        version = "v1",
        kind = "Box",
        namespaced,
        schema = "disabled"
    )]
    #[kube(derive = "PartialEq")]
    #[serde(rename_all = "camelCase")]
    struct BoxSpec {
        text: String,
        number: u8,
        share: f64,
        on: bool,
        colour: Colour,
        sides: Vec<Side>,
        #[serde(default = "seven")]
        defaulted: i32,
        optional: Option<i32>,
        inner_side: Side,
        since: k8s_openapi::apimachinery::pkg::apis::meta::v1::Time,
    }

    #[derive(Clone, Copy, Debug, Deserialize, Serialize, PartialEq)]
    enum Colour {
        Red,
        Green,
    }

    #[derive(Clone, Debug, Deserialize, Serialize, PartialEq)]
    struct Side {
        length: i64,
    }

    fn seven() -> i32 {
        7
    }

    fn boxed(spec: &Value) -> Result<Value, String> {
        let object = json!({"apiVersion": "example.com/v1", "kind": "Box", "metadata": {"name": "a"}, "spec": spec});
        read::<Box>(&object).map(|object| serde_json::to_value(object.spec).unwrap())
    }

    #[test]
    fn a_field_that_is_missing_has_the_zero_value_of_its_type() {
        let expected = json!({"text": "", "number": 0, "share": 0.0, "on": false, "colour": "Red", "sides": [],
            "defaulted": 7, "optional": null, "innerSide": {"length": 0}, "since": "0001-01-01T00:00:00Z"});
        assert_eq!(boxed(&json!({})).unwrap(), expected);
    }

    #[test]
    fn what_is_there_stays_and_parts_of_lists_are_filled_in() {
        let spec = json!({"text": "a", "colour": "Green", "sides": [{"length": 3}, {}]});
        let read = boxed(&spec).unwrap();
        assert_eq!(read["text"], "a");
        assert_eq!(read["colour"], "Green");
        assert_eq!(read["sides"], json!([{"length": 3}, {"length": 0}]));
    }

    #[test]
    fn what_does_not_fit_its_type_is_still_refused() {
        let error = boxed(&json!({"text": 3})).unwrap_err();
        assert_eq!(
            error,
            "spec.text: invalid type: integer `3`, expected a string"
        );
        let error = boxed(&json!({"number": 300})).unwrap_err();
        assert_eq!(
            error,
            "spec.number: invalid value: integer `300`, expected u8"
        );
    }

    #[test]
    fn an_object_without_metadata_or_spec_can_be_read() {
        let read = read::<Box>(&json!({"apiVersion": "example.com/v1", "kind": "Box"})).unwrap();
        assert_eq!(read.spec.colour, Colour::Red);
        assert_eq!(read.metadata.name, None);
    }
}

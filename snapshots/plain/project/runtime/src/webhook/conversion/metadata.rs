//! An object's metadata through a conversion.
//!
//! The API server forbids a conversion to change anything but labels and annotations, and what it sends may have fields
//! that no type knows. So the metadata is what was sent, with the labels and annotations of the converted object. A
//! conversion that doesn't care for metadata, so that its result has no name, loses nothing.

use serde_json::{Map, Value};

const FREE: [&str; 2] = ["labels", "annotations"];

/// Gives `converted` the metadata of `sent`.
pub(super) fn keep(sent: &Value, converted: &mut Value) {
    let sent = sent.get("metadata").and_then(Value::as_object);
    let mut metadata = sent.cloned().unwrap_or_default();
    let Some(fields) = converted.as_object_mut() else {
        return;
    };
    let own = fields.remove("metadata");
    let own = own.as_ref().and_then(Value::as_object);
    // An object that is being created may have no name yet.
    let named = |own: &Map<String, Value>| {
        ["name", "generateName"]
            .iter()
            .any(|key| own.contains_key(*key))
    };
    let carried = own.is_some_and(named);
    for key in FREE {
        let values = own.and_then(|own| own.get(key)).and_then(Value::as_object);
        // Whoever took the last one out means none.
        let values = values.filter(|values| !values.is_empty());
        match (values, carried) {
            (Some(values), true) => drop(metadata.insert(key.to_owned(), values.clone().into())),
            (None, true) => drop(metadata.remove(key)),
            (Some(values), false) => add(&mut metadata, key, values),
            (None, false) => {}
        }
    }
    fields.insert("metadata".to_owned(), Value::Object(metadata));
}

fn add(metadata: &mut Map<String, Value>, key: &str, values: &Map<String, Value>) {
    let entry = metadata
        .entry(key)
        .or_insert_with(|| Value::Object(Map::new()));
    if let Some(entry) = entry.as_object_mut() {
        entry.extend(values.clone());
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(sent: &Value, converted: &Value, expected: &Value) {
        let mut object = json!({"metadata": converted, "spec": 1});
        keep(&json!({"metadata": sent}), &mut object);
        assert_eq!(object, json!({"metadata": expected, "spec": 1}));
    }

    #[test]
    fn all_stays_but_labels_and_annotations() {
        let sent = json!({
            "name": "a", "uid": "u", "new": {"field": 1}, "managedFields": [{"unknown": 1}],
            "labels": {"a": "1", "b": "2"}, "annotations": {"c": "3"}});
        let converted = json!({"name": "other", "labels": {"a": "9"}, "generation": 4});
        let expected = json!({
            "name": "a", "uid": "u", "new": {"field": 1}, "managedFields": [{"unknown": 1}],
            "labels": {"a": "9"}});
        check(&sent, &converted, &expected);
    }

    #[test]
    fn no_annotations_are_none() {
        let sent = json!({"name": "a", "annotations": {"c": "3"}});
        check(
            &sent,
            &json!({"name": "a", "annotations": {}}),
            &json!({"name": "a"}),
        );
    }

    #[test]
    fn a_name_that_is_still_to_be_made_is_one() {
        let sent = json!({"generateName": "a-", "labels": {"a": "1"}});
        let converted = json!({"generateName": "a-", "labels": {"b": "2"}});
        check(&sent, &converted, &converted);
    }

    #[test]
    fn a_conversion_that_leaves_metadata_out_loses_none() {
        let sent = json!({"name": "a", "labels": {"a": "1"}});
        check(&sent, &json!({}), &sent);
        let expected = json!({"name": "a", "labels": {"a": "1"}, "annotations": {"lost": "x"}});
        check(&sent, &json!({"annotations": {"lost": "x"}}), &expected);
    }
}

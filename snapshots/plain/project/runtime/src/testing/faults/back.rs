//! A change that is taken back: what the user changed is as it was, what others wrote stays.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// `now` with the spec of `original`, and those of its labels and annotations that differ in `changed`.
pub(super) fn taken_back(now: &Value, original: &Value, changed: &Value) -> Value {
    let mut restored = original.clone();
    for field in ["metadata", "status"] {
        restored[field] = now[field].clone();
    }
    for field in ["labels", "annotations"] {
        let part = |object: &Value| object["metadata"][field].clone();
        restore(
            &mut restored["metadata"][field],
            &part(original),
            &part(changed),
        );
    }
    // As the server keeps it: a map with nothing in it isn't there.
    if let Some(metadata) = restored["metadata"].as_object_mut() {
        let empty = |value: &Value| value.is_null() || value.as_object().is_some_and(Map::is_empty);
        metadata.retain(|_, value| !empty(value));
    }
    restored
}

fn restore(now: &mut Value, original: &Value, changed: &Value) {
    let maps = [original, changed].into_iter().filter_map(Value::as_object);
    let keys: BTreeSet<&String> = maps.flat_map(Map::keys).collect();
    for key in keys
        .into_iter()
        .filter(|&key| original[key] != changed[key])
    {
        match (&original[key], now.as_object_mut()) {
            (Value::Null, Some(fields)) => drop(fields.remove(key)),
            (Value::Null, None) => {}
            (value, _) => now[key] = value.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_the_user_changed_is_as_it_was_and_what_others_wrote_stays() {
        let original = json!({"metadata": {"labels": {"a": "1", "b": "1"}}, "spec": 1});
        let changed = json!({
            "metadata": {"labels": {"a": "2"}, "annotations": {"new": "1"}}, "spec": 2});
        let now = json!({
            "metadata": {
                "labels": {"a": "2", "theirs": "1"}, "annotations": {"new": "1"},
                "finalizers": ["x"]},
            "spec": 2, "status": 3});
        let expected = json!({
            "metadata": {
                "labels": {"a": "1", "b": "1", "theirs": "1"}, "finalizers": ["x"]},
            "spec": 1, "status": 3});
        assert_eq!(taken_back(&now, &original, &changed), expected);
    }
}

//! Carries a change of the typed object over to the JSON that it was read from.
//!
//! The type may know less than the object says: a newer version of the CRD has a field more, a Pod has an alpha field.
//! So what is compared is the typed object before and after, and only that difference reaches what was sent.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// How a changed list is carried over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lists {
    /// Item by item: what the type doesn't know of an item stays.
    ByItem,
    /// Whole: for types that don't keep a list's order or length, sets for example.
    Whole,
}

/// Fields that name an item among its siblings, as in the API's own list maps. Tried in this order.
const NAMES: [&str; 9] = [
    "name",
    "key",
    "type",
    "uid",
    "containerPort",
    "port",
    "mountPath",
    "devicePath",
    "ip",
];

/// `sent`, read as a `K` that is `before`, with the changes that made it `after`. Where that isn't read as `after`, because
/// a list of the type keeps no order, changed lists are taken whole.
pub(crate) fn onto<K: Serialize + DeserializeOwned>(
    sent: &Value,
    before: &Value,
    after: &Value,
) -> Value {
    let by_item = carry_over(sent, before, after, Lists::ByItem);
    let read = K::deserialize(&by_item).ok();
    let read = read.and_then(|object| serde_json::to_value(object).ok());
    if read.as_ref() == Some(after) {
        by_item
    } else {
        carry_over(sent, before, after, Lists::Whole)
    }
}

/// `sent`, changed as `before` became `after`.
fn carry_over(sent: &Value, before: &Value, after: &Value, lists: Lists) -> Value {
    match (sent, before, after) {
        _ if before == after => sent.clone(),
        (Value::Object(sent), Value::Object(before), Value::Object(after)) => {
            Value::Object(object(sent, before, after, lists))
        }
        (Value::Array(sent), Value::Array(before), Value::Array(after))
            if lists == Lists::ByItem && sent.len() == before.len() =>
        {
            array(sent, before, after, lists)
        }
        _ => after.clone(),
    }
}

fn object(
    sent: &Map<String, Value>,
    before: &Map<String, Value>,
    after: &Map<String, Value>,
    lists: Lists,
) -> Map<String, Value> {
    let mut result = sent.clone();
    for key in before.keys().filter(|&key| !after.contains_key(key)) {
        result.remove(key);
    }
    let nothing = Value::Object(Map::new());
    for (key, new) in after {
        let old = before.get(key);
        if old == Some(new) {
            continue;
        }
        let value = match sent.get(key) {
            // The type left it out before, because it was at its default: what else was sent there stays.
            Some(sent) => carry_over(sent, old.unwrap_or(&nothing), new, lists),
            None => new.clone(),
        };
        result.insert(key.clone(), value);
    }
    result
}

fn array(sent: &[Value], before: &[Value], after: &[Value], lists: Lists) -> Value {
    let origins = origins(before, after);
    let items = after.iter().zip(origins).map(|(new, origin)| match origin {
        Some(index) => carry_over(&sent[index], &before[index], new, lists),
        None => new.clone(),
    });
    items.collect()
}

/// For each item of `after`, which item of `before` it was.
fn origins(before: &[Value], after: &[Value]) -> Vec<Option<usize>> {
    if let Some(name) = NAMES
        .into_iter()
        .find(|name| names(before, name) && names(after, name))
    {
        let same = |new: &Value| before.iter().position(|old| old[name] == new[name]);
        return after.iter().map(same).collect();
    }
    let mut free = vec![true; before.len()];
    let mut take = |index: usize| free.get_mut(index).is_some_and(std::mem::take);
    let mut origins = vec![None; after.len()];
    // First those that have not changed, where they were and elsewhere; then what changed where it is.
    for (index, new) in after.iter().enumerate() {
        if before.get(index) == Some(new) && take(index) {
            origins[index] = Some(index);
        }
    }
    for (index, new) in after.iter().enumerate() {
        if origins[index].is_none() {
            let mut equal = (0..before.len()).filter(|&old| &before[old] == new);
            origins[index] = equal.find(|&old| take(old));
        }
    }
    if before.len() == after.len() {
        for (index, origin) in origins.iter_mut().enumerate() {
            if origin.is_none() && take(index) {
                *origin = Some(index);
            }
        }
    }
    origins
}

/// Whether the field `name` tells all items apart.
fn names(items: &[Value], name: &str) -> bool {
    let mut seen = std::collections::HashSet::new();
    items.iter().all(|item| match item.get(name) {
        Some(Value::String(text)) => seen.insert(text.clone()),
        Some(Value::Number(number)) => seen.insert(number.to_string()),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    fn check(sent: &Value, before: &Value, after: &Value, expected: &Value) {
        let actual = carry_over(sent, before, after, Lists::ByItem);
        assert_eq!(&actual, expected);
    }

    #[test]
    fn what_the_type_does_not_know_stays() {
        check(
            &json!({"known": 1, "unknown": {"a": 1}, "nothing": null}),
            &json!({"known": 1}),
            &json!({"known": 2, "added": 3}),
            &json!({"known": 2, "unknown": {"a": 1}, "nothing": null, "added": 3}),
        );
    }

    #[test]
    fn what_was_at_its_default_keeps_its_unknown_fields() {
        check(
            &json!({"strategy": {"unknown": 1}, "none": null}),
            &json!({}),
            &json!({"strategy": {"known": 2}, "none": {"a": 1}}),
            &json!({"strategy": {"unknown": 1, "known": 2}, "none": {"a": 1}}),
        );
    }

    #[test]
    fn what_serde_added_but_nobody_changed_is_not_sent() {
        check(
            &json!({"size": 1}),
            &json!({"size": 1, "replicas": 1}),
            &json!({"size": 2, "replicas": 1}),
            &json!({"size": 2}),
        );
    }

    #[test]
    fn a_removed_field_goes_with_all_that_is_in_it() {
        check(
            &json!({"gone": {"unknown": 1}, "stays": 1}),
            &json!({"gone": {}, "stays": 1, "never": 1}),
            &json!({"stays": 1}),
            &json!({"stays": 1}),
        );
    }

    #[test]
    fn items_with_names_are_followed_wherever_they_go() {
        let sent = json!([{"name": "a", "x": 1}, {"name": "b", "x": 2}, {"name": "c", "x": 3}]);
        let before = json!([{"name": "a"}, {"name": "b"}, {"name": "c"}]);
        let after = json!([{"name": "new"}, {"name": "c", "image": "i"}, {"name": "a"}]);
        let expected = json!([
            {"name": "new"}, {"name": "c", "image": "i", "x": 3}, {"name": "a", "x": 1}]);
        check(&sent, &before, &after, &expected);
    }

    #[test]
    fn items_without_names_are_those_that_are_equal_or_at_the_same_place() {
        let sent = json!([{"v": 1, "x": 1}, {"v": 2, "x": 2}]);
        let before = json!([{"v": 1}, {"v": 2}]);
        check(
            &sent,
            &before,
            &json!([{"v": 9}, {"v": 2}]),
            &json!([{"v": 9, "x": 1}, {"v": 2, "x": 2}]),
        );
        check(
            &sent,
            &before,
            &json!([{"v": 2}]),
            &json!([{"v": 2, "x": 2}]),
        );
        check(
            &sent,
            &before,
            &json!([{"v": 2}, {"v": 3}, {"v": 1}]),
            &json!([{"v": 2, "x": 2}, {"v": 3}, {"v": 1, "x": 1}]),
        );
    }

    /// A set sorts what was sent: positions say nothing then, and only the whole list is right.
    #[test]
    fn a_list_of_another_length_is_carried_over_whole() {
        check(
            &json!(["b", "a", "b"]),
            &json!(["a", "b"]),
            &json!(["b"]),
            &json!(["b"]),
        );
        let whole = carry_over(
            &json!(["b", "a"]),
            &json!(["a", "b"]),
            &json!(["b"]),
            Lists::Whole,
        );
        assert_eq!(whole, json!(["b"]));
    }

    #[derive(Deserialize, Serialize)]
    struct Tags {
        tags: BTreeSet<String>,
    }

    /// The set sorts: by position the wrong tag would go.
    #[test]
    fn a_set_is_carried_over_whole() {
        let sent = json!({"tags": ["b", "a"], "unknown": 1});
        let wanted = onto::<Tags>(&sent, &json!({"tags": ["a", "b"]}), &json!({"tags": ["b"]}));
        assert_eq!(wanted, json!({"tags": ["b"], "unknown": 1}));
    }
}

//! What no API server takes as a selector or a condition of a webhook, which `patch` brings:
//! `ValidateLabelSelector` of apimachinery and `validateMatchConditions` of admissionregistration.

use std::collections::BTreeSet;

use serde_json::Value;

use super::names::{is_label_value, is_qualified};
use super::refusal::{Refusal, items, refused, text};

/// The two selectors of an entry.
pub(super) fn selectors(entry: &Value) -> Option<Refusal> {
    let both = ["namespaceSelector", "objectSelector"];
    let given = both
        .iter()
        .filter_map(|name| Some((*name, entry.get(*name)?)));
    given
        .into_iter()
        .find_map(|(name, selector)| of_selector(name, selector))
}

fn of_selector(name: &str, selector: &Value) -> Option<Refusal> {
    let labels = selector.get("matchLabels").and_then(Value::as_object);
    let labels = labels.into_iter().flatten();
    let wrong = |(key, value): (&String, &Value)| {
        let value = value.as_str().unwrap_or_default();
        of_key(name, key).or_else(|| of_value(name, value))
    };
    let mut expressions = items(selector, "matchExpressions").iter();
    labels
        .into_iter()
        .find_map(wrong)
        .or_else(|| expressions.find_map(|expression| of_expression(name, expression)))
}

fn of_expression(name: &str, expression: &Value) -> Option<Refusal> {
    let values = items(expression, "values");
    let operator = text(expression, "operator");
    let right = match operator {
        "In" | "NotIn" => !values.is_empty(),
        "Exists" | "DoesNotExist" => values.is_empty(),
        _ => false,
    };
    if !right {
        return refused(
            format!(
                "`{name}` has the operator `{operator}` with {} values",
                values.len()
            ),
            "`In` and `NotIn` have `values`, `Exists` and `DoesNotExist` have none; there are no others",
        );
    }
    let mut values = values.iter().filter_map(Value::as_str);
    of_key(name, text(expression, "key")).or_else(|| values.find_map(|value| of_value(name, value)))
}

fn of_key(name: &str, key: &str) -> Option<Refusal> {
    if is_qualified(key) {
        return None;
    }
    refused(
        format!("`{name}` has the key `{key}`, which no label has"),
        "letters, digits, `-`, `_` and `.`, after a domain and `/` if one likes: `app.kubernetes.io/name`",
    )
}

fn of_value(name: &str, value: &str) -> Option<Refusal> {
    if is_label_value(value) {
        return None;
    }
    refused(
        format!("`{name}` has the value `{value}`, which no label has"),
        "up to 63 letters, digits, `-`, `_` and `.`, the first and last a letter or digit",
    )
}

/// The conditions of an entry, but for their CEL.
pub(super) fn conditions(entry: &Value) -> Option<Refusal> {
    let conditions = items(entry, "matchConditions");
    if conditions.len() > 64 {
        return refused(
            "`matchConditions` has more than 64 items",
            "join some with `&&`",
        );
    }
    let mut seen = BTreeSet::new();
    conditions.iter().find_map(|condition| {
        let name = text(condition, "name");
        of_condition(name, condition).or_else(|| twice(name, seen.insert(name)))
    })
}

fn of_condition(name: &str, condition: &Value) -> Option<Refusal> {
    if !is_qualified(name) {
        return refused(
            format!("`matchConditions` has the name `{name}`"),
            "give each a name of letters, digits, `-`, `_` and `.`",
        );
    }
    if text(condition, "expression").trim().is_empty() {
        return refused(
            format!("`matchConditions` has no `expression` for `{name}`"),
            "write a rule in CEL, such as `object.metadata.name != 'a'`",
        );
    }
    None
}

fn twice(name: &str, is_new: bool) -> Option<Refusal> {
    if is_new {
        return None;
    }
    refused(
        format!("`matchConditions` has `{name}` twice"),
        "give each its own name",
    )
}

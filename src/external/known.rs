//! Values for which Kubernetes' own types are as good: the shapes of
//! `metav1.Condition`, `v1.ObjectReference` and `resource.Quantity`. They are
//! taken only where those types can read whatever the schema admits.

use regex::Regex;
use serde_json::Value;

/// <https://kubernetes.io/docs/reference/generated/kubernetes-api/v1.35/#condition-v1-meta>,
/// of which `observedGeneration` may be missing.
const CONDITION: [&str; 6] = [
    "lastTransitionTime",
    "message",
    "observedGeneration",
    "reason",
    "status",
    "type",
];

/// <https://kubernetes.io/docs/reference/generated/kubernetes-api/v1.35/#objectreference-v1-core>
const OBJECT_REFERENCE: [&str; 7] = [
    "apiVersion",
    "fieldPath",
    "kind",
    "name",
    "namespace",
    "resourceVersion",
    "uid",
];

/// The type of Kubernetes' own that `schema` holds, in lists and maps of whatever depth.
pub(super) fn known_type(schema: &Value) -> Option<&'static str> {
    if is_object_reference(schema) {
        return Some("ObjectReference");
    }
    if is_quantity(schema) {
        return Some("Quantity");
    }
    if schema.get("items").is_some_and(is_condition) {
        return Some("Condition");
    }
    let inner = ["items", "additionalProperties"].map(|key| schema.get(key));
    inner.into_iter().flatten().find_map(known_type)
}

/// Whether what lies in `schema` may be null, for its items or values, for the
/// items or values of those, and so on.
pub(super) fn nullable_parts(schema: &Value) -> Vec<bool> {
    let inner = ["items", "additionalProperties"].map(|key| schema.get(key));
    let Some(inner) = inner.into_iter().flatten().find(|inner| inner.is_object()) else {
        return Vec::new();
    };
    let mut parts = vec![inner.get("nullable") == Some(&Value::Bool(true))];
    parts.extend(nullable_parts(inner));
    parts
}

/// Whether objects of `schema` are `v1.ObjectReference`.
pub(super) fn is_object_reference(schema: &Value) -> bool {
    let names = names(schema);
    names.len() == OBJECT_REFERENCE.len()
        && OBJECT_REFERENCE
            .iter()
            .all(|name| names.contains(name) && is_of(schema, name, "string"))
}

/// Whether values of `schema` are `resource.Quantity`: an int-or-string whose
/// pattern takes `1Gi`, and is not that of a percentage. A `Quantity` is read from
/// any number; `IntOrString` ends at 32 bits, 2 GiB in bytes.
pub(super) fn is_quantity(schema: &Value) -> bool {
    let pattern = schema.get("pattern").and_then(Value::as_str);
    let pattern = pattern.and_then(|pattern| Regex::new(pattern).ok());
    schema.get("x-kubernetes-int-or-string") == Some(&Value::Bool(true))
        && pattern.is_some_and(|pattern| pattern.is_match("1Gi") && !pattern.is_match("50%"))
}

/// Whether objects of `schema` are `metav1.Condition`. Reading one without its
/// time fails, or with another text in its place, so the schema must ask for it.
pub(super) fn is_condition(schema: &Value) -> bool {
    let names = names(schema);
    let needed = CONDITION
        .iter()
        .filter(|name| **name != "observedGeneration");
    let required = schema.get("required").and_then(Value::as_array);
    let is_dated = required
        .is_some_and(|names| names.iter().any(|name| name == "lastTransitionTime"))
        && property(schema, "lastTransitionTime", "format") == Some("date-time");
    is_dated
        && needed.into_iter().all(|name| names.contains(name))
        && names.iter().all(|name| {
            let type_ = match *name {
                "observedGeneration" => "integer",
                _ => "string",
            };
            CONDITION.contains(name) && is_of(schema, name, type_)
        })
}

/// Whether the property `name` holds values of the JSON type `type_`, and never null.
fn is_of(schema: &Value, name: &str, type_: &str) -> bool {
    let nullable = format!("/properties/{name}/nullable");
    property(schema, name, "type") == Some(type_)
        && schema.pointer(&nullable) != Some(&Value::Bool(true))
}

/// What the schema says of the property `name` under `key`.
fn property<'a>(schema: &'a Value, name: &str, key: &str) -> Option<&'a str> {
    schema
        .pointer(&format!("/properties/{name}/{key}"))?
        .as_str()
}

fn names(schema: &Value) -> Vec<&str> {
    let properties = schema.get("properties").and_then(Value::as_object);
    let names = properties.into_iter().flatten();
    names.map(|(name, _)| name.as_str()).collect()
}

//! Objects for which Kubernetes' own types are as good: the shapes of
//! `metav1.Condition` and `v1.ObjectReference`.

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
    if schema.get("items").is_some_and(is_condition) {
        return Some("Condition");
    }
    let inner = ["items", "additionalProperties"].map(|key| schema.get(key));
    inner.into_iter().flatten().find_map(known_type)
}

/// Whether objects of `schema` are `v1.ObjectReference`.
pub(super) fn is_object_reference(schema: &Value) -> bool {
    let names = names(schema);
    names.len() == OBJECT_REFERENCE.len()
        && OBJECT_REFERENCE.iter().all(|name| names.contains(name))
}

/// Whether objects of `schema` are `metav1.Condition`. Reading one without its
/// time fails, so the schema must ask for it.
pub(super) fn is_condition(schema: &Value) -> bool {
    let names = names(schema);
    let needed = CONDITION
        .iter()
        .filter(|name| **name != "observedGeneration");
    let required = schema.get("required").and_then(Value::as_array);
    let is_dated =
        required.is_some_and(|names| names.iter().any(|name| name == "lastTransitionTime"));
    is_dated
        && needed.into_iter().all(|name| names.contains(name))
        && names.iter().all(|name| CONDITION.contains(name))
}

fn names(schema: &Value) -> Vec<&str> {
    let properties = schema.get("properties").and_then(Value::as_object);
    let names = properties.into_iter().flatten();
    names.map(|(name, _)| name.as_str()).collect()
}

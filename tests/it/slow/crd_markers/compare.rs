//! What a CRD of controller-gen has that ours need not have, and how parts of CRDs are found.

use serde_json::{Value, json};

use super::sources::{OURS, THEIRS};

/// controller-gen's CRD as ours would say it. All that is changed, and why:
///
/// - the group is another, so that a server has both;
/// - the annotation with the version of controller-gen: a new release touches no CRD of ours;
/// - `apiVersion`, `kind` and `metadata` in the schema: the server knows them in every object;
/// - `subresources: {}`, where there are none.
pub(super) fn as_ours(crd: &Value) -> Value {
    let text = crd.to_string().replace(THEIRS, OURS);
    let mut crd: Value = serde_json::from_str(&text).unwrap();
    let metadata = crd["metadata"].as_object_mut().unwrap();
    if let Some(Value::Object(annotations)) = metadata.get_mut("annotations") {
        annotations.remove("controller-gen.kubebuilder.io/version");
        if annotations.is_empty() {
            metadata.remove("annotations");
        }
    }
    for version in crd["spec"]["versions"].as_array_mut().unwrap() {
        let root = &mut version["schema"]["openAPIV3Schema"]["properties"];
        let root = root.as_object_mut().unwrap();
        for known in ["apiVersion", "kind", "metadata"] {
            assert!(root.remove(known).is_some(), "`{known}` is not in {root:?}");
        }
        if version["subresources"] == json!({}) {
            version.as_object_mut().unwrap().remove("subresources");
        }
    }
    crd
}

/// Whether the part is somewhere in the whole.
pub(super) fn holds(whole: &Value, part: &Value) -> bool {
    if includes(whole, part) {
        return true;
    }
    match whole {
        Value::Object(map) => map.values().any(|value| holds(value, part)),
        Value::Array(list) => list.iter().any(|value| holds(value, part)),
        _ => false,
    }
}

/// Whether each key of the part is in the whole with its value; lists must be the same.
pub(super) fn includes(whole: &Value, part: &Value) -> bool {
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => part
            .iter()
            .all(|(key, value)| whole.get(key).is_some_and(|found| includes(found, value))),
        _ => whole == part,
    }
}

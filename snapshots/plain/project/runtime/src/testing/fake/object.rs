//! What is asked of an object that is written, whatever the verb.

use serde_json::{Map, Value, json};

use super::cluster::Key;
use super::kind::Kind;
use super::managed::Writer;
use super::refusal::{Outcome, Refusal};

/// What only the server sets.
const OF_SERVER: [&str; 10] = [
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "generation",
    "managedFields",
    "name",
    "namespace",
    "resourceVersion",
    "selfLink",
    "uid",
];

/// A body that is an object of this kind, with what the server adds to the text of any.
pub(super) fn accept(kind: &Kind, body: Value) -> Outcome<Value> {
    let mut object = accept_part(kind, body)?;
    kind.complete(&mut object);
    kind.check(&object)?;
    Ok(object)
}

/// A body that is an object of this kind, or those of its fields that a manager wants to have.
pub(super) fn accept_part(kind: &Kind, body: Value) -> Outcome<Value> {
    let mut object = body;
    let Some(fields) = object.as_object_mut() else {
        return Err(Refusal::bad_request("the body of the request is no object"));
    };
    let metadata = fields.entry("metadata").or_insert_with(|| json!({}));
    if metadata.is_null() {
        *metadata = json!({});
    }
    if !metadata.is_object() {
        return Err(Refusal::bad_request("`metadata` is no object"));
    }
    for (name, expected) in [
        ("apiVersion", kind.api_version()),
        ("kind", kind.kind.clone()),
    ] {
        let said = fields.entry(name).or_insert(Value::Null);
        let missing = said.is_null() && kind.is_builtin();
        if !missing && *said != expected.as_str() {
            let message =
                format!("`{name}` of the object is {said}, but the path says `{expected}`");
            return Err(Refusal::bad_request(message));
        }
        *said = Value::from(expected);
    }
    tidy(&mut object);
    Ok(object)
}

/// Empty lists and maps in the metadata are not there, nor are nulls.
fn tidy(object: &mut Value) {
    let empty = |value: &Value| {
        value.is_null() || is_empty_list(value) || value.as_object().is_some_and(Map::is_empty)
    };
    if let Some(metadata) = object["metadata"].as_object_mut() {
        metadata.retain(|_, value| !empty(value));
    }
    if object["status"].is_null()
        && let Some(fields) = object.as_object_mut()
    {
        fields.remove("status");
    }
}

pub(super) fn is_empty_list(value: &Value) -> bool {
    value.as_array().is_some_and(Vec::is_empty)
}

/// The object must be the one that the path names, where it says so.
pub(super) fn check_name(key: &Key, object: &Value) -> Outcome<()> {
    let metadata = &object["metadata"];
    let differs = |field: &str, expected: &str| {
        metadata[field]
            .as_str()
            .is_some_and(|said| said != expected)
    };
    if differs("name", &key.name) {
        let message = "the name of the object does not match the name on the URL";
        return Err(Refusal::bad_request(message));
    }
    if differs("namespace", &key.namespace) {
        let message =
            "the namespace of the provided object does not match the namespace sent on the request";
        return Err(Refusal::bad_request(message));
    }
    Ok(())
}

/// An object that says which one it is, and which version of it was seen, must be right.
pub(super) fn check_seen(kind: &Kind, live: &Value, object: &Value) -> Outcome<()> {
    let (live, said) = (&live["metadata"], &object["metadata"]);
    let name = live["name"].as_str().unwrap_or_default();
    if said["uid"].is_string() && said["uid"] != live["uid"] {
        let why = format!(
            "Precondition failed: UID in precondition: {}, UID in object meta: {}",
            said["uid"], live["uid"]
        );
        return Err(Refusal::conflict(kind, name, &why));
    }
    let seen = &said["resourceVersion"];
    if seen
        .as_str()
        .is_some_and(|seen| seen != "0" && *seen != live["resourceVersion"])
    {
        return Err(Refusal::modified(kind, name));
    }
    Ok(())
}

/// `new` with what only the server sets from `live`.
pub(super) fn metadata_kept(live: &Value, mut new: Value) -> Value {
    for field in OF_SERVER {
        match &live["metadata"][field] {
            Value::Null => {
                if let Some(metadata) = new["metadata"].as_object_mut() {
                    metadata.remove(field);
                }
            }
            value => new["metadata"][field] = value.clone(),
        }
    }
    new
}

/// What of `new` counts where it was written: all but the status, or the status alone.
pub(super) fn scoped(kind: &Kind, live: &Value, new: Value, writer: &Writer) -> Outcome<Value> {
    if writer.subresource.is_none() {
        return Ok(if kind.status {
            with_status(new, &live["status"])
        } else {
            new
        });
    }
    let kept = |object: &Value| {
        let metadata = &object["metadata"];
        ["labels", "annotations", "finalizers", "ownerReferences"]
            .map(|field| metadata[field].clone())
    };
    // Most, but not all, of Kubernetes' own kinds let some of the metadata through here.
    if kind.is_builtin() && kept(live) != kept(&new) {
        let message = "it doesn't change metadata through the status of a built-in kind";
        return Err(Refusal::not_implemented(message));
    }
    Ok(with_status(live.clone(), &new["status"]))
}

fn with_status(mut object: Value, status: &Value) -> Value {
    match (status, object.as_object_mut()) {
        (Value::Null, Some(fields)) => {
            fields.remove("status");
        }
        _ => object["status"] = status.clone(),
    }
    object
}

/// Whether the two differ in what the generation counts.
pub(super) fn generation_moves(kind: &Kind, old: &Value, new: &Value) -> bool {
    let counts = |name: &str| name != "metadata" && !(name == "status" && kind.status);
    let part = |object: &Value| -> Map<String, Value> {
        let fields = object.as_object().into_iter().flatten();
        let counted = fields.filter(|(name, _)| counts(name));
        counted
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    };
    let annotations = |object: &Value| object["metadata"]["annotations"].clone();
    let deployment = kind.is_builtin() && kind.kind == "Deployment";
    part(old) != part(new) || (deployment && annotations(old) != annotations(new))
}

/// The rules for metadata that every kind shares.
pub(super) fn check_metadata(kind: &Kind, object: &Value) -> Outcome<()> {
    let metadata = &object["metadata"];
    let name = metadata["name"].as_str().unwrap_or_default();
    if !is_name(kind, name) {
        let why = (
            "FieldValueInvalid",
            "Invalid value: it is no name for this kind, such as a lower case RFC 1123 subdomain",
        );
        return Err(Refusal::invalid(kind, name, "metadata.name", why));
    }
    let references = metadata["ownerReferences"].as_array();
    let references: Vec<&Value> = references.into_iter().flatten().collect();
    let required = ["apiVersion", "kind", "name", "uid"];
    let is_empty = |field: &&str| {
        let text = |reference: &&Value| reference[*field].as_str().is_none_or(str::is_empty);
        references.iter().any(text)
    };
    if let Some(field) = required.iter().find(|field| is_empty(field)) {
        let field = format!("metadata.ownerReferences.{field}");
        let why = ("FieldValueInvalid", "Invalid value: must not be empty");
        return Err(Refusal::invalid(kind, name, &field, why));
    }
    if references
        .iter()
        .filter(|each| each["controller"] == true)
        .count()
        > 1
    {
        let why = (
            "FieldValueInvalid",
            "Invalid value: Only one reference can have Controller set to true",
        );
        return Err(Refusal::invalid(
            kind,
            name,
            "metadata.ownerReferences",
            why,
        ));
    }
    Ok(())
}

/// Roles may be named with colons, and most else as a host is; what becomes a part of a host's name has no dots.
fn is_name(kind: &Kind, name: &str) -> bool {
    if kind.group == "rbac.authorization.k8s.io" {
        return !name.contains(['/', '%']) && !matches!(name, "." | "..");
    }
    let part = |part: &str| {
        let letter = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
        part.starts_with(letter)
            && part.ends_with(letter)
            && part.chars().all(|each| letter(each) || each == '-')
    };
    let longest = match kind.kind.as_str() {
        "Namespace" | "Service" if kind.is_builtin() => return name.len() <= 63 && part(name),
        // The controller adds eleven letters, and what it makes has to be a label.
        "CronJob" if kind.is_builtin() => 52,
        _ => 253,
    };
    name.len() <= longest && name.split('.').all(part)
}

/// Finalizers can only be taken from an object that is being deleted.
pub(super) fn check_finalizers(kind: &Kind, live: &Value, new: &Value) -> Outcome<()> {
    let listed = |object: &Value| {
        object["metadata"]["finalizers"]
            .as_array()
            .cloned()
            .unwrap_or_default()
    };
    let before = listed(live);
    let added = listed(new).into_iter().any(|each| !before.contains(&each));
    if live["metadata"]["deletionTimestamp"].is_null() || !added {
        return Ok(());
    }
    let name = live["metadata"]["name"].as_str().unwrap_or_default();
    let why = "Forbidden: no new finalizers can be added if the object is being deleted";
    Err(Refusal::invalid(
        kind,
        name,
        "metadata.finalizers",
        ("FieldValueForbidden", why),
    ))
}

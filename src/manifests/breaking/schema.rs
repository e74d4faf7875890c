//! What one schema refuses, or loses, that another took.

use serde_json::{Map, Value, json};

use crate::manifests::place::{CrdPlace, Step};

/// One thing that changed for the worse.
#[derive(Debug)]
pub(super) struct Change {
    /// What, to be read after the place.
    pub(super) message: String,
    pub(super) help: &'static str,
}

type Found = Vec<(CrdPlace, Change)>;

const KEEP_FIELD: &str =
    "stored values would be lost: keep the field, or bring a new version with a conversion";
const KEEP_TYPE: &str = "stored values would not fit: add a field of the new type beside it, or bring a new version with a conversion";
const MAKE_OPTIONAL: &str = "objects without it would be refused: make it an `Option`, or give it a default that the schema shows, \
    `#[serde(default = \"…\")]`";
const WIDEN: &str =
    "stored values may break it: keep what was allowed, or bring a new version with a conversion";

/// Bounds that hold from above, and those from below.
const UPPER: [&str; 4] = ["maximum", "maxLength", "maxItems", "maxProperties"];
const LOWER: [&str; 4] = ["minimum", "minLength", "minItems", "minProperties"];

/// Compares two schemas of one place, and all below.
pub(super) fn compare(old: &Value, new: &Value, place: &CrdPlace, found: &mut Found) {
    if let Some(message) = retyped(old, new) {
        found.push((
            place.clone(),
            Change {
                message,
                help: KEEP_TYPE,
            },
        ));
        return;
    }
    for message in narrowed(old, new) {
        found.push((
            place.clone(),
            Change {
                message,
                help: WIDEN,
            },
        ));
    }
    fields(old, new, place, found);
    for (key, step) in [
        ("items", Step::Items),
        ("additionalProperties", Step::Values),
    ] {
        if let (Some(old @ Value::Object(_)), Some(new @ Value::Object(_))) =
            (old.get(key), new.get(key))
        {
            compare(old, new, &place.below(step), found);
        }
    }
}

fn says(schema: &Value, key: &str) -> bool {
    schema.get(key) == Some(&json!(true))
}

/// Whether fields without a schema are kept.
fn is_open(schema: &Value) -> bool {
    says(schema, "x-kubernetes-preserve-unknown-fields")
}

/// A map has values under any name.
fn is_map(schema: &Value) -> bool {
    schema
        .get("additionalProperties")
        .is_some_and(|it| *it != json!(false))
}

fn kind(schema: &Value) -> &str {
    match schema.get("type").and_then(Value::as_str) {
        Some(kind) => kind,
        None if says(schema, "x-kubernetes-int-or-string") => "int-or-string",
        None => "any",
    }
}

fn retyped(old: &Value, new: &Value) -> Option<String> {
    let (before, after) = (kind(old), kind(new));
    let wider = match before {
        "integer" => matches!(after, "number" | "int-or-string"),
        "string" => after == "int-or-string",
        _ => false,
    };
    if before == after || wider || after == "any" {
        return None;
    }
    Some(format!("was of type `{before}`, and is of type `{after}`,"))
}

fn fields(old: &Value, new: &Value, place: &CrdPlace, found: &mut Found) {
    let none = Map::new();
    let of = |schema: &Value| schema.get("properties").and_then(Value::as_object).cloned();
    let (before, after) = (of(old).unwrap_or_default(), of(new));
    let after = after.as_ref().unwrap_or(&none);
    for (name, field) in &before {
        match after.get(name) {
            Some(now) => compare(field, now, &place.field(name), found),
            None if is_open(new) || is_map(new) => {}
            None => found.push((place.clone(), lost(&format!("lost its field `{name}`")))),
        }
    }
    if (is_open(old) && !is_open(new)) || (is_map(old) && !is_map(new) && !is_open(new)) {
        found.push((
            place.clone(),
            lost("kept fields of any name, and does not any more,"),
        ));
    }
    required(old, new, after, place, found);
}

fn lost(message: &str) -> Change {
    let message = message.to_owned();
    Change {
        message,
        help: KEEP_FIELD,
    }
}

/// Fields that an object must have now, which nothing fills in.
fn required(
    old: &Value,
    new: &Value,
    fields: &Map<String, Value>,
    place: &CrdPlace,
    found: &mut Found,
) {
    let before = names(old.get("required"));
    for name in names(new.get("required")) {
        let filled = fields
            .get(name)
            .is_some_and(|field| field.get("default").is_some());
        if before.contains(&name) || filled {
            continue;
        }
        let (place, message) = match fields.contains_key(name) {
            true => (
                place.field(name),
                "must be there, and has no default,".to_owned(),
            ),
            false => (
                place.clone(),
                format!("must have a field `{name}`, which it does not describe,"),
            ),
        };
        found.push((
            place,
            Change {
                message,
                help: MAKE_OPTIONAL,
            },
        ));
    }
}

fn names(list: Option<&Value>) -> Vec<&str> {
    let list = list.and_then(Value::as_array);
    list.into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

/// What the new schema refuses of the values that the old one took.
fn narrowed(old: &Value, new: &Value) -> Vec<String> {
    let mut found = Vec::new();
    found.extend(values_gone(old, new));
    let bound = |schema: &Value, key: &str| schema.get(key).and_then(Value::as_f64);
    let mut bounds = |key: &str, tighter: fn(f64, f64) -> bool| {
        let Some(now) = bound(new, key) else { return };
        match bound(old, key) {
            None if key.starts_with("min") && key != "minimum" && now <= 0.0 => {}
            None => found.push(format!("has a `{key}` of {now}, and had none,")),
            Some(before) if tighter(now, before) => {
                found.push(format!("has a `{key}` of {now}, and had {before},"));
            }
            Some(_) => {}
        }
    };
    for key in UPPER {
        bounds(key, |now, before| now < before);
    }
    for key in LOWER {
        bounds(key, |now, before| now > before);
    }
    for key in [
        "pattern",
        "format",
        "multipleOf",
        "x-kubernetes-list-map-keys",
    ] {
        match (old.get(key), new.get(key)) {
            (Some(before), Some(now)) if wider(before, now) => {}
            (before, Some(now)) if before != Some(now) => found.push(changed(key, before, now)),
            _ => {}
        }
    }
    for key in ["exclusiveMinimum", "exclusiveMaximum"] {
        if says(new, key) && !says(old, key) {
            found.push(format!("has `{key}`"));
        }
    }
    if says(old, "nullable") && !says(new, "nullable") {
        found.push("took `null`, and does not any more,".to_owned());
    }
    found.extend(unique(old, new));
    found.extend(alternatives(old, new));
    found
}

/// What `oneOf`, `anyOf`, `allOf` and `not` say. An alternative more takes more; a demand
/// more takes less. Whether two that differ mean the same nobody can tell from the text.
fn alternatives(old: &Value, new: &Value) -> Vec<String> {
    let list = |schema: &Value, key: &str| schema.get(key).and_then(Value::as_array).cloned();
    let mut found = Vec::new();
    for key in ["oneOf", "anyOf"] {
        // An integer or a text says so in an `anyOf` of its own.
        let Some(now) = list(new, key).filter(|_| kind(new) != "int-or-string") else {
            continue;
        };
        match list(old, key) {
            None => found.push(format!("has `{key}`, and had none,")),
            Some(before) if before.iter().any(|one| !now.contains(one)) => {
                found.push(format!("has another `{key}`"));
            }
            Some(_) => {}
        }
    }
    let before = list(old, "allOf").unwrap_or_default();
    let now = list(new, "allOf").unwrap_or_default();
    if now.iter().any(|one| !before.contains(one)) {
        found.push("has another `allOf`".to_owned());
    }
    if new
        .get("not")
        .is_some_and(|not| old.get("not") != Some(not))
    {
        found.push("has another `not`".to_owned());
    }
    found
}

/// Formats of numbers that take all of another.
fn wider(before: &Value, now: &Value) -> bool {
    let formats = (before.as_str(), now.as_str());
    matches!(
        formats,
        (Some("int32"), Some("int64")) | (Some("float"), Some("double"))
    )
}

fn changed(key: &str, before: Option<&Value>, now: &Value) -> String {
    match before {
        None => format!("has a `{key}` of {now}, and had none,"),
        Some(before) => format!("has a `{key}` of {now}, and had {before},"),
    }
}

/// A list that became a set or a map refuses what is twice.
fn unique(old: &Value, new: &Value) -> Option<String> {
    let kind = |schema: &Value| {
        let kind = schema.get("x-kubernetes-list-type").and_then(Value::as_str);
        kind.unwrap_or("atomic").to_owned()
    };
    let (before, now) = (kind(old), kind(new));
    (before != now && now != "atomic")
        .then(|| format!("is a list of type `{now}`, and was `{before}`,"))
}

fn values_gone(old: &Value, new: &Value) -> Option<String> {
    let Some(Value::Array(now)) = new.get("enum") else {
        return None;
    };
    let Some(Value::Array(before)) = old.get("enum") else {
        return Some("has a list of values now, and took any".to_owned());
    };
    let gone: Vec<_> = before.iter().filter(|value| !now.contains(value)).collect();
    let shown: Vec<_> = gone.iter().map(|value| format!("`{value}`")).collect();
    (!gone.is_empty()).then(|| format!("does not take {} any more", shown.join(", ")))
}

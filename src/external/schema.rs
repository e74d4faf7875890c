//! A schema made ready for kopium: only what decides about Rust types, in the
//! forms that it knows, and with a number for each property.
//!
//! kopium refuses a whole CRD for one property that it does not know, and
//! builds the names of types by joining those of properties, so that two types
//! may get one name. Under a number no two can meet, and the name that the
//! Rust type gets is decided here.

use serde_json::{Map, Value, json};

use super::known::{is_condition, is_object_reference, is_quantity};
use super::properties::Properties;

/// The schema of an object whose properties are `parts`: its spec, its status.
pub(super) fn root(parts: &[(&str, &Value)], kind: &str, known: &mut Properties) -> Value {
    let mut keys = Map::new();
    // These two names are promised to kube's derive, so they come first.
    let names: Vec<String> = parts
        .iter()
        .map(|(name, _)| known.type_name(kind, name))
        .collect();
    for ((name, schema), type_name) in parts.iter().zip(names) {
        let key = known.add(name, type_name.clone(), schema);
        // What lies below a spec is called after the kind alone.
        let below = if *name == "spec" { kind } else { &type_name };
        keys.insert(key, object(schema, below, known));
    }
    json!({"type": "object", "properties": keys})
}

/// The schema of an object that is a struct as a whole, but for what each object has.
pub(super) fn whole(schema: &Value, kind: &str, known: &mut Properties) -> Value {
    let key = known.add("", kind.to_owned(), schema);
    let object = object(schema, kind, known);
    json!({"type": "object", "properties": {key: object}})
}

fn node(schema: &Value, name: &str, known: &mut Properties) -> Value {
    // It stands for a type of Kubernetes' own; see `Property::known`.
    if is_quantity(schema) {
        return json!({"type": "string"});
    }
    if is_true(schema, "x-kubernetes-int-or-string") {
        return json!({"x-kubernetes-int-or-string": true});
    }
    match schema.get("type").and_then(Value::as_str) {
        Some("object") if is_object_reference(schema) => json!({"type": "string"}),
        Some("object") => plain_object(schema, name, known),
        Some("array") => {
            let items = match schema.get("items") {
                Some(items) if is_condition(items) => json!({"type": "string"}),
                Some(items) if items.is_object() => node(items, name, known),
                _ => anything(),
            };
            json!({"type": "array", "items": items})
        }
        Some("string") => string(schema),
        Some("boolean") => json!({"type": "boolean"}),
        Some(number @ ("integer" | "number")) => numeric(number, schema),
        _ => anything(),
    }
}

/// An object below spec or status: it may be a map.
fn plain_object(schema: &Value, name: &str, known: &mut Properties) -> Value {
    if properties(schema).next().is_some() {
        return object(schema, name, known);
    }
    match schema.get("additionalProperties") {
        Some(values @ Value::Object(_)) => {
            let values = node(values, name, known);
            json!({"type": "object", "additionalProperties": values})
        }
        Some(Value::Bool(true)) => free_object(),
        _ if is_open(schema) => free_object(),
        _ => json!({"type": "object"}),
    }
}

/// An object that becomes a struct. What its schema allows without naming it is
/// kept in a map.
fn object(schema: &Value, name: &str, known: &mut Properties) -> Value {
    let required = required(schema);
    let (mut keys, mut list) = (Map::new(), Vec::new());
    for (property, schema) in properties(schema) {
        let type_name = match has_type(schema) {
            true => known.type_name(name, property),
            false => String::new(),
        };
        let key = known.add(property, type_name.clone(), schema);
        if required.contains(&property.as_str()) && !is_true(schema, "nullable") {
            list.push(json!(key));
        }
        keys.insert(key, node(schema, &type_name, known));
    }
    let more = schema
        .get("additionalProperties")
        .is_some_and(|more| more != false);
    if is_open(schema) || more {
        keys.insert(known.add_rest(), free_object());
    }
    let description = schema.get("description").and_then(Value::as_str);
    json!({"type": "object", "properties": keys, "required": list, "description": description})
}

fn properties(schema: &Value) -> impl Iterator<Item = (&String, &Value)> {
    let map = schema.get("properties").and_then(Value::as_object);
    map.into_iter().flatten()
}

fn required(schema: &Value) -> Vec<&str> {
    let list = schema.get("required").and_then(Value::as_array);
    list.into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

fn is_true(schema: &Value, key: &str) -> bool {
    schema.get(key) == Some(&json!(true))
}

fn is_open(schema: &Value) -> bool {
    is_true(schema, "x-kubernetes-preserve-unknown-fields")
        || is_true(schema, "x-kubernetes-embedded-resource")
}

/// Whether a property has a Rust type of its own, or something in it has.
fn has_type(schema: &Value) -> bool {
    let inner = ["items", "additionalProperties"].map(|key| schema.get(key));
    let is_object =
        properties(schema).next().is_some() || schema.get("type") == Some(&json!("object"));
    schema.get("enum").is_some() || is_object || inner.into_iter().flatten().any(has_type)
}

/// A string, with its values where all of them are strings.
fn string(schema: &Value) -> Value {
    let values = schema.get("enum").and_then(Value::as_array);
    match values.filter(|values| !values.is_empty() && values.iter().all(Value::is_string)) {
        Some(values) => json!({"type": "string", "enum": values}),
        None => json!({"type": "string"}),
    }
}

fn numeric(kind: &str, schema: &Value) -> Value {
    let format = schema.get("format").and_then(Value::as_str);
    json!({"type": kind, "format": format})
}

fn anything() -> Value {
    json!({"x-kubernetes-preserve-unknown-fields": true})
}

fn free_object() -> Value {
    json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true})
}

//! What a kind's schema makes of an object: defaults, unknown fields, wrong values.
//!
//! Of a CRD the defaults, the types, the required fields, enums, bounds and
//! lengths count. Patterns, formats and CEL rules are not judged, and neither
//! are the defaults and rules of Kubernetes' own kinds: that takes a real server.

use k8s_openapi::ByteString;
use serde_json::{Map, Value, json};

use super::kind::{Kind, Source};
use super::refusal::{Outcome, Refusal};
use super::{schema, walk};

impl Kind {
    /// Adds what the server adds before it judges, and takes away what it doesn't know.
    pub(super) fn complete(&self, object: &mut Value) {
        match &self.source {
            Source::Crd(schema) => complete_root(object, &schema.0),
            Source::Builtin(_) => {
                remove_nulls(object);
                if let Some(Ok(known)) = self.typed.map(|typed| typed(object)) {
                    keep_known(object, &known);
                }
                if matches!(self.kind.as_str(), "ConfigMap" | "Secret")
                    && let Some(fields) = object.as_object_mut()
                {
                    let empty = |value: &Value| value.as_object().is_some_and(Map::is_empty);
                    fields.retain(|name, value| is_root_field(name) || !empty(value));
                }
                if self.kind == "Secret" {
                    encode_string_data(object);
                }
            }
            Source::Type(_) | Source::Unknown => {}
        }
    }

    /// The first value that is not as the schema or the type wants it.
    pub(super) fn check(&self, object: &Value) -> Outcome<()> {
        let name = object["metadata"]["name"].as_str().unwrap_or_default();
        if let Source::Crd(schema) = &self.source
            && let Some((field, reason, message)) = wrong_root(object, &schema.0)
        {
            return Err(Refusal::invalid(self, name, &field, (reason, &message)));
        }
        let Some(Err(error)) = self.typed.map(|typed| typed(object)) else {
            return Ok(());
        };
        let message = format!("Invalid value: {error}");
        Err(if self.is_builtin() {
            Refusal::bad_request(format!("{} cannot be handled: {error}", self.kind))
        } else {
            Refusal::invalid(self, name, "", ("FieldValueInvalid", &message))
        })
    }

    /// A field that the kind doesn't have.
    pub(super) fn undeclared(&self, object: &Value) -> Option<String> {
        let mut known = object.clone();
        match &self.source {
            Source::Crd(schema) => prune_root(&mut known, &schema.0),
            _ => match self.typed.map(|typed| typed(object)) {
                Some(Ok(typed)) if self.is_builtin() => keep_known(&mut known, &typed),
                _ => {}
            },
        }
        missing_in(&known, object, "")
    }

    /// What a new object has from the start.
    pub(super) fn begin(&self, object: &mut Value) {
        let phase = match (self.group.as_str(), self.kind.as_str()) {
            ("", "Pod" | "PersistentVolumeClaim" | "PersistentVolume") => "Pending",
            ("", "Namespace") => {
                object["spec"]["finalizers"] = json!(["kubernetes"]);
                let name = object["metadata"]["name"].clone();
                object["metadata"]["labels"]["kubernetes.io/metadata.name"] = name;
                "Active"
            }
            _ => return,
        };
        if self.is_builtin() && object["status"]["phase"].is_null() {
            object["status"]["phase"] = json!(phase);
        }
    }
}

fn is_root_field(name: &str) -> bool {
    matches!(name, "apiVersion" | "kind" | "metadata")
}

fn complete_root(object: &mut Value, schema: &Value) {
    prune_root(object, schema);
    if !keeps_unknown(schema) {
        each_root_field(object, schema, add_defaults);
    }
}

/// Takes away what the schema doesn't know.
fn prune_root(object: &mut Value, schema: &Value) {
    if keeps_unknown(schema) {
        return;
    }
    if let Some(fields) = object.as_object_mut() {
        fields.retain(|name, _| is_root_field(name) || schema["properties"][name].is_object());
    }
    each_root_field(object, schema, prune);
}

fn each_root_field(object: &mut Value, schema: &Value, work: fn(&mut Value, &Value)) {
    for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
        if !is_root_field(name)
            && let Some(value) = object.get_mut(name)
        {
            work(value, schema);
        }
    }
}

fn keeps_unknown(schema: &Value) -> bool {
    schema["x-kubernetes-preserve-unknown-fields"] == true
}

/// The values in `value`, each with its schema; of what has none nothing is known, and it is kept.
fn each_part(value: &mut Value, schema: &Value, work: fn(&mut Value, &Value)) {
    match value {
        _ if !schema.is_object() => {}
        Value::Object(fields) => fields.iter_mut().for_each(|(name, value)| {
            let own = &schema["properties"][name];
            let others = &schema["additionalProperties"];
            work(value, if own.is_object() { own } else { others });
        }),
        Value::Array(items) => items
            .iter_mut()
            .for_each(|item| work(item, &schema["items"])),
        _ => {}
    }
}

fn prune(value: &mut Value, schema: &Value) {
    let embedded = schema["x-kubernetes-embedded-resource"] == true;
    let others = &schema["additionalProperties"];
    let keeps_all =
        !schema.is_object() || keeps_unknown(schema) || others.is_object() || *others == true;
    if let (false, Some(fields)) = (keeps_all, value.as_object_mut()) {
        fields.retain(|name, _| {
            schema["properties"][name].is_object() || (embedded && is_root_field(name))
        });
    }
    each_part(value, schema, prune);
}

/// Nulls that a field can't have are taken for no value.
fn add_defaults(value: &mut Value, schema: &Value) {
    if let (true, Some(fields)) = (schema.is_object(), value.as_object_mut()) {
        fields.retain(|name, value| {
            let schema = &schema["properties"][name];
            !value.is_null() || !schema.is_object() || schema["nullable"] == true
        });
        set_defaults(value, schema);
    }
    each_part(value, schema, add_defaults);
}

/// Takes away what isn't in `known`.
fn keep_known(value: &mut Value, known: &Value) {
    match (value, known) {
        (Value::Object(fields), Value::Object(known)) => {
            fields.retain(|name, _| known.contains_key(name));
            for (name, value) in fields {
                keep_known(value, &known[name]);
            }
        }
        (Value::Array(items), Value::Array(known)) => {
            items
                .iter_mut()
                .zip(known)
                .for_each(|(item, known)| keep_known(item, known));
        }
        _ => {}
    }
}

/// A field of `value` that isn't in `known`.
fn missing_in(known: &Value, value: &Value, path: &str) -> Option<String> {
    match (known, value) {
        (Value::Object(known), Value::Object(fields)) => fields.iter().find_map(|(name, value)| {
            let path = format!("{path}.{name}");
            match known.get(name) {
                Some(known) => missing_in(known, value, &path),
                None => Some(path),
            }
        }),
        (Value::Array(known), Value::Array(items)) => {
            let mut pairs = known.iter().zip(items);
            pairs.find_map(|(known, item)| missing_in(known, item, &format!("{path}[]")))
        }
        _ => None,
    }
}

fn set_defaults(value: &mut Value, schema: &Value) {
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        if value[name].is_null() && !property["default"].is_null() && property["nullable"] != true {
            value[name] = property["default"].clone();
        }
    }
}

type Wrong = (String, &'static str, String);

fn wrong_root(object: &Value, schema: &Value) -> Option<Wrong> {
    let properties = schema["properties"].as_object().into_iter().flatten();
    let judged = properties.filter(|(name, _)| !is_root_field(name));
    let mut values = judged.filter_map(|(name, schema)| Some((name, object.get(name)?, schema)));
    missing(object, schema, "")
        .or_else(|| values.find_map(|(name, value, schema)| wrong(value, schema, name)))
}

fn missing(value: &Value, schema: &Value, path: &str) -> Option<Wrong> {
    let required = schema["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str);
    let absent = required
        .into_iter()
        .find(|&name| value.get(name).is_none())?;
    let field = format!("{path}.{absent}")
        .trim_start_matches('.')
        .to_owned();
    Some((field, "FieldValueRequired", "Required value".to_owned()))
}

fn wrong(value: &Value, schema: &Value, path: &str) -> Option<Wrong> {
    if value.is_null() && schema["nullable"] == true {
        return None;
    }
    wrong_type(value, schema, path)
        .or_else(|| wrong_value(value, schema, path))
        .or_else(|| wrong_part(value, schema, path))
}

fn wrong_type(value: &Value, schema: &Value, path: &str) -> Option<Wrong> {
    if schema["x-kubernetes-int-or-string"] == true {
        return None;
    }
    let wanted = schema["type"].as_str()?;
    let fits = match wanted {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => {
            value.is_i64()
                || value.is_u64()
                || value.as_f64().is_some_and(|number| number.fract() == 0.0)
        }
        "number" => value.is_number(),
        _ => true,
    };
    let message = format!("Invalid value: {value}: {path} in body must be of type {wanted}");
    (!fits).then(|| (path.to_owned(), "FieldValueTypeInvalid", message))
}

fn wrong_value(value: &Value, schema: &Value, path: &str) -> Option<Wrong> {
    if let Some(allowed) = schema["enum"].as_array()
        && !allowed.contains(value)
    {
        let allowed: Vec<String> = allowed.iter().map(Value::to_string).collect();
        let message = format!(
            "Unsupported value: {value}: supported values: {}",
            allowed.join(", ")
        );
        return Some((path.to_owned(), "FieldValueNotSupported", message));
    }
    let size = match value {
        Value::String(text) => Some(text.chars().count()),
        Value::Array(items) => Some(items.len()),
        Value::Object(fields) => Some(fields.len()),
        _ => None,
    };
    let number = size
        .and_then(|size| u32::try_from(size).ok())
        .map(f64::from)
        .or_else(|| value.as_f64())?;
    let of = |names: [&str; 2]| names.iter().find_map(|name| schema[name].as_f64());
    let (least, most) = match value {
        Value::String(_) => (of(["minLength", ""]), of(["maxLength", ""])),
        Value::Array(_) => (of(["minItems", ""]), of(["maxItems", ""])),
        Value::Object(_) => (of(["minProperties", ""]), of(["maxProperties", ""])),
        _ => (of(["minimum", ""]), of(["maximum", ""])),
    };
    let low = least.is_some_and(|least| {
        number < least || (number <= least && schema["exclusiveMinimum"] == true)
    });
    let high = most.is_some_and(|most| {
        number > most || (number >= most && schema["exclusiveMaximum"] == true)
    });
    let message = format!("Invalid value: {value}: {path} in body is out of its bounds");
    let reason = if high && value.is_string() {
        "FieldValueTooLong"
    } else {
        "FieldValueInvalid"
    };
    (low || high).then(|| (path.to_owned(), reason, message))
}

fn wrong_part(value: &Value, schema: &Value, path: &str) -> Option<Wrong> {
    match value {
        Value::Array(items) => {
            let mut parts = items.iter().enumerate();
            let part = |(index, item)| wrong(item, &schema["items"], &format!("{path}[{index}]"));
            parts
                .find_map(part)
                .or_else(|| duplicate(items, schema, path))
        }
        Value::Object(fields) => missing(value, schema, path).or_else(|| {
            fields.iter().find_map(|(name, value)| {
                let own = &schema["properties"][name];
                let schema = if own.is_object() {
                    own
                } else {
                    &schema["additionalProperties"]
                };
                wrong(value, schema, &format!("{path}.{name}"))
            })
        }),
        _ => None,
    }
}

fn duplicate(items: &[Value], schema: &Value, path: &str) -> Option<Wrong> {
    let found = walk::duplicate(items, &schema::relation(schema)).unwrap_or_default()?;
    let message = format!("Duplicate value: {}", items[found]);
    Some((format!("{path}[{found}]"), "FieldValueDuplicate", message))
}

pub(super) fn remove_nulls(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, value| !value.is_null());
            fields.values_mut().for_each(remove_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(remove_nulls),
        _ => {}
    }
}

/// A Secret's text goes into its data.
fn encode_string_data(object: &mut Value) {
    let text = object
        .as_object_mut()
        .and_then(|fields| fields.remove("stringData"));
    for (name, value) in text
        .as_ref()
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        let bytes = ByteString(value.as_str().unwrap_or_default().as_bytes().to_vec());
        object["data"][name] = serde_json::to_value(bytes).unwrap_or_default();
    }
    if object["type"].is_null() {
        object["type"] = json!("Opaque");
    }
}

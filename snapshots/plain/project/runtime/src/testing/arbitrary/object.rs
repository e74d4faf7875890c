//! Objects: with fields, with any keys, or one of several forms.

use std::collections::BTreeSet;

use proptest::collection::btree_map;
use proptest::option;
use proptest::prelude::Just;
use proptest::strategy::{BoxedStrategy, Strategy as _, Union};
use proptest::string::string_regex;
use serde_json::{Map, Value, json};

use super::{SchemaError, value};

/// The fields of an object, each with a value or without.
type Fields = Vec<(String, Option<Value>)>;

/// Objects that `schema` allows.
pub(super) fn of(schema: &Value) -> Result<BoxedStrategy<Value>, SchemaError> {
    if schema["x-kubernetes-embedded-resource"] == true {
        let resource = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}});
        return Ok(Just(resource).boxed());
    }
    let forms = forms(schema);
    let forms: Result<Vec<_>, _> = forms.iter().map(of_form).collect();
    Ok(Union::new(forms?).boxed())
}

/// The metadata of an object, with all that a conversion may change.
pub(super) fn metadata(namespaced: bool) -> BoxedStrategy<Value> {
    let texts = || option::of(map(value_of_label(), 1));
    let parts = (keys(), texts(), texts());
    parts
        .prop_map(move |(name, labels, annotations)| {
            let mut metadata = json!({"name": name});
            if namespaced {
                metadata["namespace"] = "default".into();
            }
            for (field, value) in [("labels", labels), ("annotations", annotations)] {
                if let Some(value) = value {
                    metadata[field] = value;
                }
            }
            metadata
        })
        .boxed()
}

/// The schema itself, or with each of the forms between which it has a choice.
fn forms(schema: &Value) -> Vec<Value> {
    let all = schema["allOf"].as_array().into_iter().flatten();
    let schema = all.fold(schema.clone(), |schema, more| merged(&schema, more));
    let choice = |name: &str| schema[name].as_array().filter(|forms| !forms.is_empty());
    let (choices, only_one) = match (choice("oneOf"), choice("anyOf")) {
        (Some(choices), _) => (choices, true),
        (None, Some(choices)) => (choices, false),
        (None, None) => return vec![schema],
    };
    let names = |form: &Value| required(form).collect::<BTreeSet<String>>();
    let all: BTreeSet<String> = choices.iter().flat_map(names).collect();
    let form = |choice: &Value| {
        let mut form = merged(&schema, choice);
        let own: BTreeSet<String> = required(&form).collect();
        if let Some(properties) = form["properties"].as_object_mut().filter(|_| only_one) {
            properties.retain(|name, _| own.contains(name) || !all.contains(name));
        }
        form
    };
    choices.iter().map(form).collect()
}

/// `schema`, and what `more` says besides of its fields.
fn merged(schema: &Value, more: &Value) -> Value {
    let mut merged = schema.clone();
    let names: BTreeSet<String> = required(schema).chain(required(more)).collect();
    merged["required"] = names.into_iter().collect();
    for (name, property) in more["properties"].as_object().into_iter().flatten() {
        let fields = property.as_object().cloned().unwrap_or_default();
        match merged["properties"][name].as_object_mut() {
            Some(known) => known.extend(fields),
            None => merged["properties"][name] = fields.into(),
        }
    }
    merged
}

fn required(schema: &Value) -> impl Iterator<Item = String> {
    let names = schema["required"].as_array().into_iter().flatten();
    names.filter_map(Value::as_str).map(str::to_owned)
}

fn of_form(schema: &Value) -> Result<BoxedStrategy<Value>, SchemaError> {
    let unknown = schema["x-kubernetes-preserve-unknown-fields"] == true;
    match (
        schema["properties"].as_object(),
        &schema["additionalProperties"],
    ) {
        (Some(properties), _) => with_fields(schema, properties),
        (None, values @ Value::Object(_)) => {
            let size = value::size(schema, "minProperties", "maxProperties");
            let entries = btree_map(keys(), value::of(values)?, size);
            Ok(entries
                .prop_map(|entries| entries.into_iter().collect())
                .boxed())
        }
        (None, values) if unknown || *values == true => Ok(map(value::anything(), 0)),
        _ => Ok(Just(json!({})).boxed()),
    }
}

fn with_fields(
    schema: &Value,
    properties: &Map<String, Value>,
) -> Result<BoxedStrategy<Value>, SchemaError> {
    let required: BTreeSet<String> = required(schema).collect();
    let field = |(name, schema): (&String, &Value)| {
        let values = value::of(schema)?;
        let values = if required.contains(name) {
            values.prop_map(Some).boxed()
        } else {
            option::of(values).boxed()
        };
        Ok((Just(name.clone()), values).boxed())
    };
    let fields: Result<Vec<_>, SchemaError> = properties.iter().map(field).collect();
    Ok(fields?.prop_map(object).boxed())
}

fn object(fields: Fields) -> Value {
    let given = fields
        .into_iter()
        .filter_map(|(name, value)| Some((name, value?)));
    Value::Object(given.collect())
}

fn map(values: BoxedStrategy<Value>, least: usize) -> BoxedStrategy<Value> {
    let entries = btree_map(keys(), values, least..=3);
    entries
        .prop_map(|entries| entries.into_iter().collect())
        .boxed()
}

fn value_of_label() -> BoxedStrategy<Value> {
    keys().prop_map(Value::from).boxed()
}

/// Names that are good for anything.
fn keys() -> BoxedStrategy<String> {
    match string_regex("[a-z][a-z0-9]{0,7}") {
        Ok(keys) => keys.boxed(),
        Err(_) => Just("a".to_owned()).boxed(),
    }
}

//! A value of any schema.

use proptest::collection::{SizeRange, vec};
use proptest::prelude::{Just, any};
use proptest::prop_oneof;
use proptest::sample::select;
use proptest::strategy::{BoxedStrategy, Strategy as _};
use serde_json::Value;

use super::{SchemaError, number, object, text};

/// How many items a list has, and a map, more than it must have.
const MORE: u64 = 3;

/// Values that `schema` allows.
pub(super) fn of(schema: &Value) -> Result<BoxedStrategy<Value>, SchemaError> {
    let values = not_null(schema)?;
    if schema["nullable"] == true {
        return Ok(prop_oneof![3 => values, 1 => Just(Value::Null)].boxed());
    }
    Ok(values)
}

fn not_null(schema: &Value) -> Result<BoxedStrategy<Value>, SchemaError> {
    if let Some(values) = schema["enum"]
        .as_array()
        .filter(|values| !values.is_empty())
    {
        return Ok(select(values.clone()).boxed());
    }
    if schema["x-kubernetes-int-or-string"] == true {
        let texts = text::int_or_string(schema)?;
        return Ok(prop_oneof![number::integer(schema), texts].boxed());
    }
    match schema["type"].as_str() {
        Some("boolean") => Ok(any::<bool>().prop_map(Value::from).boxed()),
        Some("integer") => Ok(number::integer(schema)),
        Some("number") => Ok(number::number(schema)),
        Some("string") => text::of(schema),
        Some("array") => list(schema),
        Some("object") => object::of(schema),
        _ => Ok(anything()),
    }
}

/// A value of which the schema says nothing.
pub(super) fn anything() -> BoxedStrategy<Value> {
    let numbers = any::<i32>().prop_map(Value::from);
    let texts = text::plain(0, None);
    prop_oneof![Just(Value::Bool(true)), numbers, texts].boxed()
}

fn list(schema: &Value) -> Result<BoxedStrategy<Value>, SchemaError> {
    let size = size(schema, "minItems", "maxItems");
    let least = size.start();
    let keys: Option<Vec<String>> = unique_by(schema);
    let items = vec(of(&schema["items"])?, size).prop_map(move |mut items| {
        if let Some(keys) = &keys {
            let mut seen = Vec::new();
            items.retain(|item| is_new(item, keys, &mut seen));
        }
        items
    });
    let enough = items.prop_filter("items that are all different", move |items| {
        items.len() >= least
    });
    Ok(enough.prop_map(Value::from).boxed())
}

/// What must be different in the items of a list; nothing stands for the whole of each.
fn unique_by(schema: &Value) -> Option<Vec<String>> {
    let kind = schema["x-kubernetes-list-type"].as_str();
    let keys = schema["x-kubernetes-list-map-keys"].as_array();
    match kind {
        Some("map") => {
            let keys = keys.into_iter().flatten().filter_map(Value::as_str);
            Some(keys.map(str::to_owned).collect())
        }
        Some("set") => Some(Vec::new()),
        _ => (schema["uniqueItems"] == true).then(Vec::new),
    }
}

fn is_new(item: &Value, keys: &[String], seen: &mut Vec<Value>) -> bool {
    let key = match keys {
        [] => item.clone(),
        keys => keys.iter().map(|key| item[key].clone()).collect(),
    };
    let new = !seen.contains(&key);
    seen.push(key);
    new
}

/// As many as the schema wants, and some more.
pub(super) fn size(schema: &Value, minimum: &str, maximum: &str) -> SizeRange {
    let least = schema[minimum].as_u64().unwrap_or(0);
    let most = schema[maximum].as_u64().unwrap_or(u64::MAX);
    let most = most.min(least.saturating_add(MORE)).max(least);
    let count = |number| usize::try_from(number).unwrap_or(usize::MAX);
    (count(least)..=count(most)).into()
}

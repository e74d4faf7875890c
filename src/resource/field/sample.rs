//! Objects that keep to all rules: the sample, and those of the tests.

use serde_json::{Map, Value};

use super::declaration::Presence;
use super::error::{FieldError, Refusal};
use super::node::{Content, Node};
use super::tree::Fields;
use super::types::Shape;
use super::value;

/// How much of a spec is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Extent {
    /// What must be given.
    Required,
    /// That, what has a default, and what has an example.
    Telling,
}

impl Fields {
    /// The least spec that the API server takes.
    pub fn required_sample(&self) -> Value {
        object(
            &self.nodes().iter().collect::<Vec<_>>(),
            Extent::Required,
            0,
        )
    }

    /// A spec for people to read: what must be given, defaults and examples.
    pub fn telling_sample(&self) -> Value {
        object(&self.nodes().iter().collect::<Vec<_>>(), Extent::Telling, 0)
    }
}

/// Whether a sample can be made of all that must be given.
pub(super) fn check(nodes: &[Node]) -> Result<(), FieldError> {
    for node in nodes {
        if size(node) > LARGEST {
            let reason =
                format!("a sample would have more than {LARGEST} values in it, with each `min`");
            return Err(FieldError::new(&node.name, reason)
                .with_help("give it, or what it lies in or holds, a smaller `min`"));
        }
        let values = values(node, Extent::Required);
        check_values(node, values.as_deref()).map_err(|refusal| refusal.of(&node.name))?;
        check(node.fields().unwrap_or_default())?;
    }
    Ok(())
}

fn check_values(node: &Node, values: Option<&[Value]>) -> Result<(), Refusal> {
    let refusal = || {
        Refusal::new("no value comes to mind that keeps to all its rules, and the sample and the tests need one")
            .with_help("add `example=…`, for a list `example=…|…`")
    };
    if node.presence != Presence::Required && node.fields().is_none() {
        return Ok(());
    }
    let values = values.ok_or_else(refusal)?;
    if values.len() < least(node) {
        return Err(match node.shape == Shape::List && node.scalar().is_some() {
            true => refusal(),
            false => Refusal::new(format!("no sample has more than {MANY} objects or entries"))
                .with_help(format!("give a `min` of at most {MANY}")),
        });
    }
    let keyed = |value: &Value| -> Vec<Value> {
        let keys = node.options.keys.iter();
        keys.map(|key| value[key.as_str()].clone()).collect()
    };
    let distinct = |values: Vec<Vec<Value>>| {
        let mut texts: Vec<String> = values.iter().map(|value| format!("{value:?}")).collect();
        texts.sort();
        texts.windows(2).all(|pair| pair[0] != pair[1])
    };
    let must_differ = node.options.unique || !node.options.keys.is_empty();
    let told = values.iter().map(|value| {
        if node.options.unique {
            vec![value.clone()]
        } else {
            keyed(value)
        }
    });
    match must_differ && !distinct(told.collect()) {
        true => Err(refusal()),
        false => Ok(()),
    }
}

fn object(nodes: &[&Node], extent: Extent, index: usize) -> Value {
    let mut map = Map::new();
    for node in nodes {
        if let Some(value) = shown(node, extent, index) {
            map.insert(node.name.to_string(), value);
        }
    }
    Value::Object(map)
}

/// The value of a field in a sample, where it is shown.
fn shown(node: &Node, extent: Extent, index: usize) -> Option<Value> {
    let required = node.presence == Presence::Required;
    if !required && (extent == Extent::Required || !tells(node)) {
        return is_key_with_default(node, index);
    }
    match node.shape {
        Shape::One => one(node, extent, index),
        Shape::List => Some(Value::Array(values(node, extent)?)),
        Shape::Map => {
            let values = values(node, extent)?.into_iter().enumerate();
            let named = values.map(|(index, value)| (numbered("sample", index), value));
            Some(Value::Object(named.collect()))
        }
    }
}

/// The second item of a keyed list must not repeat a key's default.
fn is_key_with_default(node: &Node, index: usize) -> Option<Value> {
    match (&node.presence, node.scalar()) {
        (Presence::Default(_), Some(scalar)) if index > 0 => {
            value::made_up(scalar, &node.options, false, index)
        }
        _ => None,
    }
}

fn numbered(name: &str, index: usize) -> String {
    match index {
        0 => name.to_owned(),
        _ => format!("{name}-{}", index + 1),
    }
}

/// Whether a reader of the sample learns something from the field.
fn tells(node: &Node) -> bool {
    let inner = node.fields().unwrap_or_default();
    let has_default = matches!(node.presence, Presence::Default(_));
    has_default || node.options.example.is_some() || inner.iter().any(tells)
}

/// The items of a list or map; of a single value that one.
fn values(node: &Node, extent: Extent) -> Option<Vec<Value>> {
    let least = least(node).min(MANY);
    let most = node.options.max.filter(|_| node.counts()).unwrap_or(1);
    if let Some(example) = node
        .options
        .example
        .as_deref()
        .filter(|_| node.shape == Shape::List)
    {
        let scalar = node.scalar()?;
        return example
            .split('|')
            .map(|text| value::parse(scalar, text).ok())
            .collect();
    }
    let count = least.max(usize::from(most > 0));
    (0..count).map(|index| one(node, extent, index)).collect()
}

/// How many items there must be.
fn least(node: &Node) -> usize {
    let least = node.options.min.filter(|_| node.counts());
    usize::try_from(least.unwrap_or(0)).unwrap_or(usize::MAX)
}

/// How many values a sample of it holds at most.
fn size(node: &Node) -> usize {
    let inner = node.fields().unwrap_or_default().iter().map(size);
    let each = inner.fold(1, usize::saturating_add);
    each.saturating_mul(least(node).clamp(1, MANY))
}

/// A sample with more values nobody wants to read either.
const LARGEST: usize = 5000;

/// More items than that nobody wants to read.
const MANY: usize = 50;

fn one(node: &Node, extent: Extent, index: usize) -> Option<Value> {
    let scalar = match &node.content {
        Content::Object(fields) => {
            return Some(object(&fields.iter().collect::<Vec<_>>(), extent, index));
        }
        Content::Scalar(scalar) => *scalar,
    };
    let told = match (&node.options.example, &node.presence) {
        (Some(example), _) => Some(example),
        (None, Presence::Default(default)) => Some(default),
        _ => None,
    };
    match told {
        Some(text) if index == 0 => value::parse(scalar, text).ok(),
        // What the example says once is no second value.
        Some(_) => value::made_up(scalar, &node.options, node.counts(), index)
            .or_else(|| told.and_then(|text| value::parse(scalar, text).ok())),
        None => value::made_up(scalar, &node.options, node.counts(), index),
    }
}

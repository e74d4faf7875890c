//! The schema of a spec, as crdgen and `rustop manifests` make it of the Rust types.

use serde_json::{Map, Value, json};

use super::{object, schema_with};
use crate::resource::field::{Content, Node, Presence, Scalar, Shape, duration};

pub(super) fn of_spec(nodes: &[Node]) -> Value {
    let mut schema = of_object(nodes);
    schema.insert("description".to_owned(), json!("What the user asks for."));
    Value::Object(schema)
}

fn of_object(nodes: &[Node]) -> Map<String, Value> {
    let properties: Map<String, Value> = nodes
        .iter()
        .map(|node| (node.name.to_string(), property(node)))
        .collect();
    let required = nodes
        .iter()
        .filter(|node| node.presence == Presence::Required);
    let mut required: Vec<&str> = required.map(|node| node.name.as_str()).collect();
    // kube has them in a set.
    required.sort_unstable();
    object(json!({"type": "object", "properties": properties, "required": required}))
}

fn property(node: &Node) -> Value {
    let element = element(node);
    let mut schema = match node.shape {
        Shape::One => element,
        Shape::List => object(json!({"type": "array", "items": element})),
        Shape::Map => object(json!({"type": "object", "additionalProperties": element})),
    };
    bounds(node, &mut schema);
    let mut set = |key: &str, value: Value| drop(schema.insert(key.to_owned(), value));
    let options = &node.options;
    if let Some(format) = options.format {
        set("format", json!(format.as_str()));
    }
    if let Some(doc) = &options.doc {
        set("description", json!(doc));
    }
    if let Some(default) = default(node) {
        set("default", default);
    }
    if is_nullable(node) {
        set("nullable", json!(true));
    }
    for (key, value) in extensions(node) {
        set(key, value);
    }
    Value::Object(schema)
}

/// What each value is.
fn element(node: &Node) -> Map<String, Value> {
    let mut schema = match &node.content {
        Content::Object(fields) => of_object(fields),
        Content::Scalar(Scalar::Bool) => object(json!({"type": "boolean"})),
        Content::Scalar(Scalar::Int32) => object(json!({"type": "integer", "format": "int32"})),
        Content::Scalar(Scalar::Int64) => object(json!({"type": "integer", "format": "int64"})),
        Content::Scalar(scalar) => {
            object(schema_with::schema(*scalar).unwrap_or(json!({"type": "string"})))
        }
    };
    if node.is_enum() {
        schema.insert("enum".to_owned(), json!(node.options.values));
    }
    if let Some(pattern) = &node.options.pattern {
        schema.insert("pattern".to_owned(), json!(pattern));
    }
    if let Some(doc) = type_doc(node) {
        schema.insert("description".to_owned(), json!(doc));
    }
    schema
}

/// The doc comment of the Rust type of an object.
pub(super) fn type_doc(node: &Node) -> Option<String> {
    node.fields()?;
    match node.shape {
        Shape::One => node.options.doc.clone(),
        Shape::List => Some(format!("One of `{}`.", node.name)),
        Shape::Map => Some(format!("One entry of `{}`.", node.name)),
    }
}

fn bounds(node: &Node, schema: &mut Map<String, Value>) {
    let (min, max) = match (node.shape, node.scalar()) {
        (Shape::List, _) => ("minItems", "maxItems"),
        (Shape::Map, _) => ("minProperties", "maxProperties"),
        (Shape::One, Some(Scalar::String)) => ("minLength", "maxLength"),
        _ => ("minimum", "maximum"),
    };
    for (key, bound) in [(min, node.options.min), (max, node.options.max)] {
        if let Some(bound) = bound {
            schema.insert(key.to_owned(), json!(bound));
        }
    }
}

/// What schemars has no word for; the Rust type says it in the same form.
pub(super) fn extensions(node: &Node) -> Vec<(&'static str, Value)> {
    let options = &node.options;
    let mut extensions = Vec::new();
    if options.unique {
        extensions.push(("x-kubernetes-list-type", json!("set")));
    } else if !options.keys.is_empty() {
        let keys: Vec<&str> = options
            .keys
            .iter()
            .map(crate::resource::field::FieldName::as_str)
            .collect();
        extensions.push(("x-kubernetes-list-type", json!("map")));
        extensions.push(("x-kubernetes-list-map-keys", json!(keys)));
    } else if node.shape == Shape::List {
        extensions.push(("x-kubernetes-list-type", json!("atomic")));
    }
    if options.immutable {
        let rule =
            json!([{"message": format!("{} is immutable", node.name), "rule": "self == oldSelf"}]);
        extensions.push(("x-kubernetes-validations", rule));
    }
    extensions
}

/// The default as Rust writes it, which differs from what was asked for in form only.
fn default(node: &Node) -> Option<Value> {
    let (text, value) = node.default()?;
    match node.scalar()? {
        Scalar::Duration => duration::parse(text).map(|span| json!(format!("{span:?}"))),
        _ => Some(value),
    }
}

/// An `Option` of a type with a schema of its own takes `null`.
fn is_nullable(node: &Node) -> bool {
    let has_function = node
        .scalar()
        .is_some_and(|scalar| schema_with::schema(scalar).is_some());
    let is_option = node.shape == Shape::One && node.presence == Presence::Optional;
    is_option && !has_function && !node.is_enum()
}

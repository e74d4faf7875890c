//! Joins declarations to a tree, and settles what follows from several of them.

use heck::ToUpperCamelCase as _;

use super::declaration::{Field, Presence};
use super::error::{FieldError, Refusal};
use super::name::FieldName;
use super::node::{Content, Node};
use super::options::Options;
use super::path::suffix;
use super::singular;
use super::types::{Element, Scalar, Shape};

/// Puts a declaration at its place, and the objects that it lies in around it.
pub(super) fn insert(
    nodes: &mut Vec<Node>,
    parents: &[(FieldName, Shape)],
    field: &Field,
) -> Result<(), Refusal> {
    let Some(((name, shape), rest)) = parents.split_first() else {
        return insert_leaf(nodes, field);
    };
    let position = nodes.iter().position(|node| node.name == *name);
    let position = position.unwrap_or_else(|| {
        nodes.push(implied(name.clone(), *shape));
        nodes.len() - 1
    });
    let node = &mut nodes[position];
    let is = if node.fields().is_none() {
        "a plain value"
    } else {
        kind_of(node.shape)
    };
    if node.shape != *shape || node.fields().is_none() {
        return Err(Refusal::new(format!(
            "`{name}` is {is}, and this makes {} of it",
            kind_of(*shape)
        ))
        .with_help(format!(
            "the fields of {is} are declared as `{name}{}.…`",
            suffix(node.shape)
        )));
    }
    match &mut node.content {
        Content::Object(fields) => insert(fields, rest, field),
        Content::Scalar(_) => Ok(()),
    }
}

fn kind_of(shape: Shape) -> &'static str {
    match shape {
        Shape::One => "an object",
        Shape::List => "a list of objects",
        Shape::Map => "a map of objects",
    }
}

fn insert_leaf(nodes: &mut Vec<Node>, field: &Field) -> Result<(), Refusal> {
    let name = &field.path.name;
    let content = match field.declared_type.element {
        Element::Scalar(scalar) => Content::Scalar(scalar),
        Element::Object => Content::Object(Vec::new()),
    };
    let node = Node {
        name: name.clone(),
        shape: field.declared_type.shape,
        content,
        presence: field.presence.clone(),
        options: field.options.clone(),
        type_suffix: String::new(),
        is_implied: false,
    };
    let Some(known) = nodes.iter_mut().find(|node| node.name == *name) else {
        if let Some(other) = nodes.iter().find(|node| node.name.rust() == name.rust()) {
            return Err(Refusal::new(format!(
                "`{}` and `{name}` would both be `{}` in Rust",
                other.name,
                name.rust()
            )));
        }
        nodes.push(node);
        return Ok(());
    };
    let joins = known.is_implied && node.fields().is_some() && node.shape == known.shape;
    if !joins {
        return Err(Refusal::new(format!("`{name}` is declared twice")));
    }
    known.presence = node.presence;
    known.options = node.options;
    known.is_implied = false;
    Ok(())
}

/// An object that is known by its fields only: whether it must be given follows from them.
fn implied(name: FieldName, shape: Shape) -> Node {
    Node {
        name,
        shape,
        content: Content::Object(Vec::new()),
        presence: Presence::Optional,
        options: Options::default(),
        type_suffix: String::new(),
        is_implied: true,
    }
}

/// Names types, and decides which objects must be given.
pub(super) fn settle(nodes: &mut [Node], outer: &str) -> Result<(), FieldError> {
    for position in 0..nodes.len() {
        let rust = nodes[position].name.rust();
        if let Some(other) = nodes[..position]
            .iter()
            .find(|other| other.name.rust() == rust)
        {
            let reason = format!("it and `{}` would both be `{rust}` in Rust", other.name);
            return Err(FieldError::new(&nodes[position].name, reason));
        }
        settle_one(&mut nodes[position], outer)?;
    }
    Ok(())
}

fn settle_one(node: &mut Node, outer: &str) -> Result<(), FieldError> {
    let own = match node.shape {
        Shape::One => node.name.to_string(),
        Shape::List | Shape::Map => singular::of(node.name.as_str()),
    };
    node.type_suffix = format!("{outer}{}", own.to_upper_camel_case());
    let (name, shape, suffix) = (node.name.clone(), node.shape, node.type_suffix.clone());
    let Content::Object(fields) = &mut node.content else {
        return Ok(());
    };
    if fields.is_empty() {
        return Err(FieldError::new(&name, "an object has fields, and this has none")
            .with_help(format!("add one, as `--field {name}{}.size:int32`; for an object of any fields use the type `any`", self::suffix(shape))));
    }
    settle(fields, &suffix)?;
    let must = shape == Shape::One
        && fields
            .iter()
            .any(|field| field.presence == Presence::Required);
    if node.is_implied {
        node.presence = if must {
            Presence::Required
        } else {
            Presence::Optional
        };
    }
    check_keys(node)
}

/// The API server wants keys that each item has, and that are plain values:
/// <https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy>.
fn check_keys(node: &Node) -> Result<(), FieldError> {
    let fields = node.fields().unwrap_or_default();
    for key in &node.options.keys {
        let refuse = |reason: &str| {
            Err(FieldError::new(
                &node.name,
                format!("its key `{key}` {reason}"),
            ))
        };
        let Some(field) = fields.iter().find(|field| field.name == *key) else {
            return refuse("is no field of its items");
        };
        if field.presence == Presence::Optional {
            return refuse("may be left out; a key is required, or has a default");
        }
        let plain = [Scalar::String, Scalar::Int32, Scalar::Int64, Scalar::Bool];
        if field.shape != Shape::One
            || !field.scalar().is_some_and(|scalar| plain.contains(&scalar))
        {
            return refuse("is not a text, a number or a `bool`");
        }
    }
    let distinct: std::collections::BTreeSet<_> = node.options.keys.iter().collect();
    match distinct.len() == node.options.keys.len() {
        true => Ok(()),
        false => Err(FieldError::new(&node.name, "a key is given twice")),
    }
}

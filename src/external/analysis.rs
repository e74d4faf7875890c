//! What the types of a CRD are: the only module that knows kopium.

use kopium::{Config, Container, Member, analyze};
use serde_json::Value;

use super::ExternalError;
use super::names::{self, Taken};
use super::properties::Properties;
use super::schema;

/// The types of a version of a kind.
pub(super) struct Types {
    /// That of the spec first, then in the order of the properties.
    pub(super) list: Vec<RustType>,
    /// Objects have no more than metadata, a spec and perhaps a status, as
    /// kube's derive wants them. Else the first type is the whole object.
    pub(super) has_spec: bool,
    pub(super) has_status: bool,
}

/// A struct or an enum.
pub(super) struct RustType {
    pub(super) name: String,
    pub(super) documentation: Option<String>,
    pub(super) has_default: bool,
    pub(super) shape: Shape,
}

/// What a type holds.
pub(super) enum Shape {
    Struct(Vec<Field>),
    Enum(Vec<Variant>),
}

/// A field of a struct.
pub(super) struct Field {
    pub(super) name: String,
    pub(super) property: String,
    pub(super) type_: String,
    pub(super) documentation: Option<String>,
    pub(super) is_rest: bool,
}

/// A variant of an enum.
pub(super) struct Variant {
    pub(super) name: String,
    pub(super) value: String,
}

/// What every object has; kube's types for it are used.
const ENVELOPE: [&str; 3] = ["apiVersion", "kind", "metadata"];

/// The types of the objects of `kind`.
pub(super) fn types(schema: &Value, kind: &str) -> Result<Types, ExternalError> {
    if names::is_needed(kind) {
        return Err(ExternalError::new(format!(
            "its Rust types need a type that is called `{kind}` already"
        ))
        .or("use `kube::core::DynamicObject` in a controller of your own"));
    }
    let parts = parts(schema)?;
    let is_object = |schema: &Value| schema.get("type").is_none_or(|kind| kind == "object");
    let fits =
        |(name, schema): &(&str, &Value)| matches!(*name, "spec" | "status") && is_object(schema);
    let has_spec = parts.iter().all(fits) && parts.iter().any(|(name, _)| *name == "spec");
    let has_status = parts.iter().any(|(name, _)| *name == "status");
    let mut properties = Properties::of_kind(kind);
    let ready = if has_spec {
        schema::root(&parts, kind, &mut properties)
    } else {
        schema::whole(&without_envelope(schema), kind, &mut properties)
    };
    let list = analyzed(ready, &properties)?;
    Ok(Types {
        list,
        has_spec,
        has_status,
    })
}

/// The properties that an object has of its own.
fn parts(schema: &Value) -> Result<Vec<(&str, &Value)>, ExternalError> {
    let properties = schema.get("properties").and_then(Value::as_object);
    let own = properties.into_iter().flatten();
    let own = own.map(|(name, schema)| (name.as_str(), schema));
    let own: Vec<_> = own.filter(|(name, _)| !ENVELOPE.contains(name)).collect();
    match own.is_empty() {
        false => Ok(own),
        true => Err(ExternalError::new(
            "its schema names no property, so there are no types to write",
        )
        .or("use `kube::core::DynamicObject` in a controller of your own")),
    }
}

fn without_envelope(schema: &Value) -> Value {
    let mut schema = schema.clone();
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        properties.retain(|name, _| !ENVELOPE.contains(&name.as_str()));
    }
    schema
}

fn analyzed(schema: Value, properties: &Properties) -> Result<Vec<RustType>, ExternalError> {
    let refused = |error: &dyn std::fmt::Display| {
        ExternalError::new(format!("its schema gives no Rust types: {error}"))
    };
    let schema = serde_json::from_value(schema).map_err(|error| refused(&error))?;
    let found = analyze(schema, "Root", Config::default()).map_err(|error| refused(&error))?;
    let found = found.output();
    let types = found.iter().filter(|container| !container.is_root());
    Ok(types
        .filter_map(|container| rust_type(container, &found, properties))
        .collect())
}

fn rust_type(
    container: &Container,
    all: &[Container],
    properties: &Properties,
) -> Option<RustType> {
    let property = properties.find(&container.name)?;
    let shape = if container.is_enum {
        Shape::Enum(variants(&container.members))
    } else {
        Shape::Struct(fields(&container.members, all, properties))
    };
    // kopium describes an enum as what holds it.
    let documentation = if container.is_enum {
        &property.documentation
    } else {
        &container.docs
    };
    Some(RustType {
        name: property.type_name.clone(),
        documentation: documentation.clone(),
        has_default: container.can_derive_default(all),
        shape,
    })
}

fn variants(members: &[Member]) -> Vec<Variant> {
    let mut taken = Taken::none();
    let variant = |member: &Member| Variant {
        name: taken.claim(&names::variant(&member.name)),
        value: member.name.clone(),
    };
    members.iter().map(variant).collect()
}

fn fields(members: &[Member], all: &[Container], properties: &Properties) -> Vec<Field> {
    let mut taken = Taken::none();
    let mut fields = Vec::new();
    for member in members {
        let Some(property) = properties.find(&member.name) else {
            continue;
        };
        let name = if property.is_rest {
            "other"
        } else {
            &names::field(&property.name)
        };
        let type_ = renamed(&member.type_, property.known, all, properties);
        fields.push(Field {
            name: taken.claim(name),
            property: property.name.clone(),
            type_: with_null(&type_, &property.nullable),
            documentation: property.documentation.clone(),
            is_rest: property.is_rest,
        });
    }
    fields
}

/// kopium's type under our names. A type that kopium names and does not
/// describe, as in a map of lists of lists, is any value.
fn renamed(type_: &str, known: Option<&str>, all: &[Container], properties: &Properties) -> String {
    let replaced = |word: &str| match properties.find(word) {
        Some(property) if all.iter().any(|one| one.name == word) => property.type_name.clone(),
        Some(_) => "serde_json::Value".to_owned(),
        None => word.to_owned(),
    };
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut text = String::new();
    for piece in type_.split_inclusive(|c| !is_part(c)) {
        let word = piece.trim_end_matches(|c| !is_part(c));
        text += &replaced(word);
        text += &piece[word.len()..];
    }
    // The last word is what lists and maps hold; the first may be a map's key.
    match known.zip(text.rsplit_once("String")) {
        Some((known, (before, after))) => format!("{before}{known}{after}"),
        None => text,
    }
}

/// The type with `Option` where null may stand in its lists and maps, outermost
/// first. Any value may be null without that.
fn with_null(type_: &str, nullable: &[bool]) -> String {
    let inner_of = |start: &str| type_.strip_prefix(start)?.strip_suffix('>');
    if let Some(inner) = inner_of("Option<") {
        return format!("Option<{}>", with_null(inner, nullable));
    }
    let Some((is_nullable, deeper)) = nullable.split_first() else {
        return type_.to_owned();
    };
    let starts = ["Vec<", "BTreeMap<String, "];
    let found = starts
        .into_iter()
        .find_map(|start| Some((start, inner_of(start)?)));
    match found {
        Some((start, inner)) if *is_nullable && inner != "serde_json::Value" => {
            format!("{start}Option<{}>>", with_null(inner, deeper))
        }
        Some((start, inner)) => format!("{start}{}>", with_null(inner, deeper)),
        None => type_.to_owned(),
    }
}

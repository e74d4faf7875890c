//! The schemas of types that do not bring their own, as k8s-openapi's: in the
//! CRD, and as functions of the project's `api/src/schema.rs`. Both are printed
//! from the one value here.
//!
//! k8s-openapi can bring schemas. They say less than the Rust types demand, so
//! that the server would take objects that the operator cannot read, and each
//! `make manifests` would compile those of all of Kubernetes.
//!
//! `nullable` is said of a number or text because kube takes its absence for
//! `true` in a field that is not required (`OptionalIntOrString` in kube-core),
//! and no type here reads `null`; `rustop manifests` leaves it out.

use serde_json::{Value, json};

use super::literal;
use crate::resource::Fields;
use crate::resource::field::{Scalar, Shape, duration, value};

/// A type that a function describes.
struct Described {
    scalar: Scalar,
    name: &'static str,
    doc: &'static str,
    schema: fn() -> Value,
}

/// `preserve_unknown_fields` has always been there, so it is not printed.
static DESCRIBED: [Described; 10] = [
    Described {
        scalar: Scalar::Quantity,
        name: "quantity",
        doc: "An amount such as `500m` or `1Gi`.",
        schema: || {
            json!({
                "nullable": false,
                "pattern": value::QUANTITY,
                "x-kubernetes-int-or-string": true,
            })
        },
    },
    Described {
        scalar: Scalar::IntOrString,
        name: "int_or_string",
        doc: "A number, or a text such as `50%`.",
        schema: || {
            json!({
                "nullable": false,
                "minimum": i32::MIN,
                "maximum": i32::MAX,
                "x-kubernetes-int-or-string": true,
            })
        },
    },
    Described {
        scalar: Scalar::Duration,
        name: "duration",
        doc: "A span of time as Go writes it: `300ms`, `1h30m`.",
        schema: || json!({"type": "string", "pattern": duration::PATTERN}),
    },
    Described {
        scalar: Scalar::DateTime,
        name: "date_time",
        doc: "A moment, as RFC 3339 writes it.",
        schema: || json!({"type": "string", "format": "date-time", "pattern": value::MOMENT}),
    },
    Described {
        scalar: Scalar::Byte,
        name: "bytes",
        doc: "Bytes in base64.",
        schema: || json!({"type": "string", "format": "byte", "pattern": value::BASE64}),
    },
    Described {
        scalar: Scalar::Any,
        name: "preserve_unknown_fields",
        doc: "",
        schema: || json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true}),
    },
    Described {
        scalar: Scalar::LocalObjectReference,
        name: "local_object_reference",
        doc: "The name of an object in the same namespace.",
        schema: || reference(&[("name", "The name of the object.")], &[]),
    },
    Described {
        scalar: Scalar::ObjectReference,
        name: "object_reference",
        doc: "An object of any kind.",
        schema: || {
            let required = [
                ("apiVersion", "The group and version of the object."),
                ("kind", "The kind of the object."),
                ("name", "The name of the object."),
            ];
            let optional = [
                ("fieldPath", "A part of the object."),
                (
                    "namespace",
                    "The namespace of the object; empty for one without.",
                ),
                ("resourceVersion", "The version of the object."),
                ("uid", "The identity of the object."),
            ];
            reference(&required, &optional)
        },
    },
    Described {
        scalar: Scalar::SecretKeySelector,
        name: "secret_key_selector",
        doc: "A key of a Secret in the same namespace.",
        schema: || selector("Secret"),
    },
    Described {
        scalar: Scalar::ConfigMapKeySelector,
        name: "config_map_key_selector",
        doc: "A key of a ConfigMap in the same namespace.",
        schema: || selector("ConfigMap"),
    },
];

fn described(scalar: Scalar) -> Option<&'static Described> {
    DESCRIBED
        .iter()
        .find(|described| described.scalar == scalar)
}

/// The schema of one value.
pub(super) fn schema(scalar: Scalar) -> Option<Value> {
    described(scalar).map(|described| (described.schema)())
}

/// The module of a project's types crate that has the functions. In two parts, so
/// that no reader takes it for a module of rustop's own.
const MODULE: &str = concat!("crate", "::schema");

/// The function that `#[schemars(schema_with = …)]` names.
pub(super) fn function(scalar: Scalar, shape: Shape) -> Option<String> {
    let name = described(scalar)?.name;
    Some(format!("{MODULE}::{name}{}", suffix(shape)))
}

fn suffix(shape: Shape) -> &'static str {
    match shape {
        Shape::One => "",
        Shape::List => "_list",
        Shape::Map => "_map",
    }
}

/// Functions that stand in every project, whatever its fields: for values that a type of
/// k8s-openapi has and that need no more than a few lines.
const ALWAYS: [Scalar; 5] = [
    Scalar::Quantity,
    Scalar::IntOrString,
    Scalar::Duration,
    Scalar::DateTime,
    Scalar::Byte,
];

/// [`ALWAYS`] and what the fields of a project need, each once, each after an empty line.
pub(crate) fn functions(all: &[&Fields]) -> String {
    let uses = |scalar: Scalar, shape: Option<Shape>| {
        let wanted = |shape_found: Shape| shape.is_none_or(|shape| shape == shape_found);
        all.iter()
            .any(|fields| fields.uses(|node| node.scalar() == Some(scalar) && wanted(node.shape)))
    };
    let mut text = String::new();
    for described in &DESCRIBED {
        let scalar = described.scalar;
        if ALWAYS.contains(&scalar) || (uses(scalar, None) && scalar != Scalar::Any) {
            text += &one(described);
        }
        for shape in [Shape::List, Shape::Map] {
            if uses(scalar, Some(shape)) {
                text += &several(described.name, shape);
            }
        }
    }
    text
}

fn one(described: &Described) -> String {
    let Described { name, doc, .. } = described;
    let schema = literal(&(described.schema)(), 1);
    format!(
        "\n\n/// {doc}\npub fn {name}(_: &mut SchemaGenerator) -> Schema {{\n    json_schema!({schema})\n}}"
    )
}

fn several(name: &str, shape: Shape) -> String {
    let (what, kind, key) = match shape {
        Shape::Map => ("map", "object", "additionalProperties"),
        _ => ("list", "array", "items"),
    };
    format!(
        "\n\n/// A {what}: see [`{name}`].\npub fn {name}_{what}(generator: &mut SchemaGenerator) -> Schema {{\n    let items = {name}(generator);\n    json_schema!({{\n        \"type\": \"{kind}\",\n        \"{key}\": items,\n    }})\n}}"
    )
}

/// An object of texts.
fn reference(required: &[(&str, &str)], optional: &[(&str, &str)]) -> Value {
    let required_text = |doc: &str| json!({"type": "string", "minLength": 1, "description": doc});
    let required_texts = required
        .iter()
        .map(|(name, doc)| ((*name).to_owned(), required_text(doc)));
    let optional = optional.iter().map(|(name, doc)| {
        (
            (*name).to_owned(),
            json!({"type": "string", "description": doc}),
        )
    });
    let properties: serde_json::Map<String, Value> = required_texts.chain(optional).collect();
    let names: Vec<&str> = required.iter().map(|(name, _)| *name).collect();
    json!({
        "type": "object",
        "required": names,
        "properties": properties,
        "x-kubernetes-map-type": "atomic",
    })
}

fn selector(kind: &str) -> Value {
    let (key, name) = (
        format!("The key in the {kind}."),
        format!("The name of the {kind}."),
    );
    let mut schema = reference(&[("key", &key), ("name", &name)], &[]);
    schema["properties"]["optional"] = json!({
        "type": "boolean",
        "description": format!("Whether the {kind} or the key may be missing."),
    });
    schema
}

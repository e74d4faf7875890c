//! The fields of a kind as Rust.

use std::fmt::Write as _;

use super::attributes::{attribute, extend, schemars};
use super::defaults::default_function;
use super::schema;
use crate::resource::Kind;
use crate::resource::field::{Node, Presence, Scalar, Shape, variant};
use crate::scaffold::names::MAX_WIDTH;

/// The Rust types of one kind.
pub(super) struct Types<'a> {
    kind: &'a str,
}

/// `#[derive(…)]`; the derives of serde and schemars come last.
pub(super) fn derive(first: &[&str], default: bool) -> String {
    let mut traits = first.to_vec();
    if default {
        traits.push("Default");
    }
    traits.push("PartialEq");
    if first.contains(&"Copy") {
        traits.push("Eq");
    }
    traits.extend(["Deserialize", "Serialize", "JsonSchema"]);
    format!("#[derive({})]", traits.join(", "))
}

/// Whether `Default` says what the API server makes of an object without fields.
pub(super) fn has_default(nodes: &[Node]) -> bool {
    nodes.iter().all(|node| match &node.presence {
        Presence::Required => false,
        Presence::Optional => true,
        Presence::Default(_) => default_function(node).is_none(),
    })
}

impl<'a> Types<'a> {
    pub(super) fn of(kind: &'a Kind) -> Self {
        Self {
            kind: kind.as_str(),
        }
    }

    /// The fields of a struct.
    pub(super) fn fields(&self, suffix: &str, nodes: &[Node]) -> String {
        let fields: Vec<String> = nodes.iter().map(|node| self.field(suffix, node)).collect();
        fields.join("\n")
    }

    /// The types of all objects and enums, from the outside in.
    pub(super) fn of_fields(&self, nodes: &[Node]) -> Vec<String> {
        let mut types = Vec::new();
        for node in nodes {
            if node.is_enum() {
                types.push(self.enumeration(node));
            }
            if let Some(fields) = node.fields() {
                types.push(self.structure(node, fields));
                types.extend(self.of_fields(fields));
            }
        }
        types
    }

    /// The functions that serde calls for what was left out; after an empty line.
    pub(super) fn defaults(&self, suffix: &str, nodes: &[Node]) -> Option<String> {
        let functions: Vec<String> = nodes.iter().filter_map(default_function).collect();
        if functions.is_empty() {
            return None;
        }
        let kind = self.kind;
        Some(format!(
            "impl {kind}{suffix} {{\n{}\n}}",
            functions.join("\n\n")
        ))
    }

    fn structure(&self, node: &Node, fields: &[Node]) -> String {
        let doc = schema::type_doc(node)
            .map(|doc| format!("/// {doc}\n"))
            .unwrap_or_default();
        let suffix = &node.type_suffix;
        let mut text = format!(
            "{doc}{}\n#[serde(rename_all = \"camelCase\")]\npub struct {}{suffix} {{\n{}\n}}",
            derive(&["Clone", "Debug"], has_default(fields)),
            self.kind,
            self.fields(suffix, fields),
        );
        if let Some(defaults) = self.defaults(suffix, fields) {
            text = format!("{text}\n\n{defaults}");
        }
        text
    }

    fn enumeration(&self, node: &Node) -> String {
        let values = &node.options.values;
        let default = match &node.presence {
            Presence::Default(default) => Some(default),
            _ => None,
        };
        let style = variant::rename_all(values);
        let mut text = derive(&["Clone", "Copy", "Debug"], default.is_some());
        if let Some(style) = style.filter(|style| *style != "PascalCase") {
            let _ = write!(text, "\n#[serde(rename_all = \"{style}\")]");
        }
        let _ = write!(text, "\npub enum {}{} {{", self.kind, node.type_suffix);
        for value in values {
            if default == Some(value) {
                text.push_str("\n    #[default]");
            }
            let name = variant::name(value).unwrap_or_default();
            if style.is_none() && name != *value {
                let _ = write!(
                    text,
                    "\n    {}",
                    attribute("serde", &[format!("rename = {value:?}")])
                );
            }
            let _ = write!(text, "\n    {name},");
        }
        text + "\n}"
    }

    fn field(&self, suffix: &str, node: &Node) -> String {
        let mut text = String::new();
        if let Some(doc) = &node.options.doc {
            let _ = writeln!(text, "    /// {doc}");
        }
        let serde = self.serde(suffix, node);
        let schemars = schemars(node);
        for (name, arguments) in [("serde", serde), ("schemars", schemars)] {
            if !arguments.is_empty() {
                let _ = writeln!(text, "    {}", attribute(name, &arguments));
            }
        }
        if let Some(extend) = extend(node) {
            let _ = writeln!(text, "    {extend}");
        }
        let (name, kind) = (node.name.rust(), self.type_of(node));
        let line = format!("    pub {name}: {kind},");
        let second = format!("        {kind},");
        // A type that fits on no line stays where it is.
        text + &match line.len() > MAX_WIDTH && second.len() <= MAX_WIDTH {
            true => format!("    pub {name}:\n{second}"),
            false => line,
        }
    }

    fn serde(&self, suffix: &str, node: &Node) -> Vec<String> {
        let mut arguments = Vec::new();
        if node.name.needs_rename() {
            arguments.push(format!("rename = \"{}\"", node.name));
        }
        match &node.presence {
            Presence::Required => {}
            Presence::Optional => {
                arguments.push("default".to_owned());
                arguments.push(format!("skip_serializing_if = \"{}\"", is_absent(node)));
            }
            Presence::Default(_) if default_function(node).is_some() => {
                let name = node.name.rust();
                arguments.push(format!(
                    "default = \"{}{suffix}::default_{name}\"",
                    self.kind
                ));
            }
            Presence::Default(_) => arguments.push("default".to_owned()),
        }
        arguments
    }

    fn type_of(&self, node: &Node) -> String {
        let element = match node.scalar() {
            _ if node.has_own_type() => format!("{}{}", self.kind, node.type_suffix),
            Some(scalar) => scalar_type(scalar).to_owned(),
            None => String::new(),
        };
        match node.shape {
            Shape::List => format!("Vec<{element}>"),
            Shape::Map => format!("BTreeMap<String, {element}>"),
            Shape::One if is_option(node) => format!("Option<{element}>"),
            Shape::One => element,
        }
    }
}

/// Absent lists, maps and objects of any fields are empty ones.
fn is_option(node: &Node) -> bool {
    node.presence == Presence::Optional
        && node.shape == Shape::One
        && node.scalar() != Some(Scalar::Any)
}

fn is_absent(node: &Node) -> &'static str {
    match node.shape {
        Shape::List => "Vec::is_empty",
        Shape::Map => "BTreeMap::is_empty",
        Shape::One if is_option(node) => "Option::is_none",
        Shape::One => "Map::is_empty",
    }
}

pub(super) fn scalar_type(scalar: Scalar) -> &'static str {
    match scalar {
        Scalar::String => "String",
        Scalar::Bool => "bool",
        Scalar::Int32 => "i32",
        Scalar::Int64 => "i64",
        Scalar::Quantity => "Quantity",
        Scalar::IntOrString => "IntOrString",
        Scalar::Duration => "Duration",
        Scalar::DateTime => "Time",
        Scalar::Byte => "ByteString",
        Scalar::Any => "Map<String, Value>",
        Scalar::LocalObjectReference => "LocalObjectReference",
        Scalar::ObjectReference => "ObjectReference",
        Scalar::SecretKeySelector => "SecretKeySelector",
        Scalar::ConfigMapKeySelector => "ConfigMapKeySelector",
    }
}

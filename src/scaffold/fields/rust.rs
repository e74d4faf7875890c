//! The fields of a kind as Rust.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{schema, schema_with};
use crate::resource::Kind;
use crate::resource::field::{Node, Presence, Scalar, Shape, duration, variant};
use crate::scaffold::names;

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

/// The widest line that rustfmt leaves alone.
const MAX_WIDTH: usize = 100;

/// As [`names::attribute`], but for one argument, which rustfmt leaves on the
/// line as long as that fits; for one within a struct.
fn attribute(name: &str, arguments: &[String]) -> String {
    let line = format!("#[{name}({})]", arguments.join(", "));
    if arguments.len() == 1 && line.len() + 4 <= MAX_WIDTH {
        return line;
    }
    names::attribute(name, arguments).replace('\n', "\n    ")
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

fn scalar_type(scalar: Scalar) -> &'static str {
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

/// The arguments that rustfmt lays out.
fn schemars(node: &Node) -> Vec<String> {
    let mut arguments = Vec::new();
    let function = node
        .scalar()
        .and_then(|scalar| schema_with::function(scalar, node.shape));
    arguments.extend(function.map(|function| format!("schema_with = \"{function}\"")));
    let bounds = [("min", node.options.min), ("max", node.options.max)];
    let bounds = bounds
        .into_iter()
        .filter_map(|(name, bound)| Some(format!("{name} = {}", bound?)));
    let bounds: Vec<String> = bounds.collect();
    if !bounds.is_empty() && node.shape != Shape::Map {
        let counts = node.counts() || node.scalar() == Some(Scalar::String);
        let name = if counts { "length" } else { "range" };
        arguments.push(format!("{name}({})", bounds.join(", ")));
    }
    arguments
}

/// What schemars has no word for, and patterns: `extend` is no attribute that
/// rustfmt can read, so it stays as it is, however long.
fn extend(node: &Node) -> Option<String> {
    let options = &node.options;
    let mut entries = Vec::new();
    let mut inner = String::new();
    if let Some(pattern) = options.pattern.as_deref().map(raw) {
        match node.shape {
            Shape::One => entries.push(format!("\"pattern\" = {pattern}")),
            _ => inner = format!("inner(regex(pattern = {pattern})), "),
        }
    }
    entries.extend(
        options
            .format
            .map(|format| format!("\"format\" = \"{}\"", format.as_str())),
    );
    if node.shape == Shape::Map {
        entries.extend(options.min.map(|min| format!("\"minProperties\" = {min}")));
        entries.extend(options.max.map(|max| format!("\"maxProperties\" = {max}")));
    }
    let extensions = schema::extensions(node).into_iter();
    entries.extend(extensions.map(|(key, value)| format!("\"{key}\" = {value}")));
    if entries.is_empty() {
        return None;
    }
    let line = format!("#[schemars({inner}extend({}))]", entries.join(", "));
    if line.len() + 4 <= MAX_WIDTH {
        return Some(line);
    }
    let entries = entries.join(",\n        ");
    Some(format!(
        "#[schemars({inner}extend(\n        {entries}\n    ))]"
    ))
}

/// A text as a Rust literal without escapes, where it has what needs one.
fn raw(text: &str) -> String {
    if !text.contains(['\\', '"']) {
        return format!("\"{text}\"");
    }
    let mut hashes = String::new();
    while text.contains(&format!("\"{hashes}")) {
        hashes.push('#');
    }
    format!("r{hashes}\"{text}\"{hashes}")
}

/// The function that makes the default, where `Default` of its type does not.
fn default_function(node: &Node) -> Option<String> {
    let (text, value) = node.default()?;
    let scalar = node.scalar().filter(|_| !node.is_enum())?;
    if [json!(""), json!(0), json!(false)].contains(&value) {
        return None;
    }
    let expression = expression(scalar, text, &value);
    let (name, kind) = (node.name.rust(), scalar_type(scalar));
    Some(format!(
        "    fn default_{name}() -> {kind} {{\n        {expression}\n    }}"
    ))
}

fn expression(scalar: Scalar, text: &str, value: &Value) -> String {
    match (scalar, value) {
        (Scalar::IntOrString, Value::Number(number)) => format!("IntOrString::Int({number})"),
        (Scalar::IntOrString, _) => format!("IntOrString::String({text:?}.to_owned())"),
        (Scalar::Quantity, _) => format!("Quantity({text:?}.to_owned())"),
        (Scalar::Duration, _) => {
            let span = duration::parse(text).unwrap_or_default();
            let constructor = match span.subsec_millis() {
                0 => format!("from_secs({})", span.as_secs()),
                _ => format!("from_millis({})", span.as_millis()),
            };
            format!("std::time::Duration::{constructor}.into()")
        }
        (_, Value::String(text)) => format!("{text:?}.to_owned()"),
        _ => value.to_string(),
    }
}

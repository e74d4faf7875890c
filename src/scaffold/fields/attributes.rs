//! The attributes of a field, laid out as rustfmt does.

use serde_json::Value;

use super::literal::number;
use super::{schema, schema_with};
use crate::resource::field::{Node, Scalar, Shape};
use crate::scaffold::names;

/// As [`names::attribute`], but for one argument, which rustfmt leaves on the
/// line as long as that fits; for one within a struct.
pub(super) fn attribute(name: &str, arguments: &[String]) -> String {
    let line = format!("#[{name}({})]", arguments.join(", "));
    if arguments.len() == 1 && line.len() + 4 < names::MAX_WIDTH {
        return line;
    }
    names::attribute(name, arguments).replace('\n', "\n    ")
}

/// The arguments that rustfmt lays out.
pub(super) fn schemars(node: &Node) -> Vec<String> {
    let mut arguments = Vec::new();
    let function = node
        .scalar()
        .and_then(|scalar| schema_with::function(scalar, node.shape));
    arguments.extend(function.map(|function| format!("schema_with = \"{function}\"")));
    let bounds = [("min", node.options.min), ("max", node.options.max)];
    let bounds = bounds
        .into_iter()
        .filter_map(|(name, bound)| Some(format!("{name} = {}", number(bound?))));
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
pub(super) fn extend(node: &Node) -> Option<String> {
    let entries = extended(node);
    if entries.is_empty() {
        return None;
    }
    let pattern = node.options.pattern.as_deref().filter(|_| node.counts());
    let inner = pattern.map(|pattern| format!("inner(regex(pattern = {}))", raw(pattern)));
    let line = format!("extend({})", entries.join(", "));
    let line: Vec<&str> = inner
        .as_deref()
        .into_iter()
        .chain([line.as_str()])
        .collect();
    let line = format!("#[schemars({})]", line.join(", "));
    if line.len() + 4 <= names::MAX_WIDTH {
        return Some(line);
    }
    let inner = inner.map(|inner| format!("{inner}, ")).unwrap_or_default();
    let entries = entries.join(",\n        ");
    Some(format!(
        "#[schemars({inner}extend(\n        {entries}\n    ))]"
    ))
}

fn extended(node: &Node) -> Vec<String> {
    let options = &node.options;
    let mut entries = Vec::new();
    if let Some(pattern) = options.pattern.as_deref().filter(|_| !node.counts()) {
        entries.push(format!("\"pattern\" = {}", raw(pattern)));
    }
    entries.extend(
        options
            .format
            .map(|format| format!("\"format\" = \"{}\"", format.as_str())),
    );
    if node.shape == Shape::Map {
        entries.extend(
            options
                .min
                .map(|min| format!("\"minProperties\" = {}", number(min))),
        );
        entries.extend(
            options
                .max
                .map(|max| format!("\"maxProperties\" = {}", number(max))),
        );
    }
    let extensions = schema::extensions(node).into_iter();
    entries.extend(extensions.map(|(key, value)| format!("\"{key}\" = {}", flat(&value))));
    entries
}

/// JSON on one line, with blanks.
fn flat(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let entries = map
                .iter()
                .map(|(key, value)| format!("{key:?}: {}", flat(value)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
        Value::Array(list) => {
            let items: Vec<String> = list.iter().map(flat).collect();
            format!("[{}]", items.join(", "))
        }
        _ => value.to_string(),
    }
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

//! The CRDs in a file: YAML with one or more documents, a `List`, or JSON.

use serde::Deserialize as _;
use serde_json::Value;

use super::{Definition, ExternalError};
use crate::manifests::yaml;

const KIND: &str = "CustomResourceDefinition";

/// The CRDs in `text`, in the order in which they stand there. Documents of
/// other kinds are passed over: a release's one big file has many.
///
/// # Errors
/// When the text is no YAML, when it holds no CRD, or when one of its CRDs
/// cannot be used by any API server of today.
pub fn definitions(text: &str) -> Result<Vec<Definition>, ExternalError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut found = Vec::new();
    for document in documents(text) {
        for (value, text) in crds(read(document)?, document) {
            found.push(Definition::new(&value, text)?);
        }
    }
    if found.is_empty() {
        return Err(ExternalError::new(format!("it holds no `{KIND}`"))
            .or("give the file of the CRD, as `kubectl get crd <name> --output yaml` prints it"));
    }
    Ok(found)
}

/// The texts between the lines that begin with `---`. A block of text whose
/// lines begin so is indented, so it is never cut.
fn documents(text: &str) -> Vec<&str> {
    let mut documents = Vec::new();
    let (mut start, mut position) = (0, 0);
    for line in text.split_inclusive('\n') {
        let is_separator = line.trim_end() == "---" || line.starts_with("--- ");
        if is_separator {
            documents.push(&text[start..position]);
            start = position + line.len();
        }
        position += line.len();
    }
    documents.push(&text[start..]);
    documents
}

fn read(document: &str) -> Result<Value, ExternalError> {
    let parse = |deserializer| Value::deserialize(deserializer);
    parse(serde_yaml::Deserializer::from_str(document)).map_err(|error| {
        let error = ExternalError::new(format!("it is no YAML: {error}"));
        match document.contains("{{") {
            true => error.or("it is a template of a chart; render it first, with `helm template`"),
            false => error,
        }
    })
}

/// The CRDs of one document, each with the text to keep: as it stands where
/// that is YAML of its own, else printed.
fn crds(value: Value, document: &str) -> Vec<(Value, String)> {
    if is_crd(&value) {
        let is_json = document.trim_start().starts_with('{');
        let text = match is_json {
            true => yaml::to_string(&value),
            false => kept(document),
        };
        return vec![(value, text)];
    }
    let Some(Value::Array(items)) = value.get("items") else {
        return Vec::new();
    };
    let crds = items.iter().filter(|item| is_crd(item));
    crds.map(|crd| (crd.clone(), yaml::to_string(crd)))
        .collect()
}

/// The text without empty lines around it, with a newline at its end.
fn kept(document: &str) -> String {
    let start = document.trim_start_matches(['\n', '\r']);
    format!("{}\n", start.trim_end())
}

fn is_crd(value: &Value) -> bool {
    value.get("kind").and_then(Value::as_str) == Some(KIND)
}

//! Print columns, selectable fields and scale: paths that lead to nothing.
//!
//! The API server looks at the syntax of a column and of a scale path, and at
//! the schema only for selectable fields
//! (<https://github.com/kubernetes/apiextensions-apiserver/blob/v0.35.0/pkg/apis/apiextensions/validation/validation.go>).
//! A column that leads to nothing is taken, and stays empty for ever.

use serde_json::Value;

use super::jsonpath::{self, Part, Target};
use super::{CrdProblem, schema_of, text};
use crate::manifests::lint::Lint;
use crate::manifests::place::CrdPlace;

/// What a version says of its columns, fields to select by and scale.
pub(super) fn problems(crd: &Value, version: &Value) -> Vec<CrdProblem> {
    let Some(schema) = schema_of(version) else {
        return Vec::new();
    };
    let looked = Looked {
        crd,
        schema,
        place: CrdPlace::version(text(version, "/name")),
    };
    let mut problems: Vec<_> = list(version, "/additionalPrinterColumns")
        .filter_map(|column| looked.column(column))
        .collect();
    problems.extend(looked.selectable(version));
    problems.extend(looked.scale(version));
    problems
}

fn list<'a>(version: &'a Value, pointer: &str) -> impl Iterator<Item = &'a Value> {
    let list = version.pointer(pointer).and_then(Value::as_array);
    list.into_iter().flatten()
}

/// What the paths of one version are looked up in.
struct Looked<'a> {
    crd: &'a Value,
    schema: &'a Value,
    place: CrdPlace,
}

const TYPES: [&str; 5] = ["integer", "number", "string", "boolean", "date"];

impl Looked<'_> {
    fn refused(&self, literal: &str, message: String) -> CrdProblem {
        CrdProblem::refused(self.crd, &self.place.with_literal(literal), message)
    }

    fn column(&self, column: &Value) -> Option<CrdProblem> {
        let (name, path) = (text(column, "/name"), text(column, "/jsonPath"));
        let of = format!("the print column `{name}`");
        let kind = text(column, "/type");
        if !TYPES.contains(&kind) {
            let message = format!("{of} has the type `{kind}`");
            let help = format!("there are `{}`", TYPES.join("`, `"));
            return Some(self.refused(name, message).with_help(help));
        }
        if !path.starts_with('.') {
            let message = format!("{of}: `{path}` is no path: a path begins with a dot");
            return Some(self.refused(path, message));
        }
        self.path(&of, path)
    }

    /// A path that is no path, or leads to nothing.
    fn path(&self, of: &str, path: &str) -> Option<CrdProblem> {
        let message = match jsonpath::parse(path) {
            Err(why) => format!("{of}: `{path}` is no path: {why}"),
            Ok(parts) => match jsonpath::follow(self.schema, &parts) {
                Target::Nothing(why) => {
                    format!("{of} shows `{path}`, where nothing is: {why}")
                }
                Target::Schema(_) | Target::Open => return None,
            },
        };
        let problem = self.refused(path, message).with_lint(Lint::UnknownPath);
        Some(problem.with_help(
            "paths name fields as YAML has them, `.spec.maxReplicas`, and items with `[…]`",
        ))
    }

    fn selectable(&self, version: &Value) -> Vec<CrdProblem> {
        let fields = list(version, "/selectableFields").map(|field| text(field, "/jsonPath"));
        let mut seen = std::collections::BTreeSet::new();
        let mut problems = Vec::new();
        for path in fields {
            if !seen.insert(path) {
                problems.push(self.refused(
                    path,
                    format!("the selectable field `{path}` is there twice"),
                ));
            }
            problems.extend(self.selectable_field(path));
        }
        if seen.len() > 8 {
            let message = format!(
                "there are {} selectable fields, and the API server takes 8",
                seen.len()
            );
            problems.push(self.refused("", message));
        }
        problems
    }

    fn selectable_field(&self, path: &str) -> Option<CrdProblem> {
        let refused = |why: &str| {
            let message = format!("the selectable field `{path}` {why}");
            let help =
                "it is a path of names such as `.spec.color`, to a string, an integer or a bool";
            Some(self.refused(path, message).with_help(help))
        };
        let parts = match jsonpath::parse(path) {
            Ok(parts) => parts,
            Err(why) => return refused(&format!("is no path: {why}")),
        };
        let plain = parts.iter().all(|part| matches!(part, Part::Name(_)));
        if !plain || path.contains('[') {
            return refused("is no path of plain names");
        }
        if parts.first() == Some(&Part::Name("metadata".to_owned())) {
            return refused(
                "lies in the metadata, of which name and namespace can be selected by anyway",
            );
        }
        match jsonpath::follow(self.schema, &parts) {
            Target::Nothing(why) => refused(&format!("leads to nothing: {why}")),
            Target::Schema(schema) if !can_select(schema) => refused("leads to no plain value"),
            Target::Schema(_) | Target::Open => None,
        }
    }

    fn scale(&self, version: &Value) -> Vec<CrdProblem> {
        let Some(scale) = version.pointer("/subresources/scale") else {
            return Vec::new();
        };
        let rows = [
            ("specReplicasPath", &[".spec."][..]),
            ("statusReplicasPath", &[".status."][..]),
            ("labelSelectorPath", &[".spec.", ".status."][..]),
        ];
        let paths = rows.into_iter().filter_map(|(key, below)| {
            let path = scale.get(key)?.as_str()?;
            Some((key, path, below))
        });
        paths
            .filter_map(|(key, path, below)| self.scale_path(key, path, below))
            .collect()
    }

    fn scale_path(&self, key: &str, path: &str, below: &[&str]) -> Option<CrdProblem> {
        let of = format!("`{key}` of the scale subresource");
        if !below.iter().any(|start| path.starts_with(start)) {
            let message = format!(
                "{of} is `{path}`, and not a path below `{}`",
                below.join("` or `")
            );
            return Some(self.refused(path, message));
        }
        self.path(&of, path)
    }
}

fn can_select(schema: &Value) -> bool {
    let kind = schema.get("type").and_then(Value::as_str);
    matches!(kind, Some("string" | "integer" | "boolean"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found(version: &Value) -> Vec<(Option<Lint>, String)> {
        let mut version = version.clone();
        version["name"] = json!("v1");
        version["schema"] = json!({"openAPIV3Schema": {"type": "object", "properties": {
            "spec": {"type": "object", "properties": {
                "color": {"type": "string"}, "replicas": {"type": "integer"},
                "ports": {"type": "array", "items": {"type": "integer"}},
            }},
            "status": {"type": "object", "properties": {"replicas": {"type": "integer"}}},
        }}});
        let problems = problems(&json!({}), &version).into_iter();
        problems
            .map(|problem| (problem.lint, problem.message))
            .collect()
    }

    fn check(version: &Value, lint: Option<Lint>, expected: &[&str]) {
        let expected: Vec<_> = expected.iter().map(|it| (lint, (*it).to_owned())).collect();
        assert_eq!(found(version), expected);
    }

    fn column(path: &str, kind: &str) -> Value {
        json!({"additionalPrinterColumns": [{"name": "A", "type": kind, "jsonPath": path}]})
    }

    #[test]
    fn a_print_column_shows_something() {
        check(&column(".spec.color", "string"), None, &[]);
        check(&column(".metadata.creationTimestamp", "date"), None, &[]);
        check(
            &column(".spec.colour", "string"),
            Some(Lint::UnknownPath),
            &["the print column `A` shows `.spec.colour`, where nothing is: there is no `colour`"],
        );
        check(
            &column("spec.color", "string"),
            None,
            &["the print column `A`: `spec.color` is no path: a path begins with a dot"],
        );
        check(
            &column(".spec.color[", "string"),
            Some(Lint::UnknownPath),
            &["the print column `A`: `.spec.color[` is no path: a `[` is not closed"],
        );
        check(
            &column(".spec.color", "text"),
            None,
            &["the print column `A` has the type `text`"],
        );
    }

    #[test]
    fn a_selectable_field_is_a_plain_value() {
        let of = |paths: &[&str]| {
            let fields: Vec<_> = paths.iter().map(|path| json!({"jsonPath": path})).collect();
            json!({"selectableFields": fields})
        };
        check(&of(&[".spec.color", ".spec.replicas"]), None, &[]);
        let said = |path: &str, why: &str| {
            check(
                &of(&[path]),
                None,
                &[&format!("the selectable field `{path}` {why}")],
            );
        };
        said(".spec.colour", "leads to nothing: there is no `colour`");
        said(".spec.ports", "leads to no plain value");
        said(".spec.ports[0]", "is no path of plain names");
        said(
            ".metadata.name",
            "lies in the metadata, of which name and namespace can be selected by anyway",
        );
        check(
            &of(&[".spec.color", ".spec.color"]),
            None,
            &["the selectable field `.spec.color` is there twice"],
        );
    }

    #[test]
    fn scale_leads_to_replicas() {
        let of = |spec: &str, status: &str| json!({"subresources": {"scale": {"specReplicasPath": spec, "statusReplicasPath": status}}});
        check(&of(".spec.replicas", ".status.replicas"), None, &[]);
        check(
            &of(".spec.size", ".status.replicas"),
            Some(Lint::UnknownPath),
            &[
                "`specReplicasPath` of the scale subresource shows `.spec.size`, where nothing is: there is no `size`",
            ],
        );
        check(
            &of(".status.replicas", ".status.replicas"),
            None,
            &[
                "`specReplicasPath` of the scale subresource is `.status.replicas`, and not a path below `.spec.`",
            ],
        );
    }
}

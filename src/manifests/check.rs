//! What is wrong with CRDs, as far as it can be told without an API server.
//!
//! The API server's own validation is the judge
//! (<https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema>);
//! this finds, at once and with the Rust remedy, what people run into with
//! schemas that come from Rust types. It changes nothing.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::{Value, json};

use super::crd::text;

/// One thing that is wrong with one CRD.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CrdProblem {
    /// The CRD's name, `things.example.com`.
    pub crd: String,
    /// What is wrong, lower case, without a full stop.
    pub message: String,
    /// What to write instead, where that is known.
    pub help: Option<String>,
}

impl CrdProblem {
    pub(super) fn new(crd: &Value, message: String, help: Option<&str>) -> Self {
        let help = help.map(str::to_owned);
        Self {
            crd: text(crd, "/metadata/name").to_owned(),
            message,
            help,
        }
    }
}

impl fmt::Display for CrdProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "custom resource definition `{}`: {}",
            self.crd, self.message
        )?;
        match &self.help {
            Some(help) => write!(formatter, "\nhelp: {help}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for CrdProblem {}

/// All that is wrong with `crds`.
pub(super) fn problems(crds: &[Value]) -> Vec<CrdProblem> {
    let mut problems = Vec::new();
    let mut seen = BTreeSet::new();
    for crd in crds {
        if !seen.insert(text(crd, "/metadata/name")) {
            let message = "there are two of this name".to_owned();
            let help = "join the versions of one kind with `merge_crds`";
            problems.push(CrdProblem::new(crd, message, Some(help)));
        }
        problems.extend(envelope(crd));
        problems.extend(versions(crd));
    }
    problems
}

/// What is wrong around the versions.
fn envelope(crd: &Value) -> Option<CrdProblem> {
    if text(crd, "/kind") != "CustomResourceDefinition" {
        let message = format!("its kind is `{}`", text(crd, "/kind"));
        return Some(CrdProblem::new(crd, message, None));
    }
    let name = format!(
        "{}.{}",
        text(crd, "/spec/names/plural"),
        text(crd, "/spec/group")
    );
    (name != text(crd, "/metadata/name")).then(|| {
        let message = format!("its plural and group make the name `{name}`");
        CrdProblem::new(crd, message, None)
    })
}

fn versions(crd: &Value) -> Vec<CrdProblem> {
    let versions = crd.pointer("/spec/versions").and_then(Value::as_array);
    let versions = versions.map_or(&[][..], Vec::as_slice);
    let mut problems: Vec<_> = storage(crd, versions).into_iter().collect();
    let mut seen = BTreeSet::new();
    for version in versions {
        let name = text(version, "/name");
        if !seen.insert(name) {
            let message = format!("version `{name}` is there twice");
            problems.push(CrdProblem::new(crd, message, None));
        }
        let Some(schema) = version.pointer("/schema/openAPIV3Schema") else {
            problems.push(CrdProblem::new(
                crd,
                format!("version `{name}` has no schema"),
                None,
            ));
            continue;
        };
        walk(schema, name, &mut |path, fault| {
            let message = format!("`{path}` {}", fault.message);
            problems.push(CrdProblem::new(crd, message, Some(fault.help)));
        });
    }
    problems
}

fn storage(crd: &Value, versions: &[Value]) -> Option<CrdProblem> {
    let is_stored = |version: &&Value| version.get("storage") == Some(&json!(true));
    let stored: Vec<_> = versions
        .iter()
        .filter(is_stored)
        .map(|version| text(version, "/name"))
        .collect();
    (stored.len() != 1).then(|| {
        let message = match stored.as_slice() {
            [] => "no version is the stored one".to_owned(),
            several => format!("one version is stored, not `{}`", several.join("` and `")),
        };
        let help = "`PROJECT` says which version is stored";
        CrdProblem::new(crd, message, Some(help))
    })
}

/// What is wrong with one schema, not counting those in it.
struct Fault {
    message: &'static str,
    help: &'static str,
}

const NO_TYPE: Fault = Fault {
    message: "has no type",
    help: "for a value of any form add `#[schemars(extend(\"x-kubernetes-preserve-unknown-fields\" = true))]`",
};
const TUPLE: Fault = Fault {
    message: "is a tuple, whose items have a schema each",
    help: "use a list, or a struct with named fields",
};
const REFERENCE: Fault = Fault {
    message: "refers to a definition elsewhere with `$ref`",
    help: "types that hold themselves have no CRD schema: break the circle with a `serde_json::Value`",
};
const MIXED: Fault = Fault {
    message: "has both named fields and fields of any name",
    help: "put the flattened map into a field of its own",
};

fn fault(schema: &Value) -> Option<Fault> {
    let has = |key: &str| schema.get(key).is_some();
    let says = |key: &str| schema.get(key) == Some(&json!(true));
    if has("$ref") {
        return Some(REFERENCE);
    }
    if schema.get("items").is_some_and(Value::is_array) {
        return Some(TUPLE);
    }
    if has("properties") && has("additionalProperties") {
        return Some(MIXED);
    }
    let needs_no_type =
        says("x-kubernetes-int-or-string") || says("x-kubernetes-preserve-unknown-fields");
    (!has("type") && !needs_no_type).then_some(NO_TYPE)
}

/// Calls `report` for each faulty schema with its path, from the outside in.
///
/// Schemas below `anyOf` and the like have no type of their own, so they are
/// not looked at.
fn walk(schema: &Value, path: &str, report: &mut dyn FnMut(&str, Fault)) {
    if let Some(fault) = fault(schema) {
        report(path, fault);
        return;
    }
    if let Some(Value::Object(properties)) = schema.get("properties") {
        for (name, property) in properties {
            walk(property, &format!("{path}.{name}"), report);
        }
    }
    for (key, suffix) in [("items", "[]"), ("additionalProperties", "[*]")] {
        if let Some(child @ Value::Object(_)) = schema.get(key) {
            walk(child, &format!("{path}{suffix}"), report);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crd(versions: &[Value]) -> Value {
        json!({
            "kind": "CustomResourceDefinition", "metadata": {"name": "things.example.com"},
            "spec": {"group": "example.com", "names": {"plural": "things"}, "versions": versions},
        })
    }

    fn version(name: &str, storage: bool, spec: &Value) -> Value {
        let schema = json!({"type": "object", "properties": {"spec": spec}});
        json!({"name": name, "storage": storage, "schema": {"openAPIV3Schema": schema}})
    }

    fn check(crds: &[Value], expected: &[&str]) {
        let found: Vec<_> = problems(crds)
            .into_iter()
            .map(|problem| problem.message)
            .collect();
        assert_eq!(found, expected);
    }

    fn check_schema(schema: &Value, expected: &[&str]) {
        check(&[crd(&[version("v1", true, schema)])], expected);
    }

    #[test]
    fn names_agree() {
        let string = json!({"type": "string"});
        let good = crd(&[version("v1", true, &string)]);
        check(std::slice::from_ref(&good), &[]);
        check(
            &[good.clone(), good.clone()],
            &["there are two of this name"],
        );
        let mut other = good.clone();
        other["spec"]["names"]["plural"] = json!("thing");
        check(
            &[other],
            &["its plural and group make the name `thing.example.com`"],
        );
        check(
            &[json!({"kind": "Pod"})],
            &["its kind is `Pod`", "no version is the stored one"],
        );
    }

    #[test]
    fn one_version_is_stored() {
        let string = json!({"type": "string"});
        let of = |name, storage| version(name, storage, &string);
        check(&[crd(&[of("v1", true), of("v2", false)])], &[]);
        check(
            &[crd(&[of("v1", false)])],
            &["no version is the stored one"],
        );
        check(
            &[crd(&[of("v1", true), of("v2", true)])],
            &["one version is stored, not `v1` and `v2`"],
        );
        check(
            &[crd(&[of("v1", true), of("v1", false)])],
            &["version `v1` is there twice"],
        );
        check(
            &[crd(&[json!({"name": "v1", "storage": true})])],
            &["version `v1` has no schema"],
        );
    }

    #[test]
    fn schemas_are_structural() {
        let string = json!({"type": "string"});
        check_schema(&json!({}), &["`v1.spec` has no type"]);
        check_schema(&json!({"x-kubernetes-preserve-unknown-fields": true}), &[]);
        check_schema(&json!({"x-kubernetes-int-or-string": true}), &[]);
        check_schema(
            &json!({"type": "array", "items": {}}),
            &["`v1.spec[]` has no type"],
        );
        check_schema(
            &json!({"type": "object", "additionalProperties": {"$ref": "#/x"}}),
            &["`v1.spec[*]` refers to a definition elsewhere with `$ref`"],
        );
        check_schema(
            &json!({"type": "object", "properties": {"a": {"enum": [null]}, "b": string}}),
            &["`v1.spec.a` has no type"],
        );
        check_schema(
            &json!({"type": "array", "items": [string]}),
            &["`v1.spec` is a tuple, whose items have a schema each"],
        );
        check_schema(
            &json!({"type": "object", "properties": {}, "additionalProperties": string}),
            &["`v1.spec` has both named fields and fields of any name"],
        );
        check_schema(
            &json!({"type": "object", "additionalProperties": true}),
            &[],
        );
        check_schema(
            &json!({"type": "object", "anyOf": [{"required": ["a"]}]}),
            &[],
        );
    }
}

//! What is wrong with CRDs, as far as it can be told without an API server.
//!
//! The API server's own validation is the judge
//! (<https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema>);
//! this finds, at once and with the Rust remedy, what people run into with
//! schemas that come from Rust types. It changes nothing.
//!
//! [`problems`] is quick, since each command that writes a scaffold asks it;
//! [`examine`] is what `rustop manifests` asks besides.

mod columns;
mod jsonpath;
mod names;
mod structural;
mod value;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::cel;
use super::crd::text;
use super::lint::CrdProblem;
use super::place::CrdPlace;

pub(super) use structural::children;

/// What is wrong with `crds`: names, versions, schemas that are not structural.
pub(super) fn problems(crds: &[Value]) -> Vec<CrdProblem> {
    let mut problems = names::twice(crds);
    for crd in crds {
        problems.extend(envelope(crd));
        problems.extend(versions(crd));
    }
    problems
}

/// What takes longer to find: names that meet, columns, patterns, defaults, rules.
pub(super) fn examine(crds: &[Value]) -> Vec<CrdProblem> {
    let mut problems = names::shared(crds);
    for crd in crds {
        for version in versions_of(crd) {
            problems.extend(columns::problems(crd, version));
            problems.extend(value::problems(crd, version));
            problems.extend(cel::problems(crd, version));
        }
    }
    problems
}

/// The versions of a CRD.
pub(super) fn versions_of(crd: &Value) -> &[Value] {
    let versions = crd.pointer("/spec/versions").and_then(Value::as_array);
    versions.map_or(&[], Vec::as_slice)
}

/// The schema of a version.
pub(super) fn schema_of(version: &Value) -> Option<&Value> {
    version.pointer("/schema/openAPIV3Schema")
}

/// What is wrong around the versions.
fn envelope(crd: &Value) -> Option<CrdProblem> {
    let refused = |message: String| Some(CrdProblem::refused(crd, &CrdPlace::default(), message));
    let kind = text(crd, "/kind");
    if kind != "CustomResourceDefinition" {
        return refused(format!("its kind is `{kind}`"));
    }
    let (plural, group) = (text(crd, "/spec/names/plural"), text(crd, "/spec/group"));
    let name = format!("{plural}.{group}");
    if name == text(crd, "/metadata/name") {
        return None;
    }
    refused(format!("its plural and group make the name `{name}`"))
}

fn versions(crd: &Value) -> Vec<CrdProblem> {
    let versions = versions_of(crd);
    let mut problems: Vec<_> = storage(crd, versions).into_iter().collect();
    let mut seen = BTreeSet::new();
    for version in versions {
        let name = text(version, "/name");
        let place = CrdPlace::version(name);
        if !seen.insert(name) {
            let message = format!("version `{name}` is there twice");
            problems.push(CrdProblem::refused(crd, &place, message));
        }
        if let Some(schema) = schema_of(version) {
            problems.extend(structural::problems(crd, schema, &place));
        } else {
            let message = format!("version `{name}` has no schema");
            problems.push(CrdProblem::refused(crd, &place, message));
        }
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
    let message = match stored.as_slice() {
        [_] => return None,
        [] => "no version is the stored one".to_owned(),
        several => format!("one version is stored, not `{}`", several.join("` and `")),
    };
    let problem = CrdProblem::refused(crd, &CrdPlace::default(), message);
    Some(problem.with_help("`PROJECT` says which version is stored"))
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

    #[test]
    fn what_no_api_server_takes_in_a_schema_is_named() {
        let string = json!({"type": "string"});
        let said = |schema: &Value, words: &str| {
            let crds = [crd(&[version("v1", true, schema)])];
            let found = problems(&crds);
            assert_eq!(found.len(), 1, "{schema}: {found:?}");
            let start = format!("`v1.spec` {words}");
            assert!(found[0].message.starts_with(&start), "{found:?}");
        };
        let with = |mut schema: Value, key: &str, value: Value| {
            schema[key] = value;
            schema
        };
        said(
            &json!({"type": "array"}),
            "is a list, and says nothing of its items",
        );
        said(
            &with(string.clone(), "x-kubernetes-list-type", json!("set")),
            "has an `x-kubernetes-list-type`",
        );
        said(
            &with(string.clone(), "x-kubernetes-map-type", json!("atomic")),
            "has an `x-kubernetes-map-type`",
        );
        said(
            &with(
                string.clone(),
                "x-kubernetes-embedded-resource",
                json!(true),
            ),
            "is an embedded resource",
        );
        said(
            &with(string.clone(), "uniqueItems", json!(true)),
            "has `uniqueItems`",
        );
        said(
            &with(string.clone(), "allOf", json!([{"default": "a"}])),
            "chooses between schemas",
        );
        let item = |required: Value| json!({"type": "object", "properties": {"a": string}, "required": required});
        let list = |items: Value, rules: &Value| {
            let mut list = json!({"type": "array", "items": items});
            for (key, value) in rules.as_object().unwrap() {
                list[format!("x-kubernetes-{key}")] = value.clone();
            }
            list
        };
        let keyed = |key: &str| json!({"list-type": "map", "list-map-keys": [key]});
        check_schema(&list(item(json!(["a"])), &keyed("a")), &[]);
        check_schema(&list(string.clone(), &json!({"list-type": "set"})), &[]);
        check_schema(&list(item(json!([])), &json!({"list-type": "atomic"})), &[]);
        said(&list(item(json!([])), &keyed("a")), "has a list map key");
        said(&list(item(json!(["a"])), &keyed("b")), "has a list map key");
        said(
            &list(item(json!(["a"])), &json!({"list-type": "map"})),
            "has no `x-kubernetes-list-map-keys`",
        );
        said(
            &list(item(json!([])), &json!({"list-type": "set"})),
            "is a set",
        );
        said(
            &list(string.clone(), &json!({"list-type": "bag"})),
            "has an `x-kubernetes-list-type`",
        );
    }
}

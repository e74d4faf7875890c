//! Schemas that are not structural, and what else no API server takes in one.
//!
//! The rules are the API server's
//! (<https://github.com/kubernetes/apiextensions-apiserver/blob/v0.35.0/pkg/apiserver/schema/validation.go>,
//! and `ValidateCustomResourceDefinitionOpenAPISchema` in
//! <https://github.com/kubernetes/apiextensions-apiserver/blob/v0.35.0/pkg/apis/apiextensions/validation/validation.go>).

use serde_json::{Map, Value, json};

use super::CrdProblem;
use crate::manifests::place::{CrdPlace, Step};

/// What is wrong with `schema` and all below it.
pub(super) fn problems(crd: &Value, schema: &Value, place: &CrdPlace) -> Vec<CrdProblem> {
    let mut problems = Vec::new();
    walk(schema, place, &mut |place, fault| {
        let message = format!("`{place}` {}", fault.message);
        problems.push(CrdProblem::refused(crd, place, message).with_help(fault.help));
    });
    problems
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
const NO_ITEMS: Fault = Fault {
    message: "is a list, and says nothing of its items",
    help: "give the list's schema `items`",
};
const UNIQUE: Fault = Fault {
    message: "has `uniqueItems`, which no API server takes",
    help: "write `#[schemars(extend(\"x-kubernetes-list-type\" = \"set\"))]`",
};
const NOT_PRESERVED: Fault = Fault {
    message: "sets `x-kubernetes-preserve-unknown-fields` to false",
    help: "leave it out: unknown fields are dropped where it is not true",
};
const LIST_TYPE: Fault = Fault {
    message: "has an `x-kubernetes-list-type` that is none of `atomic`, `set` and `map`, or is no list",
    help: "`#[schemars(extend(\"x-kubernetes-list-type\" = \"atomic\"))]` on a list",
};
const MAP_TYPE: Fault = Fault {
    message: "has an `x-kubernetes-map-type` that is neither `atomic` nor `granular`, or is no object",
    help: "`#[schemars(extend(\"x-kubernetes-map-type\" = \"atomic\"))]` on a struct or a map",
};
const MAP_KEYS: Fault = Fault {
    message: "has no `x-kubernetes-list-map-keys`, or is no list of type `map`",
    help: "a list of type `map` names its keys: `#[schemars(extend(\"x-kubernetes-list-map-keys\" = [\"name\"]))]`",
};
const KEY: Fault = Fault {
    message: "has a list map key that its items need not have, or that is no plain value",
    help: "a key is a field of the items: a string, a number or a bool, and needed or with a default",
};
const SET: Fault = Fault {
    message: "is a set, of items that cannot be compared",
    help: "a set holds plain values, or objects with `x-kubernetes-map-type: atomic`",
};
const EMBEDDED: Fault = Fault {
    message: "is an embedded resource, and is no object with fields",
    help: "add `type: object`, and `x-kubernetes-preserve-unknown-fields: true` where its fields are not described",
};
const BRANCH: Fault = Fault {
    message: "chooses between schemas, one of which says more than rules (a type, a description, a default)",
    help: "below `anyOf`, `oneOf`, `allOf` and `not` stand rules only: say the rest beside them",
};

fn fault(schema: &Value) -> Option<Fault> {
    let has = |key: &str| schema.get(key).is_some();
    let says = |key: &str, value: bool| schema.get(key) == Some(&json!(value));
    let of_type = |name: &str| schema.get("type") == Some(&json!(name));
    let int_or_string = says("x-kubernetes-int-or-string", true);
    let preserves = "x-kubernetes-preserve-unknown-fields";
    let faults = [
        (has("$ref"), REFERENCE),
        (schema.get("items").is_some_and(Value::is_array), TUPLE),
        (has("properties") && has("additionalProperties"), MIXED),
        (says("uniqueItems", true), UNIQUE),
        (says(preserves, false), NOT_PRESERVED),
        (
            !has("type") && !int_or_string && !says(preserves, true),
            NO_TYPE,
        ),
        (of_type("array") && !has("items"), NO_ITEMS),
    ];
    let first = faults.into_iter().find(|(is_so, _)| *is_so);
    let first = first.map(|(_, fault)| fault);
    first
        .or_else(|| merging(schema))
        .or_else(|| branches(schema))
}

/// How lists, maps and embedded objects are merged.
fn merging(schema: &Value) -> Option<Fault> {
    let of_type = |name: &str| schema.get("type") == Some(&json!(name));
    let word = |key: &str| schema.get(key).and_then(Value::as_str);
    let keys = schema.get("x-kubernetes-list-map-keys");
    let keys = keys
        .and_then(Value::as_array)
        .map_or(&[][..], Vec::as_slice);
    let list = word("x-kubernetes-list-type");
    if list.is_some_and(|it| !matches!(it, "atomic" | "set" | "map"))
        || (list.is_some() && !of_type("array"))
    {
        return Some(LIST_TYPE);
    }
    if (list == Some("map")) == keys.is_empty() {
        return Some(MAP_KEYS);
    }
    if !keys.iter().all(|key| is_key(schema, key)) {
        return Some(KEY);
    }
    if list == Some("set") && !schema.get("items").is_some_and(can_be_in_a_set) {
        return Some(SET);
    }
    let map = word("x-kubernetes-map-type");
    if map.is_some_and(|it| !matches!(it, "atomic" | "granular"))
        || (map.is_some() && !of_type("object"))
    {
        return Some(MAP_TYPE);
    }
    let embedded = schema.get("x-kubernetes-embedded-resource") == Some(&json!(true));
    let described = schema.get("properties").is_some()
        || schema.get("x-kubernetes-preserve-unknown-fields") == Some(&json!(true));
    (embedded && !(of_type("object") && described)).then_some(EMBEDDED)
}

fn is_key(list: &Value, key: &Value) -> bool {
    let (Some(key), Some(items)) = (key.as_str(), list.get("items")) else {
        return false;
    };
    let Some(field) = items.get("properties").and_then(|all| all.get(key)) else {
        return false;
    };
    let required = items.get("required").and_then(Value::as_array);
    let needed = required.is_some_and(|names| names.contains(&json!(key)));
    is_scalar(field) && (needed || field.get("default").is_some())
}

fn is_scalar(schema: &Value) -> bool {
    let kind = schema.get("type").and_then(Value::as_str);
    matches!(kind, Some("string" | "integer" | "number" | "boolean"))
        || schema.get("x-kubernetes-int-or-string") == Some(&json!(true))
}

fn can_be_in_a_set(items: &Value) -> bool {
    let atomic = |key: &str| items.get(key) == Some(&json!("atomic"));
    let nullable = items.get("nullable") == Some(&json!(true));
    !nullable
        && match items.get("type").and_then(Value::as_str) {
            Some("object") => atomic("x-kubernetes-map-type"),
            Some("array") => items
                .get("x-kubernetes-list-type")
                .is_none_or(|it| it == "atomic"),
            _ => true,
        }
}

/// What stands below `anyOf` and its kin.
fn branches(schema: &Value) -> Option<Fault> {
    let int_or_string = schema.get("x-kubernetes-int-or-string") == Some(&json!(true));
    let lists = ["anyOf", "oneOf", "allOf"].into_iter();
    let lists = lists.filter_map(|key| schema.get(key)?.as_array());
    let mut branches = lists.flatten().chain(schema.get("not"));
    branches.find_map(|branch| branch_fault(schema, branch, int_or_string))
}

/// Of `x-kubernetes-int-or-string` a branch may say the type.
fn branch_fault(schema: &Value, branch: &Value, int_or_string: bool) -> Option<Fault> {
    const FORBIDDEN: [&str; 6] = [
        "type",
        "description",
        "title",
        "default",
        "nullable",
        "additionalProperties",
    ];
    let branch = branch.as_object()?;
    let says = |key: &&str| branch.contains_key(*key) && !(int_or_string && *key == "type");
    if FORBIDDEN.iter().any(says) {
        return Some(BRANCH);
    }
    let none = Map::new();
    let properties = |map: Option<&Value>| map.and_then(Value::as_object).unwrap_or(&none).clone();
    let own = properties(schema.get("properties"));
    let its = properties(branch.get("properties"));
    its.iter()
        .find_map(|(name, rules)| branch_fault(own.get(name)?, rules, int_or_string))
}

/// Calls `report` for each faulty schema with its place, from the outside in.
///
/// Schemas below `anyOf` and the like have no type of their own: they are looked
/// at with the schema that they belong to.
fn walk(schema: &Value, place: &CrdPlace, report: &mut dyn FnMut(&CrdPlace, Fault)) {
    if let Some(fault) = fault(schema) {
        report(place, fault);
        return;
    }
    for (step, child) in children(schema) {
        walk(child, &place.below(step), report);
    }
}

/// The schemas directly below one, with the way there.
pub(in crate::manifests) fn children(schema: &Value) -> Vec<(Step, &Value)> {
    let properties = schema.get("properties").and_then(Value::as_object);
    let mut children: Vec<_> = properties
        .into_iter()
        .flatten()
        .map(|(name, child)| (Step::Field(name.clone()), child))
        .collect();
    for (key, step) in [
        ("items", Step::Items),
        ("additionalProperties", Step::Values),
    ] {
        children.extend(
            schema
                .get(key)
                .filter(|it| it.is_object())
                .map(|it| (step, it)),
        );
    }
    children
}

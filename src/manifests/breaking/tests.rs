use serde_json::json;

use super::*;

fn crd(versions: &[Value]) -> Value {
    json!({
        "metadata": {"name": "things.example.com"},
        "spec": {"scope": "Namespaced", "names": {"kind": "Thing"}, "versions": versions},
    })
}

fn version(name: &str, served: bool, spec: &Value) -> Value {
    let schema = json!({"type": "object", "properties": {"spec": spec}});
    json!({"name": name, "served": served, "schema": {"openAPIV3Schema": schema}})
}

fn messages(old: &Value, new: &Value) -> Vec<String> {
    messages_where(old, new, false)
}

fn messages_where(old: &Value, new: &Value, converted: bool) -> Vec<String> {
    let name = "things.example.com".to_owned();
    let found = changes(
        std::slice::from_ref(old),
        std::slice::from_ref(new),
        &converted.then_some(name).into_iter().collect(),
        "`v1.0.0`",
    );
    assert!(found.iter().all(|it| it.lint == Some(Lint::BreakingChange)));
    found.into_iter().map(|it| it.message).collect()
}

/// Each of `expected` is what breaks; nothing breaks the other way, unless `both`.
fn check(old: &Value, new: &Value, expected: &[&str]) {
    let of = |spec: &Value| crd(&[version("v1", true, spec)]);
    let expected: Vec<_> = expected
        .iter()
        .map(|it| format!("{it} since `v1.0.0`"))
        .collect();
    assert_eq!(messages(&of(old), &of(new)), expected, "{old} -> {new}");
    assert_eq!(messages(&of(new), &of(new)), [""; 0]);
}

fn object(properties: &Value, required: &Value) -> Value {
    json!({"type": "object", "properties": properties, "required": required})
}

#[test]
fn fields_stay() {
    let (string, integer) = (json!({"type": "string"}), json!({"type": "integer"}));
    let both = object(&json!({"a": string, "b": string}), &json!([]));
    let one = object(&json!({"a": string}), &json!([]));
    check(&both, &one, &["`v1.spec` lost its field `b`"]);
    check(&one, &both, &[]);
    let open = json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true});
    check(&both, &open, &[]);
    check(
        &open,
        &one,
        &["`v1.spec` kept fields of any name, and does not any more,"],
    );
    let map = json!({"type": "object", "additionalProperties": string});
    check(
        &map,
        &one,
        &["`v1.spec` kept fields of any name, and does not any more,"],
    );
    let retyped = object(&json!({"a": integer}), &json!([]));
    check(
        &one,
        &retyped,
        &["`v1.spec.a` was of type `string`, and is of type `integer`,"],
    );
    check(
        &json!({"type": "array", "items": both}),
        &json!({"type": "array", "items": one}),
        &["`v1.spec[]` lost its field `b`"],
    );
}

#[test]
fn types_may_widen() {
    let of = |kind: &str| json!({"type": kind});
    let either = json!({"x-kubernetes-int-or-string": true});
    check(&of("integer"), &of("number"), &[]);
    check(&of("integer"), &either, &[]);
    check(&of("string"), &either, &[]);
    check(
        &of("number"),
        &of("integer"),
        &["`v1.spec` was of type `number`, and is of type `integer`,"],
    );
    check(
        &either,
        &of("string"),
        &["`v1.spec` was of type `int-or-string`, and is of type `string`,"],
    );
}

#[test]
fn a_new_field_is_optional_or_has_a_default() {
    let string = json!({"type": "string"});
    let filled = json!({"type": "string", "default": "x"});
    let none = object(&json!({}), &json!([]));
    check(&none, &object(&json!({"a": string}), &json!([])), &[]);
    check(&none, &object(&json!({"a": filled}), &json!(["a"])), &[]);
    let needed = object(&json!({"a": string}), &json!(["a"]));
    check(
        &none,
        &needed,
        &["`v1.spec.a` must be there, and has no default,"],
    );
    check(
        &object(&json!({"a": string}), &json!([])),
        &needed,
        &["`v1.spec.a` must be there, and has no default,"],
    );
}

#[test]
fn values_stay_allowed() {
    let of = |rules: &Value| {
        let mut schema = json!({"type": "string"});
        for (key, value) in rules.as_object().unwrap() {
            schema[key] = value.clone();
        }
        schema
    };
    let row = |old: &Value, new: &Value, said: &str| {
        check(&of(old), &of(new), &[&format!("`v1.spec` {said}")]);
    };
    let free = |old: &Value, new: &Value| check(&of(old), &of(new), &[]);
    row(
        &json!({"enum": ["a", "b"]}),
        &json!({"enum": ["b", "c"]}),
        "does not take `\"a\"` any more",
    );
    row(
        &json!({}),
        &json!({"enum": ["a"]}),
        "has a list of values now, and took any",
    );
    free(&json!({"enum": ["a"]}), &json!({"enum": ["a", "b"]}));
    free(&json!({"enum": ["a"]}), &json!({}));
    for key in ["maximum", "maxLength", "maxItems", "maxProperties"] {
        row(
            &json!({key: 9}),
            &json!({key: 8}),
            &format!("has a `{key}` of 8, and had 9,"),
        );
        row(
            &json!({}),
            &json!({key: 8}),
            &format!("has a `{key}` of 8, and had none,"),
        );
        free(&json!({key: 8}), &json!({key: 9}));
        free(&json!({key: 8}), &json!({}));
    }
    for key in ["minimum", "minLength", "minItems", "minProperties"] {
        row(
            &json!({key: 8}),
            &json!({key: 9}),
            &format!("has a `{key}` of 9, and had 8,"),
        );
        row(
            &json!({}),
            &json!({key: 1}),
            &format!("has a `{key}` of 1, and had none,"),
        );
        free(&json!({key: 9}), &json!({key: 8}));
    }
    free(&json!({}), &json!({"minLength": 0}));
    row(
        &json!({}),
        &json!({"pattern": "a"}),
        "has a `pattern` of \"a\", and had none,",
    );
    row(
        &json!({"pattern": "b"}),
        &json!({"pattern": "a"}),
        "has a `pattern` of \"a\", and had \"b\",",
    );
    free(&json!({"pattern": "a"}), &json!({}));
    free(&json!({"format": "int32"}), &json!({"format": "int64"}));
    row(
        &json!({"format": "int64"}),
        &json!({"format": "int32"}),
        "has a `format` of \"int32\", and had \"int64\",",
    );
    row(
        &json!({"nullable": true}),
        &json!({}),
        "took `null`, and does not any more,",
    );
    row(
        &json!({"x-kubernetes-list-type": "atomic"}),
        &json!({"x-kubernetes-list-type": "set"}),
        "is a list of type `set`, and was `atomic`,",
    );
}

#[test]
fn versions_stay_served() {
    let string = json!({"type": "string"});
    let of = |name: &str, served: bool| version(name, served, &string);
    let both = crd(&[of("v1", true), of("v2", true)]);
    let said = "the version `v1` is not served any more, which `v1.0.0` does";
    assert_eq!(messages(&both, &crd(&[of("v2", true)])), [said]);
    assert_eq!(
        messages(&both, &crd(&[of("v1", false), of("v2", true)])),
        [said]
    );
    // What was not served then may go.
    assert_eq!(
        messages(&crd(&[of("v1", false)]), &crd(&[of("v2", true)])),
        [""; 0]
    );
}

#[test]
fn kinds_stay_and_keep_their_scope() {
    let string = json!({"type": "string"});
    let old = crd(&[version("v1", true, &string)]);
    let mut other = old.clone();
    other["spec"]["scope"] = json!("Cluster");
    assert_eq!(
        messages(&old, &other),
        ["its scope was `Namespaced` in `v1.0.0`, and is `Cluster`"]
    );
    let gone = changes(&[old], &[], &BTreeSet::new(), "`v1.0.0`");
    assert_eq!(
        gone[0].message,
        "the kind `Thing` is gone, which `v1.0.0` has"
    );
}

#[test]
fn what_was_deprecated_may_go() {
    let string = json!({"type": "string"});
    let of = |name: &str, deprecated: bool| {
        let mut version = version(name, true, &string);
        version["deprecated"] = json!(deprecated);
        version
    };
    let new = crd(&[of("v2", false)]);
    let both = |deprecated: bool| crd(&[of("v1", deprecated), of("v2", false)]);
    assert_eq!(messages(&both(true), &new), [""; 0]);
    assert_eq!(messages(&both(false), &new).len(), 1);
    // What is left of a deprecated version keeps what it has.
    let mut retyped = both(true);
    retyped["spec"]["versions"][0] = version("v1", true, &json!({"type": "integer"}));
    assert_eq!(messages(&both(true), &retyped).len(), 1);
    let gone = |old: Value| changes(&[old], &[], &BTreeSet::new(), "`v1.0.0`").len();
    assert_eq!(
        gone(crd(&[of("v1", true), version("v0", false, &string)])),
        0
    );
    assert_eq!(gone(both(true)), 1);
}

/// Versions, of which the one called `stored` is the storage version.
fn storing(stored: &str, versions: Vec<Value>) -> Value {
    let marked = versions.into_iter().map(|mut version| {
        version["storage"] = json!(version["name"] == stored);
        version
    });
    crd(&marked.collect::<Vec<_>>())
}

#[test]
fn the_version_in_which_objects_lie_stays() {
    let spec = json!({"type": "object"});
    let of = |name: &str, served: bool| version(name, served, &spec);
    let after = storing("v2", vec![of("v2", true)]);
    let gone = "the version `v1` is gone, in which `v1.0.0` stores objects";
    let mut deprecated = of("v1", true);
    deprecated["deprecated"] = json!(true);
    for before in [of("v1", true), of("v1", false), deprecated] {
        let before = storing("v1", vec![before, of("v2", true)]);
        assert_eq!(messages(&before, &after), [gone], "{before}");
        assert_eq!(messages_where(&before, &after, true), [gone], "{before}");
    }
    let before = storing("v1", vec![of("v1", true), of("v2", true)]);
    let moved = storing("v2", vec![of("v1", true), of("v2", true)]);
    assert_eq!(messages(&before, &moved), [""; 0]);
    let other = storing("v2", vec![of("v1", false), of("v2", true)]);
    let unserved = storing("v2", vec![of("v2", true)]);
    assert_eq!(messages(&other, &unserved), [""; 0]);
}

#[test]
fn another_storage_version_needs_a_conversion_or_the_same_fields() {
    let both =
        json!({"type": "object", "properties": {"a": {"type": "string"}, "b": {"type": "string"}}});
    let one = json!({"type": "object", "properties": {"a": {"type": "string"}}});
    let versions = || vec![version("v1", true, &both), version("v2", true, &one)];
    let (before, after) = (storing("v1", versions()), storing("v2", versions()));
    let lost =
        "`v2.spec` lost its field `b` since `v1.0.0`, which stores `v1`, and nothing converts";
    assert_eq!(messages(&before, &after), [lost]);
    assert_eq!(messages_where(&before, &after, true), [""; 0]);
    assert_eq!(messages(&before, &before), [""; 0]);
    let wider = vec![version("v1", true, &one), version("v2", true, &both)];
    let (before, after) = (storing("v1", wider.clone()), storing("v2", wider));
    assert_eq!(messages(&before, &after), [""; 0]);
}

#[test]
fn alternatives_stay() {
    let of = |key: &str, value: Value| json!({"type": "object", key: value});
    let plain = json!({"type": "object"});
    let (a, b) = (json!({"required": ["a"]}), json!({"required": ["b"]}));
    for key in ["oneOf", "anyOf"] {
        let (one, two) = (of(key, json!([a])), of(key, json!([a, b])));
        check(&one, &two, &[]);
        check(&one, &plain, &[]);
        check(&two, &one, &[&format!("`v1.spec` has another `{key}`")]);
        check(
            &plain,
            &one,
            &[&format!("`v1.spec` has `{key}`, and had none,")],
        );
    }
    let (one, two) = (of("allOf", json!([a])), of("allOf", json!([a, b])));
    check(&two, &one, &[]);
    check(&one, &two, &["`v1.spec` has another `allOf`"]);
    check(
        &plain,
        &of("not", a.clone()),
        &["`v1.spec` has another `not`"],
    );
    check(
        &of("not", a.clone()),
        &of("not", b),
        &["`v1.spec` has another `not`"],
    );
    check(&of("not", a), &plain, &[]);
    let either = json!({"x-kubernetes-int-or-string": true, "anyOf": [{"type": "integer"}, {"type": "string"}]});
    check(&json!({"type": "integer"}), &either, &[]);
}

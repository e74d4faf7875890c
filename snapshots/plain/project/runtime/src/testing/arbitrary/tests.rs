use std::collections::BTreeSet;

use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, TestRunner};
use serde_json::json;

use super::*;

/// Many values of `schema`, the same each time.
fn values(schema: &Value) -> Vec<Value> {
    let mut runner = TestRunner::new_with_rng(
        Config::default(),
        proptest::test_runner::TestRng::deterministic_rng(
            proptest::test_runner::RngAlgorithm::ChaCha,
        ),
    );
    let strategy = value::of(schema).unwrap();
    let mut make = || strategy.new_tree(&mut runner).unwrap().current();
    (0..300).map(|_| make()).collect()
}

#[track_caller]
fn all(schema: &Value, holds: impl Fn(&Value) -> bool) -> Vec<Value> {
    let values = values(schema);
    let wrong = values.iter().find(|value| !holds(value));
    assert_eq!(wrong, None, "of {schema}");
    values
}

fn has(values: &[Value], wanted: impl Into<Value>) -> bool {
    values.contains(&wanted.into())
}

#[test]
fn numbers_keep_their_bounds_and_reach_them() {
    let between = |low: i64, high: i64| {
        move |value: &Value| value.as_i64().is_some_and(|it| (low..=high).contains(&it))
    };
    let schema = json!({"type": "integer", "format": "int32", "minimum": 1.0, "maximum": 1000.0});
    let made = all(&schema, between(1, 1000));
    assert!(has(&made, 1) && has(&made, 1000) && made.len() > 5);
    let open = json!({"type": "integer", "minimum": 0, "exclusiveMinimum": true, "maximum": 3});
    assert!(has(&all(&open, between(1, 3)), 3));
    let steps = json!({"type": "integer", "minimum": 1, "maximum": 20, "multipleOf": 5});
    let made = all(&steps, |value| value.as_i64().unwrap() % 5 == 0);
    assert!(has(&made, 5) && has(&made, 20) && !has(&made, 0));
    let whole = json!({"type": "integer", "format": "uint64"});
    assert!(has(&all(&whole, between(0, i64::MAX)), i64::MAX));
    let fraction = json!({"type": "number", "minimum": 0.0, "maximum": 2.0});
    all(&fraction, |value| {
        (0.0..=2.0).contains(&value.as_f64().unwrap())
    });
}

#[test]
fn texts_have_the_length_the_pattern_and_the_format_that_they_must_have() {
    let length = |value: &Value| value.as_str().unwrap().chars().count();
    let short = json!({"type": "string", "minLength": 2, "maxLength": 4});
    let made = all(&short, |value| (2..=4).contains(&length(value)));
    assert!(made.iter().any(|value| !value.as_str().unwrap().is_ascii()));
    assert!(has(&values(&json!({"type": "string"})), ""));
    let size = json!({"type": "string", "pattern": r"^\d{1,2}x[1-9]\d*$", "maxLength": 6});
    all(&size, |value| {
        let (width, height) = value.as_str().unwrap().split_once('x').unwrap();
        let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        number(width) && number(height) && length(value) <= 6
    });
    let moment = json!({"type": "string", "format": "date-time"});
    all(&moment, |value| {
        serde_json::from_value::<k8s_openapi::apimachinery::pkg::apis::meta::v1::Time>(
            value.clone(),
        )
        .is_ok()
    });
    let bytes = json!({"type": "string", "format": "byte"});
    all(&bytes, |value| {
        serde_json::from_value::<k8s_openapi::ByteString>(value.clone()).is_ok()
    });
}

#[test]
fn choices_are_all_made() {
    let made = values(&json!({"type": "string", "enum": ["A", "B"], "nullable": true}));
    assert!(has(&made, "A") && has(&made, "B") && has(&made, Value::Null));
    let made = values(&json!({"x-kubernetes-int-or-string": true}));
    assert!(made.iter().any(Value::is_string) && made.iter().any(Value::is_number));
    let either = json!({
        "type": "object",
        "properties": {"a": {"type": "boolean"}, "b": {"type": "boolean"}, "c": {"type": "boolean"}},
        "oneOf": [{"required": ["a"]}, {"required": ["b"]}]});
    let made = all(&either, |value| {
        value.get("a").is_some() != value.get("b").is_some()
    });
    assert!(made.iter().any(|value| value.get("a").is_some()));
    assert!(made.iter().any(|value| value.get("b").is_some()));
    assert!(made.iter().any(|value| value.get("c").is_some()));
    let tagged = json!({
        "type": "object", "properties": {"type": {"type": "string"}},
        "oneOf": [{"properties": {"type": {"enum": ["S"]}}, "required": ["type"]}]});
    all(&tagged, |value| value["type"] == "S");
}

#[test]
fn what_is_required_is_there_and_what_is_not_comes_and_goes() {
    let schema = json!({
        "type": "object", "required": ["a"],
        "properties": {"a": {"type": "boolean"}, "b": {"type": "boolean"}}});
    let made = all(&schema, |value| value["a"].is_boolean());
    let with: BTreeSet<bool> = made.iter().map(|value| value.get("b").is_some()).collect();
    assert_eq!(with.len(), 2);
    let map =
        json!({"type": "object", "additionalProperties": {"type": "integer"}, "minProperties": 1});
    all(&map, |value| {
        value.as_object().is_some_and(|map| !map.is_empty())
    });
    let any = json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true});
    assert!(
        values(&any)
            .iter()
            .any(|value| value.as_object().unwrap().len() > 1)
    );
}

#[test]
fn items_differ_where_they_must() {
    let differ = |value: &Value, key: Option<&str>| {
        let items = value.as_array().unwrap().iter();
        let texts = items.map(|item| key.map_or(item, |key| &item[key]).to_string());
        let texts: Vec<String> = texts.collect();
        texts.iter().collect::<BTreeSet<_>>().len() == texts.len()
    };
    let item = json!({"type": "boolean"});
    let set =
        json!({"type": "array", "items": item, "minItems": 1, "x-kubernetes-list-type": "set"});
    all(&set, |value| {
        differ(value, None) && !value.as_array().unwrap().is_empty()
    });
    let entry = json!({"type": "object", "required": ["k"], "properties": {
        "k": {"type": "boolean"}, "v": {"type": "integer"}}});
    let map = json!({"type": "array", "items": entry,
        "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["k"]});
    let made = all(&map, |value| differ(value, Some("k")));
    assert!(
        made.iter()
            .any(|value| value.as_array().unwrap().len() == 2)
    );
    let few = json!({"type": "array", "items": {"type": "integer"}, "maxItems": 2});
    all(&few, |value| value.as_array().unwrap().len() <= 2);
}

#[test]
fn a_pattern_of_which_nothing_can_be_made_is_named() {
    let error = value::of(&json!({"type": "string", "pattern": "(?=a)"})).unwrap_err();
    assert!(error.to_string().contains("`(?=a)`"), "{error}");
}

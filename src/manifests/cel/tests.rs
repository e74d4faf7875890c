use serde_json::json;

use super::*;

fn spec() -> Value {
    let string = json!({"type": "string"});
    let item =
        json!({"type": "object", "properties": {"name": string, "port": {"type": "integer"}}});
    json!({"type": "object", "properties": {
        "replicas": {"type": "integer"}, "name": string, "short": {"type": "string", "maxLength": 9},
        "namespace": string, "a-b": string,
        "list": {"type": "array", "items": item},
        "few": {"type": "array", "items": item, "maxItems": 4},
        "map": {"type": "object", "additionalProperties": string},
        "any": {"type": "object", "x-kubernetes-preserve-unknown-fields": true},
        "size": {"x-kubernetes-int-or-string": true},
    }})
}

fn found(mut spec: Value, pointer: &str, rule: &str) -> Vec<(Option<Lint>, String)> {
    let at = spec.pointer_mut(pointer).unwrap();
    at["x-kubernetes-validations"] = json!([{"rule": rule}]);
    let schema = json!({"type": "object", "properties": {"spec": spec}});
    let version = json!({"name": "v1", "schema": {"openAPIV3Schema": schema}});
    let problems = problems(&json!({}), &version).into_iter();
    problems
        .map(|problem| (problem.lint, problem.message))
        .collect()
}

fn check(rule: &str, lint: Option<Lint>, expected: &[&str]) {
    let expected: Vec<_> = expected
        .iter()
        .map(|it| (lint, format!("the rule `{rule}` of `v1.spec` {it}")))
        .collect();
    assert_eq!(found(spec(), "", rule), expected);
}

#[test]
fn good_rules_are_let_be() {
    for rule in [
        "self.replicas > 0 && has(self.name)",
        "self == oldSelf",
        "self.few.all(i, i.port > 0 && i.name.startsWith('a'))",
        "self.few.exists(i, self.few.exists(j, i.name == j.name))",
        "self.__namespace__ == self.a__dash__b && self.namespace == ''",
        "self.any.what.ever == 1 && self.size.x == 1",
        "self.map['a'] == self.map.b",
        "sets.contains([self.replicas], [1]) && type(self.replicas) == int",
        "self.name.matches('^a+$')",
        "self.few.filter(i, i.port > 1).map(i, i.name)[0].size() == 1",
        "self.few.all(n, i, i.port > n)",
        "self.?name.orValue('') == ''",
    ] {
        check(rule, None, &[]);
    }
}

#[test]
fn a_rule_that_is_no_cel_is_refused() {
    check(
        "self.replicas > ",
        None,
        &["is no CEL: expected a value, found the end, after `self.replicas > `"],
    );
    let spec = json!({"type": "object", "x-kubernetes-validations": [{"rule": "true", "messageExpression": "'a"}]});
    let schema = json!({"type": "object", "properties": {"spec": spec}});
    let version = json!({"name": "v1", "schema": {"openAPIV3Schema": schema}});
    let said = &problems(&json!({}), &version)[0].message;
    assert!(
        said.starts_with("the message expression `'a` of `v1.spec` is no CEL"),
        "{said}"
    );
}

#[test]
fn a_rule_that_asks_for_what_is_not_there_is_refused() {
    let no_field = |rule: &str, what: &str| {
        check(
            rule,
            None,
            &[&format!("asks for `{what}`, and there is no such field")],
        );
    };
    no_field("self.replica > 1", "self.replica");
    no_field("has(self.replica)", "self.replica");
    no_field("self.few.all(i, i.prt > 1)", "i.prt");
    no_field("self.few.port == 1", "self.few.port");
    no_field("self.name.x == 1", "self.name.x");
    check(
        "slef.replicas > 1",
        None,
        &["names `slef`, which is nothing here"],
    );
    check(
        "self.few.all(i, j.port > 1)",
        None,
        &["names `j`, which is nothing here"],
    );
}

#[test]
fn what_runs_over_anything_without_a_limit_is_named() {
    let unbounded = Some(Lint::UnboundedRule);
    check(
        "self.list.all(i, i.port > 1)",
        unbounded,
        &["runs over `self.list`, which has no `maxItems`"],
    );
    check(
        "self.map.all(k, k != '')",
        unbounded,
        &["runs over `self.map`, which has no `maxProperties`"],
    );
    check(
        "self.few.all(i, i.name.contains('a'))",
        unbounded,
        &["runs over `i.name`, which has no `maxLength`"],
    );
}

#[test]
fn what_is_beyond_the_limit_however_it_is_counted_is_refused() {
    let rule = "self.list.all(i, self.list.exists(j, i.name == j.name))";
    let said = found(spec(), "", rule);
    let refused: Vec<_> = said.iter().filter(|(lint, _)| lint.is_none()).collect();
    assert_eq!(refused.len(), 1, "{said:?}");
    assert!(
        refused[0]
            .1
            .contains("times what the API server allows, which is 10000000"),
        "{said:?}"
    );
    // A rule of each item of a list counts for each.
    let item = found(
        spec(),
        "/properties/list/items",
        "self.name.size() + self.port + self.port + self.port + self.port + self.port + self.port + self.port + self.port + self.port > 1",
    );
    assert_eq!(item.len(), 1, "{item:?}");
    assert_eq!(found(spec(), "/properties/few/items", "self.port > 1"), []);
}

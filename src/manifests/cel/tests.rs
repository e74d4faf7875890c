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
        "self.?replicas.optMap(r, r <= self.few.size()).orValue(true)",
        "self.?name.optFlatMap(n, optional.of(n.contains('a'))).orValue(true)",
    ] {
        check(rule, None, &[]);
    }
}

/// Those of <https://kubernetes.io/docs/reference/using-api/cel/> and of its libraries.
const TAKEN: [&str; 22] = [
    "self.minReplicas <= self.replicas && self.replicas <= self.maxReplicas",
    "'Available' in self.stateCounts",
    "(self.list1.size() == 0) != (self.list2.size() == 0)",
    "self.envars.filter(e, e.name == 'MY_ENV').all(e, e.value.matches('^[a-zA-Z]*$'))",
    "has(self.expired) && self.created + self.ttl < self.expired",
    "self.health.startsWith('ok')",
    "self.widgets.exists(w, w.key == 'x' && w.foo < 10)",
    "type(self) == string ? self == '99%' : self == 42",
    "self.metadata.name == 'singleton'",
    "self.set1.all(e, !(e in self.set2))",
    "self.names.isSorted() && [1, 2, 3,][0] == 1 && {'a': 1,}['a'] == -1",
    "self.?a.orValue('') == \"\" && self.map[?'k'].hasValue()",
    "self.all(i, v, v > i) && self.map(x, x > 1, x * 2).exists_one(y, y == 4u)",
    "quantity(self.a).isLessThan(quantity('1Gi')) && ip.isCanonical('::1')",
    "self.__namespace__ != self.`a-b` || r'\\d' == 'a\\n' // why",
    "!!self.a || --1 == 1 || .self.b",
    "optional.of(1).optMap(v, v + 1) == optional.none()",
    "optional.of(1).optFlatMap(v, optional.of(v)).hasValue()",
    "self.?minReplicas.optMap(m, m <= self.maxReplicas).orValue(true)",
    "self.stateCounts.transformMap(k, v, k != '', v + 1).size() == 1",
    "google.protobuf.Struct{} == {}",
    "self.namespace == ''",
];

/// An object with all that [`TAKEN`] asks for.
fn taken_schema() -> Value {
    let of = |kind: &str| json!({"type": kind});
    let list = |items: &Value| json!({"type": "array", "items": items});
    let strings = list(&of("string"));
    let counts = json!({"type": "object", "additionalProperties": of("integer")});
    let pair = |[first, second]: [&str; 2]| {
        list(&json!({"type": "object", "properties": {first: of("string"), second: of("integer")}}))
    };
    json!({"type": "object", "properties": {
        "minReplicas": of("integer"), "replicas": of("integer"), "maxReplicas": of("integer"),
        "stateCounts": counts, "map": counts, "list1": strings, "list2": strings, "set1": strings,
        "set2": strings, "names": strings, "envars": pair(["name", "value"]),
        "widgets": pair(["key", "foo"]), "expired": of("string"), "created": of("string"),
        "ttl": of("string"), "health": of("string"), "a": of("string"), "b": of("boolean"),
        "a-b": of("string"), "namespace": of("string"),
    }})
}

#[test]
fn rules_that_kubernetes_takes_are_read_and_without_fault() {
    let schema = taken_schema();
    let judged = Judged {
        schema: &schema,
        is_root: true,
        is_old_optional: false,
        is_repeated: false,
    };
    for rule in TAKEN {
        let read = parse::parse(rule);
        let faults = read.map(|read| scope::judge(&read, &judged).faults);
        assert!(
            matches!(&faults, Ok(none) if none.is_empty()),
            "{rule}: {faults:?}"
        );
    }
}

#[test]
fn an_optional_value_is_known_under_its_name() {
    check(
        "self.?few.optMap(f, f.all(i, i.prt > 1)).orValue(true)",
        None,
        &["asks for `i.prt`, and there is no such field"],
    );
    check(
        "self.?list.optMap(l, l.all(i, i.port > 1)).orValue(true)",
        Some(Lint::UnboundedRule),
        &["runs over `l`, which has no `maxItems`"],
    );
    check(
        "self.?name.optMap(n, m != '').orValue(true)",
        None,
        &["names `m`, which is nothing here"],
    );
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
    // An item of two bytes at least, and 28 units for each.
    let conditions = ["i.port + i.port + i.port > 1"; 3].join(" && ");
    let said = found(spec(), "", &format!("self.list.all(i, {conditions})"));
    assert!(said.iter().any(|(lint, _)| lint.is_none()), "{said:?}");
    // A rule of each item of a list counts for each.
    let item = found(
        spec(),
        "/properties/list/items",
        "self.name.size() + self.port + self.port + self.port + self.port + self.port + self.port + self.port + self.port + self.port > 1",
    );
    assert_eq!(item.len(), 1, "{item:?}");
    assert_eq!(found(spec(), "/properties/few/items", "self.port > 1"), []);
}

/// What the API server takes; the costs are those of cel-go
/// (<https://github.com/google/cel-go/blob/v0.26.0/checker/cost.go>).
#[test]
fn what_costs_the_server_nothing_counts_nothing() {
    let fields = ["a", "b", "c", "d", "e"];
    let string = json!({"type": "string"});
    let mut item = json!({"type": "object", "properties": {}});
    for field in fields {
        item["properties"][field] = string.clone();
    }
    let mut spec = json!({"type": "object", "properties": {"items": {"type": "array"}}});
    spec["properties"]["items"]["items"] = item;
    let let_be = |test: &str, between: &str| {
        let rule = fields.map(|field| test.replace('?', field)).join(between);
        let found = found(spec.clone(), "", &format!("self.items.all(x, {rule})"));
        let lints: Vec<_> = found.iter().map(|(lint, _)| *lint).collect();
        assert_eq!(lints, [Some(Lint::UnboundedRule)], "{found:?}");
    };
    let_be("has(x.?)", "&&");
    let_be("has(x.?)", " || ");
    let_be("!!(x.? == '')", "||");
}

#[test]
fn a_date_and_a_duration_have_their_own_smallest_size() {
    // 90 units for each item, and the longer a date is, the fewer items a request holds.
    let rule = ["self.d != self.d"; 18].join(" || ");
    let refused = |format: &str| {
        let field = json!({"type": "string", "format": format});
        let item = json!({"type": "object", "required": ["d"], "properties": {"d": field}});
        let spec =
            json!({"type": "object", "properties": {"list": {"type": "array", "items": item}}});
        found(spec, "/properties/list/items", &rule).len()
    };
    assert_eq!(refused("uuid"), 1);
    assert_eq!(refused("date"), 0);
}

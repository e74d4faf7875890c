//! What rustop refuses in a CRD, an API server refuses; what that takes, rustop
//! takes. Without a project: one schema a row.

use rustop::manifests::{CrdOptions, crd_files, examine};
use serde_json::{Value, json};

use super::cluster::Cluster;
use crate::sandbox::slow;

const CREATE: &str = "create --dry-run=server --validate=strict -f -";

/// A CRD whose spec has this schema, and what else its version says.
fn crd(spec: &Value, more: &Value) -> Value {
    let status = json!({"type": "object", "properties": {"replicas": {"type": "integer"}}});
    let schema = json!({"type": "object", "properties": {"spec": spec, "status": status}});
    let mut version = json!({"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": schema}});
    for (key, value) in more.as_object().unwrap() {
        version[key] = value.clone();
    }
    json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "things.example.com"},
        "spec": {
            "group": "example.com", "scope": "Namespaced", "versions": [version],
            "names": {"kind": "Thing", "plural": "things", "singular": "thing", "listKind": "ThingList"},
        },
    })
}

/// What rustop says, of what no API server takes.
fn ours(crd: &Value) -> Vec<String> {
    let mut problems = match crd_files(crd, CrdOptions::default()) {
        Ok(_) => Vec::new(),
        Err(problems) => problems,
    };
    problems.extend(
        examine(crd)
            .into_iter()
            .filter(|problem| problem.lint.is_none()),
    );
    problems
        .into_iter()
        .map(|problem| problem.message)
        .collect()
}

fn held(of: &Value) -> Value {
    json!({"type": "object", "properties": {
        "a": of, "color": {"type": "string"}, "count": {"type": "integer"},
        "map": {"type": "object", "additionalProperties": {"type": "string"}},
    }})
}

fn with(kind: &str, key: &str, value: &Value) -> Value {
    let mut schema = json!({"type": kind});
    schema[key] = value.clone();
    schema
}

fn item(required: &Value) -> Value {
    json!({"type": "object", "properties": {"k": {"type": "string"}, "n": {"type": "integer"}}, "required": required})
}

fn list(items: &Value, rules: &Value) -> Value {
    let mut list = json!({"type": "array", "items": items});
    for (key, value) in rules.as_object().unwrap() {
        list[key] = value.clone();
    }
    list
}

fn rule(mut schema: Value, rule: &str) -> Value {
    schema["x-kubernetes-validations"] = json!([{"rule": rule}]);
    schema
}

fn keyed(keys: &[&str]) -> Value {
    json!({"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": keys})
}

fn refused() -> Vec<Value> {
    let string = json!({"type": "string"});
    let set = json!({"x-kubernetes-list-type": "set"});
    vec![
        json!({}),
        json!({"type": "array"}),
        json!({"type": "array", "items": {}}),
        json!({"type": "object", "properties": {"b": {}}}),
        json!({"type": "object", "additionalProperties": {}}),
        json!({"type": "object", "properties": {"b": string}, "additionalProperties": string}),
        json!({"type": "object", "properties": {"b": string}, "additionalProperties": false}),
        with("array", "uniqueItems", &json!(true)),
        with(
            "object",
            "x-kubernetes-preserve-unknown-fields",
            &json!(false),
        ),
        with("string", "x-kubernetes-list-type", &json!("set")),
        with("string", "x-kubernetes-map-type", &json!("atomic")),
        with("object", "x-kubernetes-map-type", &json!("set")),
        with("string", "x-kubernetes-embedded-resource", &json!(true)),
        with("object", "x-kubernetes-embedded-resource", &json!(true)),
        with("string", "allOf", &json!([{"type": "string"}])),
        with("string", "anyOf", &json!([{"description": "a"}])),
        with("string", "oneOf", &json!([{"default": "a"}])),
        with("string", "not", &json!({"nullable": true})),
        with("string", "anyOf", &json!([{"title": "a"}])),
        list(&string, &json!({"x-kubernetes-list-type": "bag"})),
        list(
            &item(&json!(["k"])),
            &json!({"x-kubernetes-list-type": "map"}),
        ),
        list(
            &item(&json!(["k"])),
            &json!({"x-kubernetes-list-map-keys": ["k"]}),
        ),
        list(&item(&json!(["k"])), &keyed(&["b"])),
        list(&item(&json!([])), &keyed(&["k"])),
        list(&string, &keyed(&["k"])),
        list(&item(&json!([])), &set),
        with("string", "pattern", &json!("a(?=b)")),
        with("string", "default", &json!(1)),
        json!({"type": "integer", "minimum": 1, "default": 0}),
        json!({"type": "string", "enum": ["a"], "default": "b"}),
        json!({"type": "string", "maxLength": 1, "default": "ab"}),
        json!({"type": "object", "properties": {"b": string}, "default": {"b": 1}}),
        rule(string.clone(), "self <"),
        rule(string.clone(), "'a"),
        rule(string.clone(), "self == \"\\d\""),
        rule(string.clone(), "slef == ''"),
        rule(string.clone(), "self = ''"),
        rule(string.clone(), "self & true"),
        rule(string.clone(), "for == ''"),
        rule(string.clone(), "self.b == ''"),
        rule(string.clone(), "has(self)"),
        rule(item(&json!([])), "self.b == 1"),
        rule(item(&json!([])), "has(self.b)"),
        rule(list(&string, &json!({})), "self.all(x.y, true)"),
        rule(list(&string, &json!({})), "self.b == 1"),
        rule(list(&item(&json!([])), &json!({})), "self.all(x, x.b == 1)"),
        rule(list(&string, &json!({})), "self.all(x, y == '')"),
        rule(
            list(&string, &json!({})),
            "self.all(x, self.exists(y, x == y))",
        ),
        rule(
            list(&item(&json!([])), &json!({"maxItems": 9})),
            "self.all(x, x.k == '' && z)",
        ),
        list(
            &rule(
                string.clone(),
                &format!("self.size() > {}1", "self.size() + ".repeat(30)),
            ),
            &json!({}),
        ),
        json!({"type": "object", "x-kubernetes-validations": [{"rule": "true", "messageExpression": "'a"}]}),
    ]
}

fn taken() -> Vec<Value> {
    let string = json!({"type": "string"});
    vec![
        json!({"x-kubernetes-int-or-string": true, "default": 80}),
        json!({"x-kubernetes-int-or-string": true, "anyOf": [{"type": "integer"}, {"type": "string"}]}),
        json!({"x-kubernetes-preserve-unknown-fields": true}),
        json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true, "x-kubernetes-embedded-resource": true}),
        json!({"type": "object", "additionalProperties": true}),
        with("string", "x-kubernetes-int-or-string", &json!(true)),
        json!({"type": "object", "additionalProperties": false}),
        json!({"type": "object", "anyOf": [{"properties": {"b": {"minLength": 1}}}]}),
        list(&item(&json!(["k"])), &keyed(&["k"])),
        list(&item(&json!(["k", "n"])), &keyed(&["k", "n"])),
        list(
            &json!({"type": "object", "properties": {"k": {"type": "string", "default": "a"}}}),
            &keyed(&["k"]),
        ),
        list(&string, &json!({"x-kubernetes-list-type": "set"})),
        list(
            &with("object", "x-kubernetes-map-type", &json!("atomic")),
            &json!({"x-kubernetes-list-type": "set"}),
        ),
        list(
            &item(&json!([])),
            &json!({"x-kubernetes-list-type": "atomic"}),
        ),
        with(
            "object",
            "anyOf",
            &json!([{"required": ["b"]}, {"not": {"required": ["c"]}}]),
        ),
        json!({"type": "string", "nullable": true, "default": null}),
        json!({"type": "number", "default": 1, "maximum": 1.5}),
    ]
}

fn taken_rules() -> Vec<Value> {
    let string = json!({"type": "string"});
    let few = json!({"maxItems": 4});
    vec![
        rule(string.clone(), "self == oldSelf"),
        rule(
            string.clone(),
            "!self.startsWith('a') || self.matches(r'^\\d+$')",
        ),
        rule(
            string.clone(),
            "type(self) == string && 0x1f == 31 && 1.5e1 > .5 && 2u == 2u && b'a' == b'a'",
        ),
        rule(
            string.clone(),
            "self in ['a', 'b',] && {'a': [1]}['a'][0] == 1 // why",
        ),
        rule(
            string.clone(),
            "self == 'a' ? true : (self.size() > -1 ? !false : false)",
        ),
        rule(
            string.clone(),
            "\"\"\"a\"b\"\"\" == 'a\"b' && '\\u00e4' == 'ä' && r'\\' == '\\\\'",
        ),
        rule(
            string.clone(),
            "duration('1h') > duration('1s') && timestamp('2026-01-01T00:00:00Z') > timestamp(0)",
        ),
        rule(
            string.clone(),
            "quantity('1Gi').isGreaterThan(quantity('1Mi')) && url('https://a.b').getHost() == 'a.b'",
        ),
        rule(
            string.clone(),
            "optional.of(1).orValue(2) == 1 && optional.none().orValue(1) == 1",
        ),
        rule(
            string.clone(),
            "sets.contains([1], [1]) && isQuantity('1') && ip('::1').family() == 6",
        ),
        rule(
            item(&json!([])),
            "self.?k.orValue('') == '' && has(self.n) && self == oldSelf",
        ),
        rule(
            list(&item(&json!([])), &few),
            "self.filter(x, has(x.n)).map(x, x.n).all(n, n > 0)",
        ),
        rule(
            list(&item(&json!([])), &few),
            "self.all(i, x, i >= 0 && has(x.k)) && self.exists_one(x, has(x.n))",
        ),
        rule(
            list(&item(&json!([])), &few),
            "self.map(x, has(x.n), x.n).sum() > 0 && self[0].n == 1",
        ),
        rule(
            list(&json!({"type": "integer"}), &few),
            "self.isSorted() && self.transformList(i, v, i + v).size() > 0",
        ),
        rule(
            json!({"type": "object", "additionalProperties": string, "maxProperties": 4}),
            "self.all(k, self[k] != '') && self.exists(k, v, k == v)",
        ),
        rule(
            json!({"type": "object", "properties": {"a-b": string, "in": string, "x.y": string, "a__b": string}}),
            "has(self.a__dash__b) && has(self.__in__) && has(self.x__dot__y) && has(self.a__underscores__b)",
        ),
        rule(
            json!({"x-kubernetes-int-or-string": true}),
            "type(self) == int ? self < 1 : self == 'a'",
        ),
    ]
}

/// Print columns, selectable fields and scale, beside a good schema: whether they are refused.
fn around() -> Vec<(bool, Value)> {
    let column = |kind: &str, path: &str| json!({"additionalPrinterColumns": [{"name": "A", "type": kind, "jsonPath": path}]});
    let field = |path: &str| json!({"selectableFields": [{"jsonPath": path}]});
    let scale = |spec: &str, status: &str| json!({"subresources": {"status": {}, "scale": {"specReplicasPath": spec, "statusReplicasPath": status}}});
    vec![
        (false, column("string", ".spec.color")),
        (false, column("string", ".spec.map['a.b']")),
        (false, column("string", r".metadata.labels.a\.b/c")),
        (
            false,
            column("date", ".status.conditions[?(@.type=='Ready')].status"),
        ),
        (true, column("text", ".spec.color")),
        (false, column("string", ".spec.color[")),
        (true, column("string", "spec.color")),
        (false, field(".spec.color")),
        (false, field(".spec.count")),
        (true, field(".spec.colour")),
        (true, field(".spec.map")),
        (true, field(".spec.a[0]")),
        (true, field(".metadata.name")),
        (false, scale(".spec.count", ".status.replicas")),
        (true, scale(".status.replicas", ".status.replicas")),
        (false, scale(".spec.a[0]", ".status.replicas")),
    ]
}

#[test]
fn rustop_and_an_api_server_judge_alike() {
    if !slow("schemas") {
        return;
    }
    let cluster = Cluster::start();
    let none = json!({});
    let spec = held(&json!({"type": "array", "items": {"type": "string"}}));
    let mut rows: Vec<(bool, Value)> = Vec::new();
    rows.extend(
        refused()
            .iter()
            .map(|schema| (true, crd(&held(schema), &none))),
    );
    rows.extend(
        taken()
            .iter()
            .chain(&taken_rules())
            .map(|schema| (false, crd(&held(schema), &none))),
    );
    rows.extend(
        around()
            .iter()
            .map(|(refused, more)| (*refused, crd(&spec, more))),
    );
    let mut differing = Vec::new();
    for (refused, crd) in rows {
        let said = ours(&crd);
        let verdict = cluster.kubectl(CREATE, &crd.to_string());
        let verdict = if verdict.code == 0 {
            String::new()
        } else {
            verdict.stderr
        };
        if said.is_empty() == refused || verdict.is_empty() == refused {
            let row = &crd["spec"]["versions"][0];
            differing.push(format!(
                "{row}\n  wanted refused: {refused}\n  rustop: {said:?}\n  server: {verdict}"
            ));
        }
    }
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

/// The server takes both, and serves one of them.
#[test]
fn an_api_server_serves_one_of_two_kinds_that_share_a_name() {
    if !slow("shared names") {
        return;
    }
    let cluster = Cluster::start();
    let first = crd(&json!({"type": "object"}), &json!({}));
    let mut second = first.clone();
    second["metadata"]["name"] = json!("others.example.com");
    second["spec"]["names"] = json!({"kind": "Other", "plural": "others", "singular": "other",
        "listKind": "OtherList", "shortNames": ["thing"]});
    let list = json!({"items": [first, second]});
    let said = examine(&list);
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(
        said[0]
            .message
            .contains("the name `thing` is `Thing`'s already"),
        "{said:?}"
    );
    let accepted = |crd: &Value, status: &str| {
        let name = crd["metadata"]["name"].as_str().unwrap();
        cluster.silent("create -f -", &crd.to_string(), name);
        let wait = format!("wait --for=condition=NamesAccepted={status} --timeout=30s crd/{name}");
        cluster.silent(&wait, "", name);
    };
    accepted(&first, "True");
    accepted(&second, "False");
}

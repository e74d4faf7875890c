//! What rustop takes of a webhook marker an API server takes, and what rustop alone refuses it refuses: each value of
//! [`FIELDS`], which the test against controller-gen has too, and each of [`PATCHES`].

use rustop::manifests::webhook::derive;
use rustop::tree::RelativePath;
use serde_json::{Value, json};

use super::cluster::{Cluster, documents};
use crate::names::webhooks;
use crate::sandbox::{Run, Sandbox, slow};
use fields::FIELDS;

#[path = "../../controller_gen/fields.rs"]
mod fields;

const GOOD: &str = "mutating=true,failurePolicy=fail,matchPolicy=exact,sideEffects=None,timeoutSeconds=5,groups=core;apps,\
    resources=pods;deployments/status,verbs=create;update,versions=v1,name=a.example.com,admissionReviewVersions=v1,\
    reinvocationPolicy=IfNeeded,patch=`{\"objectSelector\": {\"matchLabels\": {\"a\": \"b\"}}}`";
const DRY_RUN: &str = "create --dry-run=server --validate=strict -f -";

/// What `patch` may say, and whether it is taken.
const PATCHES: [(bool, &str); 29] = [
    (true, r#"{"failurePolicy": null}"#),
    (true, r#"{"name": "b.example.com"}"#),
    (
        true,
        r#"{"namespaceSelector": {"matchExpressions": [{"key": "a.b/c", "operator": "NotIn", "values": ["", "d"]}]}}"#,
    ),
    (
        true,
        r#"{"namespaceSelector": {"matchExpressions": [{"key": "a", "operator": "Exists"}]}}"#,
    ),
    (
        true,
        r#"{"matchConditions": [{"name": "a.b/c", "expression": "has(object.metadata) && request.name != 'a'"}]}"#,
    ),
    (true, r#"{"matchConditions": []}"#),
    (
        true,
        r#"{"rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["*"], "resources": ["pods"], "scope": "Namespaced"}]}"#,
    ),
    (
        false,
        r#"{"rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["*"], "resources": ["pods"], "scope": "namespaced"}]}"#,
    ),
    (false, r#"{"rules": [{"apiGroups": [""]}]}"#),
    (
        false,
        r#"{"rules": [{"apiGroup": [""], "apiVersions": ["v1"], "operations": ["*"], "resources": ["pods"]}]}"#,
    ),
    (false, r#"{"name": "b"}"#),
    (false, r#"{"name": null}"#),
    (false, r#"{"sideEffects": null}"#),
    (false, r#"{"sideEffects": "Some"}"#),
    (false, r#"{"failurePolicy": "fail"}"#),
    (false, r#"{"timeoutSeconds": "5"}"#),
    (false, r#"{"timeoutSeconds": 31}"#),
    (false, r#"{"timeoutSeconds": 5.5}"#),
    (false, r#"{"admissionReviewVersions": null}"#),
    (false, r#"{"objectSelectors": {}}"#),
    (
        false,
        r#"{"namespaceSelector": {"matchLabel": {"a": "b"}}}"#,
    ),
    (
        false,
        r#"{"namespaceSelector": {"matchLabels": {"a b": "c"}}}"#,
    ),
    (
        false,
        r#"{"namespaceSelector": {"matchLabels": {"a": "-c"}}}"#,
    ),
    (
        false,
        r#"{"namespaceSelector": {"matchExpressions": [{"key": "a", "operator": "In"}]}}"#,
    ),
    (
        false,
        r#"{"namespaceSelector": {"matchExpressions": [{"key": "a", "operator": "Is", "values": ["b"]}]}}"#,
    ),
    (false, r#"{"matchConditions": [{"name": "a"}]}"#),
    (
        false,
        r#"{"matchConditions": [{"name": "a b", "expression": "true"}]}"#,
    ),
    (
        false,
        r#"{"matchConditions": [{"name": "a", "expression": "true"}, {"name": "a", "expression": "true"}]}"#,
    ),
    (
        false,
        r#"{"matchConditions": [{"name": "a", "expression": "object.metadata.name = 'a'"}]}"#,
    ),
];

fn derived(marker: &str) -> Result<String, String> {
    let path = RelativePath::new("src/a.rs").unwrap();
    let source = format!("// +rustop:webhook:{marker}");
    match derive(&[(path, source)]) {
        Ok(text) => Ok(text.unwrap()),
        Err(problems) => Err(problems[0].to_string()),
    }
}

#[test]
fn an_api_server_takes_what_rustop_takes_and_refuses_what_it_refuses() {
    if !slow("a real API server") {
        return;
    }
    let cluster = Cluster::start();
    let good = documents(&derived(&format!("{GOOD},path=/a")).unwrap())
        .pop()
        .unwrap();
    for values in FIELDS {
        let path = if values.field == "url" {
            ""
        } else {
            "path=/a,"
        };
        for value in values.taken {
            let marker = format!("{GOOD},{path}{}={value}", values.field);
            cluster.silent(DRY_RUN, &derived(&marker).unwrap(), &marker);
        }
        for value in values.unreadable {
            assert!(derived(&format!("{GOOD},{}={value}", values.field)).is_err());
        }
        for value in values.refused {
            let marker = format!("{GOOD},{path}{}={value}", values.field);
            assert!(derived(&marker).is_err(), "{marker}");
            let mut document = good.clone();
            set(&mut document["webhooks"][0], values.field, value);
            refused(&cluster, &document, &marker);
        }
    }
    for (taken, patch) in PATCHES {
        let ours = derived(&format!("{GOOD},path=/a,patch=`{patch}`"));
        assert_eq!(ours.is_ok(), taken, "{patch}: {ours:?}");
        let mut document = good.clone();
        lay_over(&mut document["webhooks"][0], patch);
        match taken {
            true => drop(cluster.silent(DRY_RUN, &ours.unwrap(), patch)),
            false => refused(&cluster, &document, patch),
        }
    }
    let mut twice = good;
    let entry = twice["webhooks"][0].clone();
    twice["webhooks"].as_array_mut().unwrap().push(entry);
    refused(&cluster, &twice, "twice");
    twice["webhooks"] = json!([]);
    twice["metadata"]["name"] = json!("A");
    refused(&cluster, &twice, "webhookconfiguration name=A");
}

/// rustop reads CEL, and knows neither types nor functions; and its roles are shown as well.
#[test]
fn a_server_is_asked_about_roles_and_webhooks_too() {
    if !slow("manifests --server") {
        return;
    }
    let cluster = Cluster::start();
    let sandbox = Sandbox::project();
    let condition = r#"{"matchConditions": [{"name": "a", "expression": "object.sizee() > 1"}]}"#;
    let webhook = format!("// +rustop:webhook:{GOOD},path=/a\n");
    let role = "// +rustop:rbac:groups=core,resources=pods,verbs=get,namespace=elsewhere\n";
    let ask = |source: String, server: &str| {
        sandbox.write("src/guard.rs", source);
        let mut command = sandbox.command(&format!("manifests {server}"));
        command.env("KUBECONFIG", cluster.kubeconfig_path());
        Run::of(command.output().unwrap())
    };
    for server in ["--server", "--server=local"] {
        let wrong = format!("// +rustop:webhook:{GOOD},path=/a,patch=`{condition}`\n{role}");
        let run = ask(wrong, server);
        assert_eq!(run.code, 1, "{}", run.stderr);
        for words in [
            "refuses the roles or the webhook configurations",
            "undeclared reference to 'sizee'",
        ] {
            assert!(run.stderr.contains(words), "{}", run.stderr);
        }
        let run = ask(format!("{webhook}{role}"), server);
        assert_eq!(run.code, 0, "{}", run.stderr);
    }
    let kept = cluster.silent(
        "get role,mutatingwebhookconfigurations -n default -o name",
        "",
        "kept",
    );
    assert_eq!(kept, "", "a dry run keeps nothing");
}

#[test]
fn an_api_server_takes_the_webhooks_of_every_name() {
    if !slow("a real API server") {
        return;
    }
    let text = webhooks().read("config/webhook/manifests.yaml");
    Cluster::start().silent(DRY_RUN, &text, "the scaffold");
}

#[track_caller]
fn refused(cluster: &Cluster, document: &Value, what: &str) {
    let run = cluster.kubectl(DRY_RUN, &document.to_string());
    assert_ne!(run.code, 0, "{what}: {document}");
    let reasons = [
        "webhooks[0]",
        "Duplicate value",
        "unknown field",
        "metadata.name",
        "unmarshal",
    ];
    let is_reason = reasons.iter().any(|reason| run.stderr.contains(reason));
    assert!(is_reason, "{what}: {}", run.stderr);
}

/// The value of a marker's field, put into an entry without rustop's reader.
fn set(entry: &mut Value, field: &str, value: &str) {
    let text = value.trim_matches('"');
    let list = || list(value);
    match field {
        "groups" => entry["rules"][0]["apiGroups"] = list(),
        "versions" => entry["rules"][0]["apiVersions"] = list(),
        "resources" => entry["rules"][0]["resources"] = list(),
        "verbs" => entry["rules"][0]["operations"] = list(),
        "admissionReviewVersions" => entry[field] = list(),
        "timeoutSeconds" => entry[field] = text.parse::<i64>().unwrap().into(),
        "servicePort" => {
            entry["clientConfig"]["service"]["port"] = text.parse::<i64>().unwrap().into();
        }
        "path" => entry["clientConfig"]["service"]["path"] = text.into(),
        "url" => entry["clientConfig"] = json!({ "url": text }),
        _ => entry[field] = text.into(),
    }
}

fn list(value: &str) -> Value {
    let items = value.trim_matches(['{', '}']);
    let items = items.split(';').filter(|item| !item.is_empty());
    items.map(|item| item.trim_matches('"')).collect()
}

fn lay_over(entry: &mut Value, patch: &str) {
    let patch: Value = serde_json::from_str(patch).unwrap();
    for (key, value) in patch.as_object().unwrap() {
        entry[key] = value.clone();
    }
}

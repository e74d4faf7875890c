//! What rustop alone refuses in a webhook marker, an API server refuses too; what it takes, the API server takes.

use rustop::manifests::webhook::derive;
use rustop::tree::RelativePath;
use serde_json::{Value, json};

use super::cluster::{Cluster, documents};
use crate::sandbox::slow;

const GOOD: &str = "mutating=true,failurePolicy=fail,matchPolicy=exact,sideEffects=None,timeoutSeconds=5,groups=core;apps,\
    resources=pods;deployments/status,verbs=create;update,versions=v1,name=a.example.com,admissionReviewVersions=v1,\
    reinvocationPolicy=IfNeeded,patch=`{\"objectSelector\": {\"matchLabels\": {\"a\": \"b\"}}}`";
const DRY_RUN: &str = "create --dry-run=server --validate=strict -f -";

/// What is refused, as a change to the entry that [`GOOD`] gives.
fn refused() -> Vec<(&'static str, Value)> {
    let service = |change: &Value| {
        let mut service = json!({"name": "webhook-service", "namespace": "system", "path": "/a"});
        for (key, value) in change.as_object().unwrap() {
            service[key] = value.clone();
        }
        json!({"service": service})
    };
    vec![
        ("name=a.b", json!({"name": "a.b"})),
        ("name=A.b.c", json!({"name": "A.b.c"})),
        ("failurePolicy=retry", json!({"failurePolicy": "retry"})),
        (
            "reinvocationPolicy=often",
            json!({"reinvocationPolicy": "often"}),
        ),
        ("matchPolicy=near", json!({"matchPolicy": "near"})),
        ("sideEffects=some", json!({"sideEffects": "Some"})),
        ("timeoutSeconds=31", json!({"timeoutSeconds": 31})),
        (
            "admissionReviewVersions=v2",
            json!({"admissionReviewVersions": ["v2"]}),
        ),
        ("verbs=get", rule(&json!({"operations": ["get"]}))),
        ("verbs={}", rule(&json!({"operations": []}))),
        (
            "verbs=*;create",
            rule(&json!({"operations": ["*", "CREATE"]})),
        ),
        ("groups={}", rule(&json!({"apiGroups": []}))),
        ("groups=*;apps", rule(&json!({"apiGroups": ["*", "apps"]}))),
        ("versions=\"\"", rule(&json!({"apiVersions": [""]}))),
        ("versions=*;v1", rule(&json!({"apiVersions": ["*", "v1"]}))),
        ("resources={}", rule(&json!({"resources": []}))),
        ("resources=\"\"", rule(&json!({"resources": [""]}))),
        (
            "path=a",
            json!({"clientConfig": service(&json!({"path": "a"}))}),
        ),
        (
            "path=/a//b",
            json!({"clientConfig": service(&json!({"path": "/a//b"}))}),
        ),
        (
            "servicePort=0",
            json!({"clientConfig": service(&json!({"port": 0}))}),
        ),
        (
            "servicePort=65536",
            json!({"clientConfig": service(&json!({"port": 65536}))}),
        ),
        (
            "path=\"\",url=\"http://a.b\"",
            json!({"clientConfig": {"url": "http://a.b"}}),
        ),
        (
            "path=\"\",url=\"https://u@a.b\"",
            json!({"clientConfig": {"url": "https://u@a.b"}}),
        ),
        (
            "path=\"\",url=\"https://a.b/?c\"",
            json!({"clientConfig": {"url": "https://a.b/?c"}}),
        ),
        (
            "path=\"\",url=\"https://a.b/#c\"",
            json!({"clientConfig": {"url": "https://a.b/#c"}}),
        ),
    ]
}

fn rule(change: &Value) -> Value {
    let mut rule = json!({
        "apiGroups": ["apps"], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"],
    });
    for (key, value) in change.as_object().unwrap() {
        rule[key] = value.clone();
    }
    json!({"rules": [rule]})
}

fn derived(marker: &str) -> Result<String, String> {
    let path = RelativePath::new("src/a.rs").unwrap();
    let source = format!("// +rustop:webhook:{marker}");
    match derive(&[(path, source)]) {
        Ok(text) => Ok(text.unwrap()),
        Err(problems) => Err(problems[0].to_string()),
    }
}

#[test]
fn an_api_server_refuses_what_rustop_refuses() {
    if !slow("a real API server") {
        return;
    }
    let cluster = Cluster::start();
    let good = derived(&format!("{GOOD},path=/a")).unwrap();
    cluster.silent(DRY_RUN, &good, "a good marker");
    let url = derived(&format!("{GOOD},url=\"https://a.b:9443/c\"")).unwrap();
    cluster.silent(DRY_RUN, &url, "a marker with a url");
    let good = documents(&good).pop().unwrap();
    for (marker, change) in refused() {
        let ours = derived(&format!("{GOOD},path=/a,{marker}"));
        assert!(ours.is_err(), "{marker}: {ours:?}");
        let mut document = good.clone();
        for (key, value) in change.as_object().unwrap() {
            document["webhooks"][0][key] = value.clone();
        }
        let run = cluster.kubectl(DRY_RUN, &document.to_string());
        assert_ne!(run.code, 0, "{marker}: {document}");
        assert!(
            run.stderr.contains("webhooks[0]"),
            "{marker}: {}",
            run.stderr
        );
    }
    let mut twice = good;
    let entry = twice["webhooks"][0].clone();
    twice["webhooks"].as_array_mut().unwrap().push(entry);
    let run = cluster.kubectl(DRY_RUN, &twice.to_string());
    assert!(run.stderr.contains("Duplicate value"), "{}", run.stderr);
}

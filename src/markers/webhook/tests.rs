use super::*;
use crate::tree::RelativePath;
use serde_json::json;

const GOOD: &str = "mutating=false,failurePolicy=fail,sideEffects=None,groups=a,resources=b,verbs=create,\
    versions=v1,name=v.example.com,admissionReviewVersions=v1,path=/validate";

fn marker(arguments: &str) -> Marker {
    Marker {
        prefix: "rustop",
        name: "webhook",
        arguments: arguments.to_owned(),
        file: RelativePath::new("src/a.rs").unwrap(),
        line: 7,
    }
}

#[test]
fn every_field_is_read() {
    let text = "mutating=true,failurePolicy=IGNORE,matchPolicy=exact,sideEffects=noneondryrun,timeoutSeconds=5,\
        groups=core;apps,resources=pods;pods/status,verbs=create;UPDATE,versions=v1;v2,name=m.example.com,\
        serviceName=s,serviceNamespace=n,servicePort=8443,path=/mutate,webhookVersions=v1,\
        admissionReviewVersions=v1;v1beta1,reinvocationPolicy=ifneeded,patch=`{\"objectSelector\": {}}`";
    let list = |items: &[&str]| items.iter().map(|item| (*item).to_owned()).collect();
    let expected = Webhook {
        mutating: true,
        name: "m.example.com".to_owned(),
        failure_policy: "Ignore".to_owned(),
        match_policy: Some("Exact".to_owned()),
        side_effects: "NoneOnDryRun".to_owned(),
        timeout_seconds: Some(5),
        groups: list(&["", "apps"]),
        resources: list(&["pods", "pods/status"]),
        operations: list(&["CREATE", "UPDATE"]),
        versions: list(&["v1", "v2"]),
        client: ClientConfig::Service {
            name: "s".to_owned(),
            namespace: "n".to_owned(),
            path: "/mutate".to_owned(),
            port: Some(8443),
        },
        admission_review_versions: list(&["v1", "v1beta1"]),
        reinvocation_policy: Some("IfNeeded".to_owned()),
        patch: json!({"objectSelector": {}}).as_object().unwrap().clone(),
    };
    assert_eq!(parse(&marker(text)), Ok(expected));
}

#[test]
fn the_service_is_kubebuilders_unless_it_is_named() {
    let webhook = parse(&marker(GOOD)).unwrap();
    let expected = ClientConfig::Service {
        name: "webhook-service".to_owned(),
        namespace: "system".to_owned(),
        path: "/validate".to_owned(),
        port: None,
    };
    assert_eq!(webhook.client, expected);
}

#[test]
fn a_configuration_has_a_name() {
    let named = parse_configuration(&marker("mutating=true,name=mine")).unwrap();
    assert_eq!(named.name.as_deref(), Some("mine"));
    assert!(named.mutating);
    assert!(parse_configuration(&marker("name=mine")).is_err());
}

#[test]
fn what_the_api_server_refuses_is_refused_at_its_line() {
    let check = |changed: &str, expected: &str| {
        let shown = parse(&marker(&format!("{GOOD},{changed}"))).unwrap_err();
        let first = shown.to_string().lines().next().unwrap().to_owned();
        let head = "src/a.rs:7: marker `+rustop:webhook`: ";
        assert_eq!(first, format!("{head}{expected}"), "{changed}");
    };
    check(
        "name=a.b",
        "`name` is `a.b`, which is no domain of three parts",
    );
    check(
        "name=A.b.c",
        "`name` is `A.b.c`, which is no domain of three parts",
    );
    check("failurePolicy=retry", "`failurePolicy` is `retry`");
    check("sideEffects=\"\"", "`sideEffects` is missing");
    check(
        "sideEffects=some",
        "`sideEffects` is `Some`, which v1 does not take",
    );
    check("matchPolicy=near", "`matchPolicy` is `near`");
    check(
        "reinvocationPolicy=often",
        "`reinvocationPolicy` is `often`",
    );
    check("timeoutSeconds=31", "`timeoutSeconds` is 31");
    check("timeoutSeconds=-1", "`timeoutSeconds` is -1");
    check("verbs=get", "`verbs` has `get`");
    check("verbs={}", "`verbs` is empty");
    check("verbs=*;create", "`verbs` has `*` beside others");
    check("groups={}", "`groups` is empty");
    check("groups=*;apps", "`groups` has `*` beside others");
    check("versions=\"\"", "`versions` has an empty item");
    check("resources={}", "`resources` is empty");
    check(
        "admissionReviewVersions=v2",
        "`admissionReviewVersions` names no version that an API server speaks",
    );
    check(
        "webhookVersions=v1beta1",
        "`webhookVersions` has `v1beta1`, there is `v1`",
    );
    check(
        "path=validate",
        "`path` is `validate`, which is no path of an address",
    );
    check(
        "path=/a//b",
        "`path` is `/a//b`, which is no path of an address",
    );
    check("servicePort=0", "`servicePort` is 0");
    check("url=\"https://a.b\"", "`path` and `url` exclude each other");
    check("path=\"\"", "one of `path` and `url` is needed");
    let at = |url: &str| format!("path=\"\",url=\"{url}\"");
    check(
        &at("http://a.b"),
        "`url` is `http://a.b`, which does not begin with `https://`",
    );
    check(
        &at("https://u@a.b/?c"),
        "`url` is `https://u@a.b/?c`; a host and a path are all that it may have",
    );
    check(
        "patch=`[]`",
        "`patch` is no JSON object: invalid type: sequence, expected a map at line 1 column 0",
    );
}

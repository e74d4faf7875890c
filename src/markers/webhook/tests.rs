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
        "mutating=true,reinvocationPolicy=often",
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
        "`path` is `validate`, which does not begin with `/`",
    );
    for (path, segment) in [
        ("/a//b", ""),
        ("/a//", ""),
        ("//", ""),
        ("/Validate", "Validate"),
        ("/a_b", "a_b"),
    ] {
        check(
            &format!("path={path}"),
            &format!("`path` is `{path}`; the API server takes no segment `{segment}`"),
        );
    }
    for (list, all, item) in [
        ("*;pods", "*", "pods"),
        ("*/*;pods", "*/*", "pods"),
        ("*/*;*/*", "*/*", "*/*"),
        ("pods/*;pods/status", "pods/*", "pods/status"),
        ("*/status;pods/status", "*/status", "pods/status"),
    ] {
        check(
            &format!("resources={list}"),
            &format!("`resources` has `{all}` and beside it `{item}`"),
        );
    }
    check(
        "admissionReviewVersions=v1;v1",
        "`admissionReviewVersions` has `v1` twice",
    );
    check(
        "admissionReviewVersions=v1;V2",
        "`admissionReviewVersions` has `V2`, which is no version",
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

#[test]
fn what_the_api_server_takes_is_taken() {
    let long = format!("name={}.kb.io", "m".repeat(64));
    for changed in [
        long.as_str(),
        "path=/",
        "path=/a/",
        "path=/a.b/c-1",
        "resources=pods;*",
        "resources=pods/status;pods/*",
        "resources=*;pods/status",
        "resources=pods;pods;*",
        "path=\"\",url=\"HTTPS://[::1]:9443/a%20b?\"",
    ] {
        let read = parse(&marker(&format!("{GOOD},{changed}")));
        assert!(read.is_ok(), "{changed}: {read:?}");
    }
}

#[test]
fn what_a_patch_makes_of_the_entry_is_judged_too() {
    let check = |patch: &str, expected: &str| {
        let shown = parse(&marker(&format!("{GOOD},patch=`{patch}`"))).unwrap_err();
        let message = shown.message.split_once(": ").unwrap().1;
        assert_eq!(message, expected, "{patch}");
        assert!(shown.help.is_some(), "{patch}");
    };
    check(
        r#"{"objectSelectors": {}}"#,
        "`patch` has `objectSelectors`, which no webhook has",
    );
    check(
        r#"{"objectSelector": {"matchLabel": {}}}"#,
        "`patch` has `objectSelector.matchLabel`, which no webhook has",
    );
    check(r#"{"rules": null}"#, "`rules` is missing");
    check(r#"{"sideEffects": null}"#, "`sideEffects` is missing");
    check(
        r#"{"name": "a"}"#,
        "`name` is `a`, which is no domain of three parts",
    );
    check(
        r#"{"timeoutSeconds": "5"}"#,
        "`patch` gives `timeoutSeconds` something else than a whole number",
    );
    check(
        r#"{"rules": [{"apiGroups": ["a"]}]}"#,
        "`versions` is empty",
    );
    check(
        r#"{"clientConfig": {"url": "https://a.b"}}"#,
        "`clientConfig` has both of `service` and `url`, or none",
    );
    check(
        r#"{"reinvocationPolicy": "Never"}"#,
        "`reinvocationPolicy` is for webhooks with `mutating=true`",
    );
    let label = |text: &str| format!(r#"{{"objectSelector": {{"matchLabels": {text}}}}}"#);
    check(
        &label(r#"{"a b": "c"}"#),
        "`objectSelector` has the key `a b`, which no label has",
    );
    check(
        &label(r#"{"a": "-c"}"#),
        "`objectSelector` has the value `-c`, which no label has",
    );
    let expression =
        |text: &str| format!(r#"{{"namespaceSelector": {{"matchExpressions": [{text}]}}}}"#);
    check(
        &expression(r#"{"key": "a", "operator": "In"}"#),
        "`namespaceSelector` has the operator `In` with 0 values",
    );
    let condition = |text: &str| format!(r#"{{"matchConditions": [{text}]}}"#);
    check(
        &condition(r#"{"name": "a"}"#),
        "`matchConditions` has no `expression` for `a`",
    );
    let twice = r#"{"name": "a", "expression": "true"}"#;
    check(
        &condition(&format!("{twice}, {twice}")),
        "`matchConditions` has `a` twice",
    );
}

#[test]
fn a_patch_may_give_the_name() {
    let patched = parse(&marker(&format!(
        "{GOOD},patch=`{{\"name\": \"b.example.com\"}}`"
    )))
    .unwrap();
    assert_eq!(patched.name, "b.example.com");
}

//! Defaulting and validation: what the user gets to see.

use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::boxes::crd;
use crate::rig::{Rig, prepare, rule, until};

const CRATES: &str = "/apis/example.com/v1/namespaces/default/crates";

fn object(name: &str, spec: &Value) -> Value {
    json!({
        "apiVersion": "example.com/v1", "kind": "Crate", "spec": spec,
        "metadata": {"name": name, "namespace": "default"}})
}

async fn start() -> Option<Rig> {
    let prepared = prepare("admission")?;
    let to = |path: &str| prepared.client_config(path);
    let conversion = json!({"strategy": "Webhook", "webhook": {
        "conversionReviewVersions": ["v1"], "clientConfig": to("/convert")}});
    let crates = to("/mutate-example-com-v1-crate");
    let inspected = to("/validate-example-com-v1-crate");
    let maps = to("/mutate--v1-configmap");
    let secrets = to("/validate-secrets");
    let slow = json!({"url": prepared.url("/slow-or-worse"), "caBundle": secrets["caBundle"]});
    let rig = prepared.start(Some(&crd("v1", &conversion))).await;
    let all = ["CREATE", "UPDATE", "DELETE"];
    let both = ["crates", "crates/status"];
    rig.mutate(
        "mcrate.example.com",
        &crates,
        &rule("example.com", &["crates"], &all),
    )
    .await;
    rig.validate(
        "vcrate.example.com",
        &inspected,
        &rule("example.com", &both, &all),
    )
    .await;
    rig.mutate(
        "mmap.example.com",
        &maps,
        &rule("", &["configmaps"], &["CREATE"]),
    )
    .await;
    rig.validate(
        "vsecret.example.com",
        &secrets,
        &rule("", &["secrets"], &["CREATE"]),
    )
    .await;
    rig.validate(
        "slow.example.com",
        &slow,
        &rule("", &["services"], &["DELETE"]),
    )
    .await;
    // The API server hears of the configurations a moment later.
    let broken = object("broken", &json!({"width": 0, "height": 1}));
    until(|| async { rig.send("POST", CRATES, &broken).await.code == 422 }).await;
    let plain = object("probe", &json!({"width": 1, "height": 1}));
    until(|| async {
        let answer = rig
            .send("POST", &format!("{CRATES}?dryRun=All"), &plain)
            .await;
        answer.body["spec"]["colour"] == "red"
    })
    .await;
    Some(rig)
}

#[tokio::test(flavor = "multi_thread")]
async fn admission_is_what_the_user_expects() {
    let Some(rig) = start().await else { return };
    defaults_reach_only_what_is_missing(&rig).await;
    refusals_name_their_fields(&rig).await;
    kubectl_prints_them_as_its_own(&rig);
    updates_and_deletions_are_judged(&rig).await;
    other_kinds_have_webhooks_too(&rig).await;
}

async fn defaults_reach_only_what_is_missing(rig: &Rig) {
    let parts = json!([{"name": "a", "unknown": "kept"}, {"name": "b", "image": "own"}]);
    let spec = json!({"width": 3, "height": 4, "unknown": {"a": [1]}, "parts": parts});
    let stored = rig
        .send("POST", CRATES, &object("defaulted", &spec))
        .await
        .done();
    let parts = json!([
        {"name": "a", "unknown": "kept", "image": "plain"}, {"name": "b", "image": "own"}]);
    let expected = json!({
        "width": 3, "height": 4, "colour": "red", "unknown": {"a": [1]}, "parts": parts});
    assert_eq!(stored["spec"], expected);

    let spec = json!({"width": 3, "height": 4, "colour": "blue", "unknown": {"b": null}});
    rig.send("POST", CRATES, &object("complete", &spec))
        .await
        .done();
    let mutation = "mutation.webhook.admission.k8s.io/round_0_index_0";
    let mutated = |name: &str| {
        let lines = rig.audited(mutation).into_iter();
        let mut lines = lines.filter(|line| line["objectRef"]["name"] == name);
        lines.next_back().is_some_and(|line| {
            line["annotations"][mutation]
                .as_str()
                .unwrap()
                .contains("true")
        })
    };
    // The log is written behind the answer.
    until(|| async {
        rig.audited(mutation)
            .iter()
            .any(|it| it["objectRef"]["name"] == "complete")
    })
    .await;
    assert!(mutated("defaulted"));
    assert!(!mutated("complete"), "an empty patch");
}

async fn refusals_name_their_fields(rig: &Rig) {
    let spec = json!({"width": 0, "height": 4, "colour": "none"});
    let answer = rig.send("POST", CRATES, &object("bad", &spec)).await;
    assert_eq!(answer.code, 422);
    assert_eq!(answer.body["reason"], "Invalid");
    assert_eq!(
        answer.message(),
        r#"admission webhook "vcrate.example.com" denied the request: Crate.example.com "bad" is invalid: [spec.width: Invalid value: 0: must be positive, spec.colour: Unsupported value: "none": supported values: "red", "blue"]"#
    );
    let causes = json!([
        {"reason": "FieldValueInvalid", "field": "spec.width", "message": "Invalid value: 0: must be positive"},
        {"reason": "FieldValueNotSupported", "field": "spec.colour",
            "message": r#"Unsupported value: "none": supported values: "red", "blue""#}]);
    assert_eq!(answer.body["details"]["causes"], causes);

    let high = object("high", &json!({"width": 1, "height": 101}));
    let answer = rig
        .send("POST", &format!("{CRATES}?dryRun=All"), &high)
        .await;
    let warnings = [
        r#"299 - "this is a dry run""#,
        r#"299 - "spec.height is high""#,
    ];
    assert_eq!(answer.warnings, warnings);
    answer.done();

    let odd = json!({"width": 1, "height": 1, "parts": [{"image": "x"}]});
    let answer = rig.send("POST", CRATES, &object("odd", &odd)).await;
    assert_eq!(answer.code, 400);
    assert!(
        answer
            .message()
            .contains("Crate default/odd: spec.parts[0]: missing field `name`"),
        "{}",
        answer.message()
    );
}

fn kubectl_prints_them_as_its_own(rig: &Rig) {
    let bad = object("bad", &json!({"width": 0, "height": 4, "colour": "none"}));
    let command = Command::new("kubectl")
        .arg("--kubeconfig")
        .arg(rig.environment.kubeconfig_path())
        .args(["create", "--filename=-"])
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .stdout(Stdio::null())
        .spawn();
    let Ok(mut kubectl) = command else {
        eprintln!("skipped: there is no kubectl");
        return;
    };
    let input = kubectl.stdin.take().unwrap();
    serde_json::to_writer(input, &bad).unwrap();
    let output = kubectl.wait_with_output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    let expected = "The Crate \"bad\" is invalid: \n\
        * spec.width: Invalid value: 0: must be positive\n\
        * spec.colour: Unsupported value: \"none\": supported values: \"red\", \"blue\"\n";
    assert_eq!(said, expected);
}

async fn updates_and_deletions_are_judged(rig: &Rig) {
    let mut held = object("held", &json!({"width": 1, "height": 1}));
    held["metadata"]["annotations"] = json!({"frozen": "1", "keep": "1"});
    held["metadata"]["finalizers"] = json!(["example.com/held"]);
    rig.send("POST", CRATES, &held).await.done();
    let path = format!("{CRATES}/held");
    let change = json!({"spec": {"width": 2}});
    let answer = rig.send("PATCH", &path, &change).await;
    assert_eq!(
        (answer.code, &answer.body["reason"]),
        (403, &json!("Forbidden"))
    );
    assert!(
        answer
            .message()
            .ends_with("denied the request: it is frozen"),
        "{}",
        answer.message()
    );
    assert_eq!(answer.warnings, [r#"299 - "thaw it first""#]);

    let kept = rig.send("DELETE", &path, &Value::Null).await;
    assert_eq!(kept.code, 409);
    assert!(
        kept.message().ends_with("it is to be kept"),
        "{}",
        kept.message()
    );

    let status = |phase: &str| json!({"status": {"phase": phase}});
    let status_path = format!("{path}/status");
    let odd = rig.send("PATCH", &status_path, &status("Odd")).await;
    assert_eq!(odd.code, 422);
    assert_eq!(odd.body["details"]["causes"][0]["field"], "status.phase");
    rig.send("PATCH", &status_path, &status("Even"))
        .await
        .done();

    // A frozen object that is on its way out: its finalizer can be removed, and nothing else can be changed.
    let mut leaving = object("leaving", &json!({"width": 1, "height": 1}));
    leaving["metadata"]["annotations"] = json!({"frozen": "1"});
    leaving["metadata"]["finalizers"] = json!(["example.com/held"]);
    rig.send("POST", CRATES, &leaving).await.done();
    let path = format!("{CRATES}/leaving");
    rig.send("DELETE", &path, &Value::Null).await.done();
    assert_eq!(rig.send("PATCH", &path, &change).await.code, 403);
    let free = json!({"metadata": {"finalizers": null}});
    rig.send("PATCH", &path, &free).await.done();
    assert_eq!(rig.send("GET", &path, &Value::Null).await.code, 404);
}

async fn other_kinds_have_webhooks_too(rig: &Rig) {
    let map =
        json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"generateName": "map-"}});
    let map = rig
        .send("POST", "/api/v1/namespaces/default/configmaps", &map)
        .await
        .done();
    assert_eq!(map["metadata"]["labels"], json!({"seen": "yes"}));
    let secret = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}});
    let answer = rig
        .send("POST", "/api/v1/namespaces/default/secrets", &secret)
        .await;
    assert!(
        answer
            .message()
            .ends_with("Secret default/s is one too many"),
        "{}",
        answer.message()
    );

    // A panic is a refusal that says so.
    let services = "/api/v1/namespaces/default/services";
    for name in ["panic", "fine"] {
        let service = json!({"apiVersion": "v1", "kind": "Service", "metadata": {"name": name},
            "spec": {"ports": [{"port": 80}]}});
        rig.send("POST", services, &service).await.done();
    }
    let answer = rig
        .send("DELETE", &format!("{services}/panic"), &Value::Null)
        .await;
    assert_eq!(answer.code, 500);
    assert!(
        answer
            .message()
            .contains("panic: a planned panic [recovered]"),
        "{}",
        answer.message()
    );
    rig.send("DELETE", &format!("{services}/fine"), &Value::Null)
        .await
        .done();
}

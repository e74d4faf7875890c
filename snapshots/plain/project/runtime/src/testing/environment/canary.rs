//! Finds out when the API server acts on webhook configurations.
//!
//! It learns of them from a watch, so for some milliseconds after a configuration was accepted requests still pass by
//! its webhooks, and a test that wants to see an object refused fails now and then. A last configuration, whose webhook
//! can't be reached, tells: once it refuses an object of ours, those before it are acted on too. The object is of a kind
//! for which hardly anybody has webhooks: the webhooks of the test aren't served yet, and would refuse it first.

use std::time::{Duration, Instant};

use k8s_openapi::api::node::v1::RuntimeClass;
use kube::Client;
use kube::api::{Api, DeleteParams, ObjectMeta, PostParams};
use serde_json::json;

use super::EnvironmentError;
use super::manifests::Manifest;

const NAME: &str = "rustop-testing-canary";
const WEBHOOK: &str = "canary.testing.rustop.dev";

/// How long it may take; it takes some 100 ms.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Returns once the API server acts on the configurations of this kind that it has now.
pub(super) async fn wait(
    client: &Client,
    kind: &str,
    plural: &str,
) -> Result<(), EnvironmentError> {
    let canary = configuration(kind);
    canary.apply(client, plural).await?;
    let result = wait_for_refusal(client).await;
    let _ = canary
        .api(client, plural)
        .delete(NAME, &DeleteParams::default())
        .await;
    result?;
    // The next canary must not be taken for this one.
    wait_for_acceptance(client).await
}

/// Port 1 is nobody's, and what is created carries a label that nobody else uses.
fn configuration(kind: &str) -> Manifest {
    let content = json!({
        "apiVersion": "admissionregistration.k8s.io/v1", "kind": kind, "metadata": {"name": NAME},
        "webhooks": [{
            "name": WEBHOOK, "admissionReviewVersions": ["v1"], "sideEffects": "None",
            "timeoutSeconds": 1, "failurePolicy": "Fail",
            "clientConfig": {"url": "https://127.0.0.1:1/"},
            "objectSelector": {"matchLabels": {NAME: "true"}},
            "rules": [{
                "apiGroups": ["node.k8s.io"], "apiVersions": ["v1"], "resources": ["runtimeclasses"], "operations": ["CREATE"]}],
        }],
    });
    Manifest {
        name: NAME.to_owned(),
        content,
    }
}

async fn wait_for_refusal(client: &Client) -> Result<(), EnvironmentError> {
    wait_until(client, |refused| refused).await
}

async fn wait_for_acceptance(client: &Client) -> Result<(), EnvironmentError> {
    wait_until(client, |refused| !refused).await
}

async fn wait_until(
    client: &Client,
    is_there: impl Fn(bool) -> bool,
) -> Result<(), EnvironmentError> {
    let deadline = Instant::now() + TIMEOUT;
    loop {
        let answer = try_to_create(client).await;
        let refused = matches!(&answer, Err(error) if error.to_string().contains(WEBHOOK));
        match answer {
            Ok(()) | Err(_) if is_there(refused) => return Ok(()),
            answer if Instant::now() > deadline => {
                return Err(EnvironmentError::NoEffect {
                    what: "the API server does not act on webhook configurations".to_owned(),
                    seconds: TIMEOUT.as_secs(),
                    reason: answer
                        .err()
                        .map_or("it called none".to_owned(), |error| error.to_string()),
                });
            }
            _ => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

async fn try_to_create(client: &Client) -> Result<(), kube::Error> {
    let labels = [(NAME.to_owned(), "true".to_owned())];
    let object = RuntimeClass {
        metadata: ObjectMeta {
            name: Some(NAME.to_owned()),
            labels: Some(labels.into()),
            ..ObjectMeta::default()
        },
        handler: "none".to_owned(),
        ..RuntimeClass::default()
    };
    let parameters = PostParams {
        dry_run: true,
        ..PostParams::default()
    };
    let api: Api<RuntimeClass> = Api::all(client.clone());
    api.create(&parameters, &object).await.map(drop)
}

//! The order in which a manager starts, where another order would never get anywhere.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use k8s_openapi::api::coordination::v1::{Lease, LeaseSpec};
use kube::api::{ObjectMeta, PostParams};
use kube::{Api, Client};
use rustop_runtime::Manager;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};

use crate::boxes::{crd, register, v1};
use crate::rig::{client_config, free_port, prepare, probe, send, until};

/// A kind whose CRD isn't installed.
#[derive(kube::CustomResource, Clone, Debug, Default, serde::Deserialize, serde::Serialize)]
#[kube(
    group = "example.com",
    version = "v1",
    kind = "Absence",
    namespaced,
    schema = "disabled"
)]
struct AbsenceSpec {}

/// What a Service does: it leads to the webhooks of a pod while that is ready, and nowhere else.
async fn service(pod: u16, probes: u16, refused: Arc<AtomicUsize>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (mut near, _) = listener.accept().await.unwrap();
            let refused = Arc::clone(&refused);
            tokio::spawn(async move {
                if !probe(probes, "/readyz").await {
                    refused.fetch_add(1, Ordering::SeqCst);
                    return;
                }
                let mut far = TcpStream::connect(("127.0.0.1", pod)).await.unwrap();
                let _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
            });
        }
    });
    port
}

/// Held by somebody who doesn't renew it, for an hour.
async fn another_leads(client: Client, lease: &str) {
    let leases: Api<Lease> = Api::default_namespaced(client);
    let lease = Lease {
        metadata: ObjectMeta {
            name: Some(lease.to_owned()),
            ..ObjectMeta::default()
        },
        spec: Some(LeaseSpec {
            holder_identity: Some("somebody".to_owned()),
            lease_duration_seconds: Some(3600),
            ..LeaseSpec::default()
        }),
    };
    let parameters = PostParams::default();
    leases.create(&parameters, &lease).await.unwrap();
}

/// Its caches can be filled only by its own webhook, and that is called only while it is ready: here a standby.
#[tokio::test(flavor = "multi_thread")]
async fn a_pod_that_converts_is_ready_before_its_caches_are_filled() {
    let Some(prepared) = prepare("start") else {
        return;
    };
    let (probes, refused) = (free_port(), Arc::<AtomicUsize>::default());
    let service = service(prepared.port, probes, Arc::clone(&refused)).await;
    let url = format!("https://127.0.0.1:{service}/convert");
    let certificate = prepared.authority.certificate();
    let conversion = json!({"strategy": "Webhook", "webhook": {
        "conversionReviewVersions": ["v1"], "clientConfig": client_config(&url, certificate)}});
    let environment = prepared
        .environment(Some(&crd("v1beta1", &conversion)))
        .await;
    let client = environment.client();
    let stored = "/apis/example.com/v1beta1/namespaces/default/crates";
    for name in ["a", "b"] {
        let object = json!({
            "apiVersion": "example.com/v1beta1", "kind": "Crate", "metadata": {"name": name},
            "spec": {"size": "3x4"}});
        send(&client, "POST", stored, &object).await.done();
    }
    let read = "/apis/example.com/v1/namespaces/default/crates/a";
    let unread = send(&client, "GET", read, &Value::Null).await;
    assert_eq!(unread.code, 500, "nothing converts it yet");
    assert!(refused.load(Ordering::SeqCst) > 0);

    another_leads(client.clone(), "crates").await;
    let options = prepared.options(probes, &["--leader-elect"]);
    let builder = Manager::builder(options).config(environment.config());
    let builder = builder.leader_election_id("crates");
    let mut manager = builder.build().await.unwrap();
    register(&mut manager);
    let (crates, absences) = (manager.store::<v1::Crate>(), manager.store::<Absence>());
    let running = tokio::spawn(manager.run());
    until(|| async { crates.is_synced() }).await;
    let widths: Vec<_> = crates.list().iter().map(|each| each.spec.width).collect();
    assert_eq!(widths, [3, 3]);

    assert!(probe(probes, "/readyz").await);
    assert!(probe(probes, "/readyz/cache-crates.example.com").await);
    assert!(!absences.is_synced());
    assert!(!probe(probes, "/readyz/cache-absences.example.com").await);
    running.abort();
    environment.stop().await;
    let _ = std::fs::remove_dir_all(&prepared.folder);
}

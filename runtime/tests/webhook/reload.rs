//! A new certificate while requests come in.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Instant;

use k8s_openapi::ByteString;
use k8s_openapi::api::admissionregistration::v1::MutatingWebhookConfiguration;
use kube::Api;
use kube::api::{Patch, PatchParams};
use rustop_runtime::testing::control_plane::Authority;
use serde_json::{Value, json};

use crate::rig::{Rig, prepare, rule, send, until};

const MAPS: &str = "/api/v1/namespaces/default/configmaps?dryRun=All";

/// Fewer requests in a second may all pass beside what goes wrong for a moment.
const RATE: f64 = 200.0;

/// Dry runs through the webhook, several at a time, until it is told to end.
struct Load {
    end: Arc<AtomicBool>,
    sent: Arc<AtomicUsize>,
    failed: Arc<AtomicUsize>,
    workers: Vec<tokio::task::JoinHandle<()>>,
    began: Instant,
}

impl Load {
    fn start(rig: &Rig) -> Self {
        let end = Arc::new(AtomicBool::new(false));
        let (sent, failed) = <(Arc<AtomicUsize>, Arc<AtomicUsize>)>::default();
        let worker = || {
            let client = rig.client.clone();
            let (end, sent, failed) = (Arc::clone(&end), Arc::clone(&sent), Arc::clone(&failed));
            tokio::spawn(async move {
                let map = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"generateName": "m-"}});
                while !end.load(Ordering::Relaxed) {
                    let answer = send(&client, "POST", MAPS, &map).await;
                    let passed = answer.body["metadata"]["labels"]["seen"] == "yes";
                    if !passed && failed.fetch_add(1, Ordering::Relaxed) == 0 {
                        eprintln!("the first that failed: {answer:?}");
                    }
                    sent.fetch_add(1, Ordering::Relaxed);
                }
            })
        };
        let workers = (0..16).map(|_| worker()).collect();
        Self {
            end: Arc::clone(&end),
            sent: Arc::clone(&sent),
            failed: Arc::clone(&failed),
            workers,
            began: Instant::now(),
        }
    }

    /// Waits until this many more were answered.
    async fn more(&self, number: usize) {
        let goal = self.sent.load(Ordering::Relaxed) + number;
        until(|| async { self.sent.load(Ordering::Relaxed) >= goal }).await;
    }

    /// Ends it, and gives how many failed, and how many a second were sent.
    async fn stop(self) -> (usize, f64) {
        self.end.store(true, Ordering::Relaxed);
        for worker in self.workers {
            worker.await.unwrap();
        }
        let sent = self.sent.load(Ordering::Relaxed);
        let failed = self.failed.load(Ordering::Relaxed);
        let seconds = self.began.elapsed().as_secs_f64();
        let rate = f64::from(u32::try_from(sent).unwrap()) / seconds;
        eprintln!("{sent} requests in {seconds:.1} s, {failed} failed");
        eprintln!("{rate:.0} requests per second");
        (failed, rate)
    }
}

async fn trust(rig: &Rig, bundle: &str) {
    let api: Api<MutatingWebhookConfiguration> = Api::all(rig.client.clone());
    let bundle = serde_json::to_value(ByteString(bundle.as_bytes().to_vec())).unwrap();
    let patch =
        json!([{"op": "replace", "path": "/webhooks/0/clientConfig/caBundle", "value": bundle}]);
    let patch = Patch::Json::<()>(serde_json::from_value(patch).unwrap());
    api.patch("mmap-example-com", &PatchParams::default(), &patch)
        .await
        .unwrap();
}

async fn start(test: &str) -> Option<(Rig, Authority)> {
    let prepared = prepare(test)?;
    let to = prepared.client_config("/mutate--v1-configmap");
    let old = Authority::new().unwrap();
    let mut prepared = prepared;
    let old = std::mem::replace(&mut prepared.authority, old);
    let rig = prepared.start(None).await;
    rig.mutate(
        "mmap.example.com",
        &to,
        &rule("", &["configmaps"], &["CREATE"]),
    )
    .await;
    let map = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"generateName": "m-"}});
    until(|| async {
        let answer = rig.send("POST", MAPS, &map).await;
        answer.body["metadata"]["labels"]["seen"] == "yes"
    })
    .await;
    Some((rig, old))
}

/// Whether a new connection is given a certificate of `authority`.
async fn serves(rig: &Rig, authority: &Authority) -> bool {
    let mut config = kube::Config::new(format!("https://127.0.0.1:{}", rig.port).parse().unwrap());
    let root = pem_to_der(authority.certificate());
    config.root_cert = Some(vec![root]);
    let client = kube::Client::try_from(config).unwrap();
    let request = http::Request::get("/")
        .body(kube::client::Body::empty())
        .unwrap();
    client.send(request).await.is_ok()
}

fn pem_to_der(pem: &str) -> Vec<u8> {
    let lines = pem.lines().filter(|line| !line.starts_with("-----"));
    let text = Value::String(lines.collect());
    let bytes: ByteString = serde_json::from_value(text).unwrap();
    bytes.0
}

#[tokio::test(flavor = "multi_thread")]
async fn no_request_fails_while_the_certificate_is_replaced() {
    let Some((rig, old)) = start("reload").await else {
        return;
    };
    let new = Authority::new().unwrap();
    let load = Load::start(&rig);
    load.more(500).await;
    trust(&rig, &format!("{}{}", old.certificate(), new.certificate())).await;
    load.more(500).await;
    rig.serve(&new.server().unwrap());
    until(|| serves(&rig, &new)).await;
    load.more(500).await;
    trust(&rig, new.certificate()).await;
    load.more(1_000).await;
    let (failed, rate) = load.stop().await;
    assert_eq!(failed, 0);
    assert!(rate >= RATE, "{rate} requests per second tell too little");
}

/// The same without the new pair: what the run above would have shown.
#[tokio::test(flavor = "multi_thread")]
async fn without_a_reload_requests_fail() {
    let Some((rig, old)) = start("no-reload").await else {
        return;
    };
    let new = Authority::new().unwrap();
    let load = Load::start(&rig);
    trust(&rig, &format!("{}{}", old.certificate(), new.certificate())).await;
    load.more(500).await;
    trust(&rig, new.certificate()).await;
    until(|| async { load.failed.load(Ordering::Relaxed) > 0 }).await;
    assert!(load.stop().await.0 > 0);
}

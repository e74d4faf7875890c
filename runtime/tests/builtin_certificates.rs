//! Built-in certificates on a real API server, with the rights that the documentation shows and no others: slow ring
//! (`RUSTOP_SLOW=1`).
#![allow(
    clippy::disallowed_methods,
    reason = "tests write the roles into files of their own"
)]
#![cfg(all(feature = "testing", feature = "builtin-certificates"))]
#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "this whole file is tests; what was measured is printed for `--nocapture`"
)]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use clap::Parser as _;
use k8s_openapi::api::admissionregistration::v1::ValidatingWebhookConfiguration;
use k8s_openapi::api::core::v1::{ConfigMap, Namespace, Secret};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::api::{DeleteParams, ObjectMeta, Patch, PatchParams, PostParams};
use kube::{Api, Client};
use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustop_runtime::certificates::builtin::BuiltinCertificates;
use rustop_runtime::testing::environment::TestEnvironment;
use rustop_runtime::webhook::Validator;
use rustop_runtime::{Manager, ManagerOptions, Webhook};
use serde_json::json;
use tokio::task::{JoinHandle, JoinSet};

const NAMESPACE: &str = "my-operator-system";
const SECRET: &str = "webhook-server-cert";
const CONFIGURATION: &str = "validating-webhook-configuration";
const CRD: &str = "boxes.example.com";
const LABEL: &str = "rustop.dev/inject-ca";
/// Fewer calls in a second may all pass beside what goes wrong for a moment.
const RATE: f64 = 200.0;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[derive(clap::Parser)]
struct Options {
    #[command(flatten)]
    manager: ManagerOptions,
}

/// Allows everything.
struct Allowing;

impl Validator for Allowing {
    type Object = ConfigMap;
}

async fn environment() -> Option<TestEnvironment> {
    let assets = common::slow_ring()?;
    let builder = TestEnvironment::builder().assets(assets);
    Some(builder.start().await.unwrap())
}

/// The operator's user, with the roles that the documentation shows.
async fn operator(environment: &TestEnvironment) -> Client {
    create(
        &environment.client(),
        &Namespace {
            metadata: named(NAMESPACE),
            ..Namespace::default()
        },
    )
    .await;
    let page = include_str!("../../docs/built-in-certificates.md");
    let blocks = page
        .split("```yaml\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next());
    let roles: Vec<&str> = blocks
        .filter(|block| block.contains("\nrules:\n"))
        .collect();
    assert_eq!(roles.len(), 2);
    let file = environment
        .webhook_options()
        .certificate_directory()
        .join("roles.yaml");
    std::fs::write(&file, roles.join("---\n")).unwrap();
    environment.grant("operator", &file).await.unwrap();
    environment.client_as("operator", &[]).await.unwrap()
}

async fn create<K>(client: &Client, object: &K)
where
    K: kube::Resource<DynamicType = ()>
        + Clone
        + std::fmt::Debug
        + serde::Serialize
        + serde::de::DeserializeOwned,
{
    let api: Api<K> = Api::all(client.clone());
    api.create(&PostParams::default(), object).await.unwrap();
}

fn named(name: &str) -> ObjectMeta {
    ObjectMeta {
        name: Some(name.to_owned()),
        ..ObjectMeta::default()
    }
}

/// A configuration that calls the operator, for ConfigMaps with a label, and no bundle in it.
fn configuration(port: u16) -> ValidatingWebhookConfiguration {
    let url = format!("https://127.0.0.1:{port}/validate--v1-configmap");
    serde_json::from_value(json!({
        "apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration",
        "metadata": {"name": CONFIGURATION, "labels": {LABEL: "op"}},
        "webhooks": [{
            "name": "vconfigmap-v1.kb.io", "clientConfig": {"url": url}, "failurePolicy": "Fail",
            "admissionReviewVersions": ["v1"], "sideEffects": "None", "timeoutSeconds": 5,
            "objectSelector": {"matchLabels": {"checked": "true"}},
            "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"],
                "resources": ["configmaps"]}]}]}))
    .unwrap()
}

fn crd() -> CustomResourceDefinition {
    let service = json!({"name": "webhook-service", "namespace": NAMESPACE, "path": "/convert"});
    serde_json::from_value(json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": CRD, "labels": {LABEL: "op"}},
        "spec": {
            "group": "example.com", "scope": "Namespaced", "names": {"kind": "Box", "plural": "boxes"},
            "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {"type": "object"}}}],
            "conversion": {"strategy": "Webhook",
                "webhook": {"clientConfig": {"service": service}, "conversionReviewVersions": ["v1"]}}}}))
    .unwrap()
}

/// How far the operators' clock is behind, in days.
type Behind = Arc<AtomicUsize>;

/// Runs a replica of the operator until it is aborted.
async fn replica(client: Client, port: u16, behind: &Behind) -> JoinHandle<()> {
    let port = format!("--webhook-port={port}");
    let flags = [
        "manager",
        "--health-probe-bind-address=0",
        "--metrics-bind-address=0",
        &port,
    ];
    let options = Options::parse_from(flags).manager;
    let mut manager = Manager::builder(options)
        .client(client)
        .build()
        .await
        .unwrap();
    manager.webhook(Webhook::<ConfigMap>::new().validator(Allowing));
    let behind = Arc::clone(behind);
    let certificates = BuiltinCertificates::new("webhook-service")
        .namespace(NAMESPACE)
        .secret(SECRET)
        .host("127.0.0.1")
        .inject_label(format!("{LABEL}=op"))
        .grace(Duration::from_secs(2))
        .clock(move || {
            SystemTime::now() - DAY * u32::try_from(behind.load(Ordering::Relaxed)).unwrap()
        });
    manager.builtin_certificates(certificates);
    tokio::spawn(async move { manager.run().await.unwrap() })
}

/// Creates what the webhook has to allow, without keeping it.
async fn call(client: &Client) -> Result<(), kube::Error> {
    let labels = [("checked".to_owned(), "true".to_owned())];
    let object = ConfigMap {
        metadata: ObjectMeta {
            labels: Some(labels.into()),
            ..named("called")
        },
        ..ConfigMap::default()
    };
    let parameters = PostParams {
        dry_run: true,
        ..PostParams::default()
    };
    let api: Api<ConfigMap> = Api::default_namespaced(client.clone());
    api.create(&parameters, &object).await.map(drop)
}

/// Returns once `question` has an answer; panics when it has none after half a minute.
async fn eventually<T, F: Future<Output = Option<T>>>(what: &str, question: impl Fn() -> F) -> T {
    let asking = async {
        loop {
            if let Some(answer) = question().await {
                return answer;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let answer = tokio::time::timeout(Duration::from_secs(60), asking).await;
    answer.unwrap_or_else(|_| unreachable!("it never came to pass: {what}"))
}

/// Calls without a pause, and what came of it.
#[derive(Default)]
struct Load {
    stop: AtomicBool,
    answered: AtomicUsize,
    failed: std::sync::Mutex<Vec<String>>,
}

impl Load {
    fn start(client: &Client) -> (Arc<Self>, JoinSet<()>) {
        let load = Arc::new(Self::default());
        let mut callers = JoinSet::new();
        for _ in 0..16 {
            let (load, client) = (Arc::clone(&load), client.clone());
            callers.spawn(async move {
                while !load.stop.load(Ordering::Relaxed) {
                    match call(&client).await {
                        Ok(()) => drop(load.answered.fetch_add(1, Ordering::Relaxed)),
                        Err(error) => load.failed.lock().unwrap().push(error.to_string()),
                    }
                }
            });
        }
        (load, callers)
    }

    async fn some_more(&self) {
        let before = self.answered.load(Ordering::Relaxed);
        eventually("more calls", || async {
            (self.answered.load(Ordering::Relaxed) > before + 20).then_some(())
        })
        .await;
    }
}

/// The Secret's certificate and bundle.
async fn stored(secrets: &Api<Secret>) -> Option<(Vec<u8>, Vec<u8>)> {
    let data = secrets.get_opt(SECRET).await.unwrap()?.data?;
    Some((
        data.get("tls.crt")?.0.clone(),
        data.get("ca.crt")?.0.clone(),
    ))
}

/// The certificate that is served on `port`, to somebody who trusts `bundle`.
async fn served(port: u16, bundle: &[u8]) -> Option<CertificateDer<'static>> {
    let mut roots = RootCertStore::empty();
    for authority in CertificateDer::pem_slice_iter(bundle) {
        roots.add(authority.unwrap()).unwrap();
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = tokio::net::TcpStream::connect(("127.0.0.1", port))
        .await
        .ok()?;
    let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
    let name = ServerName::try_from("127.0.0.1").unwrap();
    let stream = connector.connect(name, stream).await.ok()?;
    let certificates = stream.get_ref().1.peer_certificates()?;
    certificates
        .first()
        .map(|certificate| certificate.clone().into_owned())
}

/// Another certificate than `old` is in the Secret and is served by both replicas.
async fn renewed(secrets: &Api<Secret>, ports: [u16; 2], old: &[u8]) -> Vec<u8> {
    eventually("a renewed certificate", || async {
        let (certificate, bundle) = stored(secrets).await?;
        let expected = CertificateDer::from_pem_slice(&certificate).ok()?;
        for port in ports {
            let served = served(port, &bundle).await?;
            (served == expected).then_some(())?;
        }
        (certificate != old).then_some(certificate)
    })
    .await
}

fn bundles(configuration: &ValidatingWebhookConfiguration) -> Vec<Option<Vec<u8>>> {
    let webhooks = configuration.webhooks.iter().flatten();
    let bundle = webhooks.map(|webhook| webhook.client_config.ca_bundle.as_ref());
    bundle
        .map(|bundle| bundle.map(|bytes| bytes.0.clone()))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn webhooks_are_called_before_during_and_after_a_renewal() {
    let Some(environment) = environment().await else {
        return;
    };
    let admin = environment.client();
    let operator = operator(&environment).await;
    let port = environment.webhook_options().address().port();
    let ports = [port, port + 1];
    create(&admin, &configuration(port)).await;
    create(&admin, &crd()).await;
    // Two replicas start together, on a day on which a certificate is made that is due today.
    let behind = Behind::new(61.into());
    let replicas = [
        replica(operator.clone(), ports[0], &behind).await,
        replica(operator, ports[1], &behind).await,
    ];
    eventually("a first call", || async { call(&admin).await.ok() }).await;
    let secrets: Api<Secret> = Api::namespaced(admin.clone(), NAMESPACE);
    let first = renewed(&secrets, ports, &[]).await;
    let crds: Api<CustomResourceDefinition> = Api::all(admin.clone());
    let has_bundle = || async {
        let conversion = crds.get(CRD).await.unwrap().spec.conversion?.webhook?;
        (conversion.client_config?.ca_bundle?.0 == stored(&secrets).await?.1).then_some(())
    };
    eventually("the bundle in the CRD", has_bundle).await;

    let (load, callers) = Load::start(&admin);
    let began = std::time::Instant::now();
    load.some_more().await;
    behind.store(0, Ordering::Relaxed);
    // So that it is looked at now, and not in ten minutes.
    let touch = Patch::Merge(json!({"metadata": {"annotations": {"touched": "true"}}}));
    let parameters = PatchParams::default();
    secrets.patch(SECRET, &parameters, &touch).await.unwrap();
    let second = renewed(&secrets, ports, &first).await;
    load.some_more().await;
    secrets
        .delete(SECRET, &DeleteParams::default())
        .await
        .unwrap();
    let third = renewed(&secrets, ports, &second).await;
    assert!(third != first);
    load.some_more().await;
    load.stop.store(true, Ordering::Relaxed);
    callers.join_all().await;
    let failed = load.failed.lock().unwrap().clone();
    assert!(
        failed.is_empty(),
        "{} failed, {:?}",
        failed.len(),
        failed.first()
    );
    let answered = u32::try_from(load.answered.load(Ordering::Relaxed)).unwrap();
    let rate = f64::from(answered) / began.elapsed().as_secs_f64();
    eprintln!("{answered} calls, {rate:.0} a second, none failed");
    assert!(rate >= RATE, "{rate} calls a second tell too little");

    // Somebody applies the configuration again, without a bundle.
    let configurations: Api<ValidatingWebhookConfiguration> = Api::all(admin.clone());
    let mut replaced = configurations.get(CONFIGURATION).await.unwrap();
    replaced.webhooks = configuration(port).webhooks;
    let replaced = configurations
        .replace(CONFIGURATION, &PostParams::default(), &replaced)
        .await;
    assert_eq!(bundles(&replaced.unwrap()), [None]);
    let began = std::time::Instant::now();
    eventually("the bundle again", || async {
        let (_, bundle) = stored(&secrets).await?;
        let configuration = configurations.get(CONFIGURATION).await.unwrap();
        (bundles(&configuration) == [Some(bundle)]).then_some(())
    })
    .await;
    eprintln!("the bundle was back after {:?}", began.elapsed());
    let configuration = configurations.get(CONFIGURATION).await.unwrap();
    let managers = configuration.metadata.managed_fields.unwrap();
    let ours = managers
        .iter()
        .find(|entry| entry.manager.as_deref() == Some("rustop-ca"));
    assert_eq!(ours.unwrap().operation.as_deref(), Some("Update"));
    eventually("a last call", || async { call(&admin).await.ok() }).await;
    for replica in replicas {
        assert!(!replica.is_finished());
        replica.abort();
    }
    environment.stop().await;
}

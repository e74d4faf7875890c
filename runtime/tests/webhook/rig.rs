//! An API server, a manager with webhooks beside it, and what connects them.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Parser as _;
use k8s_openapi::ByteString;
use k8s_openapi::api::admissionregistration::v1::{
    MutatingWebhookConfiguration, ValidatingWebhookConfiguration,
};
use kube::api::PostParams;
use kube::{Api, Client};
use rustop_runtime::testing::control_plane::{Authority, Identity};
use rustop_runtime::testing::environment::TestEnvironment;
use rustop_runtime::{Error, Manager, ManagerOptions};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

use crate::common;

#[derive(clap::Parser)]
struct Options {
    #[command(flatten)]
    manager: ManagerOptions,
}

/// The manager ends with it; its folder is removed.
pub(crate) struct Rig {
    pub(crate) environment: TestEnvironment,
    pub(crate) client: Client,
    pub(crate) port: u16,
    folder: PathBuf,
    pub(crate) manager: JoinHandle<Result<(), Error>>,
}

/// A folder for one test, with the certificate that is served.
pub(crate) struct Prepared {
    assets: PathBuf,
    pub(crate) folder: PathBuf,
    pub(crate) port: u16,
    pub(crate) authority: Authority,
}

/// Nothing outside of the slow ring.
pub(crate) fn prepare(test: &str) -> Option<Prepared> {
    let assets = common::slow_ring()?;
    let folder = std::env::temp_dir().join(format!("webhook-{test}-{}", std::process::id()));
    std::fs::create_dir_all(folder.join("crds")).unwrap();
    let authority = Authority::new().unwrap();
    write_pair(&folder, &authority.server().unwrap());
    Some(Prepared {
        assets,
        folder,
        port: free_port(),
        authority,
    })
}

impl Prepared {
    pub(crate) fn url(&self, path: &str) -> String {
        format!("https://127.0.0.1:{}{path}", self.port)
    }

    /// How the API server reaches `path`.
    pub(crate) fn client_config(&self, path: &str) -> Value {
        client_config(&self.url(path), self.authority.certificate())
    }

    /// Starts the API server with `crd`, and the manager.
    pub(crate) async fn start(self, crd: Option<&Value>) -> Rig {
        let environment = self.environment(crd).await;
        let client = environment.client();
        let probes = free_port();
        let builder = Manager::builder(self.options(probes, &[]));
        let mut manager = builder.client(client.clone()).build().await.unwrap();
        crate::boxes::register(&mut manager);
        let manager = tokio::spawn(manager.run());
        until(|| async move { probe(probes, "/readyz/webhook").await }).await;
        Rig {
            environment,
            client,
            port: self.port,
            folder: self.folder,
            manager,
        }
    }

    /// Starts the API server with `crd`.
    pub(crate) async fn environment(&self, crd: Option<&Value>) -> TestEnvironment {
        let mut builder = TestEnvironment::builder().assets(&self.assets);
        if let Some(crd) = crd {
            let crds = self.folder.join("crds");
            std::fs::write(crds.join("crd.yaml"), crd.to_string()).unwrap();
            builder = builder.crd_directory(crds);
        }
        let audit = self.folder.join("audit.log");
        builder.audit_log(audit).start().await.unwrap()
    }

    /// The flags of a manager with our certificate, and its probes on the port `probes`.
    pub(crate) fn options(&self, probes: u16, more: &[&str]) -> ManagerOptions {
        let ours = [
            "manager".to_owned(),
            format!("--webhook-port={}", self.port),
            format!("--webhook-cert-path={}", self.folder.display()),
            format!("--health-probe-bind-address=127.0.0.1:{probes}"),
        ];
        let more = more.iter().map(ToString::to_string);
        Options::parse_from(ours.into_iter().chain(more)).manager
    }
}

impl Rig {
    pub(crate) fn serve(&self, identity: &Identity) {
        write_pair(&self.folder, identity);
    }

    /// The lines of the audit log that hold `text`.
    pub(crate) fn audited(&self, text: &str) -> Vec<Value> {
        let log = std::fs::read_to_string(self.folder.join("audit.log")).unwrap();
        let lines = log.lines().filter(|line| line.contains(text));
        lines
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    pub(crate) async fn validate(&self, name: &str, client_config: &Value, rule: &Value) {
        let configuration = configuration("Validating", name, client_config, rule);
        let api: Api<ValidatingWebhookConfiguration> = Api::all(self.client.clone());
        let configuration = serde_json::from_value(configuration).unwrap();
        api.create(&PostParams::default(), &configuration)
            .await
            .unwrap();
    }

    pub(crate) async fn mutate(&self, name: &str, client_config: &Value, rule: &Value) {
        let configuration = configuration("Mutating", name, client_config, rule);
        let api: Api<MutatingWebhookConfiguration> = Api::all(self.client.clone());
        let configuration = serde_json::from_value(configuration).unwrap();
        api.create(&PostParams::default(), &configuration)
            .await
            .unwrap();
    }

    /// Sends a request as it is, and gives the answer with its warnings.
    pub(crate) async fn send(&self, method: &str, path: &str, body: &Value) -> Answer {
        send(&self.client, method, path, body).await
    }
}

impl Drop for Rig {
    fn drop(&mut self) {
        self.manager.abort();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// What the API server said.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) code: u16,
    pub(crate) body: Value,
    pub(crate) warnings: Vec<String>,
}

impl Answer {
    #[track_caller]
    pub(crate) fn done(self) -> Value {
        assert!(self.code < 300, "{self:?}");
        self.body
    }

    pub(crate) fn message(&self) -> &str {
        self.body["message"].as_str().unwrap_or_default()
    }
}

pub(crate) async fn send(client: &Client, method: &str, path: &str, body: &Value) -> Answer {
    let kind = match method {
        "PATCH" if path.contains("fieldManager=") => "application/apply-patch+yaml",
        "PATCH" => "application/merge-patch+json",
        _ => "application/json",
    };
    let body = match body {
        Value::Null => Vec::new(),
        body => body.to_string().into_bytes(),
    };
    let request = http::Request::builder()
        .method(method)
        .uri(path)
        .header("content-type", kind)
        .body(kube::client::Body::from(body))
        .unwrap();
    let response = client.send(request).await.unwrap();
    let warnings = response.headers().get_all("warning");
    let warnings = warnings
        .iter()
        .map(|value| value.to_str().unwrap().to_owned());
    let warnings = warnings.collect();
    let code = response.status().as_u16();
    let body = response.into_body().collect_bytes().await.unwrap();
    let body = serde_json::from_slice(&body).unwrap_or_default();
    Answer {
        code,
        body,
        warnings,
    }
}

pub(crate) fn client_config(url: &str, bundle: &str) -> Value {
    let bundle = serde_json::to_value(ByteString(bundle.as_bytes().to_vec())).unwrap();
    json!({"url": url, "caBundle": bundle})
}

fn configuration(kind: &str, name: &str, client_config: &Value, rule: &Value) -> Value {
    json!({
        "apiVersion": "admissionregistration.k8s.io/v1", "kind": format!("{kind}WebhookConfiguration"),
        "metadata": {"name": name.replace('.', "-")},
        "webhooks": [{
            "name": name, "clientConfig": client_config, "rules": [rule], "sideEffects": "None",
            "admissionReviewVersions": ["v1"], "failurePolicy": "Fail"}]})
}

pub(crate) fn rule(group: &str, resources: &[&str], operations: &[&str]) -> Value {
    let version = "v1";
    json!({"apiGroups": [group], "apiVersions": [version], "resources": resources, "operations": operations})
}

/// Replaced at once, as the kubelet does it: never half a pair.
fn write_pair(folder: &Path, identity: &Identity) {
    for (name, text) in [
        ("tls.key", &identity.key),
        ("tls.crt", &identity.certificate),
    ] {
        let new = folder.join(format!("{name}.new"));
        std::fs::write(&new, text).unwrap();
        std::fs::rename(&new, folder.join(name)).unwrap();
    }
}

pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    listener.local_addr().unwrap().port()
}

/// Waits for what another process or task has to do first.
pub(crate) async fn until<F: Future<Output = bool>>(mut reached: impl FnMut() -> F) {
    let all = async {
        while !reached().await {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(60), all).await;
    assert!(waited.is_ok(), "waited in vain");
}

pub(crate) async fn probe(port: u16, path: &str) -> bool {
    let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)).await else {
        return false;
    };
    let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer.starts_with("HTTP/1.1 200")
}

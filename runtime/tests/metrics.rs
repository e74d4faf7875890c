//! The metrics endpoint: who is let in by a real API server, and what Go makes of it. Slow ring (`RUSTOP_SLOW=1`).
#![allow(
    clippy::disallowed_methods,
    reason = "reads the manifests that projects get"
)]
#![cfg(feature = "testing")]
#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "this whole file is tests"
)]

mod common;

use std::io::Write as _;
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use clap::Parser;
use k8s_openapi::api::authentication::v1::{TokenRequest, TokenRequestSpec};
use k8s_openapi::api::core::v1::{ConfigMap, ServiceAccount};
use k8s_openapi::api::rbac::v1::{ClusterRole, ClusterRoleBinding, RoleRef, Subject};
use kube::api::{ObjectMeta, PostParams};
use kube::{Api, Client, Config};
use rustop_runtime::testing::environment::TestEnvironment;
use rustop_runtime::{Action, BoxError, Controller, Manager, ManagerOptions, Reconciler, Request};
use tokio::task::JoinHandle;

/// The control plane that rustop keeps, in the slow ring only.
async fn environment() -> Option<TestEnvironment> {
    let assets = common::slow_ring()?;
    let builder = TestEnvironment::builder().assets(assets);
    Some(builder.start().await.unwrap())
}

#[derive(Parser)]
struct Options {
    #[command(flatten)]
    manager: ManagerOptions,
}

struct Nothing;

impl Reconciler for Nothing {
    type Object = ConfigMap;
    type Error = BoxError;

    async fn reconcile(&self, _: Request) -> Result<Action, BoxError> {
        Ok(Action::await_change())
    }
}

/// A manager as it is deployed; it stops when this is dropped.
struct Running {
    url: String,
    task: JoinHandle<()>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn start(client: Client) -> Running {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let bind = format!("--metrics-bind-address={address}");
    let arguments = ["manager", "--health-probe-bind-address=0", &bind];
    let options = Options::parse_from(arguments).manager;
    let mut manager = Manager::builder(options)
        .client(client)
        .build()
        .await
        .unwrap();
    manager.add(Controller::new("example", Nothing));
    let task = tokio::spawn(async {
        manager.run().await.unwrap();
    });
    Running {
        url: format!("https://{address}"),
        task,
    }
}

impl Running {
    /// The metrics, or the status of the refusal, for who shows `token`. As Prometheus does it, the certificate isn't
    /// checked.
    async fn get(&self, token: Option<&str>) -> Result<String, u16> {
        let mut config = Config::new(self.url.parse().unwrap());
        config.accept_invalid_certs = true;
        config.auth_info.token = token.map(|token| token.to_owned().into());
        let client = Client::try_from(config).unwrap();
        let request = http::Request::get("/metrics").body(Vec::new()).unwrap();
        match client.request_text(request).await {
            Ok(text) => Ok(text),
            Err(kube::Error::Api(status)) => Err(status.code),
            Err(error) => {
                eprintln!("{error:?}");
                Err(0)
            }
        }
    }

    /// Waits for an answer: a server to listen, or a right to arrive where rights are judged.
    async fn get_until(&self, token: Option<&str>, wanted: Result<(), u16>) -> Option<String> {
        for _ in 0..300 {
            let answer = self.get(token).await;
            if answer.as_ref().map(drop).map_err(|status| *status) == wanted {
                return answer.ok();
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let last = self.get(token).await;
        assert_eq!(last.as_ref().map(drop).map_err(|status| *status), wanted);
        last.ok()
    }
}

/// A role as projects get it.
fn role(file: &str) -> ClusterRole {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../templates/project/config/rbac");
    let text = std::fs::read_to_string(folder.join(file)).unwrap();
    serde_saphyr::from_str(&text.replace("<{ project_name }>", "test")).unwrap()
}

/// Grants a role to somebody.
async fn grant(client: &Client, role: ClusterRole, subject: Subject) {
    let name = role.metadata.name.clone().unwrap();
    let roles = Api::<ClusterRole>::all(client.clone());
    roles.create(&PostParams::default(), &role).await.unwrap();
    let binding = ClusterRoleBinding {
        metadata: named(&name),
        role_ref: RoleRef {
            api_group: "rbac.authorization.k8s.io".to_owned(),
            kind: "ClusterRole".to_owned(),
            name,
        },
        subjects: Some(vec![subject]),
    };
    let bindings = Api::<ClusterRoleBinding>::all(client.clone());
    bindings
        .create(&PostParams::default(), &binding)
        .await
        .unwrap();
}

fn named(name: &str) -> ObjectMeta {
    ObjectMeta {
        name: Some(name.to_owned()),
        ..ObjectMeta::default()
    }
}

/// A service account's token.
async fn token(client: &Client, name: &str) -> String {
    let accounts = Api::<ServiceAccount>::default_namespaced(client.clone());
    let account = ServiceAccount {
        metadata: named(name),
        ..ServiceAccount::default()
    };
    let parameters = PostParams::default();
    accounts.create(&parameters, &account).await.unwrap();
    let request = TokenRequest {
        spec: TokenRequestSpec::default(),
        ..TokenRequest::default()
    };
    let request = accounts.create_token_request(name, &parameters, &request);
    request.await.unwrap().status.unwrap().token
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_read_the_metrics_is_asked_of_the_api_server() {
    let Some(environment) = environment().await else {
        return;
    };
    let admin = environment.client();
    let (reader, stranger) = (
        token(&admin, "reader").await,
        token(&admin, "stranger").await,
    );
    let running = start(environment.client_as("manager", &[]).await.unwrap()).await;
    running.get_until(None, Err(401)).await;
    // The manager may not ask yet, and lets nobody in.
    running.get_until(Some(&reader), Err(500)).await;
    let manager = Subject {
        api_group: Some("rbac.authorization.k8s.io".to_owned()),
        kind: "User".to_owned(),
        name: "manager".to_owned(),
        namespace: None,
    };
    grant(&admin, role("metrics_auth_role.yaml.tera"), manager).await;
    running.get_until(Some(&stranger), Err(403)).await;
    let account = Subject {
        kind: "ServiceAccount".to_owned(),
        name: "reader".to_owned(),
        namespace: Some("default".to_owned()),
        ..Subject::default()
    };
    grant(&admin, role("metrics_reader_role.yaml.tera"), account).await;
    let text = running.get_until(Some(&reader), Ok(())).await.unwrap();
    assert!(text.contains("process_cpu_seconds_total"), "{text}");
    assert_eq!(running.get(Some(&stranger)).await, Err(403));
    assert_eq!(running.get(Some("nobody's")).await, Err(401));
    assert_eq!(running.get(None).await, Err(401));
    assert_prometheus_reads(&text);
    environment.stop().await;
}

/// The rows that the program in Go prints, without those of Go's own runtime.
fn in_go(arguments: &[&str], input: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/controller_runtime_metrics");
    let mut command = Command::new("go");
    command
        .args(["run", "."])
        .args(arguments)
        .current_dir(folder);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut running = command.spawn().unwrap();
    let mut stdin = running.stdin.take().unwrap();
    stdin.write_all(input.as_bytes()).unwrap();
    drop(stdin);
    let output = running.wait_with_output().unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    let rows = text.lines().filter(|row| !row.starts_with("go_"));
    rows.map(ToOwned::to_owned).collect()
}

fn table() -> Vec<String> {
    let table = include_str!("data/controller_runtime_metrics.tsv").lines();
    let rows = table.filter(|line| !line.starts_with('#'));
    rows.map(ToOwned::to_owned).collect()
}

/// Prometheus' own library reads the text, and finds in it what it would find at controller-runtime's.
fn assert_prometheus_reads(text: &str) {
    let rows = in_go(&["parse"], text);
    let table = table();
    let mut found = 0;
    for row in &rows {
        let name = row.split('\t').next().unwrap();
        let theirs = |theirs: &&String| theirs.split('\t').next() == Some(name);
        if let Some(theirs) = table.iter().find(theirs) {
            assert_eq!(row, theirs);
            found += 1;
        }
    }
    assert!(found >= 25, "{found} of {}: {rows:#?}", table.len());
}

#[test]
fn the_table_is_what_controller_runtime_serves() {
    if common::slow_ring().is_some() {
        assert_eq!(in_go(&[], ""), table());
    }
}

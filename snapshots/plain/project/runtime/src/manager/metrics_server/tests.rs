#![allow(clippy::disallowed_methods, reason = "tests write what is watched")]

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::Parser as _;
use http::StatusCode;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::ManagerOptions;
use crate::manager::ManagerBuilder;
use crate::metrics::text::encode_text;
use crate::server::test_client::{Connection, connect, connect_tls};
use crate::server::tls::HTTP2;
use crate::testing::{Answer, FakeApiServer};

#[derive(clap::Parser)]
struct Options {
    #[command(flatten)]
    manager: ManagerOptions,
}

/// Lets in whoever has a token.
fn api_server() -> FakeApiServer {
    FakeApiServer::new().otherwise(|request| {
        let mut review = request.body.clone();
        review["status"] = if request.path.ends_with("/tokenreviews") {
            json!({"authenticated": true, "user": {"username": "prometheus"}})
        } else {
            json!({"allowed": true})
        };
        Some(Answer::ok(&review))
    })
}

fn builder(flags: &[&str]) -> ManagerBuilder {
    let arguments = ["manager"].iter().chain(flags);
    let options = Options::parse_from(arguments).manager;
    Manager::builder(options).client(api_server().client())
}

/// A metrics server with these flags, and what keeps it up.
async fn start(flags: &[&str]) -> (Option<SocketAddr>, Parts) {
    let mut manager = builder(flags).build().await.unwrap();
    let mut support = Parts::new(CancellationToken::new());
    let address = manager.start_metrics_server(&mut support).await.unwrap();
    (address, support)
}

/// One on a port that is free.
async fn start_on_any_port(flags: &[&str]) -> (SocketAddr, Parts) {
    let bind = ["--metrics-bind-address=127.0.0.1:0"];
    let (address, support) = start(&[&bind, flags].concat()).await;
    (address.unwrap(), support)
}

async fn get(connection: &mut Connection, token: Option<&str>) -> StatusCode {
    let authorization = token.map(|token| format!("Bearer {token}"));
    let headers = authorization.as_deref();
    let headers: Vec<_> = headers
        .map(|value| ("authorization", value))
        .into_iter()
        .collect();
    let (status, body) = connection.send("GET", "/metrics", &headers).await.unwrap();
    assert_eq!(status.is_success(), body.contains("# TYPE"), "{body}");
    status
}

#[tokio::test]
async fn by_default_it_is_https_with_a_token() {
    let (address, _support) = start_on_any_port(&[]).await;
    let mut connection = connect_tls(address, &[HTTP2, b"http/1.1"]).await.unwrap();
    assert!(!connection.is_http2());
    assert_eq!(get(&mut connection, None).await, StatusCode::UNAUTHORIZED);
    assert_eq!(get(&mut connection, Some("t")).await, StatusCode::OK);
}

#[tokio::test]
async fn http2_is_offered_on_wish() {
    let (address, _support) = start_on_any_port(&["--enable-http2"]).await;
    let mut connection = connect_tls(address, &[HTTP2]).await.unwrap();
    assert_eq!(get(&mut connection, Some("t")).await, StatusCode::OK);
}

#[tokio::test]
async fn plain_http_goes_to_everybody() {
    let (address, _support) = start_on_any_port(&["--metrics-secure=false"]).await;
    let mut connection = connect(address).await;
    assert_eq!(get(&mut connection, None).await, StatusCode::OK);
}

#[tokio::test]
async fn a_folder_brings_the_certificate() {
    let folder = std::env::temp_dir().join(format!("metrics-server-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    let folder = Folder(folder);
    let made = rcgen::generate_simple_self_signed(["metrics".to_owned()]).unwrap();
    std::fs::write(folder.0.join("a.crt"), made.cert.pem()).unwrap();
    std::fs::write(folder.0.join("a.key"), made.signing_key.serialize_pem()).unwrap();
    let path = format!("--metrics-cert-path={}", folder.0.display());
    let names = ["--metrics-cert-name=a.crt", "--metrics-cert-key=a.key"];
    let (address, _support) = start_on_any_port(&[path.as_str(), names[0], names[1]]).await;
    let connection = connect_tls(address, &[]).await.unwrap();
    assert_eq!(connection.certificate.unwrap()[0], *made.cert.der());
}

struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[tokio::test]
async fn metrics_are_read_while_all_other_requests_wait() {
    let builder = builder(&["--metrics-bind-address=127.0.0.1:0"]);
    let mut manager = builder.request_limit(0.001, 1).build().await.unwrap();
    let client = manager.client();
    let _waiting: Vec<_> = (0..3)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.apiserver_version().await })
        })
        .collect();
    let mut support = Parts::new(CancellationToken::new());
    let address = manager.start_metrics_server(&mut support).await.unwrap();
    let mut connection = connect_tls(address.unwrap(), &[]).await.unwrap();
    let began = Instant::now();
    for reader in 0..13 {
        let token = format!("token-{reader}");
        assert_eq!(get(&mut connection, Some(&token)).await, StatusCode::OK);
    }
    // Thirteen tokens and one user, of which ten may be asked about at once, and then five a second.
    let least = Duration::from_millis(700);
    assert!(began.elapsed() >= least, "they have no limit of their own");
}

#[tokio::test]
async fn zero_is_off() {
    let (address, support) = start(&[]).await;
    assert_eq!(address, None);
    assert!(support.is_empty());
}

/// What a manager of controller-runtime serves on Linux. A project has no copy of it.
fn controller_runtime_table() -> Option<Vec<String>> {
    let path = "/tests/data/controller_runtime_metrics.tsv";
    let text = std::fs::read_to_string([env!("CARGO_MANIFEST_DIR"), path].concat()).ok()?;
    let rows = text.lines().filter(|line| !line.starts_with('#'));
    Some(rows.map(ToOwned::to_owned).collect())
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn all_that_controller_runtime_serves_is_there_under_its_name() {
    let Some(table) = controller_runtime_table() else {
        return;
    };
    let options = Options::parse_from(["manager", "--leader-elect"]).manager;
    let builder = Manager::builder(options).client(api_server().client());
    let mut manager = builder.leader_election_id("lease").build().await.unwrap();
    let _controller = manager.metrics.controller("example");
    let _webhook = manager.metrics.webhook("/example");
    Access::new(manager.client())
        .check(&with_token())
        .await
        .unwrap();
    let text = encode_text(manager.metrics_registry()).unwrap();
    let ours = Table::of(&text);
    assert!(!table.is_empty());
    for row in &table {
        let name = row.split('\t').next().unwrap();
        assert_eq!(ours.row(name).as_ref(), Some(row));
    }
    // Nothing else under its names, either.
    let theirs = |name: &str| table.iter().any(|row| row.split('\t').next() == Some(name));
    for name in ours.0.keys() {
        let prefixes = [
            "certwatcher_",
            "controller_runtime_",
            "leader_election_",
            "process_",
            "rest_client_",
            "workqueue_",
        ];
        let taken = prefixes.iter().any(|prefix| name.starts_with(prefix));
        assert!(!taken || theirs(name), "{name}");
    }
}

fn with_token() -> http::request::Parts {
    let request = http::Request::get("/metrics").header("authorization", "Bearer t");
    request.body(()).unwrap().into_parts().0
}

/// Families by name, of a text that is read strictly.
struct Table(BTreeMap<String, Family>);

#[derive(Default)]
struct Family {
    kind: String,
    labels: BTreeSet<String>,
    bounds: Vec<String>,
}

impl Table {
    fn of(text: &str) -> Self {
        let mut families = BTreeMap::new();
        let mut series = BTreeSet::new();
        let mut lines = text.lines().peekable();
        while let Some(help) = lines.next() {
            let help = help.strip_prefix("# HELP ").expect(help);
            let name = help.split_once(' ').expect("a help text").0.to_owned();
            let kind = lines.next().unwrap().strip_prefix("# TYPE ").unwrap();
            let kind = kind
                .strip_prefix(&format!("{name} "))
                .expect(kind)
                .to_owned();
            let mut family = Family {
                kind,
                ..Family::default()
            };
            while let Some(sample) = lines.next_if(|line| !line.starts_with('#')) {
                let (key, value) = sample.rsplit_once(' ').unwrap();
                assert!(value.parse::<f64>().is_ok(), "{sample}");
                assert!(series.insert(key), "twice: {key}");
                family.sample(&name, key);
            }
            assert!(families.insert(name.clone(), family).is_none(), "{name}");
        }
        Self(families)
    }

    fn row(&self, name: &str) -> Option<String> {
        let family = self.0.get(name)?;
        let labels: Vec<_> = family.labels.iter().map(String::as_str).collect();
        let bounds = family.bounds.join(",");
        Some([name, &family.kind, &labels.join(","), &bounds].join("\t"))
    }
}

impl Family {
    fn sample(&mut self, family: &str, key: &str) {
        let (name, labels) = key.split_once('{').unwrap_or((key, "}"));
        let suffix = name.strip_prefix(family).expect(name);
        let suffixes: &[_] = match self.kind.as_str() {
            "histogram" => &["_bucket", "_sum", "_count"],
            "counter" | "gauge" => &[""],
            other => panic!("{other}"),
        };
        assert!(suffixes.contains(&suffix), "{key}");
        let labels = labels.strip_suffix('}').unwrap().split(',');
        for label in labels.filter(|label| !label.is_empty()) {
            let (label, value) = label.split_once('=').unwrap();
            let value = value
                .strip_prefix('"')
                .and_then(|value| value.strip_suffix('"'));
            match (label, value.unwrap()) {
                ("le", "+Inf") => {}
                ("le", bound) => self.bounds.push(bound.to_owned()),
                _ => drop(self.labels.insert(label.to_owned())),
            }
        }
    }
}

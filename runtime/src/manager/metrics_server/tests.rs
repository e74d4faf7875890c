#![allow(clippy::disallowed_methods, reason = "tests write what is watched")]

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Parser as _;
use http::StatusCode;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::ManagerOptions;
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

/// A metrics server with these flags, and what keeps it up.
async fn start(flags: &[&str]) -> (Option<SocketAddr>, Parts) {
    let arguments = ["manager"].iter().chain(flags);
    let options = Options::parse_from(arguments).manager;
    let builder = Manager::builder(options).client(api_server().client());
    let mut manager = builder.build().await.unwrap();
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
async fn zero_is_off() {
    let (address, support) = start(&[]).await;
    assert_eq!(address, None);
    assert!(support.is_empty());
}

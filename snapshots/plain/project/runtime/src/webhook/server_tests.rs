//! The server over TLS: readiness, and an end that leaves nobody without an answer.

use std::net::{Ipv4Addr, SocketAddr};

use k8s_openapi::api::core::v1::Pod;
use prometheus_client::registry::Registry;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::*;
use crate::testing::control_plane::Authority;
use crate::webhook::admission::{AdmissionRequest, AdmissionResponse, boxed};
use crate::webhook::{Validator, Webhook};

struct Anything;

impl Validator for Anything {
    type Object = Pod;
}

fn metrics() -> Metrics {
    Metrics::register(&mut Registry::default())
}

fn with_paths(paths: &[&str]) -> Result<ListeningService, Error> {
    let mut server = WebhookServer::default();
    for path in paths {
        let webhook = Webhook::<Pod>::new().validator(Anything);
        for (path, handler) in webhook.validation_path(*path).into_handlers() {
            server.add_handler(path, handler);
        }
    }
    server.into_service(&metrics(), false)
}

#[test]
fn a_path_has_one_webhook() {
    assert!(with_paths(&["/a", "/b"]).is_ok());
    let twice = with_paths(&["/a", "/a"]).err().unwrap().to_string();
    assert!(twice.contains("`/a`"), "{twice}");
    for path in ["a", "", "/a?b", "/a b"] {
        let error = with_paths(&[path]).err();
        assert!(
            matches!(error, Some(Error::InvalidWebhookPath(_))),
            "{path}"
        );
    }
}

async fn connect(address: SocketAddr, authority: &Authority) -> TlsStream<TcpStream> {
    let stream = TcpStream::connect(address).await.unwrap();
    shake_hands(stream, authority).await
}

async fn shake_hands(stream: TcpStream, authority: &Authority) -> TlsStream<TcpStream> {
    let mut roots = RootCertStore::empty();
    let root = CertificateDer::from_pem_slice(authority.certificate().as_bytes()).unwrap();
    roots.add(root).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").unwrap();
    let connector = TlsConnector::from(Arc::new(config));
    connector.connect(name, stream).await.unwrap()
}

const BODY: &str = r#"{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u-1",
"operation":"CREATE","kind":{"group":"","version":"v1","kind":"Pod"},
"resource":{"group":"","version":"v1","resource":"pods"}}}"#;

/// Kept alive, as API servers do.
async fn send(stream: &mut TlsStream<TcpStream>, path: &str) {
    let length = BODY.len();
    let head = format!(
        "POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n{BODY}"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
}

#[tokio::test]
async fn the_check_waits_for_the_certificate_and_the_end_for_the_answer() {
    let (asked, go) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let mut server = WebhookServer::default();
    let (here, there) = (Arc::clone(&asked), Arc::clone(&go));
    let handler = move |_: AdmissionRequest| {
        let (asked, go) = (Arc::clone(&here), Arc::clone(&there));
        async move {
            asked.notify_one();
            go.notified().await;
            AdmissionResponse::allowed()
        }
    };
    server.add_handler("/slow".into(), boxed(handler));
    let certificate = server.provide_certificate();
    assert!(server.certificate_from_files().is_none());
    let check = server.check();
    assert!(check().unwrap_err().contains("not listening"));

    let service = server.into_service(&metrics(), false).unwrap();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let mut ending = tokio::spawn(serve(listener, service, stop.clone()));
    tokio::task::yield_now().await;
    assert!(check().unwrap_err().contains("no certificate"));
    let authority = Authority::new().unwrap();
    let identity = authority.server().unwrap();
    certificate
        .set(identity.certificate.as_bytes(), identity.key.as_bytes())
        .unwrap();
    assert_eq!(check(), Ok(()));

    // One connection has a request in it when the end comes, and another is idle.
    let mut idle = connect(address, &authority).await;
    let mut busy = connect(address, &authority).await;
    send(&mut busy, "/slow").await;
    asked.notified().await;
    stop.cancel();
    let mut nothing = Vec::new();
    let _ = idle.read_to_end(&mut nothing).await;
    assert!(nothing.is_empty());
    assert!(futures::poll!(&mut ending).is_pending());
    go.notify_one();
    let mut answer = String::new();
    let _ = busy.read_to_string(&mut answer).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    assert!(
        answer.ends_with(r#"{"uid":"u-1","allowed":true}}"#),
        "{answer}"
    );
    ending.await.unwrap();
    assert!(TcpStream::connect(address).await.is_err());
    assert!(check().is_err());
}

/// A server that says yes to everything at `/yes`.
async fn start(
    authority: &Authority,
) -> (SocketAddr, CancellationToken, tokio::task::JoinHandle<()>) {
    let mut server = WebhookServer::default();
    let yes = |_: AdmissionRequest| async { AdmissionResponse::allowed() };
    server.add_handler("/yes".into(), boxed(yes));
    let identity = authority.server().unwrap();
    server
        .provide_certificate()
        .set(identity.certificate.as_bytes(), identity.key.as_bytes())
        .unwrap();
    let service = server.into_service(&metrics(), false).unwrap();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let stop = CancellationToken::new();
    let ending = tokio::spawn(serve(listener, service, stop.clone()));
    (address, stop, ending)
}

#[tokio::test]
async fn who_says_nothing_does_not_keep_the_server_from_its_end() {
    let authority = Authority::new().unwrap();
    let (address, stop, ending) = start(&authority).await;
    let _no_handshake = TcpStream::connect(address).await.unwrap();
    let mut half_a_handshake = TcpStream::connect(address).await.unwrap();
    half_a_handshake.write_all(&[22, 3, 1]).await.unwrap();
    let _no_request = connect(address, &authority).await;
    let mut half_a_header = connect(address, &authority).await;
    let half = b"POST /yes HTTP/1.1\r\nhost: x\r\n";
    half_a_header.write_all(half).await.unwrap();
    let mut half_a_second_header = connect(address, &authority).await;
    send(&mut half_a_second_header, "/yes").await;
    half_a_second_header.write_all(half).await.unwrap();
    stop.cancel();
    let ended = tokio::time::timeout(Duration::from_secs(5), ending).await;
    ended.expect("the server waits for one of them").unwrap();
}

#[tokio::test]
async fn who_had_just_connected_is_answered() {
    let authority = Authority::new().unwrap();
    let (address, stop, ending) = start(&authority).await;
    let mut new = connect(address, &authority).await;
    let connecting = TcpStream::connect(address).await.unwrap();
    tokio::task::yield_now().await;
    stop.cancel();
    tokio::time::sleep(Duration::from_millis(100)).await;
    let mut connecting = shake_hands(connecting, &authority).await;
    for stream in [&mut new, &mut connecting] {
        send(stream, "/yes").await;
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer).await;
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    }
    ending.await.unwrap();
}

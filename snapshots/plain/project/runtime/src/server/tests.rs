use std::sync::atomic::{AtomicBool, Ordering};

use rcgen::{CertifiedKey, generate_simple_self_signed};
use tokio::task::JoinHandle;

use super::test_client::{Connection, connect, connect_tls};
use super::tls::{HTTP2, ServingCertificate};
use super::*;

struct Echo;

impl Page for Echo {
    fn get(&self, path: &str, query: &str) -> Reply {
        Reply::text(StatusCode::OK, format!("{path} {query}"))
    }
}

/// A server, stopped when it is dropped.
struct Server {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn start(tls: Option<Arc<ServerConfig>>) -> Server {
    let address = SocketAddr::from(([127, 0, 0, 1], 0));
    let listener = listen("test", address).await.unwrap();
    Server {
        address: listener.local_addr().unwrap(),
        task: tokio::spawn(serve(listener, tls, Echo)),
    }
}

/// A certificate and its key, as PEM.
fn pair() -> (String, String) {
    let made = generate_simple_self_signed(["localhost".to_owned()]);
    let CertifiedKey { cert, signing_key } = made.unwrap();
    (cert.pem(), signing_key.serialize_pem())
}

fn set(serving: &ServingCertificate, pair: &(String, String)) {
    serving.set(pair.0.as_bytes(), pair.1.as_bytes()).unwrap();
}

#[tokio::test]
async fn a_get_is_answered() {
    let server = start(None).await;
    let (status, body) = connect(server.address).await.get("/a?b").await.unwrap();
    assert_eq!((status, body.as_str()), (StatusCode::OK, "/a b"));
}

#[tokio::test]
async fn other_methods_are_refused() {
    let server = start(None).await;
    let answer = connect(server.address).await.send("POST", "/a", &[]).await;
    assert_eq!(answer.unwrap().0, StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn a_taken_address_is_an_error_that_names_it() {
    let server = start(None).await;
    let address = server.address;
    let error = listen("metrics", address).await.unwrap_err().to_string();
    assert_eq!(
        error,
        format!("failed to listen on `{address}` for metrics")
    );
}

#[tokio::test]
async fn http2_is_spoken_only_on_wish() {
    let serving = ServingCertificate::default();
    set(&serving, &pair());
    for (offered, wished, http2) in [
        (&[HTTP2, b"http/1.1"] as &[&[u8]], true, true),
        (&[HTTP2, b"http/1.1"], false, false),
        (&[b"http/1.1"], true, false),
        (&[], true, false),
    ] {
        let server = start(Some(serving.server_config(wished).unwrap())).await;
        let mut connection = connect_tls(server.address, offered).await.unwrap();
        assert_eq!(connection.is_http2(), http2, "{offered:?} {wished}");
        let (status, body) = connection.get("/a?b").await.unwrap();
        assert_eq!((status, body.as_str()), (StatusCode::OK, "/a b"));
    }
    let server = start(Some(serving.server_config(false).unwrap())).await;
    assert!(connect_tls(server.address, &[HTTP2]).await.is_err());
}

#[tokio::test]
async fn without_a_certificate_handshakes_fail_and_the_server_goes_on() {
    let serving = ServingCertificate::default();
    let server = start(Some(serving.server_config(false).unwrap())).await;
    assert!(connect_tls(server.address, &[]).await.is_err());
    set(&serving, &pair());
    assert!(connect_tls(server.address, &[]).await.is_ok());
}

async fn assert_answers(connection: &mut Connection) {
    let (status, body) = connection.get("/a?b").await.unwrap();
    assert_eq!((status, body.as_str()), (StatusCode::OK, "/a b"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_certificate_drops_no_request() {
    let serving = ServingCertificate::default();
    let pairs = [pair(), pair()];
    set(&serving, &pairs[0]);
    let server = start(Some(serving.server_config(false).unwrap())).await;
    let mut kept = connect_tls(server.address, &[]).await.unwrap();
    let done = Arc::new(AtomicBool::new(false));
    let swapping = {
        let (serving, done) = (serving.clone(), Arc::clone(&done));
        std::thread::spawn(move || {
            for pair in pairs.iter().cycle() {
                set(&serving, pair);
                if done.load(Ordering::Relaxed) {
                    break;
                }
            }
        })
    };
    let mut seen = Vec::new();
    for _ in 0..200 {
        assert_answers(&mut kept).await;
        let mut new = connect_tls(server.address, &[]).await.unwrap();
        assert_answers(&mut new).await;
        if !seen.contains(&new.certificate) {
            seen.push(new.certificate);
        }
    }
    done.store(true, Ordering::Relaxed);
    swapping.join().unwrap();
    assert_eq!(seen.len(), 2, "both certificates were served meanwhile");
    let last = connect_tls(server.address, &[]).await.unwrap();
    assert_eq!(last.certificate, serving.chain());
}

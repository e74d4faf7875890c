use std::net::SocketAddr;
use std::time::Duration;

use http::Request;
use hyper_util::rt::TokioIo;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::Api;
use kube::api::PostParams;
use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::time::Instant;

use super::*;
use crate::leader_election::Fenced;
use crate::metrics::Metrics;
use crate::testing::{Answer, FakeApiServer};

const MAPS: &str = "/api/v1/namespaces/default/configmaps";
const MAP: &str = "/api/v1/namespaces/default/configmaps/a";

fn server() -> FakeApiServer {
    FakeApiServer::new()
        .on("GET", MAP, Answer::ok(&ConfigMap::default()))
        .on("POST", MAPS, Answer::ok(&ConfigMap::default()))
}

fn maps(client: Client) -> Api<ConfigMap> {
    Api::default_namespaced(client)
}

#[tokio::test]
async fn a_write_behind_a_closed_fence_is_not_sent_and_a_read_is() {
    let (server, guards) = (server(), Guards::default());
    let maps = maps(around(server.client(), guards.clone()));
    let map = ConfigMap::default();
    maps.create(&PostParams::default(), &map).await.unwrap();
    guards.fence.close();
    maps.get("a").await.unwrap();
    let refused = maps.create(&PostParams::default(), &map).await.unwrap_err();
    match &refused {
        kube::Error::Service(error) => assert_eq!(error.downcast_ref(), Some(&Fenced::Lost)),
        other => panic!("{other:?}"),
    }
    let sent: Vec<_> = server
        .requests()
        .into_iter()
        .map(|sent| sent.method)
        .collect();
    assert_eq!(sent, ["POST", "GET"]);
}

/// Answers one request.
async fn answer_one(listener: TcpListener) {
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut request = [0; 1024];
    let length = stream.read(&mut request).await.unwrap();
    assert!(length > 0);
    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
    stream.write_all(answer).await.unwrap();
    let _ = stream.read(&mut request).await;
}

async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

fn config(address: SocketAddr) -> Config {
    Config::new(format!("http://{address}").parse().unwrap())
}

fn write() -> Request<Vec<u8>> {
    Request::post(MAPS).body(b"{}".to_vec()).unwrap()
}

/// It passed the front and waits for its turn when the fence is closed, so that only the check at the socket can have
/// stopped it.
#[tokio::test]
async fn nothing_leaves_through_a_socket_behind_a_closed_fence() {
    let (listener, address) = listen().await;
    let turns = Arc::new(TokenBucket::new(5.0, 1));
    let guards = Guards {
        limit: Some(Arc::clone(&turns)),
        ..Guards::default()
    };
    let client = connect(config(address), guards.clone()).unwrap();
    turns.delay();
    let received = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut received = Vec::new();
        let _ = stream.read_to_end(&mut received).await;
        received
    });
    let close = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        guards.fence.close();
    };
    let limit = Duration::from_secs(10);
    let answer = tokio::time::timeout(limit, client.request_text(write()));
    let (answer, ()) = tokio::join!(answer, close);
    let error = answer.expect("it waits for an answer").unwrap_err();
    let cause = crate::error::chain(&error);
    assert!(cause.contains(&Fenced::Lost.to_string()), "{cause}");
    drop(client);
    assert_eq!(received.await.unwrap(), b"");
}

/// As a webhook does whose process has given the lease back.
#[tokio::test]
async fn what_is_read_behind_a_closed_fence_is_answered() {
    let (listener, address) = listen().await;
    let guards = Guards::default();
    let client = connect(config(address), guards.clone()).unwrap();
    guards.fence.close();
    let answered = tokio::spawn(answer_one(listener));
    let request = Request::get("/version").body(Vec::new()).unwrap();
    let limit = Duration::from_secs(10);
    let answer = tokio::time::timeout(limit, client.request_text(request)).await;
    assert_eq!(answer.expect("it waits for an answer").unwrap(), "{}");
    answered.abort();
}

/// A peer that takes nothing stands for a network that carries nothing: the bytes stay in the kernel.
#[cfg(target_os = "linux")]
async fn sent_before_the_cut_and_read_long_after(
    delivery: Option<Duration>,
) -> std::io::Result<usize> {
    let (listener, address) = listen().await;
    let guards = Guards {
        delivery,
        ..Guards::default()
    };
    let client = connect(config(address), guards.clone()).unwrap();
    let large = vec![b' '; 64 << 20];
    let request = Request::post(MAPS).body(large).unwrap();
    let sending = tokio::spawn(async move { client.request_text(request).await });
    let (mut stream, _) = listener.accept().await.unwrap();
    // Now it is as much as the kernel takes.
    tokio::time::sleep(Duration::from_millis(300)).await;
    guards.fence.close();
    sending.abort();
    let _ = sending.await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    stream.read_to_end(&mut Vec::new()).await
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn what_the_network_held_back_does_not_arrive_when_another_may_lead() {
    let half_a_second = Some(Duration::from_millis(500));
    let limited = sent_before_the_cut_and_read_long_after(half_a_second).await;
    let cause = limited.expect_err("all of it arrived").kind();
    assert_eq!(cause, std::io::ErrorKind::ConnectionReset);
    let unlimited = sent_before_the_cut_and_read_long_after(None).await;
    assert!(
        unlimited.is_ok(),
        "the test would not notice: {unlimited:?}"
    );
}

#[tokio::test]
async fn a_connection_that_is_open_asks_the_fence_too() {
    use hyper::rt::Write as _;

    let (near, mut far) = tokio::io::duplex(64);
    let fence = Fence::default();
    let mut stream = connector::FencedStream::new(TokioIo::new(near), fence.clone());
    let mut write = async |bytes: &'static [u8]| {
        futures::future::poll_fn(|context| {
            std::pin::Pin::new(&mut stream).poll_write(context, bytes)
        })
        .await
    };
    assert_eq!(write(b"one").await.unwrap(), 3);
    fence.close();
    let refused = write(b"two").await.unwrap_err();
    assert_eq!(refused.to_string(), Fenced::Lost.to_string());
    drop(stream);
    let mut received = Vec::new();
    far.read_to_end(&mut received).await.unwrap();
    assert_eq!(received, b"one");
}

fn counts(registry: &Registry) -> Vec<String> {
    let mut text = String::new();
    encode(&mut text, registry).unwrap();
    let samples = text
        .lines()
        .filter(|line| line.starts_with("rest_client_requests_total"));
    let mut samples: Vec<_> = samples.map(ToOwned::to_owned).collect();
    samples.sort();
    samples
}

#[tokio::test]
async fn requests_are_counted_as_client_go_does() {
    let mut registry = Registry::default();
    let guards = Guards {
        metrics: Metrics::register(&mut registry).client(),
        ..Guards::default()
    };
    let (listener, address) = listen().await;
    let client = connect(config(address), guards).unwrap();
    let answered = tokio::spawn(answer_one(listener));
    let request = || Request::get("/version").body(Vec::new()).unwrap();
    client.request_text(request()).await.unwrap();
    answered.abort();
    let _ = answered.await;
    client.request_text(request()).await.unwrap_err();
    let expected = [("200", "1"), ("<error>", "1")].map(|(code, count)| {
        format!(
            r#"rest_client_requests_total{{code="{code}",method="GET",host="{address}"}} {count}"#
        )
    });
    assert_eq!(counts(&registry), expected);
}

#[tokio::test(start_paused = true)]
async fn requests_wait_for_their_turn() {
    let guards = Guards {
        limit: Some(Arc::new(TokenBucket::new(10.0, 2))),
        ..Guards::default()
    };
    let maps = maps(around(server().client(), guards));
    let start = Instant::now();
    for expected in [0, 0, 100, 200] {
        maps.get("a").await.unwrap();
        // tokio's clock counts in whole milliseconds, and rounds up.
        let waited = start.elapsed();
        let expected = Duration::from_millis(expected);
        assert!(waited >= expected && waited <= expected + Duration::from_millis(2));
    }
}

/// A node that vanishes says nothing: the kernel has to ask.
#[cfg(target_os = "linux")]
#[allow(clippy::disallowed_methods, reason = "the kernel's file")]
#[tokio::test]
async fn a_silent_connection_is_asked_for_a_sign_of_life() {
    let (listener, address) = listen().await;
    let client = connect(config(address), Guards::default()).unwrap();
    let asking = tokio::spawn(async move {
        let request = Request::get("/version").body(Vec::new()).unwrap();
        client.request_text(request).await
    });
    let (mut stream, peer) = listener.accept().await.unwrap();
    // Once the request is here, nothing is on its way that would have a timer of its own.
    let length = stream.read(&mut [0; 1024]).await.unwrap();
    assert!(length > 0);
    let port = format!(":{:04X}", peer.port());
    let timer = loop {
        let table = std::fs::read_to_string("/proc/self/net/tcp").unwrap();
        let ours = table.lines().find_map(|line| {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let is_it = fields.get(1)?.ends_with(&port);
            is_it.then(|| fields.get(5).map(|timer| (*timer).to_owned()))?
        });
        match ours {
            Some(timer) if !timer.starts_with("01:") => break timer,
            _ => tokio::task::yield_now().await,
        }
    };
    assert!(timer.starts_with("02:"), "no keep-alive timer: {timer}");
    asking.abort();
}

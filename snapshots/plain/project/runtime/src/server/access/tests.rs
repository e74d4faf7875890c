use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use http::Request;
use serde_json::json;

use super::*;
use crate::testing::{Answer, FakeApiServer, RecordedRequest};

const TOKENS: &str = "/apis/authentication.k8s.io/v1/tokenreviews";
const ACCESSES: &str = "/apis/authorization.k8s.io/v1/subjectaccessreviews";

/// An API server that knows one user for each token that begins with `user`, and lets in those it is told.
#[derive(Default)]
struct Cluster {
    token_reviews: AtomicUsize,
    access_reviews: AtomicUsize,
    allowed: AtomicBool,
    broken: AtomicBool,
}

impl Cluster {
    fn answer(&self, request: &RecordedRequest) -> Answer {
        if self.broken.load(Ordering::SeqCst) {
            return Answer::status(403, "Forbidden");
        }
        let mut review = request.body.clone();
        if request.path == TOKENS {
            self.token_reviews.fetch_add(1, Ordering::SeqCst);
            let token = review["spec"]["token"].as_str().unwrap().to_owned();
            review["status"] = if token.starts_with("user") {
                json!({"authenticated": true, "user": {
                    "username": token, "groups": ["readers"], "extra": {"a": ["b"]}}})
            } else {
                json!({"authenticated": false, "error": "invalid bearer token"})
            };
        } else {
            assert_eq!(request.path, ACCESSES);
            self.access_reviews.fetch_add(1, Ordering::SeqCst);
            let wanted = json!({"path": "/metrics", "verb": "get"});
            assert_eq!(review["spec"]["nonResourceAttributes"], wanted);
            assert_eq!(review["spec"]["groups"], json!(["readers"]));
            assert_eq!(review["spec"]["extra"], json!({"a": ["b"]}));
            review["status"] = json!({"allowed": self.allowed.load(Ordering::SeqCst)});
        }
        Answer::ok(&review)
    }

    fn counts(&self) -> (usize, usize) {
        (
            self.token_reviews.load(Ordering::SeqCst),
            self.access_reviews.load(Ordering::SeqCst),
        )
    }
}

fn start() -> (Arc<Cluster>, Access) {
    let cluster = Arc::new(Cluster::default());
    cluster.allowed.store(true, Ordering::SeqCst);
    let asked = Arc::clone(&cluster);
    let server = FakeApiServer::new().otherwise(move |request| Some(asked.answer(request)));
    (cluster, Access::new(server.client()))
}

/// The status of the answer, 200 when the request is let through.
async fn ask(access: &Access, authorization: Option<&str>) -> u16 {
    let mut request = Request::get("/metrics");
    if let Some(authorization) = authorization {
        request = request.header(AUTHORIZATION, authorization);
    }
    let (parts, ()) = request.body(()).unwrap().into_parts();
    let refused = access.check(&parts).await.err();
    refused.map_or(200, |reply| reply.status.as_u16())
}

#[tokio::test(start_paused = true)]
async fn a_user_who_may_is_let_in_and_remembered() {
    let (cluster, access) = start();
    for scheme in ["Bearer", "bearer", " Bearer"] {
        let authorization = format!("{scheme} user");
        assert_eq!(ask(&access, Some(&authorization)).await, 200);
    }
    assert_eq!(cluster.counts(), (1, 1));
    tokio::time::advance(USER_HOLDS).await;
    assert_eq!(ask(&access, Some("Bearer user")).await, 200);
    assert_eq!(cluster.counts(), (2, 1));
    cluster.allowed.store(false, Ordering::SeqCst);
    tokio::time::advance(ALLOWED_HOLDS).await;
    assert_eq!(ask(&access, Some("Bearer user")).await, 403);
    assert_eq!(cluster.counts(), (3, 2));
}

#[tokio::test(start_paused = true)]
async fn who_may_not_is_refused_until_they_may() {
    let (cluster, access) = start();
    cluster.allowed.store(false, Ordering::SeqCst);
    assert_eq!(ask(&access, Some("Bearer user")).await, 403);
    cluster.allowed.store(true, Ordering::SeqCst);
    assert_eq!(ask(&access, Some("Bearer user")).await, 403);
    assert_eq!(cluster.counts(), (1, 1));
    tokio::time::advance(DENIED_HOLDS).await;
    assert_eq!(ask(&access, Some("Bearer user")).await, 200);
}

#[tokio::test(start_paused = true)]
async fn one_user_is_not_taken_for_another() {
    let (cluster, access) = start();
    assert_eq!(ask(&access, Some("Bearer user-a")).await, 200);
    cluster.allowed.store(false, Ordering::SeqCst);
    assert_eq!(ask(&access, Some("Bearer user-b")).await, 403);
    assert_eq!(ask(&access, Some("Bearer user-a")).await, 200);
}

#[tokio::test(start_paused = true)]
async fn without_a_token_nobody_is_asked() {
    let (cluster, access) = start();
    for authorization in [
        None,
        Some(""),
        Some("Bearer"),
        Some("Bearer "),
        Some("Bearer  user"),
        Some("Basic dXNlcjo="),
        Some("user"),
    ] {
        assert_eq!(ask(&access, authorization).await, 401, "{authorization:?}");
    }
    assert_eq!(cluster.counts(), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_nobodys_is_refused_and_remembered_briefly() {
    let (cluster, access) = start();
    assert_eq!(ask(&access, Some("Bearer stranger")).await, 401);
    assert_eq!(ask(&access, Some("Bearer stranger")).await, 401);
    assert_eq!(cluster.counts(), (1, 0));
    tokio::time::advance(NOBODY_HOLDS).await;
    assert_eq!(ask(&access, Some("Bearer stranger")).await, 401);
    assert_eq!(cluster.counts(), (2, 0));
}

#[tokio::test(start_paused = true)]
async fn an_api_server_that_cannot_be_asked_lets_nobody_in_and_is_asked_again() {
    let (cluster, access) = start();
    cluster.broken.store(true, Ordering::SeqCst);
    assert_eq!(ask(&access, Some("Bearer user")).await, 500);
    cluster.broken.store(false, Ordering::SeqCst);
    assert_eq!(ask(&access, Some("Bearer user")).await, 200);
}

#[tokio::test(start_paused = true)]
async fn many_at_once_ask_once() {
    let (cluster, access) = start();
    let asked = (0..50).map(|_| ask(&access, Some("Bearer user")));
    let answers = futures::future::join_all(asked).await;
    assert!(answers.iter().all(|status| *status == 200));
    let (tokens, accesses) = cluster.counts();
    assert!(
        tokens <= AT_ONCE && accesses <= AT_ONCE,
        "{tokens} {accesses}"
    );
}

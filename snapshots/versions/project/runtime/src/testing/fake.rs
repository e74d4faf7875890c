//! An API server that knows only what it was told.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::channel::mpsc;
use kube::Client;
use kube::client::Body as RequestBody;
use serde_json::Value;

use super::answer::{Answer, Body, Kind, WatchFeed};

/// A `kube::Client`'s other end: answers from a table, in the order in which the answers were given, the last one for
/// ever; records each request; says 501 to what it wasn't told.
///
/// ```
/// use k8s_openapi::api::core::v1::ConfigMap;
/// use kube::Api;
/// use rustop_runtime::testing::{Answer, FakeApiServer};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), kube::Error> {
/// let server = FakeApiServer::new()
///     .on("GET", "/api/v1/namespaces/default/configmaps/a", Answer::ok(&ConfigMap::default()))
///     .on("GET", "/api/v1/namespaces/default/configmaps/b", Answer::not_found());
/// let api: Api<ConfigMap> = Api::default_namespaced(server.client());
/// assert!(api.get_opt("a").await?.is_some());
/// assert!(api.get_opt("b").await?.is_none());
/// assert!(api.get_opt("c").await.is_err(), "501");
/// assert_eq!(server.requests().len(), 3);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default)]
pub struct FakeApiServer(Arc<Mutex<State>>);

type Fallback = Box<dyn FnMut(&RecordedRequest) -> Option<Answer> + Send>;

#[derive(Default)]
struct State {
    routes: Vec<Route>,
    fallback: Option<Fallback>,
    requests: Vec<RecordedRequest>,
}

struct Route {
    method: String,
    path: String,
    answers: Vec<Answer>,
}

/// A request as the server got it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedRequest {
    /// `GET`, `POST`, `PUT`, `PATCH`, `DELETE`; `WATCH` for a `GET` that watches.
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// The query, without the `?`; empty when there is none.
    pub query: String,
    /// The body as JSON; null when there is none.
    pub body: Value,
}

impl FakeApiServer {
    /// A server that says 501 to everything.
    pub fn new() -> Self {
        Self::default()
    }

    /// Answers `method` on `path` with `answer`. Called again for the same request, it adds the answer to the next one.
    #[must_use]
    pub fn on(self, method: &str, path: &str, answer: Answer) -> Self {
        self.lock().add(method, path, answer);
        self
    }

    /// Asks `answer` about each request that the table doesn't know.
    #[must_use]
    pub fn otherwise<F>(self, answer: F) -> Self
    where
        F: FnMut(&RecordedRequest) -> Option<Answer> + Send + 'static,
    {
        self.lock().fallback = Some(Box::new(answer));
        self
    }

    /// Opens a watch on `path`; its events are sent through what this returns. Followed by a watch without events.
    pub fn watch(&self, path: &str) -> WatchFeed {
        let (sender, receiver) = mpsc::unbounded();
        let events = Arc::new(Mutex::new(Some(receiver)));
        self.lock().add("WATCH", path, Answer(Kind::Watch(events)));
        WatchFeed(sender)
    }

    /// A client of this server. Needs a tokio runtime.
    pub fn client(&self) -> Client {
        let server = self.clone();
        let service = tower::service_fn(move |request| server.clone().answer(request));
        Client::new(service, "default")
    }

    /// What was asked so far, in order.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.lock().requests.clone()
    }

    async fn answer(
        self,
        request: http::Request<RequestBody>,
    ) -> Result<http::Response<Body>, kube::Error> {
        let request = RecordedRequest::read(request).await?;
        let answer = self.lock().take(request);
        Ok(answer.into_response().await)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn add(&mut self, method: &str, path: &str, answer: Answer) {
        match self.route(method, path) {
            Some(route) => route.answers.push(answer),
            None => self.routes.push(Route {
                method: method.to_owned(),
                path: path.to_owned(),
                answers: vec![answer],
            }),
        }
    }

    fn route(&mut self, method: &str, path: &str) -> Option<&mut Route> {
        self.routes
            .iter_mut()
            .find(|route| route.method == method && route.path == path)
    }

    fn take(&mut self, request: RecordedRequest) -> Answer {
        let answer = match self.route(&request.method, &request.path) {
            Some(route) => Some(route.next()),
            None => self
                .fallback
                .as_mut()
                .and_then(|fallback| fallback(&request)),
        };
        let message = format!(
            "the fake was not told to answer {} {}",
            request.method, request.path
        );
        self.requests.push(request);
        answer.unwrap_or_else(|| Answer::status_with(501, "NotImplemented", &message))
    }
}

impl Route {
    fn next(&mut self) -> Answer {
        match self.answers.len() {
            1 => self.answers[0].clone(),
            _ => self.answers.remove(0),
        }
    }
}

impl RecordedRequest {
    async fn read(request: http::Request<RequestBody>) -> Result<Self, kube::Error> {
        let (parts, body) = request.into_parts();
        let body = body.collect_bytes().await?;
        let query = parts.uri.query().unwrap_or_default().to_owned();
        let watches = query.split('&').any(|pair| pair == "watch=true");
        Ok(Self {
            method: if watches {
                "WATCH"
            } else {
                parts.method.as_str()
            }
            .to_owned(),
            path: parts.uri.path().to_owned(),
            query,
            body: serde_json::from_slice(&body).unwrap_or(Value::Null),
        })
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::ConfigMap;
    use kube::Api;

    use super::*;

    #[tokio::test]
    async fn answers_come_in_order_and_the_last_one_stays() {
        let path = "/api/v1/namespaces/default/configmaps/a";
        let server = FakeApiServer::new()
            .on("GET", path, Answer::not_found())
            .on("GET", path, Answer::ok(&ConfigMap::default()));
        let api: Api<ConfigMap> = Api::default_namespaced(server.client());
        let mut found = Vec::new();
        for _ in 0..3 {
            found.push(api.get_opt("a").await.unwrap().is_some());
        }
        assert_eq!(found, [false, true, true]);
    }

    #[tokio::test]
    async fn what_it_was_not_told_is_a_501() {
        let server = FakeApiServer::new();
        let api: Api<ConfigMap> = Api::default_namespaced(server.client());
        match api.get("a").await {
            Err(kube::Error::Api(status)) => assert_eq!(status.code, 501),
            other => panic!("{other:?}"),
        }
    }
}

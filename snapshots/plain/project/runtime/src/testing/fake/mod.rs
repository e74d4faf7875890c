//! An API server in the test's own process.

mod apply;
mod builtin;
mod check;
mod cluster;
mod delete;
mod fields;
mod fixtures;
mod garbage;
mod kind;
mod managed;
mod object;
mod read;
mod refusal;
mod request;
mod schema;
mod selectors;
mod serve;
mod table;
mod walk;
mod watch;
mod write;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::Client;
use kube::client::Body as RequestBody;
use serde::Serialize;

use super::answer::{Answer, Body, WatchFeed};
use crate::Object;
use cluster::Cluster;
use kind::Kind;
use request::Incoming;
use table::Table;

pub(super) use cluster::Key;
pub use request::RecordedRequest;

/// A `kube::Client`'s other end, without a network and without a cluster: for unit tests of reconcilers.
///
/// It keeps objects as an API server does: names, uids and generations, conflicts, selectors, pages, watches, the
/// status subresource, finalizers, owner garbage collection, patches, server-side apply. It serves the kinds that it
/// was told of ([`kind`](Self::kind), [`crd`](Self::crd), [`with_objects`](Self::with_objects)). What it cannot do it
/// answers with 501 and the reason, never with a success that a real server wouldn't give.
///
/// It does not judge or default the fields of Kubernetes' own kinds, runs no webhooks and no controllers, knows no
/// RBAC, and takes every namespace for there: what depends on these is tested with a
/// [`TestEnvironment`](crate::testing::environment::TestEnvironment). Of a custom kind it knows as much as it is told:
/// with its CRD the defaults, the types and bounds of fields and how lists are merged. Patterns, formats, CEL rules and
/// combinations (`anyOf`, `oneOf`, `not`) are not judged: that an object is refused for one of them takes a real server.
///
/// Whatever it would say, an answer that was given with [`on`](Self::on) or [`otherwise`](Self::otherwise) comes first.
///
/// ```
/// use k8s_openapi::api::core::v1::ConfigMap;
/// use kube::{Api, api::PostParams};
/// use rustop_runtime::testing::{Answer, FakeApiServer};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), kube::Error> {
/// let path = "/api/v1/namespaces/default/configmaps/locked";
/// let server = FakeApiServer::new().kind::<ConfigMap>().on("GET", path, Answer::status(403, "Forbidden"));
/// let api: Api<ConfigMap> = Api::default_namespaced(server.client());
///
/// let mut settings = ConfigMap::default();
/// settings.metadata.name = Some("settings".into());
/// let created = api.create(&PostParams::default(), &settings).await?;
/// assert!(created.metadata.uid.is_some());
/// assert!(api.create(&PostParams::default(), &settings).await.is_err(), "409");
/// assert!(api.get("locked").await.is_err(), "403");
/// assert_eq!(server.requests().len(), 3);
/// assert_eq!(server.objects::<ConfigMap>().len(), 1);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default)]
pub struct FakeApiServer(Arc<Mutex<State>>);

/// What becomes of a request.
pub(super) enum Interception {
    /// It is answered.
    Pass,
    /// It doesn't reach the server; who sent it hears this.
    Instead(Answer),
    /// It reaches the server; who sent it hears this.
    After(Answer),
}

type Interceptor = Box<dyn FnMut(&RecordedRequest) -> Interception + Send>;

#[derive(Default)]
struct State {
    interceptor: Option<Interceptor>,
    table: Table,
    requests: Vec<RecordedRequest>,
    cluster: Cluster,
}

impl FakeApiServer {
    /// A server that serves no kind: it says 501 to everything.
    pub fn new() -> Self {
        Self::default()
    }

    /// Serves `K`.
    ///
    /// Of a custom kind it takes the status for a subresource, which is what rustop scaffolds, and refuses to apply
    /// lists, because only the CRD says how they are merged; see [`crd`](Self::crd).
    #[must_use]
    pub fn kind<K: Object + Serialize>(self) -> Self {
        self.lock().cluster.register(Kind::of::<K>());
        self
    }

    /// Serves the versions of a custom kind as its CRD says, `MyApp::crd()` for example. It converts nothing: an
    /// object can be read in the version only in which it was written.
    #[must_use]
    pub fn crd(self, crd: &CustomResourceDefinition) -> Self {
        for kind in Kind::of_crd(crd) {
            self.lock().cluster.register(kind);
        }
        self
    }

    /// Serves `K` and holds these objects, as if they had been there before the test: with their status, and with
    /// what the server sets where they don't say it. An object without a namespace comes into `default`.
    #[must_use]
    pub fn with_objects<K: Object + Serialize>(self, objects: impl IntoIterator<Item = K>) -> Self {
        self.lock().cluster.register(Kind::of::<K>());
        for object in objects {
            self.put(&object);
        }
        self
    }

    /// Answers `method` on `path` with `answer`, whatever it would say itself. Called again for the same request, it
    /// adds the answer to the next one; the last answer stays for ever, unless it is [`Answer::from_state`].
    #[must_use]
    pub fn on(self, method: &str, path: &str, answer: Answer) -> Self {
        self.lock().table.add(method, path, answer);
        self
    }

    /// Asks `answer` about each request that [`on`](Self::on) doesn't know; with `None` the server answers itself.
    #[must_use]
    pub fn otherwise<F>(self, answer: F) -> Self
    where
        F: FnMut(&RecordedRequest) -> Option<Answer> + Send + 'static,
    {
        self.lock().table.set_fallback(Box::new(answer));
        self
    }

    /// Opens a watch on `path`; its events are sent through what this returns. Followed by a watch without events.
    pub fn watch(&self, path: &str) -> WatchFeed {
        let (feed, answer) = WatchFeed::new();
        self.lock().table.add("WATCH", path, answer);
        feed
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
        let incoming = Incoming::read(request).await?;
        let answer = self.lock().take(&incoming);
        Ok(answer.into_response().await)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn take(&mut self, incoming: &Incoming) -> Answer {
        self.requests.push(incoming.recorded.clone());
        let decide = self.interceptor.as_mut();
        match decide.map(|decide| decide(&incoming.recorded)) {
            None | Some(Interception::Pass) => self.say(incoming),
            Some(Interception::Instead(answer)) => answer,
            Some(Interception::After(answer)) => {
                self.say(incoming);
                answer
            }
        }
    }

    fn say(&mut self, incoming: &Incoming) -> Answer {
        let told = self.table.take(&incoming.recorded);
        told.unwrap_or_else(|| self.cluster.serve(incoming))
    }
}

#[cfg(test)]
mod tests;

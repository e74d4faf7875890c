//! Posts whole bodies to webhooks, as whoever reaches the port may: without a socket, and whatever the body is.
//!
//! [`admission`](super::admission) asks what an API server asks; this is for the rest, such as a recorded body, or one
//! that is broken on purpose.
//!
//! ```
//! use k8s_openapi::api::core::v1::Pod;
//! use rustop_runtime::Converter;
//! use rustop_runtime::testing::wire::Endpoints;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let server = Endpoints::new().conversion(Converter::<Pod>::new()).serve().unwrap();
//! let (code, answer) = server.post("/convert", "no review").await;
//! assert_eq!((code, answer["kind"].as_str()), (400, Some("Status")));
//! # }
//! ```

use http::{Request, header};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use prometheus_client::registry::Registry;
use serde::Serialize;
use serde_json::Value;

use crate::metrics::Metrics;
use crate::webhook::{ListeningService, WebhookServer};
use crate::{Converter, Error, Object, Webhook};

/// What is served; see the [module](self).
#[derive(Default)]
#[must_use = "nothing is served until `serve`"]
pub struct Endpoints(WebhookServer);

/// Answers as the manager's webhook server does.
pub struct Server(ListeningService);

impl Endpoints {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the webhooks of a kind, as [`Manager::webhook`](crate::Manager::webhook) does.
    pub fn webhook<K: Object>(mut self, webhook: Webhook<K>) -> Self {
        for (path, handler) in webhook.into_handlers() {
            self.0.add_handler(path, handler);
        }
        self
    }

    /// Adds a conversion, as [`Manager::conversion`](crate::Manager::conversion) does.
    pub fn conversion<H: Object + Serialize>(mut self, converter: Converter<H>) -> Self {
        self.0.add_converter(converter);
        self
    }

    /// Takes no more, and answers.
    ///
    /// # Errors
    /// When two webhooks want the same path, a path is none, or a kind has two converters.
    pub fn serve(self) -> Result<Server, Error> {
        let metrics = Metrics::register(&mut Registry::default());
        Ok(Server(self.0.into_service(&metrics, false)?))
    }
}

impl Server {
    /// The code of HTTP and the body that answer `body`; null for a body that is no JSON.
    pub async fn post(&self, path: &str, body: impl Into<Bytes>) -> (u16, Value) {
        let mut request = Request::new(Full::new(body.into()));
        *request.method_mut() = http::Method::POST;
        *request.uri_mut() = path.parse().unwrap_or_default();
        let json = header::HeaderValue::from_static("application/json");
        request.headers_mut().insert(header::CONTENT_TYPE, json);
        let response = self.0.respond(request).await;
        let code = response.status().as_u16();
        let Ok(body) = response.into_body().collect().await;
        let body = serde_json::from_slice(&body.to_bytes());
        (code, body.unwrap_or_default())
    }
}

//! The webhook server: what is registered, and how it is served.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use http::{Request, Response};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use rustls::ServerConfig;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use super::admission::BoxedHandler;
use super::conversion::{Convert, Converters};
use super::service::{Endpoint, Service};
use crate::Error;
use crate::metrics::Metrics;
use crate::server::tls::ServingCertificate;
use crate::server::{Handler, connection};

/// Where all conversions are reached, as in controller-runtime.
const CONVERT_PATH: &str = "/convert";

/// How long a connection may be idle, or its header take. API servers let go of one after 90 seconds: it has to be them
/// who do, because they don't repeat a request that met a closing server.
const IDLE_TIMEOUT: Duration = Duration::from_secs(120);

/// What a manager serves as webhooks.
#[derive(Default)]
pub(crate) struct WebhookServer {
    handlers: Vec<(String, BoxedHandler)>,
    converters: Converters,
    certificate: ServingCertificate,
    /// Someone else sets the certificate, so that no files are looked for.
    certificate_is_provided: bool,
    listening: Arc<AtomicBool>,
}

impl WebhookServer {
    pub(crate) fn add_handler(&mut self, path: String, handler: BoxedHandler) {
        self.handlers.push((path, handler));
    }

    pub(crate) fn add_converter(&mut self, converter: impl Convert + 'static) {
        self.converters.add(converter);
    }

    /// Whether nothing was registered, so that there is nothing to serve.
    pub(crate) fn is_empty(&self) -> bool {
        self.handlers.is_empty() && self.converters.is_empty()
    }

    /// The certificate, for whoever sets it instead of files.
    #[cfg_attr(
        not(feature = "builtin-certificates"),
        allow(dead_code, reason = "only built-in certificates are provided")
    )]
    pub(crate) fn provide_certificate(&mut self) -> ServingCertificate {
        self.certificate_is_provided = true;
        self.certificate.clone()
    }

    /// The certificate that files have to be watched for; `None` when someone provides it.
    pub(crate) fn certificate_from_files(&self) -> Option<ServingCertificate> {
        (!self.certificate_is_provided).then(|| self.certificate.clone())
    }

    /// The check `webhook`: listening, and with a certificate.
    pub(crate) fn check(&self) -> impl Fn() -> Result<(), String> + Send + Sync + 'static {
        let listening = Arc::clone(&self.listening);
        let certificate = self.certificate.clone();
        move || match (listening.load(Ordering::Relaxed), certificate.is_loaded()) {
            (true, true) => Ok(()),
            (false, _) => Err("the webhook server is not listening".to_owned()),
            (_, false) => Err("the webhook server has no certificate".to_owned()),
        }
    }

    /// What answers the requests; with `http2`, over HTTP/2 as well.
    ///
    /// # Errors
    /// When two webhooks want the same path, a path is none, or a kind has two converters.
    pub(crate) fn into_service(
        self,
        metrics: &Metrics,
        http2: bool,
    ) -> Result<ListeningService, Error> {
        let mut service = Service::default();
        if let Some(kind) = self.converters.duplicate() {
            return Err(Error::DuplicateConverter(kind));
        }
        let conversion = (!self.converters.is_empty()).then(|| {
            let endpoint = Endpoint::Conversion(self.converters);
            (CONVERT_PATH.to_owned(), endpoint)
        });
        let handlers = self.handlers.into_iter();
        let admissions = handlers.map(|(path, handler)| (path, Endpoint::Admission(handler)));
        for (path, endpoint) in conversion.into_iter().chain(admissions) {
            if !path.starts_with('/') || path.contains(['?', '#', ' ']) {
                return Err(Error::InvalidWebhookPath(path));
            }
            if !service.add(&path, endpoint, metrics.webhook(&path)) {
                return Err(Error::DuplicateWebhookPath(path));
            }
        }
        let tls = self.certificate.server_config(http2).map_err(Error::Tls)?;
        Ok(ListeningService {
            service: Arc::new(service),
            tls,
            listening: self.listening,
        })
    }
}

/// A service with what it needs to listen.
pub(crate) struct ListeningService {
    service: Arc<Service>,
    tls: Arc<ServerConfig>,
    listening: Arc<AtomicBool>,
}

#[cfg(any(test, feature = "testing"))]
impl ListeningService {
    /// The answer to one request that came over no connection.
    pub(crate) async fn respond(&self, request: Request<Full<Bytes>>) -> Response<Full<Bytes>> {
        self.service.respond(request).await
    }
}

/// Serves until `stop` is cancelled and what was being answered then has its answer. Dropped, it cuts off all.
pub(crate) async fn serve(listener: TcpListener, this: ListeningService, stop: CancellationToken) {
    let acceptor = TlsAcceptor::from(this.tls);
    let mut connections = tokio::task::JoinSet::new();
    this.listening.store(true, Ordering::Relaxed);
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => {
                let service = Arc::clone(&this.service);
                let tls = Some(acceptor.clone());
                let connection =
                    connection::accept(stream, tls, service, IDLE_TIMEOUT, stop.clone());
                drop(connections.spawn(connection));
            }
            // Out of file descriptors, for example: try again rather than take the manager down.
            Err(error) => {
                tracing::warn!(%error, "failed to accept a connection");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
        while connections.try_join_next().is_some() {}
    }
    drop(listener);
    this.listening.store(false, Ordering::Relaxed);
    while connections.join_next().await.is_some() {}
}

impl Handler for Service {
    async fn handle(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        self.respond(request).await
    }
}

#[cfg(all(test, feature = "testing"))]
#[path = "server_tests.rs"]
mod tests;

//! The layers of a client, from the caller to the socket.
//!
//! They are kube's, put together here because kube's own builder leaves no room for a check at the socket: see
//! [`connector`](super::connector).

use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response};
use hyper::body::Incoming;
use hyper_timeout::TimeoutConnector;
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use kube::client::retry::RetryPolicy;
use kube::client::{Body, ConfigExt as _};
use kube::{Client, Config};
use tower::layer::layer_fn;
use tower::retry::RetryLayer;
use tower::{Layer, Service, ServiceBuilder, service_fn};

use super::Guards;
use super::connector::FencedConnector;
use super::fence::Fenced;
use super::metrics::Counted;
use super::split::Split;
use super::throttle::Throttled;
use crate::leader_election::Fence;
use crate::rate_limit::TokenBucket;

/// How long a connection may be silent before the kernel asks whether the other side is there.
const KEEP_ALIVE: Duration = Duration::from_secs(30);
/// As many questions without an answer, half of the time apart, end it.
const KEEP_ALIVE_RETRIES: u32 = 4;

/// A client of the API server that `config` names.
pub(super) fn connect(config: Config, guards: Guards) -> kube::Result<Client> {
    if config.proxy_url.is_some() {
        // kube knows how to go through one, when it was built with that; then the socket isn't ours.
        return Ok(around(Client::try_from(config)?, guards));
    }
    let Guards {
        fence,
        delivery,
        limit,
        metrics,
    } = guards;
    let connections = Split {
        reads: http_client(&config, &Fence::default(), None)?,
        writes: http_client(&config, &fence, delivery)?,
    };
    let retry = config.default_retry.then(RetryPolicy::server_retry);
    let auth = config.auth_layer()?;
    let service = ServiceBuilder::new()
        .layer(config.base_uri_layer())
        .option_layer(retry.map(RetryLayer::new))
        .option_layer(limit.map(throttle))
        .option_layer(auth)
        .layer(config.extra_headers_layer()?)
        .layer_fn(|inner| Counted::new(inner, metrics.clone()))
        .service(connections);
    Ok(Client::new(
        Fenced::new(service, fence),
        config.default_namespace,
    ))
}

/// A client in front of another.
pub(super) fn around(client: Client, guards: Guards) -> Client {
    let Guards {
        fence,
        delivery: _,
        limit,
        metrics,
    } = guards;
    let namespace = client.default_namespace().to_owned();
    let valid_until = *client.valid_until();
    let send = service_fn(move |request: Request<Body>| {
        let client = client.clone();
        async move { client.send(request).await }
    });
    let service = ServiceBuilder::new()
        .option_layer(limit.map(throttle))
        .layer_fn(|inner| Counted::new(inner, metrics.clone()))
        .service(send);
    Client::new(Fenced::new(service, fence), namespace).with_valid_until(valid_until)
}

fn throttle<S>(limit: Arc<TokenBucket>) -> impl Layer<S, Service = Throttled<S>> {
    layer_fn(move |inner| Throttled::new(inner, Arc::clone(&limit)))
}

/// Has the kernel ask for a sign of life where nothing comes, and give up when none does: a node that vanished says
/// nothing, and a watch, or a request that waits for its answer, would wait for minutes or for ever. client-go asks as well.
fn keep_alive(tcp: &mut HttpConnector) {
    tcp.set_keepalive(Some(KEEP_ALIVE));
    tcp.set_keepalive_interval(Some(KEEP_ALIVE / 2));
    tcp.set_keepalive_retries(Some(KEEP_ALIVE_RETRIES));
}

/// Has the kernel give up what the other side doesn't take: without it, bytes that went to the kernel while the fence was
/// open are sent again for a quarter of an hour, also after the process ended, and arrive when the network is back.
#[cfg(target_os = "linux")]
fn give_up_after(tcp: &mut HttpConnector, delivery: Option<Duration>) {
    tcp.set_tcp_user_timeout(delivery);
}

/// Other kernels have no such option.
#[cfg(not(target_os = "linux"))]
fn give_up_after(_: &mut HttpConnector, _: Option<Duration>) {}

/// kube's connector and timeouts, with the fence between TLS and the socket.
fn http_client(
    config: &Config,
    fence: &Fence,
    delivery: Option<Duration>,
) -> kube::Result<
    impl Service<
        Request<Body>,
        Response = Response<Incoming>,
        Error = legacy::Error,
        Future: Send + 'static,
    > + Clone
    + Send
    + 'static,
> {
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    // A request is small, and nothing comes after it to be sent along.
    tcp.set_nodelay(true);
    keep_alive(&mut tcp);
    give_up_after(&mut tcp, delivery);
    let fenced = FencedConnector::new(tcp, fence.clone());
    let mut connector =
        TimeoutConnector::new(config.rustls_https_connector_with_connector(fenced)?);
    connector.set_connect_timeout(config.connect_timeout);
    connector.set_read_timeout(config.read_timeout);
    connector.set_write_timeout(config.write_timeout);
    connector.set_reset_reader_on_write(config.reset_reader_on_write);
    Ok(legacy::Builder::new(TokioExecutor::new()).build(connector))
}

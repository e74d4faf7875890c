//! One connection: the handshake, then HTTP/1.1, or HTTP/2 where the client chose it.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use super::Handler;
use super::tls::HTTP2;

/// A client that doesn't finish its handshake within this time is cut off.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// Speaks to a client that has just connected, until it has had enough, or until `stop` is cancelled and what it asked
/// before has its answer. `idle` is how long it may say nothing, or its header take.
pub(crate) async fn accept(
    stream: TcpStream,
    tls: Option<TlsAcceptor>,
    handler: Arc<impl Handler>,
    idle: Duration,
    stop: CancellationToken,
) {
    let Some(tls) = tls else {
        return converse(stream, false, handler, idle, stop).await;
    };
    match tokio::time::timeout(HANDSHAKE_TIMEOUT, tls.accept(stream)).await {
        Ok(Ok(stream)) => {
            // Offered only on wish: see `ServingCertificate::server_config`.
            let http2 = stream.get_ref().1.alpn_protocol() == Some(HTTP2);
            converse(stream, http2, handler, idle, stop).await;
        }
        Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake failed"),
        Err(_) => tracing::debug!("a TLS handshake took too long"),
    }
}

async fn converse<S>(
    stream: S,
    http2: bool,
    handler: Arc<impl Handler>,
    idle: Duration,
    stop: CancellationToken,
) where
    S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
{
    let service = service_fn(move |request: Request<Incoming>| {
        let handler = Arc::clone(&handler);
        async move { Ok::<_, Infallible>(handler.handle(request).await) }
    });
    let stream = TokioIo::new(stream);
    let ended = if http2 {
        let mut builder = http2::Builder::new(TokioExecutor::new());
        builder.timer(TokioTimer::new()).keep_alive_interval(idle);
        let connection = builder.serve_connection(stream, service);
        until_stopped(connection, &stop, |connection| {
            connection.graceful_shutdown();
        })
        .await
    } else {
        let mut builder = http1::Builder::new();
        builder.timer(TokioTimer::new()).header_read_timeout(idle);
        let connection = builder.serve_connection(stream, service);
        until_stopped(connection, &stop, |connection| {
            connection.graceful_shutdown();
        })
        .await
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended");
    }
}

async fn until_stopped<C>(
    connection: C,
    stop: &CancellationToken,
    shut_down: impl FnOnce(Pin<&mut C>),
) -> hyper::Result<()>
where
    C: Future<Output = hyper::Result<()>>,
{
    let mut connection = std::pin::pin!(connection);
    tokio::select! {
        ended = connection.as_mut() => ended,
        () = stop.cancelled() => {
            shut_down(connection.as_mut());
            connection.await
        }
    }
}

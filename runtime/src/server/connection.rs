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
use super::requests::Requests;
use super::tls::HTTP2;

/// A client that doesn't finish its handshake within this time is cut off.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// How long the end waits for what is on its way: a handshake, a first request, the rest of a header. Go's server gives
/// five seconds; ours are part of a pod's grace period.
const LAST_WORD: Duration = Duration::from_secs(1);

/// Speaks to a client that has just connected, until it has had enough, or until `stop` is cancelled and what it asked
/// before has its answer. Whoever says nothing then is cut off. `idle` is how long it may say nothing before, or its
/// header take.
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
    let handshake = tokio::time::timeout(HANDSHAKE_TIMEOUT, tls.accept(stream));
    let accepted = tokio::select! {
        accepted = handshake => accepted,
        () = soon_after(&stop) => return,
    };
    match accepted {
        Ok(Ok(stream)) => {
            // Offered only on wish: see `ServingCertificate::server_config`.
            let http2 = stream.get_ref().1.alpn_protocol() == Some(HTTP2);
            converse(stream, http2, handler, idle, stop).await;
        }
        Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake failed"),
        Err(_) => tracing::debug!("a TLS handshake took too long"),
    }
}

async fn soon_after(stop: &CancellationToken) {
    stop.cancelled().await;
    tokio::time::sleep(LAST_WORD).await;
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
    let requests = Arc::new(Requests::default());
    let asked = Arc::clone(&requests);
    let service = service_fn(move |request: Request<Incoming>| {
        let (handler, asked) = (Arc::clone(&handler), Arc::clone(&asked));
        async move {
            let _open = asked.begin();
            Ok::<_, Infallible>(handler.handle(request).await)
        }
    });
    let stream = TokioIo::new(stream);
    let ended = if http2 {
        let mut builder = http2::Builder::new(TokioExecutor::new());
        builder.timer(TokioTimer::new()).keep_alive_interval(idle);
        let connection = builder.serve_connection(stream, service);
        until_stopped(connection, &stop, &requests, |connection| {
            connection.graceful_shutdown();
        })
        .await
    } else {
        let mut builder = http1::Builder::new();
        builder.timer(TokioTimer::new()).header_read_timeout(idle);
        let connection = builder.serve_connection(stream, service);
        until_stopped(connection, &stop, &requests, |connection| {
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
    requests: &Requests,
    shut_down: impl FnOnce(Pin<&mut C>),
) -> hyper::Result<()>
where
    C: Future<Output = hyper::Result<()>>,
{
    let mut connection = std::pin::pin!(connection);
    let asked = async {
        stop.cancelled().await;
        // Who has only just connected is about to ask.
        requests.first_within(LAST_WORD).await;
    };
    tokio::select! {
        ended = connection.as_mut() => return ended,
        () = asked => shut_down(connection.as_mut()),
    }
    tokio::select! {
        ended = connection => ended,
        () = requests.none_for(LAST_WORD) => Ok(()),
    }
}

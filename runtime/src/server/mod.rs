//! The manager's small HTTP servers: probes and metrics. HTTP/1.1, plain or over TLS; GET and HEAD only, nothing is
//! read from a body.

pub(crate) mod health;
pub(crate) mod metrics;
#[allow(dead_code, reason = "what uses it comes next")]
pub(crate) mod tls;

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use http::{Method, Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::Error;

/// A client that doesn't finish its request within this time is cut off.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);

/// What a server says.
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) content_type: &'static str,
    pub(crate) body: String,
}

impl Reply {
    pub(crate) fn text(status: StatusCode, body: impl Into<String>) -> Self {
        let content_type = "text/plain; charset=utf-8";
        Self {
            status,
            content_type,
            body: body.into(),
        }
    }
}

/// Answers a path and a query.
pub(crate) trait Handler: Send + Sync + 'static {
    fn get(&self, path: &str, query: &str) -> Reply;
}

/// Listens on `address`; where there is no IPv6, all interfaces are those of IPv4, as in Go.
pub(crate) async fn listen(
    server: &'static str,
    address: SocketAddr,
) -> Result<TcpListener, Error> {
    let result = match TcpListener::bind(address).await {
        Err(error) if address.is_ipv6() && address.ip().is_unspecified() && !taken(&error) => {
            TcpListener::bind((Ipv4Addr::UNSPECIFIED, address.port())).await
        }
        result => result,
    };
    result.map_err(|source| Error::Listen {
        server,
        address,
        source,
    })
}

fn taken(error: &std::io::Error) -> bool {
    error.kind() == std::io::ErrorKind::AddrInUse
}

/// Serves until it is dropped, and the connections with it. With `tls` over TLS, else plain.
pub(crate) async fn serve(
    listener: TcpListener,
    tls: Option<Arc<ServerConfig>>,
    handler: impl Handler,
) {
    let handler = Arc::new(handler);
    let acceptor = tls.map(TlsAcceptor::from);
    let mut connections = tokio::task::JoinSet::new();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                drop(connections.spawn(accept(stream, acceptor.clone(), Arc::clone(&handler))));
            }
            // Out of file descriptors, for example: try again rather than take the manager down.
            Err(error) => {
                tracing::warn!(%error, "failed to accept a connection");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
        while connections.try_join_next().is_some() {}
    }
}

async fn accept(stream: TcpStream, tls: Option<TlsAcceptor>, handler: Arc<impl Handler>) {
    let Some(tls) = tls else {
        return converse(stream, handler).await;
    };
    match tokio::time::timeout(HEADER_TIMEOUT, tls.accept(stream)).await {
        Ok(Ok(stream)) => converse(stream, handler).await,
        Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake failed"),
        Err(_) => tracing::debug!("a TLS handshake took too long"),
    }
}

async fn converse<S>(stream: S, handler: Arc<impl Handler>)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let service = service_fn(|request: Request<Incoming>| {
        let response = respond(&request, handler.as_ref());
        async { Ok::<_, Infallible>(response) }
    });
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT);
    if let Err(error) = builder
        .serve_connection(TokioIo::new(stream), service)
        .await
    {
        tracing::debug!(%error, "a connection ended");
    }
}

fn respond<B>(request: &Request<B>, handler: &impl Handler) -> Response<Full<Bytes>> {
    let reply = match *request.method() {
        Method::GET | Method::HEAD => handler.get(
            request.uri().path(),
            request.uri().query().unwrap_or_default(),
        ),
        _ => Reply::text(StatusCode::METHOD_NOT_ALLOWED, "method not allowed\n"),
    };
    let mut response = Response::new(Full::new(Bytes::from(reply.body)));
    *response.status_mut() = reply.status;
    let content_type = header::HeaderValue::from_static(reply.content_type);
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, content_type);
    response
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    struct Echo;

    impl Handler for Echo {
        fn get(&self, path: &str, query: &str) -> Reply {
            Reply::text(StatusCode::OK, format!("{path} {query}"))
        }
    }

    async fn ask(method: &str) -> String {
        let listener = listen("test", SocketAddr::from(([127, 0, 0, 1], 0)))
            .await
            .unwrap();
        let mut stream = TcpStream::connect(listener.local_addr().unwrap())
            .await
            .unwrap();
        let server = tokio::spawn(serve(listener, None, Echo));
        let request = format!("{method} /a?b HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        server.abort();
        answer
    }

    #[tokio::test]
    async fn a_get_is_answered() {
        let answer = ask("GET").await;
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
        assert!(answer.ends_with("/a b"), "{answer}");
    }

    #[tokio::test]
    async fn other_methods_are_refused() {
        assert!(ask("POST").await.starts_with("HTTP/1.1 405"));
    }

    #[tokio::test]
    async fn a_taken_address_is_an_error_that_names_it() {
        let first = listen("test", SocketAddr::from(([127, 0, 0, 1], 0)))
            .await
            .unwrap();
        let address = first.local_addr().unwrap();
        let error = listen("metrics", address).await.unwrap_err().to_string();
        assert_eq!(
            error,
            format!("failed to listen on `{address}` for metrics")
        );
    }
}

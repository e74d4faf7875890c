//! The manager's HTTP servers: where they listen, and what a handler is. How one connection is spoken to is in
//! [`connection`].

pub(crate) mod access;
pub(crate) mod connection;
pub(crate) mod health;
pub(crate) mod metrics;
mod remembered;
mod requests;
pub(crate) mod self_signed;
#[cfg(test)]
pub(crate) mod test_client;
pub(crate) mod tls;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use http::{Method, Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use rustls::ServerConfig;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use crate::Error;

/// A client that says nothing for this long, or doesn't finish its request, is cut off.
const IDLE_TIMEOUT: Duration = Duration::from_secs(10);

/// Answers requests.
pub(crate) trait Handler: Send + Sync + 'static {
    /// The answer to one of them.
    fn handle(
        &self,
        request: Request<Incoming>,
    ) -> impl Future<Output = Response<Full<Bytes>>> + Send;
}

/// A page that is only read: GET and HEAD.
pub(crate) trait Page: Send + Sync + 'static {
    /// What stands at a path, with a query.
    fn get(&self, path: &str, query: &str) -> Reply;
}

impl<P: Page> Handler for P {
    async fn handle(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let uri = request.uri();
        match *request.method() {
            Method::GET | Method::HEAD => self.get(uri.path(), uri.query().unwrap_or_default()),
            _ => Reply::method_not_allowed(),
        }
        .into()
    }
}

/// What a server says.
#[derive(Debug)]
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

    pub(crate) fn method_not_allowed() -> Self {
        Self::text(StatusCode::METHOD_NOT_ALLOWED, "method not allowed\n")
    }
}

impl From<Reply> for Response<Full<Bytes>> {
    fn from(reply: Reply) -> Self {
        let mut response = Response::new(Full::new(Bytes::from(reply.body)));
        *response.status_mut() = reply.status;
        let content_type = header::HeaderValue::from_static(reply.content_type);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, content_type);
        if reply.status == StatusCode::UNAUTHORIZED {
            let scheme = header::HeaderValue::from_static("Bearer");
            headers.insert(header::WWW_AUTHENTICATE, scheme);
        }
        response
    }
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
                let handler = Arc::clone(&handler);
                let never = CancellationToken::new();
                let accepted =
                    connection::accept(stream, acceptor.clone(), handler, IDLE_TIMEOUT, never);
                drop(connections.spawn(accepted));
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

#[cfg(test)]
mod tests;

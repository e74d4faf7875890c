//! The fence at the connection: nothing leaves the process through a fenced client's sockets while the fence is closed.
//!
//! Between a client's front and its socket a request waits: for its turn, for a token, for a connection, for the pause
//! before it is tried again. A process that was stopped in one of these waits has passed every check that lies before
//! it, and goes on with the next step. So the last check is made where the bytes go to the kernel. What belongs to one
//! request can't be told apart there: reads have [other connections](super::split).

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures::FutureExt as _;
use futures::future::BoxFuture;
use http::Uri;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::client::legacy::connect::{Connected, Connection};
use tower::{BoxError, Service};

use crate::leader_election::Fence;

/// Makes connections that ask the fence before each write.
#[derive(Clone)]
pub(super) struct FencedConnector<C> {
    inner: C,
    fence: Fence,
}

impl<C> FencedConnector<C> {
    pub(super) fn new(inner: C, fence: Fence) -> Self {
        Self { inner, fence }
    }
}

impl<C> Service<Uri> for FencedConnector<C>
where
    C: Service<Uri, Error: Into<BoxError>, Future: Send + 'static>,
{
    type Response = FencedStream<C::Response>;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Self::Response, BoxError>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let fence = self.fence.clone();
        let connecting = self.inner.call(uri);
        async move {
            let inner = connecting.await.map_err(Into::into)?;
            Ok(FencedStream::new(inner, fence))
        }
        .boxed()
    }
}

/// A connection that writes only while the fence is open.
pub(super) struct FencedStream<S> {
    inner: S,
    fence: Fence,
}

impl<S> FencedStream<S> {
    pub(super) fn new(inner: S, fence: Fence) -> Self {
        Self { inner, fence }
    }

    fn check(&self) -> io::Result<()> {
        self.fence.check().map_err(io::Error::other)
    }
}

impl<S: Read + Unpin> Read for FencedStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_read(context, buffer)
    }
}

impl<S: Write + Unpin> Write for FencedStream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.check()?;
        Pin::new(&mut self.inner).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.check()?;
        Pin::new(&mut self.inner).poll_write_vectored(context, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}

impl<S: Connection> Connection for FencedStream<S> {
    fn connected(&self) -> Connected {
        self.inner.connected()
    }
}

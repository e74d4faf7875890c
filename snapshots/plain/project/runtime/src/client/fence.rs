//! The fence in front of a client: a write is refused with an error that says why, before anything of it is sent.
//!
//! The one behind it, at the connection, is what counts after a stop: see [`connector`](super::connector).

use futures::future::{Either, Ready, ready};
use http::{Method, Request};
use tower::{BoxError, Service};

use crate::leader_election::Fence;

/// Refuses writes while the fence is closed.
#[derive(Clone, Debug)]
pub(super) struct Fenced<S> {
    inner: S,
    fence: Fence,
}

impl<S> Fenced<S> {
    pub(super) fn new(inner: S, fence: Fence) -> Self {
        Self { inner, fence }
    }
}

/// A read changes nothing, however old its reader's claim to lead is.
pub(super) fn writes(method: &Method) -> bool {
    !method.is_safe()
}

impl<S, B> Service<Request<B>> for Fenced<S>
where
    S: Service<Request<B>, Error = BoxError>,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = Either<S::Future, Ready<Result<S::Response, BoxError>>>;

    fn poll_ready(
        &mut self,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Result<(), BoxError>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        if writes(request.method())
            && let Err(fenced) = self.fence.check()
        {
            return Either::Right(ready(Err(fenced.into())));
        }
        Either::Left(self.inner.call(request))
    }
}

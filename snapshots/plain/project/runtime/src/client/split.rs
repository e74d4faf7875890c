//! Reads and writes go through connections of their own.
//!
//! At a socket the bytes of one request can't be told from those of another, so that all of them have to stop when
//! writes do. A read changes nothing, and is wanted when the lease was given back: by a webhook that still answers what
//! it was asked. So the connections of writes alone are behind the fence.

use std::task::{Context, Poll, ready};

use http::Request;
use tower::Service;

use super::fence::writes;

/// Sends each request through the connections for its like.
#[derive(Clone, Debug)]
pub(super) struct Split<S> {
    pub(super) reads: S,
    pub(super) writes: S,
}

impl<S, B> Service<Request<B>> for Split<S>
where
    S: Service<Request<B>>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        ready!(self.reads.poll_ready(context))?;
        self.writes.poll_ready(context)
    }

    fn call(&mut self, request: Request<B>) -> S::Future {
        if writes(request.method()) {
            self.writes.call(request)
        } else {
            self.reads.call(request)
        }
    }
}

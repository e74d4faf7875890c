//! The limit on requests towards the API server: client-go's `QPS` and `Burst`.
//!
//! Off unless asked for, as in controller-runtime: the API server shares its time out fairly by itself (API priority
//! and fairness), and knows better how much of it there is.

use std::sync::Arc;
use std::task::{Context, Poll};

use futures::FutureExt as _;
use futures::future::BoxFuture;
use tower::{BoxError, Service, ServiceExt as _};

use crate::rate_limit::TokenBucket;

/// Lets requests wait for their token.
#[derive(Clone, Debug)]
pub(super) struct Throttled<S> {
    inner: S,
    limit: Arc<TokenBucket>,
}

impl<S> Throttled<S> {
    pub(super) fn new(inner: S, limit: Arc<TokenBucket>) -> Self {
        Self { inner, limit }
    }
}

impl<S, R> Service<R> for Throttled<S>
where
    S: Service<R, Error = BoxError> + Clone + Send + 'static,
    S::Future: Send + 'static,
    S::Response: 'static,
    R: Send + 'static,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<S::Response, BoxError>>;

    /// Always ready: the wait is each request's own, and the service behind is asked after it.
    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: R) -> Self::Future {
        let (inner, limit) = (self.inner.clone(), Arc::clone(&self.limit));
        async move {
            limit.acquire().await;
            inner.oneshot(request).await
        }
        .boxed()
    }
}

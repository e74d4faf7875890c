//! From an HTTP request to an HTTP answer.
//!
//! What can be answered with a review is; the rest is a code of HTTP with a `Status`, whose text the API server shows.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt as _;
use http::{HeaderMap, Method, Request, Response, StatusCode, header};
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::{Body, Bytes};
use kube::core::Status;
use prometheus_client::metrics::gauge::Gauge;
use tokio::time::Instant;
use tracing::Instrument as _;

use super::admission::{self, AdmissionResponse, BoxedHandler, Denied};
use super::budget::Budget;
use super::conversion::{self, Converters};
use super::timeout;
use crate::BoxError;
use crate::error::panic_message;
use crate::metrics::WebhookMetrics;

/// The old object, the new one, and a megabyte for the rest.
const ADMISSION_LIMIT: usize = 7 << 20;

/// A list of objects may be long, and an answer that is refused would make all of it unreadable.
const CONVERSION_LIMIT: usize = 64 << 20;

/// For the bodies of all admissions at a time: those of two thousand objects of a usual size.
const ADMISSION_BUDGET: usize = 32 << 20;

/// For those of all conversions: of the largest only one.
const CONVERSION_BUDGET: usize = CONVERSION_LIMIT;

/// How long a body may take: it has its place in the budget meanwhile, and API servers are near.
const BODY_TIME: Duration = Duration::from_secs(10);

/// The API server's default.
const ADMISSION_TIME: Duration = Duration::from_secs(10);

/// The API server waits for a conversion without a limit of its own.
const CONVERSION_TIME: Duration = Duration::from_secs(30);

/// Everything that is served, by its path.
pub(super) struct Service {
    routes: BTreeMap<String, Route>,
    admission: Arc<Budget>,
    conversion: Arc<Budget>,
}

struct Route {
    endpoint: Endpoint,
    budget: Arc<Budget>,
    metrics: WebhookMetrics,
}

pub(super) enum Endpoint {
    Admission(BoxedHandler),
    Conversion(Converters),
}

/// An answer that is no review.
struct Refusal(StatusCode, String);

impl Default for Service {
    fn default() -> Self {
        Self {
            routes: BTreeMap::new(),
            admission: Arc::new(Budget::new(ADMISSION_BUDGET)),
            conversion: Arc::new(Budget::new(CONVERSION_BUDGET)),
        }
    }
}

impl Service {
    /// Serves `endpoint` at `path`; `false` when there is one already.
    pub(super) fn add(&mut self, path: &str, endpoint: Endpoint, metrics: WebhookMetrics) -> bool {
        let budget = match &endpoint {
            Endpoint::Admission(_) => &self.admission,
            Endpoint::Conversion(_) => &self.conversion,
        };
        let route = Route {
            budget: Arc::clone(budget),
            endpoint,
            metrics,
        };
        self.routes.insert(path.to_owned(), route).is_none()
    }

    pub(super) async fn respond<B>(&self, request: Request<B>) -> Response<Full<Bytes>>
    where
        B: Body<Data = Bytes, Error: Into<BoxError>>,
    {
        let path = request.uri().path();
        match self.routes.get(path) {
            Some(route) => route.respond(request).await,
            None => Refusal(
                StatusCode::NOT_FOUND,
                format!("there is no webhook at `{path}`"),
            )
            .into_response(),
        }
    }
}

impl Route {
    async fn respond<B>(&self, request: Request<B>) -> Response<Full<Bytes>>
    where
        B: Body<Data = Bytes, Error: Into<BoxError>>,
    {
        let began = Instant::now();
        let in_flight = InFlight::enter(&self.metrics.in_flight);
        let path = request.uri().path().to_owned();
        let query = request.uri().query().unwrap_or_default();
        let limit = timeout::limit(query, self.endpoint.time());
        let answer = tokio::time::timeout(limit, self.answer(request));
        let response = match answer.await {
            Ok(Ok(body)) => json(StatusCode::OK, body),
            Ok(Err(refusal)) => {
                tracing::error!(webhook = path, error = refusal.1, "request refused");
                refusal.into_response()
            }
            Err(_) => {
                tracing::error!(webhook = path, ?limit, "no answer in time");
                let text = format!("the webhook had no answer within {limit:?}");
                Refusal(StatusCode::GATEWAY_TIMEOUT, text).into_response()
            }
        };
        drop(in_flight);
        self.metrics.seconds.observe(began.elapsed().as_secs_f64());
        self.metrics.requests(response.status()).inc();
        response
    }

    async fn answer<B>(&self, request: Request<B>) -> Result<Vec<u8>, Refusal>
    where
        B: Body<Data = Bytes, Error: Into<BoxError>>,
    {
        if request.method() != Method::POST {
            let text = format!("{} is not allowed; help: POST a review", request.method());
            return Err(Refusal(StatusCode::METHOD_NOT_ALLOWED, text));
        }
        check_content_type(request.headers())?;
        let path = request.uri().path().to_owned();
        let (body, limit) = (request.into_body(), self.endpoint.limit());
        let size = size(&body, limit)?;
        // Until there is an answer; a body that has no place yet waits with the client.
        let _place = self.budget.place(size).await;
        let body = collect(body, limit).await?;
        match &self.endpoint {
            Endpoint::Admission(handler) => self.admit(&path, handler, &body).await,
            Endpoint::Conversion(converters) => self.convert(converters, &body).await,
        }
    }

    async fn admit(
        &self,
        path: &str,
        handler: &BoxedHandler,
        body: &[u8],
    ) -> Result<Vec<u8>, Refusal> {
        let (request, version) = admission::read(body).map_err(bad_request)?;
        let head = request.without_objects();
        let span = tracing::info_span!(
            "admission",
            webhook = path,
            request_id = head.uid,
            object = %head,
            operation = ?head.operation,
            user = head.user_info.username,
        );
        let handle = async { handler(request).await };
        let caught = AssertUnwindSafe(handle).catch_unwind();
        let response = caught.instrument(span.clone()).await;
        let response = response.unwrap_or_else(|panic| {
            let message = panic_message(panic.as_ref());
            self.metrics.admission_panics.inc();
            span.in_scope(|| tracing::error!(message, "the webhook panicked"));
            let denied = Denied::internal(format!("panic: {message} [recovered]"));
            AdmissionResponse::denied(denied)
        });
        let allowed = response.verdict.is_ok();
        span.in_scope(|| tracing::debug!(allowed, "answered"));
        admission::answer(&head, version, response).map_err(unwritable)
    }

    async fn convert(&self, converters: &Converters, body: &[u8]) -> Result<Vec<u8>, Refusal> {
        let question = conversion::read(body).map_err(bad_request)?;
        let span = tracing::info_span!(
            "conversion",
            request_id = question.uid(),
            desired = question.desired()
        );
        let convert = async { question.convert(converters).await };
        let caught = AssertUnwindSafe(convert).catch_unwind();
        let result = match caught.instrument(span.clone()).await {
            Ok(result) => result.map_err(|error| error.to_string()),
            Err(panic) => {
                self.metrics.conversion_panics.inc();
                Err(format!(
                    "panic: {} [recovered]",
                    panic_message(panic.as_ref())
                ))
            }
        };
        if let Err(error) = &result {
            span.in_scope(|| tracing::error!(error, "conversion failed"));
        }
        conversion::answer(question.uid(), result).map_err(unwritable)
    }
}

impl Endpoint {
    fn limit(&self) -> usize {
        match self {
            Self::Admission(_) => ADMISSION_LIMIT,
            Self::Conversion(_) => CONVERSION_LIMIT,
        }
    }

    fn time(&self) -> Duration {
        match self {
            Self::Admission(_) => ADMISSION_TIME,
            Self::Conversion(_) => CONVERSION_TIME,
        }
    }
}

fn check_content_type(headers: &HeaderMap) -> Result<(), Refusal> {
    let value = headers.get(header::CONTENT_TYPE);
    let text = value
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = text.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    let text = format!("`{text}` can't be read; help: send `application/json`");
    Err(Refusal(StatusCode::UNSUPPORTED_MEDIA_TYPE, text))
}

/// How large the body is as its header says, or may be at most.
fn size(body: &impl Body, limit: usize) -> Result<usize, Refusal> {
    let Some(size) = body.size_hint().upper() else {
        return Ok(limit);
    };
    let size = usize::try_from(size).ok().filter(|size| *size <= limit);
    size.ok_or_else(|| too_large(limit))
}

async fn collect<B>(body: B, limit: usize) -> Result<Bytes, Refusal>
where
    B: Body<Data = Bytes, Error: Into<BoxError>>,
{
    let body = std::pin::pin!(Limited::new(body, limit));
    match tokio::time::timeout(BODY_TIME, body.collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large(limit)),
        Ok(Err(error)) => Err(bad_request(format!("the body broke off: {error}"))),
        Err(_) => {
            let text = format!("the body did not come within {BODY_TIME:?}");
            Err(Refusal(StatusCode::REQUEST_TIMEOUT, text))
        }
    }
}

fn too_large(limit: usize) -> Refusal {
    let text = format!("the body has more than {limit} bytes");
    Refusal(StatusCode::PAYLOAD_TOO_LARGE, text)
}

fn bad_request(text: String) -> Refusal {
    Refusal(StatusCode::BAD_REQUEST, text)
}

#[expect(clippy::needless_pass_by_value, reason = "for `map_err`")]
fn unwritable(error: serde_json::Error) -> Refusal {
    let text = format!("failed to write the answer: {error}");
    Refusal(StatusCode::INTERNAL_SERVER_ERROR, text)
}

impl Refusal {
    fn into_response(self) -> Response<Full<Bytes>> {
        let Self(code, text) = self;
        let status = Status::failure(&text, "").with_code(code.as_u16());
        let fields = serde_json::to_value(status).unwrap_or_default();
        let mut body = serde_json::json!({"apiVersion": "v1", "kind": "Status"});
        if let (Some(body), serde_json::Value::Object(fields)) = (body.as_object_mut(), fields) {
            body.extend(fields);
        }
        json(code, body.to_string())
    }
}

fn json(code: StatusCode, body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = code;
    let json = header::HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}

/// Counts a request while it is being answered, also when the client goes away meanwhile.
struct InFlight<'a>(&'a Gauge);

impl<'a> InFlight<'a> {
    fn enter(gauge: &'a Gauge) -> Self {
        gauge.inc();
        Self(gauge)
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.dec();
    }
}

#[cfg(test)]
#[path = "service_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "service_budget_tests.rs"]
mod budget_tests;

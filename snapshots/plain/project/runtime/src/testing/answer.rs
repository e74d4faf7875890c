//! What a [`FakeApiServer`](super::FakeApiServer) says.

use std::sync::{Arc, Mutex, PoisonError};

use futures::channel::mpsc;
use futures::{FutureExt as _, StreamExt as _, future, stream};
use http_body_util::StreamBody;
use http_body_util::combinators::UnsyncBoxBody;
use hyper::body::{Bytes, Frame};
use serde::Serialize;
use serde_json::{Value, json};

pub(super) type Body = UnsyncBoxBody<Bytes, std::convert::Infallible>;

/// One answer: a status and an object, or a watch's events.
#[derive(Clone, Debug)]
pub struct Answer(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Object { code: u16, body: Value },
    Watch(Arc<Mutex<Option<mpsc::UnboundedReceiver<Value>>>>),
    Never,
    FromState,
}

impl Answer {
    /// 200 with an object. An object that can't be serialised is a 500.
    pub fn ok(object: &impl Serialize) -> Self {
        match serde_json::to_value(object) {
            Ok(body) => Self(Kind::Object { code: 200, body }),
            Err(error) => Self::status_with(500, "InternalError", &error.to_string()),
        }
    }

    /// 404, as for an object that isn't there.
    pub fn not_found() -> Self {
        Self::status(404, "NotFound")
    }

    /// A refusal with the `Status` that the API server sends with it: 409 with `Conflict` or `AlreadyExists`, 403 with
    /// `Forbidden`, 422 with `Invalid`.
    pub fn status(code: u16, reason: &str) -> Self {
        Self::status_with(code, reason, reason)
    }

    /// No answer at all, as from a server behind a dead connection.
    pub fn never() -> Self {
        Self(Kind::Never)
    }

    /// What the server itself says, as the end of a row of answers: fail once, then go on.
    pub fn from_state() -> Self {
        Self(Kind::FromState)
    }

    pub(super) fn is_from_state(&self) -> bool {
        matches!(self.0, Kind::FromState)
    }

    pub(super) fn object(code: u16, body: Value) -> Self {
        Self(Kind::Object { code, body })
    }

    pub(super) fn events(receiver: mpsc::UnboundedReceiver<Value>) -> Self {
        Self(Kind::Watch(Arc::new(Mutex::new(Some(receiver)))))
    }

    fn status_with(code: u16, reason: &str, message: &str) -> Self {
        Self::object(code, failure(code, reason, message))
    }

    pub(super) async fn into_response(self) -> http::Response<Body> {
        let (code, body) = match self.0 {
            Kind::Object { code, body } => (code, once(&body)),
            Kind::Watch(events) => (200, events_of(&events)),
            Kind::Never => future::pending().await,
            Kind::FromState => (501, once(&Value::Null)),
        };
        let mut response = http::Response::new(body);
        *response.status_mut() =
            http::StatusCode::from_u16(code).unwrap_or(http::StatusCode::NOT_IMPLEMENTED);
        response
    }
}

/// A `Status` that says what went wrong.
pub(super) fn failure(code: u16, reason: &str, message: &str) -> Value {
    json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure",
        "code": code, "reason": reason, "message": message,
    })
}

fn once(body: &Value) -> Body {
    let bytes = Bytes::from(body.to_string());
    Body::new(StreamBody::new(stream::once(future::ready(Ok(
        Frame::data(bytes),
    )))))
}

fn events_of(events: &Mutex<Option<mpsc::UnboundedReceiver<Value>>>) -> Body {
    let receiver = events.lock().unwrap_or_else(PoisonError::into_inner).take();
    match receiver {
        Some(receiver) => Body::new(StreamBody::new(
            receiver.map(|event| Ok(Frame::data(line(&event)))),
        )),
        // A watch that was ended is followed by one in which nothing happens.
        None => Body::new(StreamBody::new(future::pending().into_stream())),
    }
}

fn line(event: &Value) -> Bytes {
    Bytes::from(format!("{event}\n"))
}

/// Sends events into a watch of a [`FakeApiServer`](super::FakeApiServer). The watch ends when this is dropped.
#[derive(Debug)]
pub struct WatchFeed(mpsc::UnboundedSender<Value>);

impl WatchFeed {
    pub(super) fn new() -> (Self, Answer) {
        let (sender, receiver) = mpsc::unbounded();
        (Self(sender), Answer::events(receiver))
    }

    /// Sends an event: `type_` is `ADDED`, `MODIFIED`, `DELETED`, `BOOKMARK` or `ERROR`.
    pub fn send(&self, type_: &str, object: &impl Serialize) {
        let object = serde_json::to_value(object).unwrap_or(Value::Null);
        // A watch that nobody follows any more loses its events, as a real one does.
        let _ = self
            .0
            .unbounded_send(json!({ "type": type_, "object": object }));
    }
}

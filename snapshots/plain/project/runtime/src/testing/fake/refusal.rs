//! What the fake refuses, in the words of an API server.

use serde_json::{Value, json};

use super::kind::Kind;
use crate::testing::answer::{self, Answer};

pub(super) type Outcome<T> = Result<T, Refusal>;

/// A failure as a `Status`. A box, because a success is what is mostly moved around.
#[derive(Clone, Debug)]
pub(super) struct Refusal(Box<Said>);

#[derive(Clone, Debug)]
struct Said {
    code: u16,
    reason: &'static str,
    message: String,
    details: Value,
}

impl Refusal {
    fn new(code: u16, reason: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        let details = Value::Null;
        Self(Box::new(Said {
            code,
            reason,
            message,
            details,
        }))
    }

    fn about(mut self, kind: &Kind, name: &str) -> Self {
        self.0.details = json!({ "name": name, "group": kind.group, "kind": kind.plural });
        if kind.group.is_empty() {
            self.0.details = json!({ "name": name, "kind": kind.plural });
        }
        self
    }

    /// What the fake cannot do: never a wrong success.
    pub(super) fn not_implemented(message: impl Into<String>) -> Self {
        Self::new(
            501,
            "NotImplemented",
            format!("the fake API server: {}", message.into()),
        )
    }

    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(400, "BadRequest", message)
    }

    /// What an API server takes for a fault of its own, though it is the client's.
    pub(super) fn internal(message: impl Into<String>) -> Self {
        Self::new(500, "", message)
    }

    /// An option of the request that is wrong; `reason` is an API server's.
    pub(super) fn invalid_option(field: &str, reason: &str, message: &str) -> Self {
        let mut refusal = Self::new(422, "Invalid", format!("{field}: {message}"));
        let cause = json!({ "reason": reason, "message": message, "field": field });
        refusal.0.details = json!({ "causes": [cause] });
        refusal
    }

    pub(super) fn method_not_allowed() -> Self {
        let message = "the server does not allow this method on the requested resource";
        Self::new(405, "MethodNotAllowed", message)
    }

    /// An address that the server doesn't know, as a subresource that a kind doesn't have.
    pub(super) fn no_such_path() -> Self {
        Self::new(
            404,
            "NotFound",
            "the server could not find the requested resource",
        )
    }

    pub(super) fn not_found(kind: &Kind, name: &str) -> Self {
        let message = format!("{} \"{name}\" not found", kind.resource());
        Self::new(404, "NotFound", message).about(kind, name)
    }

    pub(super) fn already_exists(kind: &Kind, name: &str) -> Self {
        let message = format!("{} \"{name}\" already exists", kind.resource());
        Self::new(409, "AlreadyExists", message).about(kind, name)
    }

    pub(super) fn conflict(kind: &Kind, name: &str, why: &str) -> Self {
        let resource = kind.resource();
        let message = format!("Operation cannot be fulfilled on {resource} \"{name}\": {why}");
        Self::new(409, "Conflict", message).about(kind, name)
    }

    pub(super) fn modified(kind: &Kind, name: &str) -> Self {
        let why = "the object has been modified; please apply your changes to the latest version and try again";
        Self::conflict(kind, name, why)
    }

    /// Fields that a server-side apply would take from others: who has them, and which.
    pub(super) fn owned_by_others(conflicts: &[(String, String)]) -> Self {
        let plural = if conflicts.len() == 1 { "" } else { "s" };
        let said: Vec<String> = conflicts
            .iter()
            .map(|(manager, field)| format!("conflict with \"{manager}\": {field}"))
            .collect();
        let message = format!(
            "Apply failed with {} conflict{plural}: {}",
            said.len(),
            said.join(", ")
        );
        let mut refusal = Self::new(409, "Conflict", message);
        let causes = conflicts.iter().map(|(manager, field)| {
            json!({
                "reason": "FieldManagerConflict", "field": field,
                "message": format!("conflict with \"{manager}\""),
            })
        });
        refusal.0.details = json!({ "causes": causes.collect::<Vec<_>>() });
        refusal
    }

    /// One field that is wrong; `reason` is an API server's, `FieldValueForbidden` for example.
    pub(super) fn invalid(
        kind: &Kind,
        name: &str,
        field: &str,
        (reason, message): (&str, &str),
    ) -> Self {
        let text = format!(
            "{}.{} \"{name}\" is invalid: {field}: {message}",
            kind.kind, kind.group
        );
        let mut refusal = Self::new(422, "Invalid", text).about(kind, name);
        refusal.0.details["kind"] = Value::from(kind.kind.as_str());
        refusal.0.details["causes"] =
            json!([{ "reason": reason, "message": message, "field": field }]);
        refusal
    }

    /// A patch that does not fit the object.
    pub(super) fn unprocessable(message: impl Into<String>) -> Self {
        Self::new(422, "Invalid", message)
    }

    /// A version that is too far back.
    pub(super) fn expired() -> Self {
        let message = "too old resource version: the history before it was forgotten";
        Self::new(410, "Expired", message)
    }

    pub(super) fn too_large_version(version: u64, current: u64) -> Self {
        let message = format!("Too large resource version: {version}, current: {current}");
        let mut refusal = Self::new(504, "Timeout", message);
        let cause =
            json!({ "reason": "ResourceVersionTooLarge", "message": "Too large resource version" });
        refusal.0.details = json!({ "causes": [cause], "retryAfterSeconds": 1 });
        refusal
    }

    pub(super) fn unsupported_media_type(sent: &str) -> Self {
        let message = format!("the body of the request was in an unknown format: {sent}");
        Self::new(415, "UnsupportedMediaType", message)
    }

    pub(super) fn status(&self) -> Value {
        let mut status = answer::failure(self.0.code, self.0.reason, &self.0.message);
        if let (true, Some(fields)) = (self.0.reason.is_empty(), status.as_object_mut()) {
            fields.remove("reason");
        }
        if !self.0.details.is_null() {
            status["details"] = self.0.details.clone();
        }
        status
    }

    pub(super) fn into_answer(self) -> Answer {
        Answer::object(self.0.code, self.status())
    }
}

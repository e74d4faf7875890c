//! Why a request is refused, and how that is said.

use std::any::Any;
use std::error::Error as StdError;

use kube::core::Status;
use kube::core::response::StatusDetails;

use super::AdmissionRequest;
use crate::error::chain;
use crate::webhook::field;

/// What the user is told though the request is allowed: one line each, best below 120 characters; the API server cuts
/// those over 256.
pub type Warnings = Vec<String>;

/// A refusal. `?` makes it of field errors (422, with a cause for each, as built-in validation answers), of an answer of
/// the API server (as it is), and of any other error (403 with its text).
///
/// ```
/// use rustop_runtime::webhook::{Denied, field};
///
/// fn by_field() -> Result<(), Denied> {
///     let image = field::Path::new("spec").child("image");
///     Err(field::Error::required(&image, ""))?
/// }
/// fn by_text() -> Result<(), Denied> {
///     Err(Denied::forbidden("the freeze lasts until Monday"))
/// }
/// fn by_error() -> Result<u16, Denied> {
///     Ok("many".parse()?)
/// }
/// # assert!(by_field().is_err() && by_text().is_err() && by_error().is_err());
/// ```
#[derive(Clone, Debug)]
pub struct Denied {
    reason: Reason,
    warnings: Warnings,
}

#[derive(Clone, Debug)]
enum Reason {
    Fields(field::ErrorList),
    Status(Box<Status>),
}

impl Denied {
    /// The request is understood and not allowed: 403.
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::new(403, message)
    }

    /// The request makes no sense: 400.
    pub fn bad_request(message: impl Into<String>) -> Self {
        Self::new(400, message)
    }

    /// The request couldn't be judged, which is not its fault: 500.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(500, message)
    }

    /// With a code of HTTP. The API server raises those below 400 to 400.
    pub fn new(code: u16, message: impl Into<String>) -> Self {
        Self::from_status(Status::failure(&message.into(), reason(code)).with_code(code))
    }

    /// Says something besides.
    #[must_use]
    pub fn with_warning(mut self, warning: impl Into<String>) -> Self {
        self.warnings.push(warning.into());
        self
    }

    /// The answer to `request`.
    pub fn status(&self, request: &AdmissionRequest) -> Status {
        match &self.reason {
            Reason::Status(status) => status.as_ref().clone(),
            Reason::Fields(errors) => invalid(request, errors),
        }
    }

    fn from_status(status: Status) -> Self {
        Self {
            reason: Reason::Status(Box::new(status)),
            warnings: Warnings::new(),
        }
    }

    pub(crate) fn warnings(&self) -> &[String] {
        &self.warnings
    }
}

/// As `errors.NewInvalid` of apimachinery: `MyApp.apps.example.com "a" is invalid: spec.size: …`.
fn invalid(request: &AdmissionRequest, errors: &field::ErrorList) -> Status {
    let kind = &request.kind;
    let qualified = match kind.group.as_str() {
        "" => kind.kind.clone(),
        group => format!("{}.{group}", kind.kind),
    };
    let message = format!("{qualified} {:?} is invalid: {errors}", request.name);
    let details = StatusDetails {
        name: request.name.clone(),
        group: kind.group.clone(),
        kind: kind.kind.clone(),
        uid: String::new(),
        causes: errors.causes(),
        retry_after_seconds: 0,
    };
    Status::failure(&message, "Invalid")
        .with_code(422)
        .with_details(details)
}

/// The API's word for a code; empty where it has none.
fn reason(code: u16) -> &'static str {
    match code {
        400 => "BadRequest",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "NotFound",
        405 => "MethodNotAllowed",
        409 => "Conflict",
        410 => "Gone",
        413 => "RequestEntityTooLarge",
        422 => "Invalid",
        429 => "TooManyRequests",
        500 => "InternalError",
        503 => "ServiceUnavailable",
        504 => "Timeout",
        _ => "",
    }
}

impl From<field::ErrorList> for Denied {
    fn from(errors: field::ErrorList) -> Self {
        Self {
            reason: Reason::Fields(errors),
            warnings: Warnings::new(),
        }
    }
}

impl From<field::Error> for Denied {
    fn from(error: field::Error) -> Self {
        field::ErrorList::from(error).into()
    }
}

/// A `Status`, and with it what the API server answered, is passed on as it is; any other error is a 403 with its text,
/// as in controller-runtime.
impl<E: StdError + Send + Sync + 'static> From<E> for Denied {
    fn from(error: E) -> Self {
        let any: &dyn Any = &error;
        if let Some(status) = any.downcast_ref::<Status>() {
            return Self::from_status(status.clone());
        }
        match any.downcast_ref() {
            Some(kube::Error::Api(status)) => Self::from_status(status.as_ref().clone()),
            _ => Self::forbidden(chain(&error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn request() -> AdmissionRequest {
        serde_json::from_value(json!({
            "uid": "1", "operation": "CREATE", "name": "a",
            "kind": {"group": "apps.example.com", "version": "v1", "kind": "MyApp"},
            "resource": {"group": "apps.example.com", "version": "v1", "resource": "myapps"},
        }))
        .unwrap()
    }

    #[test]
    fn field_errors_are_answered_as_by_built_in_validation() {
        let size = field::Path::new("spec").child("size");
        let error = field::Error::invalid(&size, 0, "must be positive");
        let status = Denied::from(error).status(&request());
        assert_eq!(
            serde_json::to_value(status).unwrap(),
            json!({
                "status": "Failure", "code": 422, "reason": "Invalid",
                "message": r#"MyApp.apps.example.com "a" is invalid: spec.size: Invalid value: 0: must be positive"#,
                "details": {"group": "apps.example.com", "kind": "MyApp", "name": "a", "causes": [
                    {"reason": "FieldValueInvalid", "message": "Invalid value: 0: must be positive", "field": "spec.size"}]},
            })
        );
    }

    #[test]
    fn any_error_is_a_403_with_its_causes() {
        let error: std::num::ParseIntError = "x".parse::<u8>().unwrap_err();
        let status = Denied::from(error).status(&request());
        assert_eq!((status.code, status.reason.as_str()), (403, "Forbidden"));
        assert_eq!(status.message, "invalid digit found in string");
    }

    #[test]
    fn an_answer_of_the_api_server_is_passed_on() {
        let status = Status::failure("gone away", "Gone").with_code(410);
        let error = kube::Error::Api(status.clone().boxed());
        assert_eq!(Denied::from(error).status(&request()), status);
    }
}

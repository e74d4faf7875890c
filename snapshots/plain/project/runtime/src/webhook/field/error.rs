//! One field and what is wrong with it.

use std::fmt;

use kube::core::response::StatusCause;
use serde::Serialize;
use serde_json::Value;

use super::Path;

/// What is wrong with a field. The names, and how they are written in an answer, are the API's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorType {
    /// It has to be given.
    Required,
    /// Its value is malformed or out of bounds.
    Invalid,
    /// Its value is none of those that are known.
    NotSupported,
    /// Its value has to be unique, and is not.
    Duplicate,
    /// Its value is well formed, but not allowed here.
    Forbidden,
    /// It names something that isn't there.
    NotFound,
    /// Its value is too long.
    TooLong,
    /// Its value is too short.
    TooShort,
    /// It has too many items.
    TooMany,
    /// It has too few items.
    TooFew,
    /// It has a value of another type.
    TypeInvalid,
    /// It could not be judged, and that is not the fault of its value.
    Internal,
}

impl ErrorType {
    /// As in the `reason` of a `Status`' cause.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Required => "FieldValueRequired",
            Self::Invalid => "FieldValueInvalid",
            Self::NotSupported => "FieldValueNotSupported",
            Self::Duplicate => "FieldValueDuplicate",
            Self::Forbidden => "FieldValueForbidden",
            Self::NotFound => "FieldValueNotFound",
            Self::TooLong => "FieldValueTooLong",
            Self::TooShort => "FieldValueTooShort",
            Self::TooMany => "FieldValueTooMany",
            Self::TooFew => "FieldValueTooFew",
            Self::TypeInvalid => "FieldValueTypeInvalid",
            Self::Internal => "InternalError",
        }
    }
}

impl fmt::Display for ErrorType {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Required => "Required value",
            Self::Invalid | Self::TypeInvalid => "Invalid value",
            Self::NotSupported => "Unsupported value",
            Self::Duplicate => "Duplicate value",
            Self::Forbidden => "Forbidden",
            Self::NotFound => "Not found",
            Self::TooLong => "Too long",
            Self::TooShort => "Too short",
            Self::TooMany => "Too many",
            Self::TooFew => "Too few",
            Self::Internal => "Internal error",
        })
    }
}

/// A field and what is wrong with it. See the [module](super) for an example.
///
/// `detail` may be empty: the type says enough then.
#[derive(Clone, Debug, PartialEq)]
pub struct Error {
    /// What is wrong.
    pub error_type: ErrorType,
    /// The way to the field.
    pub field: Path,
    /// Its value, where the answer names it.
    pub bad_value: Option<Value>,
    /// What would be right.
    pub detail: String,
}

impl Error {
    /// The field has to be given.
    pub fn required(field: &Path, detail: impl Into<String>) -> Self {
        Self::new(ErrorType::Required, field, detail)
    }

    /// The value is malformed or out of bounds.
    pub fn invalid(field: &Path, value: impl Serialize, detail: impl Into<String>) -> Self {
        Self::new(ErrorType::Invalid, field, detail).with_value(value)
    }

    /// The value is none of `supported`.
    pub fn not_supported<T: AsRef<str>>(
        field: &Path,
        value: impl Serialize,
        supported: &[T],
    ) -> Self {
        let quoted: Vec<String> = supported
            .iter()
            .map(|value| format!("{:?}", value.as_ref()))
            .collect();
        let detail = if quoted.is_empty() {
            String::new()
        } else {
            format!("supported values: {}", quoted.join(", "))
        };
        Self::new(ErrorType::NotSupported, field, detail).with_value(value)
    }

    /// The value has to be unique, and is not.
    pub fn duplicate(field: &Path, value: impl Serialize) -> Self {
        Self::new(ErrorType::Duplicate, field, "").with_value(value)
    }

    /// The field must not be set, or not to this, in this situation. The value isn't repeated.
    pub fn forbidden(field: &Path, detail: impl Into<String>) -> Self {
        Self::new(ErrorType::Forbidden, field, detail)
    }

    /// The field names something that isn't there.
    pub fn not_found(field: &Path, value: impl Serialize) -> Self {
        Self::new(ErrorType::NotFound, field, "").with_value(value)
    }

    /// The value has more than `maximum` bytes. It isn't repeated.
    pub fn too_long(field: &Path, maximum: usize) -> Self {
        let bytes = if maximum == 1 { "byte" } else { "bytes" };
        let detail = format!("may not be more than {maximum} {bytes}");
        Self::new(ErrorType::TooLong, field, detail)
    }

    /// The list has `actual` items, more than `maximum`.
    pub fn too_many(field: &Path, actual: usize, maximum: usize) -> Self {
        let items = if maximum == 1 { "item" } else { "items" };
        let detail = format!("must have at most {maximum} {items}");
        Self::new(ErrorType::TooMany, field, detail).with_value(actual)
    }

    /// The list has `actual` items, fewer than `minimum`.
    pub fn too_few(field: &Path, actual: usize, minimum: usize) -> Self {
        let items = if minimum == 1 { "item" } else { "items" };
        let detail = format!("must have at least {minimum} {items}");
        Self::new(ErrorType::TooFew, field, detail).with_value(actual)
    }

    /// The field could not be judged; the object may be all right.
    pub fn internal(field: &Path, detail: impl Into<String>) -> Self {
        Self::new(ErrorType::Internal, field, detail)
    }

    /// An error of another type, without a value.
    pub fn new(error_type: ErrorType, field: &Path, detail: impl Into<String>) -> Self {
        Self {
            error_type,
            field: field.clone(),
            bad_value: None,
            detail: detail.into(),
        }
    }

    /// Names the value in the answer. What can't be written as JSON isn't named.
    #[must_use]
    pub fn with_value(mut self, value: impl Serialize) -> Self {
        self.bad_value = serde_json::to_value(value).ok();
        self
    }

    /// The text without the field, as the API writes it: `Invalid value: -1: must not be negative`.
    pub fn body(&self) -> String {
        let mut body = self.error_type.to_string();
        if let Some(value) = &self.bad_value {
            body = format!("{body}: {value}");
        }
        if !self.detail.is_empty() {
            body = format!("{body}: {}", self.detail);
        }
        body
    }

    pub(crate) fn cause(&self) -> StatusCause {
        StatusCause {
            reason: self.error_type.reason().to_owned(),
            message: self.body(),
            field: self.field.to_string(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.field, self.body())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(error: &Error, expected: &str) {
        assert_eq!(error.to_string(), expected);
    }

    /// The texts are those of `k8s.io/apimachinery/pkg/util/validation/field`.
    #[test]
    fn texts_are_those_of_the_api() {
        let at = Path::new("spec").child("size");
        check(
            &Error::required(&at, "give one"),
            "spec.size: Required value: give one",
        );
        check(&Error::invalid(&at, 0, ""), "spec.size: Invalid value: 0");
        check(
            &Error::invalid(&at, "a\"b", "no quotes"),
            r#"spec.size: Invalid value: "a\"b": no quotes"#,
        );
        check(
            &Error::invalid(&at, json!({"a": [1]}), "x"),
            r#"spec.size: Invalid value: {"a":[1]}: x"#,
        );
        check(
            &Error::not_supported(&at, "XL", &["S", "M"]),
            r#"spec.size: Unsupported value: "XL": supported values: "S", "M""#,
        );
        check(
            &Error::duplicate(&at, true),
            "spec.size: Duplicate value: true",
        );
        check(
            &Error::forbidden(&at, "is immutable"),
            "spec.size: Forbidden: is immutable",
        );
        check(&Error::not_found(&at, "a"), r#"spec.size: Not found: "a""#);
        check(
            &Error::too_long(&at, 1),
            "spec.size: Too long: may not be more than 1 byte",
        );
        check(
            &Error::too_many(&at, 3, 2),
            "spec.size: Too many: 3: must have at most 2 items",
        );
        check(
            &Error::too_few(&at, 0, 1),
            "spec.size: Too few: 0: must have at least 1 item",
        );
        check(
            &Error::internal(&at, "no network"),
            "spec.size: Internal error: no network",
        );
    }

    #[test]
    fn a_cause_has_the_field_apart_from_the_text() {
        let cause = Error::invalid(&Path::new("spec"), 1, "odd").cause();
        assert_eq!(cause.field, "spec");
        assert_eq!(cause.reason, "FieldValueInvalid");
        assert_eq!(cause.message, "Invalid value: 1: odd");
    }
}

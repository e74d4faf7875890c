//! `ConversionReview`, the envelope of question and answer on the wire.

use kube::core::Status;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{ConversionError, Converters};

const API_VERSION: &str = "apiextensions.k8s.io/v1";
const KIND: &str = "ConversionReview";

/// How many objects are converted before other tasks get their turn.
const TURN: usize = 32;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope {
    api_version: String,
    kind: String,
    request: Option<Question>,
}

/// What the API server wants to have converted.
#[derive(Deserialize)]
pub(crate) struct Question {
    uid: String,
    #[serde(rename = "desiredAPIVersion")]
    desired_api_version: String,
    objects: Vec<Value>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    api_version: &'static str,
    kind: &'static str,
    response: Response,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Response {
    uid: String,
    result: Status,
    converted_objects: Vec<Value>,
}

/// The question in a body, or what is wrong with it.
pub(crate) fn read(body: &[u8]) -> Result<Question, String> {
    let mut json = serde_json::Deserializer::from_slice(body);
    let no_review =
        |error: &dyn std::fmt::Display| format!("the body is no ConversionReview: {error}");
    let envelope: Envelope =
        serde_path_to_error::deserialize(&mut json).map_err(|error| no_review(&error))?;
    json.end().map_err(|error| no_review(&error))?;
    if (envelope.api_version.as_str(), envelope.kind.as_str()) != (API_VERSION, KIND) {
        return Err(format!(
            "the body is a `{}` of `{}`; help: `conversionReviewVersions` must be `v1`",
            envelope.kind, envelope.api_version
        ));
    }
    let request = envelope.request;
    request.ok_or_else(|| "the ConversionReview has no `request`".to_owned())
}

impl Question {
    pub(crate) fn uid(&self) -> &str {
        &self.uid
    }

    pub(crate) fn desired(&self) -> &str {
        &self.desired_api_version
    }

    /// All objects in the same order, or the first that can't be converted: the API knows no half of an answer.
    pub(crate) async fn convert(
        &self,
        converters: &Converters,
    ) -> Result<Vec<Value>, ConversionError> {
        let mut converted = Vec::with_capacity(self.objects.len());
        for (index, object) in self.objects.iter().enumerate() {
            if index > 0 && index.is_multiple_of(TURN) {
                tokio::task::yield_now().await;
            }
            converted.push(converters.convert(index, object, &self.desired_api_version)?);
        }
        Ok(converted)
    }
}

/// The body that says `result` to the question `uid`.
pub(crate) fn answer(
    uid: &str,
    result: Result<Vec<Value>, String>,
) -> Result<Vec<u8>, serde_json::Error> {
    let (result, converted_objects) = match result {
        Ok(objects) => (Status::success(), objects),
        Err(message) => (Status::failure(&message, ""), Vec::new()),
    };
    serde_json::to_vec(&Answer {
        api_version: API_VERSION,
        kind: KIND,
        response: Response {
            uid: uid.to_owned(),
            result,
            converted_objects,
        },
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_no_question_is_said() {
        let refused = |body: Value| read(body.to_string().as_bytes()).err().unwrap();
        let old = json!({"apiVersion": "apiextensions.k8s.io/v1beta1", "kind": KIND});
        assert!(refused(old).contains("`conversionReviewVersions` must be `v1`"));
        let empty = json!({"apiVersion": API_VERSION, "kind": KIND});
        assert!(refused(empty).contains("no `request`"));
        let broken = json!({"apiVersion": API_VERSION, "kind": KIND, "request": {"uid": 1}});
        assert!(refused(broken).contains("request.uid"));
    }

    #[test]
    fn a_failure_says_why_and_returns_no_objects() {
        let body = answer("u-1", Err("no".into())).unwrap();
        let body: Value = serde_json::from_slice(&body).unwrap();
        let result = json!({"status": "Failure", "message": "no"});
        let response = json!({"uid": "u-1", "result": result, "convertedObjects": []});
        assert_eq!(body["response"], response);
    }
}

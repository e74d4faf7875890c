//! `AdmissionReview`, the envelope of question and answer on the wire.

use std::collections::BTreeMap;

use k8s_openapi::ByteString;
use kube::core::Status;
use serde::{Deserialize, Serialize};

use super::{AdmissionRequest, AdmissionResponse};

/// Both have the same shape.
const API_VERSIONS: [&str; 2] = ["admission.k8s.io/v1", "admission.k8s.io/v1beta1"];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Question {
    api_version: String,
    kind: String,
    request: Option<AdmissionRequest>,
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
    allowed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<Status>,
    #[serde(skip_serializing_if = "Option::is_none")]
    patch: Option<ByteString>,
    #[serde(skip_serializing_if = "Option::is_none")]
    patch_type: Option<&'static str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    audit_annotations: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<String>,
}

/// The question in a body, and the version to answer in; or what is wrong with it.
pub(crate) fn read(body: &[u8]) -> Result<(AdmissionRequest, &'static str), String> {
    let mut json = serde_json::Deserializer::from_slice(body);
    let no_review =
        |error: &dyn std::fmt::Display| format!("the body is no AdmissionReview: {error}");
    let question: Question =
        serde_path_to_error::deserialize(&mut json).map_err(|error| no_review(&error))?;
    json.end().map_err(|error| no_review(&error))?;
    let version = API_VERSIONS
        .into_iter()
        .find(|version| *version == question.api_version);
    let version = version.filter(|_| question.kind == "AdmissionReview");
    let version = version.ok_or_else(|| {
        format!(
            "the body is a `{}` of `{}`; help: `admissionReviewVersions` must be `v1`, and the path that of an admission \
             webhook",
            question.kind, question.api_version
        )
    })?;
    let request = question
        .request
        .ok_or_else(|| "the AdmissionReview has no `request`".to_owned())?;
    Ok((request, version))
}

/// The body that says `response` to the `request`.
pub(crate) fn answer(
    request: &AdmissionRequest,
    api_version: &'static str,
    response: AdmissionResponse,
) -> Result<Vec<u8>, serde_json::Error> {
    let mut warnings = response.warnings;
    let (status, patch) = match response.verdict {
        Ok(patch) => (None, patch),
        Err(denied) => {
            warnings.extend_from_slice(denied.warnings());
            (Some(denied.status(request)), Vec::new())
        }
    };
    let patch = if patch.is_empty() {
        None
    } else {
        Some(ByteString(serde_json::to_vec(&patch)?))
    };
    serde_json::to_vec(&Answer {
        api_version,
        kind: "AdmissionReview",
        response: Response {
            uid: request.uid.clone(),
            allowed: status.is_none(),
            status,
            patch_type: patch.as_ref().map(|_| "JSONPatch"),
            patch,
            audit_annotations: response.audit_annotations,
            warnings: warnings.iter().map(|warning| one_line(warning)).collect(),
        },
    })
}

/// Warnings travel in a header. The API server drops one with a line break in it without a word.
fn one_line(warning: &str) -> String {
    warning.replace(|character: char| character.is_control(), " ")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::webhook::Denied;

    fn question(api_version: &str) -> Value {
        json!({
            "apiVersion": api_version, "kind": "AdmissionReview",
            "request": {
                "uid": "u-1", "operation": "CREATE", "name": "a", "object": {"a": 1},
                "kind": {"group": "", "version": "v1", "kind": "Pod"},
                "resource": {"group": "", "version": "v1", "resource": "pods"},
            }
        })
    }

    fn said(response: AdmissionResponse) -> Value {
        let body = question("admission.k8s.io/v1").to_string();
        let (request, version) = read(body.as_bytes()).unwrap();
        serde_json::from_slice(&answer(&request, version, response).unwrap()).unwrap()
    }

    #[test]
    fn the_uid_and_the_version_are_repeated() {
        let expected = json!({
            "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
            "response": {"uid": "u-1", "allowed": true},
        });
        assert_eq!(said(AdmissionResponse::allowed()), expected);
        let body = question("admission.k8s.io/v1beta1").to_string();
        assert_eq!(read(body.as_bytes()).unwrap().1, "admission.k8s.io/v1beta1");
    }

    /// An API server refuses a patch without its type, and a type without a patch.
    #[test]
    fn a_patch_is_in_base64_and_an_empty_one_is_none() {
        let patched = AdmissionResponse::patched(&json!({}), &json!({"a": 1}));
        let response = &said(patched)["response"];
        assert_eq!(response["patchType"], "JSONPatch");
        // [{"op":"add","path":"/a","value":1}]
        let expected = "W3sib3AiOiJhZGQiLCJwYXRoIjoiL2EiLCJ2YWx1ZSI6MX1d";
        assert_eq!(response["patch"], expected);
        let same = said(AdmissionResponse::patched(&json!({}), &json!({})));
        assert_eq!(same["response"], json!({"uid": "u-1", "allowed": true}));
    }

    #[test]
    fn a_refusal_has_its_status_and_all_warnings_in_one_line_each() {
        let denied = Denied::forbidden("no").with_warning("later");
        let response = AdmissionResponse::denied(denied).with_warning("two\nlines");
        let response = &said(response.with_audit_annotation("key", "value"))["response"];
        assert_eq!(response["allowed"], false);
        assert_eq!(response["status"]["code"], 403);
        assert_eq!(response["warnings"], json!(["two lines", "later"]));
        assert_eq!(response["auditAnnotations"], json!({"key": "value"}));
    }

    #[test]
    fn what_is_no_question_is_said() {
        let refused = |body: Value| read(body.to_string().as_bytes()).unwrap_err();
        assert!(refused(json!({"apiVersion": "v1", "kind": "Pod"})).contains("`Pod` of `v1`"));
        let newer = question("admission.k8s.io/v2");
        assert!(refused(newer).contains("`admission.k8s.io/v2`"));
        let mut empty = question("admission.k8s.io/v1");
        empty["request"] = Value::Null;
        assert!(refused(empty).contains("no `request`"));
        let mut broken = question("admission.k8s.io/v1");
        broken["request"]["operation"] = json!("DANCE");
        assert!(refused(broken).contains("request.operation"));
    }
}

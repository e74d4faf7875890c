//! The webhook server: any bytes have an answer, which is a review that fits the question, or a refusal.

use std::sync::OnceLock;

use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::ConfigMap;
use rustop_runtime::testing::wire::{Endpoints, Server};
use rustop_runtime::webhook::{AdmissionRequest, Defaulter, Denied, Validator, Warnings};
use rustop_runtime::{Converter, Webhook};
use serde_json::Value;

mod v1 {
    #[derive(kube::CustomResource, Clone, Debug, serde::Deserialize, serde::Serialize)]
    #[kube(
        group = "example.com",
        version = "v1",
        kind = "Site",
        namespaced,
        schema = "disabled"
    )]
    pub struct SiteSpec {
        pub replicas: i32,
        #[serde(default)]
        pub labels: std::collections::BTreeMap<String, String>,
    }
}

mod v1beta1 {
    #[derive(kube::CustomResource, Clone, Debug, serde::Deserialize, serde::Serialize)]
    #[kube(
        group = "example.com",
        version = "v1beta1",
        kind = "Site",
        namespaced,
        schema = "disabled"
    )]
    pub struct SiteSpec {
        /// A number.
        pub size: String,
    }
}

impl TryFrom<v1beta1::Site> for v1::Site {
    type Error = String;

    fn try_from(old: v1beta1::Site) -> Result<Self, String> {
        let replicas = old.spec.size.parse();
        let spec = v1::SiteSpec {
            replicas: replicas.map_err(|_| format!("`{}` is no number", old.spec.size))?,
            labels: std::collections::BTreeMap::default(),
        };
        let metadata = old.metadata;
        Ok(Self { metadata, spec })
    }
}

impl From<v1::Site> for v1beta1::Site {
    fn from(new: v1::Site) -> Self {
        let size = new.spec.replicas.to_string();
        let metadata = new.metadata;
        let spec = v1beta1::SiteSpec { size };
        Self { metadata, spec }
    }
}

struct Maps;

impl Defaulter for Maps {
    type Object = ConfigMap;

    async fn default(&self, map: &mut ConfigMap, _: &AdmissionRequest) -> Result<(), Denied> {
        let labels = map.metadata.labels.get_or_insert_default();
        labels.insert("team".into(), "blue".into());
        Ok(())
    }
}

impl Validator for Maps {
    type Object = ConfigMap;

    async fn validate_create(
        &self,
        map: &ConfigMap,
        _: &AdmissionRequest,
    ) -> Result<Warnings, Denied> {
        match &map.data {
            Some(data) if data.is_empty() => Err(Denied::forbidden("no data")),
            Some(data) => Ok(data.keys().cloned().collect()),
            None => Ok(Vec::new()),
        }
    }
}

const MUTATE: &str = "/mutate--v1-configmap";
const VALIDATE: &str = "/validate--v1-configmap";

fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| {
        let maps = Webhook::<ConfigMap>::new().defaulter(Maps).validator(Maps);
        let sites = Converter::<v1::Site>::new().spoke::<v1beta1::Site>();
        let served = Endpoints::new().webhook(maps).conversion(sites).serve();
        served.expect("paths that do not meet")
    })
}

fn post(path: &str, body: &[u8]) -> (u16, Value) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build();
    let runtime = runtime.expect("a runtime");
    runtime.block_on(server().post(path, body.to_vec()))
}

/// Sends `body` to a defaulting and a validating webhook.
pub fn admission(body: &[u8]) {
    for path in [MUTATE, VALIDATE] {
        let (code, answer) = post(path, body);
        if code != 200 {
            check_refusal(code, &answer);
            continue;
        }
        // What nobody reads of a question need not be Unicode.
        let Ok(question) = serde_json::from_slice::<Value>(body) else {
            continue;
        };
        for field in ["/apiVersion", "/kind"] {
            assert_eq!(answer.pointer(field), question.pointer(field), "{answer}");
        }
        let response = &answer["response"];
        assert_eq!(response["uid"], question["request"]["uid"], "{answer}");
        let warnings = response["warnings"].as_array().into_iter().flatten();
        for warning in warnings {
            assert!(
                !warning.as_str().expect("a text").contains(['\n', '\r']),
                "{answer}"
            );
        }
        if response["allowed"].as_bool().expect("yes or no") {
            check_allowed(path, &question["request"], response);
        } else {
            check_denied(response);
        }
    }
}

fn check_allowed(path: &str, request: &Value, response: &Value) {
    assert!(response["status"].is_null(), "{response}");
    let mut object = request["object"].clone();
    if !response["patch"].is_null() {
        assert_eq!(response["patchType"], "JSONPatch");
        let bytes: ByteString = serde_json::from_value(response["patch"].clone()).expect("base64");
        let steps: json_patch::Patch = serde_json::from_slice(&bytes.0).expect("a JSON patch");
        assert!(!steps.0.is_empty());
        json_patch::patch(&mut object, &steps).expect("the patch fits the object");
    }
    let is_defaulted = path == MUTATE && request["operation"] == "CREATE" && object.is_object();
    if is_defaulted {
        assert_eq!(object["metadata"]["labels"]["team"], "blue", "{object}");
    }
}

fn check_denied(response: &Value) {
    assert!(response["patch"].is_null(), "{response}");
    let status = &response["status"];
    let message = status["message"].as_str().unwrap_or_default();
    assert!(
        !message.is_empty() && !message.contains("[recovered]"),
        "{response}"
    );
    let code = status["code"].as_u64().unwrap_or_default();
    assert!((400..500).contains(&code), "{response}");
}

/// Sends `body` to the conversion of a kind with two versions.
pub fn conversion(body: &[u8]) {
    let (code, answer) = post("/convert", body);
    if code != 200 {
        check_refusal(code, &answer);
        return;
    }
    // What nobody reads of a question need not be Unicode.
    let Ok(question) = serde_json::from_slice::<Value>(body) else {
        return;
    };
    assert_eq!(answer["kind"], "ConversionReview");
    assert_eq!(answer["apiVersion"], "apiextensions.k8s.io/v1");
    let (request, response) = (&question["request"], &answer["response"]);
    assert_eq!(response["uid"], request["uid"], "{answer}");
    let converted = response["convertedObjects"].as_array().expect("a list");
    if response["result"]["status"] == "Failure" {
        let message = response["result"]["message"].as_str().unwrap_or_default();
        assert!(
            !message.is_empty() && !message.contains("[recovered]"),
            "{answer}"
        );
        assert!(converted.is_empty(), "half of an answer");
        return;
    }
    assert_eq!(response["result"]["status"], "Success");
    let sent = request["objects"].as_array().expect("a list");
    assert_eq!(sent.len(), converted.len(), "{answer}");
    for (sent, converted) in sent.iter().zip(converted) {
        check_converted(sent, converted, &request["desiredAPIVersion"]);
    }
}

/// The API server refuses an object whose metadata changed in more than labels and annotations.
fn check_converted(sent: &Value, converted: &Value, desired: &Value) {
    assert_eq!(&converted["apiVersion"], desired, "{converted}");
    assert_eq!(converted["kind"], sent["kind"]);
    if sent["apiVersion"] == *desired {
        assert_eq!(sent, converted);
        return;
    }
    let fixed = |object: &Value| {
        let mut metadata = object["metadata"].as_object().cloned().unwrap_or_default();
        metadata.retain(|key, _| key != "labels" && key != "annotations");
        metadata
    };
    assert_eq!(fixed(sent), fixed(converted), "{converted}");
}

fn check_refusal(code: u16, answer: &Value) {
    assert!((400..500).contains(&code), "{code}: {answer}");
    assert_eq!(answer["kind"], "Status", "{answer}");
    assert_eq!(answer["apiVersion"], "v1");
    assert_eq!(answer["status"], "Failure");
    assert_eq!(answer["code"], code);
    assert!(answer["message"].as_str().is_some_and(|it| !it.is_empty()));
}

//! A kind in three versions, with its webhooks.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::ConfigMap;
use rustop_runtime::webhook::{AdmissionRequest, AdmissionResponse, Denied, Warnings, field};
use rustop_runtime::{Converter, Defaulter, Manager, Validator, Webhook};
use serde_json::{Value, json};

pub(crate) mod v1 {
    #[derive(kube::CustomResource, Clone, Debug, Default, serde::Deserialize, serde::Serialize)]
    #[kube(
        group = "example.com",
        version = "v1",
        kind = "Crate",
        namespaced,
        schema = "disabled",
        status = "serde_json::Value"
    )]
    pub(crate) struct CrateSpec {
        pub(crate) width: i64,
        pub(crate) height: i64,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub(crate) colour: Option<String>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub(crate) parts: Vec<Part>,
    }

    #[derive(Clone, Debug, Default, serde::Deserialize, serde::Serialize)]
    pub(crate) struct Part {
        pub(crate) name: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub(crate) image: Option<String>,
    }
}

pub(crate) mod v1beta1 {
    #[derive(kube::CustomResource, Clone, Debug, Default, serde::Deserialize, serde::Serialize)]
    #[kube(
        group = "example.com",
        version = "v1beta1",
        kind = "Crate",
        namespaced,
        schema = "disabled"
    )]
    pub(crate) struct CrateSpec {
        /// `3x4`
        pub(crate) size: String,
    }
}

pub(crate) mod v1alpha1 {
    #[derive(kube::CustomResource, Clone, Debug, Default, serde::Deserialize, serde::Serialize)]
    #[kube(
        group = "example.com",
        version = "v1alpha1",
        kind = "Crate",
        namespaced,
        schema = "disabled"
    )]
    pub(crate) struct CrateSpec {
        pub(crate) sides: Vec<i64>,
    }
}

impl TryFrom<v1beta1::Crate> for v1::Crate {
    type Error = String;

    fn try_from(old: v1beta1::Crate) -> Result<Self, String> {
        let side = |text: &str| text.parse().map_err(|_| format!("`{text}` is no length"));
        let (width, height) = old.spec.size.split_once('x').ok_or("`size` has no `x`")?;
        let (width, height) = (side(width)?, side(height)?);
        Ok(crated(old.metadata, width, height))
    }
}

impl From<v1::Crate> for v1beta1::Crate {
    fn from(new: v1::Crate) -> Self {
        let size = format!("{}x{}", new.spec.width, new.spec.height);
        let spec = v1beta1::CrateSpec { size };
        let metadata = new.metadata;
        Self { metadata, spec }
    }
}

/// These two leave the metadata to the converter.
impl From<v1alpha1::Crate> for v1::Crate {
    fn from(old: v1alpha1::Crate) -> Self {
        let side = |index: usize| old.spec.sides.get(index).copied().unwrap_or_default();
        crated(kube::api::ObjectMeta::default(), side(0), side(1))
    }
}

impl From<v1::Crate> for v1alpha1::Crate {
    fn from(new: v1::Crate) -> Self {
        let sides = vec![new.spec.width, new.spec.height];
        let metadata = kube::api::ObjectMeta::default();
        let spec = v1alpha1::CrateSpec { sides };
        Self { metadata, spec }
    }
}

fn crated(metadata: kube::api::ObjectMeta, width: i64, height: i64) -> v1::Crate {
    let spec = v1::CrateSpec {
        width,
        height,
        ..v1::CrateSpec::default()
    };
    v1::Crate {
        metadata,
        spec,
        status: None,
    }
}

struct Painter;

impl Defaulter for Painter {
    type Object = v1::Crate;

    async fn default(&self, object: &mut v1::Crate, _: &AdmissionRequest) -> Result<(), Denied> {
        object.spec.colour.get_or_insert_with(|| "red".into());
        for part in &mut object.spec.parts {
            part.image.get_or_insert_with(|| "plain".into());
        }
        Ok(())
    }
}

struct Inspector;

impl Validator for Inspector {
    type Object = v1::Crate;

    async fn validate_create(
        &self,
        new: &v1::Crate,
        request: &AdmissionRequest,
    ) -> Result<Warnings, Denied> {
        let spec = field::Path::new("spec");
        let mut errors = field::ErrorList::new();
        if new.spec.width < 1 {
            let width = spec.child("width");
            errors.push(field::Error::invalid(
                &width,
                new.spec.width,
                "must be positive",
            ));
        }
        if new.spec.colour.as_deref() == Some("none") {
            let colours = ["red", "blue"];
            let colour = spec.child("colour");
            errors.push(field::Error::not_supported(&colour, "none", &colours));
        }
        errors.into_result()?;
        let dry_run = request.dry_run.then(|| "this is\na dry run".to_owned());
        let high = (new.spec.height > 100).then(|| "spec.height is high".to_owned());
        Ok(dry_run.into_iter().chain(high).collect())
    }

    async fn validate_update(
        &self,
        old: &v1::Crate,
        new: &v1::Crate,
        request: &AdmissionRequest,
    ) -> Result<Warnings, Denied> {
        if request.sub_resource.as_deref() == Some("status") {
            let phase = new.status.as_ref().map(|status| status["phase"].clone());
            let path = field::Path::new("status").child("phase");
            return match phase {
                Some(phase) if phase == "Odd" => Err(field::Error::forbidden(&path, "is odd"))?,
                _ => Ok(Warnings::new()),
            };
        }
        if annotated(old, "frozen") {
            return Err(Denied::forbidden("it is frozen").with_warning("thaw it first"));
        }
        Ok(Warnings::new())
    }

    async fn validate_delete(
        &self,
        old: &v1::Crate,
        _: &AdmissionRequest,
    ) -> Result<Warnings, Denied> {
        if annotated(old, "keep") {
            return Err(Denied::new(409, "it is to be kept"));
        }
        Ok(Warnings::new())
    }
}

fn annotated(object: &v1::Crate, key: &str) -> bool {
    let annotations = object.metadata.annotations.as_ref();
    annotations.is_some_and(|annotations| annotations.contains_key(key))
}

struct Labels;

impl Defaulter for Labels {
    type Object = ConfigMap;

    async fn default(&self, object: &mut ConfigMap, _: &AdmissionRequest) -> Result<(), Denied> {
        let labels: &mut BTreeMap<_, _> = object.metadata.labels.get_or_insert_default();
        labels.insert("seen".into(), "yes".into());
        Ok(())
    }
}

async fn secrets(request: AdmissionRequest) -> AdmissionResponse {
    AdmissionResponse::denied(Denied::forbidden(format!("{request} is one too many")))
}

async fn slow_or_worse(request: AdmissionRequest) -> AdmissionResponse {
    match request.name.as_str() {
        "slow" => std::future::pending().await,
        "panic" => panic!("a planned panic"),
        _ => AdmissionResponse::allowed(),
    }
}

/// All that is served, as an operator registers it.
pub(crate) fn register(manager: &mut Manager) {
    manager.webhook(
        Webhook::<v1::Crate>::new()
            .defaulter(Painter)
            .validator(Inspector),
    );
    manager.webhook(Webhook::<ConfigMap>::new().defaulter(Labels));
    manager.admission_handler("/validate-secrets", secrets);
    manager.admission_handler("/slow-or-worse", slow_or_worse);
    manager.conversion(
        Converter::<v1::Crate>::new()
            .spoke::<v1beta1::Crate>()
            .spoke::<v1alpha1::Crate>(),
    );
}

/// The CRD, with fields that our types don't know; `v2` has no conversion.
pub(crate) fn crd(stored: &str, conversion: &Value) -> Value {
    let version = |name: &str, spec: &Value| {
        json!({
            "name": name, "served": true, "storage": name == stored, "subresources": {"status": {}},
            "schema": {"openAPIV3Schema": {"type": "object", "properties": {
                "spec": spec,
                "status": {"type": "object", "x-kubernetes-preserve-unknown-fields": true}}}}})
    };
    let text = json!({"type": "string"});
    let number = json!({"type": "integer"});
    let part =
        json!({"type": "object", "properties": {"name": text, "image": text, "unknown": text}});
    let v1 = json!({"type": "object", "properties": {
        "width": number, "height": number, "colour": text, "unknown": {"type": "object",
            "x-kubernetes-preserve-unknown-fields": true},
        "parts": {"type": "array", "items": part}}});
    let free = json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true});
    json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": "crates.example.com"},
        "spec": {
            "group": "example.com", "scope": "Namespaced", "conversion": conversion,
            "names": {"kind": "Crate", "plural": "crates", "singular": "crate"},
            "versions": [version("v1", &v1), version("v1beta1", &free), version("v1alpha1", &free),
                version("v2", &free)]}})
}

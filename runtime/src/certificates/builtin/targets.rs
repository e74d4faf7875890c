//! Where the bundle goes: the webhook configurations and CRDs that carry the label, and in them the entries that call
//! a service of our own namespace, or a URL on a host that the certificate is for.
//!
//! Never by name, because kustomize changes names. An entry that calls another namespace is another installation's, and
//! who answers under another host has a certificate of its own.

use kube::core::{ApiResource, DynamicObject};
use serde_json::{Value, json};

use super::pair::Hosts;

/// A kind of object that the CA bundle is written into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InjectionTarget {
    /// `MutatingWebhookConfiguration`, in every webhook.
    MutatingWebhooks,
    /// `ValidatingWebhookConfiguration`, in every webhook.
    ValidatingWebhooks,
    /// `CustomResourceDefinition`, in its conversion webhook.
    ConversionWebhooks,
}

impl InjectionTarget {
    /// All of them.
    pub(super) const ALL: [Self; 3] = [
        Self::MutatingWebhooks,
        Self::ValidatingWebhooks,
        Self::ConversionWebhooks,
    ];

    pub(super) fn resource(self) -> ApiResource {
        let (group, kind, plural) = match self {
            Self::MutatingWebhooks => (
                "admissionregistration.k8s.io",
                "MutatingWebhookConfiguration",
                "mutatingwebhookconfigurations",
            ),
            Self::ValidatingWebhooks => (
                "admissionregistration.k8s.io",
                "ValidatingWebhookConfiguration",
                "validatingwebhookconfigurations",
            ),
            Self::ConversionWebhooks => (
                "apiextensions.k8s.io",
                "CustomResourceDefinition",
                "customresourcedefinitions",
            ),
        };
        ApiResource {
            group: group.to_owned(),
            version: "v1".to_owned(),
            api_version: format!("{group}/v1"),
            kind: kind.to_owned(),
            plural: plural.to_owned(),
        }
    }
}

/// One `clientConfig`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Where it is, as a JSON pointer.
    pointer: String,
    /// What has to be there still when it is written: a pointer and its value.
    guard: Option<(String, Value)>,
    /// The service that is called; nothing when it is a URL.
    service: Option<String>,
    /// What is in `caBundle`, in base64.
    bundle: Option<String>,
}

/// The places in an object that are ours: they call a service in our namespace, or a URL on one of our hosts.
pub(super) fn places(object: &DynamicObject, namespace: &str, hosts: &Hosts) -> Vec<Place> {
    let mut places = Vec::new();
    let webhooks = object.data["webhooks"].as_array().into_iter().flatten();
    for (index, webhook) in webhooks.enumerate() {
        // Somebody may take an entry away meanwhile, and another may move up.
        let guard = (format!("/webhooks/{index}/name"), webhook["name"].clone());
        let pointer = format!("/webhooks/{index}/clientConfig");
        places.extend(place(object, pointer, Some(guard), namespace, hosts));
    }
    let pointer = "/spec/conversion/webhook/clientConfig".to_owned();
    places.extend(place(object, pointer, None, namespace, hosts));
    places
}

fn place(
    object: &DynamicObject,
    pointer: String,
    guard: Option<(String, Value)>,
    namespace: &str,
    hosts: &Hosts,
) -> Option<Place> {
    let config = object.data.pointer(&pointer)?;
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let service = &config["service"];
    let is_ours = match config["url"].as_str() {
        Some(url) => host(url).is_some_and(|host| hosts.contains(&host)),
        None => service["namespace"] == namespace,
    };
    is_ours.then(|| Place {
        guard,
        service: text(&service["name"]),
        bundle: text(&config["caBundle"]),
        pointer,
    })
}

/// The host of a URL; an IPv6 address without its brackets.
fn host(url: &str) -> Option<String> {
    let url: http::Uri = url.parse().ok()?;
    let host = url.host()?;
    let address = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    Some(address.unwrap_or(host).to_owned())
}

impl Place {
    /// The service's name.
    pub(super) fn service(&self) -> Option<&str> {
        self.service.as_deref()
    }
}

/// The JSON patch (RFC 6902) that puts `bundle`, in base64, into those places where it isn't; `None` when it is
/// everywhere. It names no other field, so that nobody else's change is lost.
pub(super) fn patch(places: &[Place], bundle: &str) -> Option<Value> {
    let differing = places
        .iter()
        .filter(|place| place.bundle.as_deref() != Some(bundle));
    let operations: Vec<Value> = differing
        .flat_map(|place| operations(place, bundle))
        .collect();
    (!operations.is_empty()).then_some(Value::Array(operations))
}

fn operations(place: &Place, bundle: &str) -> Vec<Value> {
    let guard = place.guard.as_ref();
    let test = guard.map(|(path, value)| json!({"op": "test", "path": path, "value": value}));
    let path = format!("{}/caBundle", place.pointer);
    let add = json!({"op": "add", "path": path, "value": bundle});
    test.into_iter().chain([add]).collect()
}

//! A webhook as its configuration lists it: the fields in the API's words, and the patch over them.

use serde_json::{Map, Value, json};

use super::{ClientConfig, Webhook};

impl Webhook {
    /// The item of `webhooks` in a `MutatingWebhookConfiguration` or a
    /// `ValidatingWebhookConfiguration`, with [`Webhook::patch`] laid over it.
    pub fn entry(&self) -> Value {
        let mut entry = json!({
            "admissionReviewVersions": self.admission_review_versions,
            "clientConfig": client(&self.client),
            "failurePolicy": self.failure_policy,
            "name": self.name,
            "rules": [{
                "apiGroups": self.groups,
                "apiVersions": self.versions,
                "operations": self.operations,
                "resources": self.resources,
            }],
        });
        for (field, value) in self.optional() {
            if let Some(value) = value {
                entry[field] = value;
            }
        }
        lay_over(&mut entry, &self.patch);
        entry
    }

    fn optional(&self) -> [(&'static str, Option<Value>); 4] {
        let text = |text: &String| json!(text);
        let sides = Some(&self.side_effects).filter(|sides| !sides.is_empty());
        let again = self.reinvocation_policy.as_ref().filter(|_| self.mutating);
        [
            ("matchPolicy", self.match_policy.as_ref().map(text)),
            ("reinvocationPolicy", again.map(text)),
            ("sideEffects", sides.map(text)),
            ("timeoutSeconds", self.timeout_seconds.map(|it| json!(it))),
        ]
    }
}

fn client(client: &ClientConfig) -> Value {
    match client {
        ClientConfig::Url(url) => json!({ "url": url }),
        ClientConfig::Service {
            name,
            namespace,
            path,
            port,
        } => {
            let mut service = json!({"name": name, "namespace": namespace, "path": path});
            if let Some(port) = port {
                service["port"] = json!(port);
            }
            json!({ "service": service })
        }
    }
}

/// A JSON merge patch (RFC 7396): a null takes a field away, a list is replaced.
fn lay_over(value: &mut Value, patch: &Map<String, Value>) {
    if !value.is_object() {
        *value = json!({});
    }
    for (key, change) in patch {
        match change {
            Value::Null => {
                value.as_object_mut().and_then(|fields| fields.remove(key));
            }
            Value::Object(change) => lay_over(&mut value[key.as_str()], change),
            change => value[key.as_str()] = change.clone(),
        }
    }
}

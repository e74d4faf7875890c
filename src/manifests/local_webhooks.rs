//! The webhooks of a manager that runs on somebody's own machine. No service leads
//! there, so the API server calls a URL.
//!
//! The configurations get names of their own, so that those of a deployed manager
//! stay as they are, and a label by which they are found again.

use anyhow::{Context as _, Result};
use serde::Deserialize as _;
use serde_json::{Value, json};

/// The label of the configurations that call somebody's own machine; its value is the
/// project's prefix.
pub const LOCAL_LABEL: &str = "rustop.dev/local";

/// Where the manager runs, and how it proves that.
#[derive(Clone, Debug)]
pub struct LocalWebhooks {
    /// What begins the names of everything that the project deploys.
    pub prefix: String,
    /// `https://<host>:<port>`.
    pub url: String,
    /// The `caBundle` that goes with the server's certificate.
    pub ca_bundle: String,
}

impl LocalWebhooks {
    /// The configurations of `manifests`, the text of [`WEBHOOKS`](super::webhook::WEBHOOKS):
    /// what calls a service in them calls the URL. A URL that a marker gives stays.
    ///
    /// # Errors
    /// When it is not YAML.
    pub fn configurations(&self, manifests: &str) -> Result<Vec<Value>> {
        let mut configurations = Vec::new();
        for document in serde_yaml::Deserializer::from_str(manifests) {
            let mut document = Value::deserialize(document)
                .with_context(|| format!("failed to read `{}`", super::webhook::WEBHOOKS))?;
            if document.is_object() {
                self.redirect(&mut document);
                configurations.push(document);
            }
        }
        Ok(configurations)
    }

    fn redirect(&self, configuration: &mut Value) {
        let name = configuration["metadata"]["name"].as_str();
        let name = format!("{}-local-{}", self.prefix, name.unwrap_or_default());
        configuration["metadata"]["name"] = json!(name);
        configuration["metadata"]["labels"][LOCAL_LABEL] = json!(self.prefix);
        let webhooks = configuration["webhooks"].as_array_mut();
        for webhook in webhooks.into_iter().flatten() {
            let client = &mut webhook["clientConfig"];
            if let Some(path) = client.pointer("/service/path") {
                *client = self.client(path.as_str().unwrap_or_default());
            }
        }
    }

    /// The `spec.conversion` of a CRD whose objects the manager converts.
    pub fn conversion(&self) -> Value {
        json!({
            "strategy": "Webhook",
            "webhook": {
                "clientConfig": self.client("/convert"),
                "conversionReviewVersions": ["v1"],
            },
        })
    }

    fn client(&self, path: &str) -> Value {
        json!({"url": format!("{}{path}", self.url), "caBundle": self.ca_bundle})
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MANIFESTS: &str = "\
# Code generated.
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata:
  name: mutating-webhook-configuration
webhooks:
- name: a.example.com
  clientConfig:
    service: {name: webhook-service, namespace: system, path: /mutate--v1-pod}
  failurePolicy: Fail
- name: b.example.com
  clientConfig:
    url: https://elsewhere.example.com/b
";

    fn local() -> LocalWebhooks {
        LocalWebhooks {
            prefix: "demo".to_owned(),
            url: "https://localhost:9443".to_owned(),
            ca_bundle: "Q0E=".to_owned(),
        }
    }

    #[test]
    fn what_calls_a_service_calls_the_url_under_another_name() {
        let configurations = local().configurations(MANIFESTS).unwrap();
        let expected = json!([{
            "apiVersion": "admissionregistration.k8s.io/v1",
            "kind": "MutatingWebhookConfiguration",
            "metadata": {
                "name": "demo-local-mutating-webhook-configuration",
                "labels": {"rustop.dev/local": "demo"},
            },
            "webhooks": [
                {
                    "name": "a.example.com", "failurePolicy": "Fail",
                    "clientConfig": {"url": "https://localhost:9443/mutate--v1-pod", "caBundle": "Q0E="},
                },
                {"name": "b.example.com", "clientConfig": {"url": "https://elsewhere.example.com/b"}},
            ],
        }]);
        assert_eq!(json!(configurations), expected);
    }

    #[test]
    fn without_markers_there_is_no_configuration() {
        let none = local().configurations("# Code generated.\n").unwrap();
        assert_eq!(none, Vec::<Value>::new());
        assert!(local().configurations("a: [").is_err());
    }

    #[test]
    fn a_conversion_calls_the_url_too() {
        let client = local().conversion()["webhook"]["clientConfig"].clone();
        let expected = json!({"url": "https://localhost:9443/convert", "caBundle": "Q0E="});
        assert_eq!(client, expected);
    }
}

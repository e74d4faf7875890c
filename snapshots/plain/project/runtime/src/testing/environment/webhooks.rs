//! Lets the API server call the webhook server of the test: the webhooks of `config/` call a service, and here they call
//! an address of this machine, with a certificate made for it.

use std::path::PathBuf;

use kube::Client;
use serde_json::{Value, json};

use super::install_options::WebhookInstallOptions;
use super::manifests::{self, Manifest};
use super::{EnvironmentError, canary};

/// The kinds, and what their collections are called.
const KINDS: [(&str, &str); 2] = [
    (
        "MutatingWebhookConfiguration",
        "mutatingwebhookconfigurations",
    ),
    (
        "ValidatingWebhookConfiguration",
        "validatingwebhookconfigurations",
    ),
];

/// Reads the webhook configurations in the folders' YAML files.
pub(super) fn read(directories: &[PathBuf]) -> Result<Vec<Manifest>, EnvironmentError> {
    manifests::read(directories, &KINDS.map(|(kind, _)| kind))
}

/// Applies the configurations, and returns once the API server acts on them.
pub(super) async fn install(
    client: &Client,
    configurations: &[Manifest],
) -> Result<(), EnvironmentError> {
    for (kind, plural) in KINDS {
        let mut any = false;
        for configuration in configurations.iter().filter(|each| each.kind() == kind) {
            configuration.apply(client, plural).await?;
            any = true;
        }
        if any {
            canary::wait(client, kind, plural).await?;
        }
    }
    Ok(())
}

/// Has each webhook that calls a service call this machine instead: of a webhook configuration, or of a CRD. A URL that
/// is there already stays.
pub(super) fn redirect(object: &mut Value, options: &WebhookInstallOptions) {
    let conversion = "/spec/conversion/webhook/clientConfig";
    if let Some(config) = object.pointer_mut(conversion) {
        redirect_one(config, options);
    }
    let webhooks = object.get_mut("webhooks").and_then(Value::as_array_mut);
    for webhook in webhooks.into_iter().flatten() {
        redirect_one(&mut webhook["clientConfig"], options);
    }
}

fn redirect_one(config: &mut Value, options: &WebhookInstallOptions) {
    let Some(service) = config.get("service") else {
        return;
    };
    let path = service["path"].as_str().unwrap_or_default();
    let (url, authority) = (options.url(path), options.authority_as_json());
    *config = json!({"url": url, "caBundle": authority});
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redirected(mut object: Value) -> Value {
        redirect(&mut object, &WebhookInstallOptions::for_test(9443));
        object
    }

    #[test]
    fn what_calls_a_service_calls_this_machine() {
        let service =
            json!({"name": "webhook-service", "namespace": "system", "path": "/validate-v1"});
        let configuration = redirected(json!({"webhooks": [
            {"name": "a", "clientConfig": {"service": service}},
            {"name": "b", "clientConfig": {"url": "https://example.com/b"}}]}));
        let first = &configuration["webhooks"][0]["clientConfig"];
        assert_eq!(first["url"], "https://127.0.0.1:9443/validate-v1");
        assert!(first.get("service").is_none());
        assert!(first["caBundle"].as_str().unwrap().len() > 100);
        let second = &configuration["webhooks"][1]["clientConfig"];
        assert_eq!(*second, json!({"url": "https://example.com/b"}));
    }

    #[test]
    fn a_crd_calls_this_machine_too_and_one_without_conversion_stays() {
        let service = json!({"name": "webhook-service", "namespace": "system", "path": "/convert"});
        let conversion =
            json!({"strategy": "Webhook", "webhook": {"clientConfig": {"service": service}}});
        let crd = redirected(json!({"spec": {"conversion": conversion}}));
        let config = &crd["spec"]["conversion"]["webhook"]["clientConfig"];
        assert_eq!(config["url"], "https://127.0.0.1:9443/convert");
        let plain = json!({"spec": {"group": "example.com"}});
        assert_eq!(redirected(plain.clone()), plain);
    }
}

//! Defaults of `Captain` in `v1`: what the operator fills in before an object is stored.

use api::crew::v1::Captain;

use runtime::webhook::{AdmissionRequest, Defaulter, Denied};
use runtime::{Manager, Webhook};

// When the API server asks; `make manifests` writes it to config/webhook/manifests.yaml.
// +rustop:webhook:path=/mutate-crew-example-com-v1-captain,mutating=true,failurePolicy=fail,sideEffects=None,groups=crew.example.com,resources=captains,verbs=create;update,versions=v1,name=mcaptain-v1.crew.example.com,admissionReviewVersions=v1

/// Fills in what the user left out.
pub(crate) struct CaptainDefaulter;

/// Adds the webhook to the manager.
pub(crate) fn register(manager: &mut Manager) {
    manager.webhook(webhook());
}

fn webhook() -> Webhook<Captain> {
    Webhook::new().defaulter(CaptainDefaulter)
}

impl Defaulter for CaptainDefaulter {
    type Object = Captain;

    /// Called again for what it made itself: what is set already must stay as it is.
    async fn default(&self, object: &mut Self::Object, _: &AdmissionRequest) -> Result<(), Denied> {
        // Set here what depends on other fields or on the request. A default that is the same for
        // all objects belongs to the field, as `#[serde(default = …)]`: then the CRD has it too.
        tracing::debug!(name = object.metadata.name, "defaulted");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use runtime::testing::admission;

    use super::*;

    type Sample = super::Captain;

    fn sample() -> Sample {
        Sample::new("sample", Default::default())
    }

    /// What you set is in `created.object().unwrap()`.
    #[tokio::test]
    async fn an_object_is_defaulted_once() {
        let created = admission::create(&webhook(), &sample()).await;
        assert!(created.allowed(), "{}", created.message());
        let updated = admission::update(&webhook(), created.json(), created.json()).await;
        assert!(updated.allowed(), "{}", updated.message());
        assert_eq!(updated.patch(), &serde_json::json!([]));
    }

    #[tokio::test]
    async fn an_object_that_goes_is_left_alone() {
        let deleted = admission::delete(&webhook(), &sample()).await;
        assert!(deleted.allowed(), "{}", deleted.message());
        assert_eq!(deleted.patch(), &serde_json::json!([]));
    }
}

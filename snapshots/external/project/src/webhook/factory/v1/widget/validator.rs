// Copyright 2026.
//
// Licensed under the Apache License, Version 2.0 (the "License");
// you may not use this file except in compliance with the License.
// You may obtain a copy of the License at
//
//     http://www.apache.org/licenses/LICENSE-2.0
//
// Unless required by applicable law or agreed to in writing, software
// distributed under the License is distributed on an "AS IS" BASIS,
// WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
// See the License for the specific language governing permissions and
// limitations under the License.

//! Rules for `Widget` in `v1` that a schema cannot say.

use widgets::v1::Widget;

use runtime::webhook::{AdmissionRequest, Denied, Validator, Warnings, field};
use runtime::{Manager, Webhook};

// When the API server asks; `make manifests` writes it to config/webhook/manifests.yaml.
// `verbs=create;update;delete` has it ask before an object is deleted, too.
// +rustop:webhook:path=/validate-factory-example-org-v1-widget,mutating=false,failurePolicy=fail,sideEffects=None,groups=factory.example.org,resources=widgets,verbs=create;update,versions=v1,name=vwidget-v1.factory.example.org,admissionReviewVersions=v1

/// Refuses what breaks a rule, and says all that is wrong at once.
pub(crate) struct WidgetValidator;

/// Adds the webhook to the manager.
pub(crate) fn register(manager: &mut Manager) {
    manager.webhook(webhook());
}

fn webhook() -> Webhook<Widget> {
    Webhook::new().validator(WidgetValidator)
}

impl Validator for WidgetValidator {
    type Object = Widget;

    async fn validate_create(
        &self,
        object: &Self::Object,
        _: &AdmissionRequest,
    ) -> Result<Warnings, Denied> {
        tracing::debug!(name = object.metadata.name, "validated");
        // Add here what is wrong: `errors.push(field::Error::invalid(&spec.child("…"), value, "…"))`
        // with `let spec = field::Path::new("spec");`. What is allowed but not wise is a warning.
        let errors = field::ErrorList::new();
        errors.into_result()?;
        Ok(Warnings::new())
    }

    async fn validate_update(
        &self,
        _old: &Self::Object,
        new: &Self::Object,
        request: &AdmissionRequest,
    ) -> Result<Warnings, Denied> {
        // Compare with `_old` here what must not change.
        self.validate_create(new, request).await
    }

    async fn validate_delete(
        &self,
        object: &Self::Object,
        _: &AdmissionRequest,
    ) -> Result<Warnings, Denied> {
        // Who must stay is kept with `Err(Denied::forbidden("…"))`.
        tracing::debug!(name = object.metadata.name, "may go");
        Ok(Warnings::new())
    }
}

#[cfg(test)]
mod tests {
    use runtime::testing::admission;

    use super::*;

    /// An object as the API server sends it.
    fn sample() -> serde_json::Value {
        serde_json::json!({
            "apiVersion": "factory.example.org/v1",
            "kind": "Widget",
            "metadata": { "name": "sample" },
            "spec": {},
        })
    }

    /// The fields of one that is refused are in `created.causes()`.
    #[tokio::test]
    #[ignore = "needs an object: fill in `sample`, then take this line out"]
    async fn a_valid_object_is_created() {
        let created = admission::create(&webhook(), &sample()).await;
        assert!(created.allowed(), "{}", created.message());
        assert!(created.warnings().is_empty(), "{:?}", created.warnings());
    }

    #[tokio::test]
    #[ignore = "needs an object: fill in `sample`, then take this line out"]
    async fn a_valid_change_is_made() {
        let mut new = sample();
        new["metadata"]["labels"] = serde_json::json!({ "changed": "yes" });
        let updated = admission::update(&webhook(), &sample(), &new).await;
        assert!(updated.allowed(), "{}", updated.message());
    }

    #[tokio::test]
    #[ignore = "needs an object: fill in `sample`, then take this line out"]
    async fn an_object_may_go() {
        let deleted = admission::delete(&webhook(), &sample()).await;
        assert!(deleted.allowed(), "{}", deleted.message());
    }
}

//! Says hello, and writes into the status what it said.

use std::sync::Arc;
use std::time::Duration;

use kube::api::{Patch, PatchParams};
use kube::runtime::controller::Action;
use kube::{Api, Client, ResourceExt};
use serde_json::json;

use crate::types::Greeting;

/// What every reconcile needs.
pub struct Context {
    pub client: Client,
}

pub async fn reconcile(
    greeting: Arc<Greeting>,
    context: Arc<Context>,
) -> Result<Action, kube::Error> {
    let said = format!("Hello, {}!", greeting.spec.name);
    let before = greeting.status.as_ref().and_then(|status| status.said.as_ref());
    if before != Some(&said) {
        let namespace = greeting.namespace().unwrap_or_default();
        let greetings: Api<Greeting> = Api::namespaced(context.client.clone(), &namespace);
        let patch = Patch::Merge(json!({"status": {"said": said}}));
        let parameters = PatchParams::default();
        greetings
            .patch_status(&greeting.name_any(), &parameters, &patch)
            .await?;
    }
    Ok(Action::await_change())
}

pub fn error_policy(_: Arc<Greeting>, _: &kube::Error, _: Arc<Context>) -> Action {
    Action::requeue(Duration::from_secs(5))
}

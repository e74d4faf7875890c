//! The `Greeting` resource.

use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Whom to greet.
#[derive(CustomResource, Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[kube(
    group = "hello.example.com",
    version = "v1",
    kind = "Greeting",
    plural = "greetings",
    shortname = "hi",
    status = "GreetingStatus",
    namespaced
)]
pub struct GreetingSpec {
    /// The one who is greeted.
    pub name: String,
}

/// What was said.
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
pub struct GreetingStatus {
    /// The words.
    pub said: Option<String>,
}

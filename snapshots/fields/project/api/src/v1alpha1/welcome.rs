//! `Welcome` of `auth.demo.welcome.domain/v1alpha1`, as users write it.
//!
//! After a change run `make manifests`: doc comments become descriptions, types
//! and attributes become validation.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the user asks for.
#[derive(CustomResource, Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[kube(
    doc = "Welcome is the Schema for the welcomes API.",
    group = "auth.demo.welcome.domain",
    version = "v1alpha1",
    kind = "Welcome",
    plural = "welcomes",
    status = "WelcomeStatus",
    namespaced
)]
#[kube(printcolumn(
    name = "Ready",
    type_ = "string",
    json_path = ".status.conditions[?(@.type=='Ready')].status"
))]
#[kube(printcolumn(
    name = "Age",
    type_ = "date",
    json_path = ".metadata.creationTimestamp"
))]
#[serde(rename_all = "camelCase")]
pub struct WelcomeSpec {
    /// Who is welcomed.
    #[schemars(length(min = 1, max = 253))]
    pub name: String,
    /// The number that the account gets.
    #[serde(rename = "userID")]
    #[schemars(range(min = 1, max = 65535))]
    pub user_id: i32,
    /// The groups that the account is in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-kubernetes-list-type" = "set"))]
    pub groups: Vec<String>,
    /// Where to write to, if anywhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "email"))]
    pub email: Option<String>,
    /// The first password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "password"))]
    pub password: Option<String>,
    /// How many pods greet.
    #[serde(default = "WelcomeSpec::default_replicas")]
    #[schemars(range(min = 0))]
    pub replicas: i32,
    /// Where they listen.
    #[serde(default = "WelcomeSpec::default_port")]
    #[schemars(range(min = 1, max = 65535))]
    pub port: i32,
}

impl WelcomeSpec {
    fn default_replicas() -> i32 {
        1
    }

    fn default_port() -> i32 {
        8088
    }
}

/// What the controller found.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WelcomeStatus {
    /// The state of the object, aspect by aspect. `Ready` is true once all is as asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "crate::schema::conditions")]
    pub conditions: Vec<Condition>,
}

//! `MyApp` of `apps.example.com/v1`, as users write it.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The application that is to run.
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[kube(
    doc = "MyApp is the Schema for the myapps API.",
    group = "apps.example.com",
    version = "v1",
    kind = "MyApp",
    plural = "myapps",
    status = "MyAppStatus",
    namespaced
)]
#[kube(printcolumn(
    name = "Ready",
    type_ = "string",
    json_path = ".status.conditions[?(@.type=='Ready')].status"
))]
#[kube(printcolumn(
    name = "Replicas",
    type_ = "integer",
    json_path = ".status.readyReplicas"
))]
#[kube(printcolumn(
    name = "Age",
    type_ = "date",
    json_path = ".metadata.creationTimestamp"
))]
#[serde(rename_all = "camelCase")]
pub struct MyAppSpec {
    /// How many Pods run.
    #[serde(default = "one")]
    #[schemars(range(min = 0, max = 100))]
    pub replicas: i32,
    /// The image that they run.
    #[schemars(length(min = 1))]
    pub image: String,
    /// The port that the application listens on.
    #[serde(default = "http")]
    #[schemars(range(min = 1, max = 65535))]
    pub port: i32,
}

/// What the controller found.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct MyAppStatus {
    /// How many Pods are ready.
    #[serde(default)]
    pub ready_replicas: i32,
    /// The state of the object, aspect by aspect. `Ready` is true once as many Pods are ready as were asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "crate::schema::conditions")]
    pub conditions: Vec<Condition>,
}

fn one() -> i32 {
    1
}

fn http() -> i32 {
    8080
}

//! `Sailor` of `fleet.example.com/v1beta1`, as users write it.
//!
//! After a change run `make manifests`: doc comments become descriptions, types
//! and attributes become validation.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the user asks for.
#[derive(CustomResource, Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[kube(
    doc = "Sailor is the Schema for the sailors API.",
    group = "fleet.example.com",
    version = "v1beta1",
    kind = "Sailor",
    plural = "sailors",
    status = "SailorStatus",
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
pub struct SailorSpec {
    /// An example. Put the fields of your kind in its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 63))]
    pub foo: Option<String>,
}

/// What the controller found.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SailorStatus {
    /// The state of the object, aspect by aspect. `Ready` is true once all is as asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "crate::schema::conditions")]
    pub conditions: Vec<Condition>,
}

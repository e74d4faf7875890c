//! `Everything` of `auth.demo.welcome.domain/v1alpha1`, as users write it.
//!
//! After a change run `make manifests`: doc comments become descriptions, types
//! and attributes become validation.

use std::collections::BTreeMap;

use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::ConfigMapKeySelector;
use k8s_openapi::api::core::v1::LocalObjectReference;
use k8s_openapi::api::core::v1::ObjectReference;
use k8s_openapi::api::core::v1::SecretKeySelector;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use kube::CustomResource;
use kube::core::Duration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What the user asks for.
#[derive(CustomResource, Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[kube(
    doc = "Everything is the Schema for the everything API.",
    group = "auth.demo.welcome.domain",
    version = "v1alpha1",
    kind = "Everything",
    plural = "everything",
    status = "EverythingStatus"
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
pub struct EverythingSpec {
    /// A string.
    pub string: String,
    /// Perhaps a string.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub string_maybe: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 5))]
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    pub string_list: Vec<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("maxProperties" = 5))]
    pub string_map: BTreeMap<String, String>,
    /// A bool.
    pub bool: bool,
    /// Perhaps a bool.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bool_maybe: Option<bool>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 5))]
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    pub bool_list: Vec<bool>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("maxProperties" = 5))]
    pub bool_map: BTreeMap<String, bool>,
    /// A int32.
    pub int32: i32,
    /// Perhaps a int32.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub int32_maybe: Option<i32>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 5))]
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    pub int32_list: Vec<i32>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("maxProperties" = 5))]
    pub int32_map: BTreeMap<String, i32>,
    /// A int64.
    pub int64: i64,
    /// Perhaps a int64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub int64_maybe: Option<i64>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 5))]
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    pub int64_list: Vec<i64>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("maxProperties" = 5))]
    pub int64_map: BTreeMap<String, i64>,
    /// A quantity.
    #[schemars(schema_with = "crate::schema::quantity")]
    pub quantity: Quantity,
    /// Perhaps a quantity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "crate::schema::quantity")]
    pub quantity_maybe: Option<Quantity>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "crate::schema::quantity_list", length(max = 5))]
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    pub quantity_list: Vec<Quantity>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "crate::schema::quantity_map")]
    #[schemars(extend("maxProperties" = 5))]
    pub quantity_map: BTreeMap<String, Quantity>,
    /// A int-or-string.
    #[schemars(schema_with = "crate::schema::int_or_string")]
    pub int_or_string: IntOrString,
    /// Perhaps a int-or-string.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "crate::schema::int_or_string")]
    pub int_or_string_maybe: Option<IntOrString>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "crate::schema::int_or_string_list", length(max = 5))]
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    pub int_or_string_list: Vec<IntOrString>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "crate::schema::int_or_string_map")]
    #[schemars(extend("maxProperties" = 5))]
    pub int_or_string_map: BTreeMap<String, IntOrString>,
    /// A duration.
    #[schemars(schema_with = "crate::schema::duration")]
    pub duration: Duration,
    /// Perhaps a duration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "crate::schema::duration")]
    pub duration_maybe: Option<Duration>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "crate::schema::duration_list", length(max = 5))]
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    pub duration_list: Vec<Duration>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "crate::schema::duration_map")]
    #[schemars(extend("maxProperties" = 5))]
    pub duration_map: BTreeMap<String, Duration>,
    /// A date-time.
    #[schemars(schema_with = "crate::schema::date_time")]
    pub date_time: Time,
    /// Perhaps a date-time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "crate::schema::date_time")]
    pub date_time_maybe: Option<Time>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "crate::schema::date_time_list", length(max = 5))]
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    pub date_time_list: Vec<Time>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "crate::schema::date_time_map")]
    #[schemars(extend("maxProperties" = 5))]
    pub date_time_map: BTreeMap<String, Time>,
    /// A byte.
    #[schemars(schema_with = "crate::schema::bytes")]
    pub byte: ByteString,
    /// Perhaps a byte.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "crate::schema::bytes")]
    pub byte_maybe: Option<ByteString>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "crate::schema::bytes_list", length(max = 5))]
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    pub byte_list: Vec<ByteString>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "crate::schema::bytes_map")]
    #[schemars(extend("maxProperties" = 5))]
    pub byte_map: BTreeMap<String, ByteString>,
    /// A any.
    #[schemars(schema_with = "crate::schema::preserve_unknown_fields")]
    pub any: Map<String, Value>,
    /// Perhaps a any.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    #[schemars(schema_with = "crate::schema::preserve_unknown_fields")]
    pub any_maybe: Map<String, Value>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(
        schema_with = "crate::schema::preserve_unknown_fields_list",
        length(max = 5)
    )]
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    pub any_list: Vec<Map<String, Value>>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "crate::schema::preserve_unknown_fields_map")]
    #[schemars(extend("maxProperties" = 5))]
    pub any_map: BTreeMap<String, Map<String, Value>>,
    /// A local-object-reference.
    #[schemars(schema_with = "crate::schema::local_object_reference")]
    pub local_object_reference: LocalObjectReference,
    /// Perhaps a local-object-reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "crate::schema::local_object_reference")]
    pub local_object_reference_maybe: Option<LocalObjectReference>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(
        schema_with = "crate::schema::local_object_reference_list",
        length(max = 5)
    )]
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    pub local_object_reference_list: Vec<LocalObjectReference>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "crate::schema::local_object_reference_map")]
    #[schemars(extend("maxProperties" = 5))]
    pub local_object_reference_map: BTreeMap<String, LocalObjectReference>,
    /// A object-reference.
    #[schemars(schema_with = "crate::schema::object_reference")]
    pub object_reference: ObjectReference,
    /// Perhaps a object-reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "crate::schema::object_reference")]
    pub object_reference_maybe: Option<ObjectReference>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "crate::schema::object_reference_list", length(max = 5))]
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    pub object_reference_list: Vec<ObjectReference>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "crate::schema::object_reference_map")]
    #[schemars(extend("maxProperties" = 5))]
    pub object_reference_map: BTreeMap<String, ObjectReference>,
    /// A secret-key-selector.
    #[schemars(schema_with = "crate::schema::secret_key_selector")]
    pub secret_key_selector: SecretKeySelector,
    /// Perhaps a secret-key-selector.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "crate::schema::secret_key_selector")]
    pub secret_key_selector_maybe: Option<SecretKeySelector>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(
        schema_with = "crate::schema::secret_key_selector_list",
        length(max = 5)
    )]
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    pub secret_key_selector_list: Vec<SecretKeySelector>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "crate::schema::secret_key_selector_map")]
    #[schemars(extend("maxProperties" = 5))]
    pub secret_key_selector_map: BTreeMap<String, SecretKeySelector>,
    /// A config-map-key-selector.
    #[schemars(schema_with = "crate::schema::config_map_key_selector")]
    pub config_map_key_selector: ConfigMapKeySelector,
    /// Perhaps a config-map-key-selector.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "crate::schema::config_map_key_selector")]
    pub config_map_key_selector_maybe: Option<ConfigMapKeySelector>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(
        schema_with = "crate::schema::config_map_key_selector_list",
        length(max = 5)
    )]
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    pub config_map_key_selector_list: Vec<ConfigMapKeySelector>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "crate::schema::config_map_key_selector_map")]
    #[schemars(extend("maxProperties" = 5))]
    pub config_map_key_selector_map: BTreeMap<String, ConfigMapKeySelector>,
    /// At least two.
    #[schemars(length(min = 2))]
    #[schemars(extend("x-kubernetes-list-type" = "set"))]
    pub list_needed: Vec<String>,
    #[schemars(extend("minProperties" = 1))]
    pub map_needed: BTreeMap<String, i32>,
    #[serde(default = "EverythingSpec::default_flag")]
    pub flag: bool,
    #[serde(default)]
    pub off: bool,
    #[serde(default)]
    pub count: i32,
    #[serde(default = "EverythingSpec::default_big")]
    #[schemars(range(max = 9000000000000000_i64))]
    pub big: i64,
    #[serde(default = "EverythingSpec::default_text")]
    pub text: String,
    #[serde(default)]
    pub blank: String,
    #[serde(default = "EverythingSpec::default_blank_port")]
    #[schemars(schema_with = "crate::schema::int_or_string")]
    pub blank_port: IntOrString,
    #[serde(default = "EverythingSpec::default_memory")]
    #[schemars(schema_with = "crate::schema::quantity")]
    pub memory: Quantity,
    #[serde(default = "EverythingSpec::default_surge")]
    #[schemars(schema_with = "crate::schema::int_or_string")]
    pub surge: IntOrString,
    /// The number of a port, or its name.
    #[serde(default = "EverythingSpec::default_target_port")]
    #[schemars(schema_with = "crate::schema::int_or_string")]
    pub target_port: IntOrString,
    #[serde(default = "EverythingSpec::default_timeout")]
    #[schemars(schema_with = "crate::schema::duration")]
    pub timeout: Duration,
    #[serde(default = "EverythingSpec::default_tick")]
    #[schemars(schema_with = "crate::schema::duration")]
    pub tick: Duration,
    /// How fast.
    #[serde(default)]
    pub mode: EverythingMode,
    pub protocol: EverythingProtocol,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub style: Option<EverythingStyle>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    pub odd: Vec<EverythingOdd>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub levels: BTreeMap<String, EverythingLevel>,
    #[schemars(length(min = 2, max = 20))]
    #[schemars(extend("pattern" = "^[a-z]([-a-z0-9]{0,18}[a-z0-9])?$"))]
    pub slug: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("pattern" = r##"^"\d+"#?$"##))]
    pub quoted: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1, max = 3))]
    #[schemars(inner(regex(pattern = r"^[a-z0-9]+(\.[a-z0-9]+)*$")), extend(
        "x-kubernetes-list-type" = "atomic"
    ))]
    pub hosts: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("format" = "ipv4"))]
    pub ip: Option<String>,
    #[schemars(extend("format" = "uuid"))]
    pub uuid: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub type_: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub self_: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crate_: Option<i32>,
    #[serde(rename = "userID")]
    #[schemars(length(max = 63))]
    #[schemars(extend(
        "x-kubernetes-validations" = [{"message": "userID is immutable", "rule": "self == oldSelf"}]
    ))]
    pub user_id: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    pub cluster_i_ps: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 65535))]
    pub http2_port: Option<i32>,
    /// Where data lies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storage: Option<EverythingStorage>,
    /// What is open.
    #[schemars(length(min = 2, max = 9))]
    #[schemars(extend(
        "x-kubernetes-list-type" = "map",
        "x-kubernetes-list-map-keys" = ["name", "protocol"]
    ))]
    pub ports: Vec<EverythingPort>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub zones: BTreeMap<String, EverythingZone>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    pub owners: Vec<EverythingOwner>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "crate::schema::config_map_key_selector_map")]
    #[schemars(extend("maxProperties" = 4294967295_i64))]
    pub field_with_name_that_is_much_longer_than_anybody_wants_it:
        BTreeMap<String, ConfigMapKeySelector>,
}

impl EverythingSpec {
    fn default_flag() -> bool {
        true
    }

    fn default_big() -> i64 {
        5000000000
    }

    fn default_text() -> String {
        "with a \"quote\", and \\ more".to_owned()
    }

    fn default_blank_port() -> IntOrString {
        IntOrString::String("".to_owned())
    }

    fn default_memory() -> Quantity {
        Quantity("1Gi".to_owned())
    }

    fn default_surge() -> IntOrString {
        IntOrString::String("50%".to_owned())
    }

    fn default_target_port() -> IntOrString {
        IntOrString::Int(80)
    }

    fn default_timeout() -> Duration {
        std::time::Duration::from_secs(5400).into()
    }

    fn default_tick() -> Duration {
        std::time::Duration::from_millis(250).into()
    }
}

/// What the controller found.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EverythingStatus {
    /// The state of the object, aspect by aspect. `Ready` is true once all is as asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(schema_with = "crate::schema::conditions")]
    pub conditions: Vec<Condition>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub enum EverythingMode {
    #[default]
    Fast,
    Slow,
    NotAtAll,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum EverythingProtocol {
    Tcp,
    Udp,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum EverythingStyle {
    RollingUpdate,
    Recreate,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub enum EverythingOdd {
    #[serde(rename = "a b")]
    AB,
    #[serde(rename = "10")]
    Value10,
    #[serde(rename = "self")]
    Self_,
    #[serde(rename = "v1.0")]
    V10,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum EverythingLevel {
    Debug,
    Info,
}

/// Where data lies.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EverythingStorage {
    #[schemars(schema_with = "crate::schema::quantity")]
    pub size: Quantity,
    #[serde(default = "EverythingStorage::default_class_name")]
    #[schemars(extend(
        "x-kubernetes-validations" = [{"message": "className is immutable", "rule": "self == oldSelf"}]
    ))]
    pub class_name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access: Option<EverythingStorageAccess>,
}

impl EverythingStorage {
    fn default_class_name() -> String {
        "standard".to_owned()
    }
}

#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EverythingStorageAccess {
    #[serde(default)]
    pub mode: EverythingStorageAccessMode,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 10))]
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    pub users: Vec<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub enum EverythingStorageAccessMode {
    #[default]
    Once,
    Many,
}

/// One of `ports`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EverythingPort {
    #[schemars(length(max = 15))]
    pub name: String,
    #[serde(default)]
    pub protocol: EverythingPortProtocol,
    #[schemars(range(min = 1, max = 65535))]
    pub number: i32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum EverythingPortProtocol {
    #[default]
    Tcp,
    Udp,
}

/// One entry of `zones`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EverythingZone {
    #[serde(default = "EverythingZone::default_weight")]
    pub weight: i32,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("x-kubernetes-list-type" = "atomic"))]
    pub nodes: Vec<EverythingZoneNode>,
}

impl EverythingZone {
    fn default_weight() -> i32 {
        10
    }
}

/// One of `nodes`.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EverythingZoneNode {
    pub name: String,
}

/// One of `owners`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct EverythingOwner {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "crate::schema::secret_key_selector")]
    pub secret: Option<SecretKeySelector>,
}

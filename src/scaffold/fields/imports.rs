//! What the types of a kind import, one `use` a line: a field that is added
//! later adds a line and changes none.

use crate::resource::Fields;
use crate::resource::field::{Node, Scalar, Shape};

/// In rustfmt's order.
const BASE: [&str; 4] = [
    "k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition",
    "kube::CustomResource",
    "schemars::JsonSchema",
    "serde::{Deserialize, Serialize}",
];

pub(super) fn lines(fields: &Fields) -> String {
    let mut paths: Vec<&str> = BASE.to_vec();
    paths.extend(SCALARS.iter().filter_map(|scalar| {
        let used = fields.uses(|node| node.scalar() == Some(*scalar));
        path(*scalar).filter(|_| used)
    }));
    // Upper case before lower case within one path is also the order of bytes.
    paths.sort_unstable();
    let lines: String = paths.iter().map(|path| format!("use {path};\n")).collect();
    let map = fields.uses(|node: &Node| node.shape == Shape::Map);
    let map = if map {
        "use std::collections::BTreeMap;\n\n"
    } else {
        ""
    };
    (map.to_owned() + &lines).trim_end().to_owned()
}

const SCALARS: [Scalar; 10] = [
    Scalar::Quantity,
    Scalar::IntOrString,
    Scalar::Duration,
    Scalar::DateTime,
    Scalar::Byte,
    Scalar::Any,
    Scalar::LocalObjectReference,
    Scalar::ObjectReference,
    Scalar::SecretKeySelector,
    Scalar::ConfigMapKeySelector,
];

fn path(scalar: Scalar) -> Option<&'static str> {
    Some(match scalar {
        Scalar::Quantity => "k8s_openapi::apimachinery::pkg::api::resource::Quantity",
        Scalar::IntOrString => "k8s_openapi::apimachinery::pkg::util::intstr::IntOrString",
        Scalar::Duration => "kube::core::Duration",
        Scalar::DateTime => "k8s_openapi::apimachinery::pkg::apis::meta::v1::Time",
        Scalar::Byte => "k8s_openapi::ByteString",
        Scalar::Any => "serde_json::{Map, Value}",
        Scalar::LocalObjectReference => "k8s_openapi::api::core::v1::LocalObjectReference",
        Scalar::ObjectReference => "k8s_openapi::api::core::v1::ObjectReference",
        Scalar::SecretKeySelector => "k8s_openapi::api::core::v1::SecretKeySelector",
        Scalar::ConfigMapKeySelector => "k8s_openapi::api::core::v1::ConfigMapKeySelector",
        Scalar::String | Scalar::Bool | Scalar::Int32 | Scalar::Int64 => return None,
    })
}

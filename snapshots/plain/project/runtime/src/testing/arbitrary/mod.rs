//! Objects with any content that a CRD's schema allows, made by proptest: for tests of what must hold for all objects.
//!
//! A type can't say by itself what it may hold: a text may have to follow a pattern, and the types of k8s-openapi are
//! foreign. The CRD's schema says all of it, and every type with `#[derive(CustomResource)]` has one. What it says in
//! CEL is not looked at: whoever has such rules sorts out the objects that break them, see [`objects`].

mod number;
mod object;
mod pattern;
mod text;
mod value;

use kube::CustomResourceExt;
use proptest::strategy::{BoxedStrategy, Strategy as _};
use serde_json::Value;

use crate::Object;

/// Why no objects can be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SchemaError {
    /// `#[kube(schema = "disabled")]`, for example.
    #[error("the CRD of `{kind}` has no schema; help: give objects of your own")]
    Missing {
        /// The kind.
        kind: String,
    },

    /// A pattern of which no text can be made.
    #[error(
        "no text can be made of the pattern `{pattern}`: {reason}; help: give objects of your own"
    )]
    Pattern {
        /// As the schema has it.
        pattern: String,
        /// What proptest says.
        reason: String,
    },
}

/// Objects of the kind `K` as JSON, with everything that its schema allows.
///
/// ```
/// # use kube::CustomResource; use schemars::JsonSchema; use serde::{Deserialize, Serialize};
/// # #[derive(CustomResource, Clone, Debug, Deserialize, Serialize, JsonSchema)]
/// # #[kube(group = "apps.example.com", version = "v1", kind = "MyApp", namespaced)]
/// # pub struct MyAppSpec { pub minimum: u8, pub maximum: u8 }
/// use proptest::strategy::Strategy;
/// use rustop_runtime::testing::arbitrary;
///
/// // A rule that the schema has in CEL.
/// let objects = arbitrary::objects::<MyApp>()?;
/// let objects = objects.prop_filter("minimum <= maximum", |object| {
///     let bound = |name| object["spec"][name].as_u64();
///     bound("minimum") <= bound("maximum")
/// });
/// # Ok::<(), arbitrary::SchemaError>(())
/// ```
///
/// # Errors
/// When there is no schema, or a pattern in it of which no text can be made.
pub fn objects<K: Object + CustomResourceExt>() -> Result<BoxedStrategy<Value>, SchemaError> {
    let crd = serde_json::to_value(K::crd()).unwrap_or_default();
    let schema = &crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"];
    let kind = K::kind(&()).into_owned();
    if !schema.is_object() {
        return Err(SchemaError::Missing { kind });
    }
    let content = value::of(schema)?;
    let metadata = object::metadata(crd["spec"]["scope"] == "Namespaced");
    let api_version = K::api_version(&()).into_owned();
    let objects = (content, metadata).prop_map(move |(mut object, metadata)| {
        object["apiVersion"] = api_version.as_str().into();
        object["kind"] = kind.as_str().into();
        object["metadata"] = metadata;
        object
    });
    Ok(objects.boxed())
}

#[cfg(test)]
mod tests;

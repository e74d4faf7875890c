//! Shows what a conversion loses.

#[cfg(feature = "testing")]
mod check;

use std::fmt::Display;

use serde::Serialize;
use serde_json::Value;

use crate::Object;
use crate::webhook::{ConversionError, Converter, difference};

#[cfg(feature = "testing")]
pub use check::{check_round_trips, check_round_trips_of};

/// What came back is not what was sent.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RoundTripError {
    /// One of the two conversions failed.
    #[error(transparent)]
    Conversion(#[from] ConversionError),

    /// The object can't be written as JSON.
    #[error("failed to write the object as JSON")]
    Json(#[from] serde_json::Error),

    /// Something was lost or changed.
    #[error(
        "the way over `{via}` changed: {changes}; help: keep in an annotation what `{via}` can't say"
    )]
    Changed {
        /// The version in between.
        via: String,
        /// What differs, as steps of a JSON patch.
        changes: String,
    },
}

/// Converts `object` to the version `Via` and back, as a [`Converter`] does, and compares.
///
/// This is for one object that is given; [`check_round_trips`] makes those that nobody thought of, which are the ones that
/// lose something.
///
/// ```
/// # mod v1 {
/// #     use kube::CustomResource; use serde::{Deserialize, Serialize};
/// #     #[derive(CustomResource, Clone, Debug, Default, Deserialize, Serialize)]
/// #     #[kube(group = "apps.example.com", version = "v1", kind = "MyApp", namespaced, schema = "disabled")]
/// #     pub struct MyAppSpec { pub replicas: i32, pub image: Option<String> }
/// # }
/// # mod v1beta1 {
/// #     use kube::CustomResource; use serde::{Deserialize, Serialize};
/// #     #[derive(CustomResource, Clone, Debug, Default, Deserialize, Serialize)]
/// #     #[kube(group = "apps.example.com", version = "v1beta1", kind = "MyApp", namespaced, schema = "disabled")]
/// #     pub struct MyAppSpec { pub replicas: i32 }
/// # }
/// # impl From<v1beta1::MyApp> for v1::MyApp {
/// #     fn from(old: v1beta1::MyApp) -> Self {
/// #         let spec = v1::MyAppSpec { replicas: old.spec.replicas, image: None };
/// #         Self { metadata: old.metadata, spec }
/// #     }
/// # }
/// # impl From<v1::MyApp> for v1beta1::MyApp {
/// #     fn from(new: v1::MyApp) -> Self {
/// #         Self { metadata: new.metadata, spec: v1beta1::MyAppSpec { replicas: new.spec.replicas } }
/// #     }
/// # }
/// use rustop_runtime::testing::conversion::round_trip;
///
/// let mut object = v1::MyApp::new("a", v1::MyAppSpec { replicas: 2, image: None });
/// assert!(round_trip::<v1::MyApp, v1beta1::MyApp>(&object).is_ok());
/// object.spec.image = Some("nginx".into());
/// let error = round_trip::<v1::MyApp, v1beta1::MyApp>(&object).unwrap_err();
/// assert!(error.to_string().contains("/spec/image"));
/// ```
///
/// # Errors
/// What differs, or why a conversion failed.
pub fn round_trip<K, Via>(object: &K) -> Result<(), RoundTripError>
where
    K: Object + Serialize + TryFrom<Via, Error: Display>,
    Via: Object + Serialize + TryFrom<K, Error: Display>,
{
    let converter = Converter::<K>::new().spoke::<Via>();
    let (here, there) = (K::api_version(&()), Via::api_version(&()));
    let sent = serde_json::to_value(object)?;
    let via = converter.convert_one(&sent, &here, &there)?;
    let returned = converter.convert_one(&via, &there, &here)?;
    match difference(&sent, &returned) {
        Value::Array(changes) if changes.is_empty() => Ok(()),
        changes => Err(RoundTripError::Changed {
            via: there.into_owned(),
            changes: changes.to_string(),
        }),
    }
}

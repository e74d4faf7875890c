//! Round trips of objects that are made at random.

use std::fmt::Display;

use kube::CustomResourceExt;
use proptest::strategy::Strategy;
use proptest::test_runner::{Config, TestCaseError, TestError, TestRunner};
use serde::Serialize;
use serde_json::Value;

use super::round_trip;
use crate::Object;
use crate::testing::arbitrary;

/// Converts objects of `K` with any content that its schema allows to the version `Via` and back, as a
/// [`Converter`](crate::Converter) does. Nothing may get lost, nothing may fail.
///
/// Call it both ways: hub to spoke to hub, and spoke to hub to spoke. Where the schema says less than the conversion has
/// to know, a rule in CEL for example, [`check_round_trips_of`] takes objects of your own. `PROPTEST_CASES` says how
/// many are made, 256 unless told.
///
/// ```
/// # mod v1 {
/// #     use kube::CustomResource; use schemars::JsonSchema; use serde::{Deserialize, Serialize};
/// #     #[derive(CustomResource, Clone, Debug, Deserialize, Serialize, JsonSchema)]
/// #     #[kube(group = "apps.example.com", version = "v1", kind = "MyApp", namespaced)]
/// #     pub struct MyAppSpec { pub replicas: i32 }
/// # }
/// # mod v1beta1 {
/// #     use kube::CustomResource; use schemars::JsonSchema; use serde::{Deserialize, Serialize};
/// #     #[derive(CustomResource, Clone, Debug, Deserialize, Serialize, JsonSchema)]
/// #     #[kube(group = "apps.example.com", version = "v1beta1", kind = "MyApp", namespaced)]
/// #     pub struct MyAppSpec { pub size: i32 }
/// # }
/// # impl From<v1beta1::MyApp> for v1::MyApp {
/// #     fn from(old: v1beta1::MyApp) -> Self {
/// #         Self { metadata: old.metadata, spec: v1::MyAppSpec { replicas: old.spec.size } }
/// #     }
/// # }
/// # impl From<v1::MyApp> for v1beta1::MyApp {
/// #     fn from(new: v1::MyApp) -> Self {
/// #         Self { metadata: new.metadata, spec: v1beta1::MyAppSpec { size: new.spec.replicas } }
/// #     }
/// # }
/// use rustop_runtime::testing::conversion::check_round_trips;
///
/// check_round_trips::<v1::MyApp, v1beta1::MyApp>();
/// check_round_trips::<v1beta1::MyApp, v1::MyApp>();
/// ```
///
/// # Panics
/// When something is lost or fails. The message names the fields and has the smallest object that shows it.
#[track_caller]
pub fn check_round_trips<K, Via>()
where
    K: Object + CustomResourceExt + Serialize + TryFrom<Via, Error: Display>,
    Via: Object + Serialize + TryFrom<K, Error: Display>,
{
    let objects = arbitrary::objects::<K>();
    let found = objects.map_or_else(|error| Some(error.to_string()), find_loss::<K, Via>);
    assert!(found.is_none(), "{}", found.unwrap_or_default());
}

/// As [`check_round_trips`], with objects from `objects`: those of [`arbitrary::objects`], sorted out or changed, or others.
///
/// # Panics
/// When something is lost or fails.
#[track_caller]
pub fn check_round_trips_of<K, Via>(objects: impl Strategy<Value = Value>)
where
    K: Object + Serialize + TryFrom<Via, Error: Display>,
    Via: Object + Serialize + TryFrom<K, Error: Display>,
{
    let found = find_loss::<K, Via>(objects);
    assert!(found.is_none(), "{}", found.unwrap_or_default());
}

/// What is lost, and the smallest object with which it is.
fn find_loss<K, Via>(objects: impl Strategy<Value = Value>) -> Option<String>
where
    K: Object + Serialize + TryFrom<Via, Error: Display>,
    Via: Object + Serialize + TryFrom<K, Error: Display>,
{
    // What was found belongs into a test of its own, not into a file.
    let config = Config {
        failure_persistence: None,
        ..Config::default()
    };
    let found = TestRunner::new(config).run(&objects, |object| {
        let object = read::<K>(&object).map_err(TestCaseError::fail)?;
        let way = round_trip::<K, Via>(&object);
        way.map_err(|error| TestCaseError::fail(error.to_string()))
    });
    match found {
        Ok(()) => None,
        Err(TestError::Fail(reason, object)) => {
            Some(format!("{}\nobject: {object:#}", reason.message()))
        }
        Err(TestError::Abort(reason)) => Some(format!("too few objects could be made: {reason}")),
    }
}

/// An object that can't be read can't be converted either, and the API server would have stored it.
fn read<K: Object>(object: &Value) -> Result<K, String> {
    serde_path_to_error::deserialize(object).map_err(|error| {
        let kind = K::kind(&());
        format!("the schema allows what `{kind}` can't read: {error}; help: let the schema say what the type demands, or give objects of your own")
    })
}

#[cfg(test)]
mod tests {
    use kube::CustomResource;
    use schemars::JsonSchema;
    use serde::Deserialize;

    use super::*;

    mod hub {
        use super::*;

        #[derive(CustomResource, Clone, Debug, Deserialize, Serialize, JsonSchema)]
        #[kube(group = "example.com", version = "v2", kind = "Crate", namespaced)]
        pub(super) struct CrateSpec {
            pub(super) width: u8,
            pub(super) colour: Option<String>,
        }
    }

    mod spoke {
        use super::*;

        #[derive(CustomResource, Clone, Debug, Deserialize, Serialize, JsonSchema)]
        #[kube(group = "example.com", version = "v1", kind = "Crate", namespaced)]
        pub(super) struct CrateSpec {
            #[schemars(regex(pattern = "^[0-9]{1,2}cm$"))]
            pub(super) size: String,
        }
    }

    const COLOUR: &str = "example.com/colour";

    impl TryFrom<spoke::Crate> for hub::Crate {
        type Error = std::num::ParseIntError;

        fn try_from(spoke: spoke::Crate) -> Result<Self, Self::Error> {
            let width = spoke.spec.size.trim_end_matches("cm").parse()?;
            let mut metadata = spoke.metadata;
            let annotations = metadata.annotations.as_mut();
            let colour = annotations.and_then(|annotations| annotations.remove(COLOUR));
            let spec = hub::CrateSpec { width, colour };
            Ok(Self { metadata, spec })
        }
    }

    impl From<hub::Crate> for spoke::Crate {
        fn from(hub: hub::Crate) -> Self {
            let size = format!("{}cm", hub.spec.width);
            let mut metadata = hub.metadata;
            if let Some(colour) = hub.spec.colour {
                let annotations = metadata.annotations.get_or_insert_default();
                annotations.insert(COLOUR.to_owned(), colour);
            }
            let spec = spoke::CrateSpec { size };
            Self { metadata, spec }
        }
    }

    #[test]
    fn nothing_is_lost_where_an_annotation_keeps_it() {
        check_round_trips::<hub::Crate, spoke::Crate>();
    }

    /// `07cm` comes back as `7cm`.
    #[test]
    fn what_comes_back_in_another_form_is_found_and_made_small() {
        let objects = arbitrary::objects::<spoke::Crate>().unwrap();
        let found = find_loss::<spoke::Crate, hub::Crate>(objects).unwrap();
        assert!(found.contains("/spec/size"), "{found}");
        assert!(found.contains("\"size\": \"00cm\""), "{found}");
    }

    #[test]
    fn what_a_type_cannot_read_is_named() {
        let objects = arbitrary::objects::<hub::Crate>().unwrap();
        let objects = objects.prop_map(|mut object| {
            object["spec"]["width"] = 256.into();
            object
        });
        let found = find_loss::<hub::Crate, spoke::Crate>(objects).unwrap();
        assert!(
            found.starts_with("the schema allows what `Crate` can't read: spec.width: "),
            "{found}"
        );
    }
}

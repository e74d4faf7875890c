//! Three versions of one kind, each to each.

use serde_json::{Value, json};

use super::*;
use crate::webhook::conversion::{answer, read};

mod v1 {
    #[derive(kube::CustomResource, Clone, Debug, Default, serde::Deserialize, serde::Serialize)]
    #[kube(
        group = "example.com",
        version = "v1",
        kind = "Box",
        namespaced,
        schema = "disabled"
    )]
    pub(super) struct BoxSpec {
        pub(super) width: i64,
        pub(super) height: i64,
    }
}

mod v1beta1 {
    #[derive(kube::CustomResource, Clone, Debug, Default, serde::Deserialize, serde::Serialize)]
    #[kube(
        group = "example.com",
        version = "v1beta1",
        kind = "Box",
        namespaced,
        schema = "disabled"
    )]
    pub(super) struct BoxSpec {
        /// `3x4`
        pub(super) size: String,
    }
}

mod v1alpha1 {
    #[derive(kube::CustomResource, Clone, Debug, Default, serde::Deserialize, serde::Serialize)]
    #[kube(
        group = "example.com",
        version = "v1alpha1",
        kind = "Box",
        namespaced,
        schema = "disabled"
    )]
    pub(super) struct BoxSpec {
        pub(super) sides: Vec<i64>,
    }
}

impl TryFrom<v1beta1::Box> for v1::Box {
    type Error = String;

    fn try_from(old: v1beta1::Box) -> Result<Self, String> {
        let sides = old.spec.size.split_once('x');
        let side = |text: &str| text.parse().map_err(|_| format!("`{text}` is no length"));
        let (width, height) = sides.ok_or("`size` has no `x`")?;
        let (width, height) = (side(width)?, side(height)?);
        let mut new = Self::new("", v1::BoxSpec { width, height });
        new.metadata = old.metadata;
        Ok(new)
    }
}

impl From<v1::Box> for v1beta1::Box {
    fn from(new: v1::Box) -> Self {
        let size = format!("{}x{}", new.spec.width, new.spec.height);
        let mut old = Self::new("", v1beta1::BoxSpec { size });
        old.metadata = new.metadata;
        old
    }
}

/// These two leave the metadata to the converter.
impl From<v1alpha1::Box> for v1::Box {
    fn from(old: v1alpha1::Box) -> Self {
        let side = |index: usize| old.spec.sides.get(index).copied().unwrap_or_default();
        let (width, height) = (side(0), side(1));
        Self {
            metadata: kube::core::ObjectMeta::default(),
            spec: v1::BoxSpec { width, height },
        }
    }
}

impl From<v1::Box> for v1alpha1::Box {
    fn from(new: v1::Box) -> Self {
        let sides = vec![new.spec.width, new.spec.height];
        Self {
            metadata: kube::core::ObjectMeta::default(),
            spec: v1alpha1::BoxSpec { sides },
        }
    }
}

fn converters() -> Converters {
    let mut converters = Converters::default();
    converters.add(
        Converter::<v1::Box>::new()
            .spoke::<v1beta1::Box>()
            .spoke::<v1alpha1::Box>(),
    );
    converters
}

fn object(version: &str, spec: &Value) -> Value {
    json!({
        "apiVersion": format!("example.com/{version}"), "kind": "Box", "spec": spec,
        "metadata": {"name": "a", "namespace": "default", "uid": "u", "labels": {"l": "1"}, "new": 1}})
}

#[test]
fn every_version_becomes_every_other() {
    let all = [
        object("v1", &json!({"width": 3, "height": 4})),
        object("v1beta1", &json!({"size": "3x4"})),
        object("v1alpha1", &json!({"sides": [3, 4]})),
    ];
    for from in &all {
        for to in &all {
            let version = to["apiVersion"].as_str().unwrap();
            let converted = converters().convert(0, from, version).unwrap();
            assert_eq!(&converted, to);
        }
    }
}

#[test]
fn an_object_in_its_own_version_is_passed_through_unread() {
    let odd = object("v9", &json!({"anything": true}));
    assert_eq!(converters().convert(0, &odd, "example.com/v9"), Ok(odd));
}

fn check(object: &Value, to: &str, expected: &str) {
    let error = converters().convert(3, object, to).unwrap_err().to_string();
    assert_eq!(error, expected);
}

#[test]
fn a_failure_names_the_object_and_the_reason() {
    check(
        &object("v1beta1", &json!({"size": "3xy"})),
        "example.com/v1",
        "Box default/a can't be converted from `example.com/v1beta1` to `example.com/v1`: `y` is no length",
    );
    check(
        &object("v1", &json!({"width": "3"})),
        "example.com/v1beta1",
        "Box default/a can't be converted from `example.com/v1` to `example.com/v1beta1`: spec.width: invalid type: \
         string \"3\", expected i64",
    );
    check(
        &object("v1", &json!({})),
        "example.com/v2",
        "Box default/a can't be converted from `example.com/v1` to `example.com/v2`: `example.com/v2` is unknown, known \
         are: `example.com/v1`, `example.com/v1beta1`, `example.com/v1alpha1`; help: add it as a spoke of the converter",
    );
    check(
        &json!({"apiVersion": "v1", "kind": "Pod"}),
        "v2",
        "the kind `Pod` of `` has no converter; known are: `Box.example.com`",
    );
    check(
        &json!([]),
        "v2",
        "item 3 has no `apiVersion`, so it is no object",
    );
}

/// Server-side apply asks for these: see `partial`.
#[test]
fn parts_of_objects_are_converted() {
    let convert = |object: &Value| {
        converters()
            .convert(0, object, "example.com/v1alpha1")
            .unwrap()
    };
    let part = convert(&object("v1", &json!({"height": 4})));
    assert_eq!(part["spec"], json!({"sides": [0, 4]}));
    assert_eq!(part["metadata"]["labels"], json!({"l": "1"}));
    let nothing =
        json!({"apiVersion": "example.com/v1beta1", "kind": "Box", "status": {"phase": "Done"}});
    let expected = json!({"apiVersion": "example.com/v1alpha1", "kind": "Box", "metadata": {}});
    assert_eq!(convert(&nothing), expected);
}

#[test]
fn what_is_there_and_cannot_be_converted_is_not_dropped() {
    let flat = object("v1beta1", &json!({}));
    let error = converters()
        .convert(0, &flat, "example.com/v1")
        .unwrap_err();
    assert!(error.to_string().ends_with("`size` has no `x`"), "{error}");
}

#[test]
fn a_kind_has_one_converter() {
    let mut converters = converters();
    assert_eq!(converters.duplicate(), None);
    converters.add(Converter::<v1::Box>::new());
    assert_eq!(converters.duplicate().as_deref(), Some("Box.example.com"));
}

/// A list is converted as a whole or not at all, in its order.
#[tokio::test]
async fn a_list_is_converted_in_order_or_not_at_all() {
    let review = |objects: &[Value]| {
        let request =
            json!({"uid": "u", "desiredAPIVersion": "example.com/v1", "objects": objects});
        let review = json!({
            "apiVersion": "apiextensions.k8s.io/v1", "kind": "ConversionReview", "request": request});
        read(review.to_string().as_bytes()).unwrap()
    };
    let mut objects: Vec<Value> = (0..100)
        .map(|width| object("v1beta1", &json!({"size": format!("{width}x1")})))
        .collect();
    let converted = review(&objects).convert(&converters()).await.unwrap();
    let body: Value = serde_json::from_slice(&answer("u", Ok(converted)).unwrap()).unwrap();
    assert_eq!(body["response"]["result"]["status"], "Success");
    for width in 0..100 {
        let converted = &body["response"]["convertedObjects"][width];
        assert_eq!(converted["spec"]["width"], width);
    }
    objects[70]["spec"]["size"] = json!("flat");
    objects[70]["metadata"]["name"] = json!("flat-one");
    let error = review(&objects).convert(&converters()).await.unwrap_err();
    assert!(error.to_string().contains("default/flat-one"), "{error}");
}

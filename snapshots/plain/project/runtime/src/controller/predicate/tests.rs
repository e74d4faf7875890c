use k8s_openapi::api::core::v1::ConfigMap;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use k8s_openapi::jiff::Timestamp;

use super::*;

fn object(edit: impl FnOnce(&mut ObjectMeta)) -> ConfigMap {
    let mut object = ConfigMap::default();
    object.metadata.uid = Some("1".into());
    object.metadata.generation = Some(1);
    edit(&mut object.metadata);
    object
}

fn update(predicate: &Predicate<ConfigMap>, edit: impl FnOnce(&mut ObjectMeta)) -> bool {
    let (old, new) = (object(|_| {}), object(edit));
    predicate.passes(&Change {
        old: Some(&old),
        new: Some(&new),
    })
}

fn built_in() -> [(&'static str, Predicate<ConfigMap>); 5] {
    [
        ("generation", Predicate::generation_changed()),
        ("labels", Predicate::labels_changed()),
        ("annotations", Predicate::annotations_changed()),
        ("finalizers", Predicate::finalizers_changed()),
        ("resource version", Predicate::resource_version_changed()),
    ]
}

fn edit(field: &str, metadata: &mut ObjectMeta) {
    let map = Some([("a".to_owned(), "b".to_owned())].into());
    match field {
        "generation" => metadata.generation = Some(2),
        "labels" => metadata.labels = map,
        "annotations" => metadata.annotations = map,
        "finalizers" => metadata.finalizers = Some(vec!["a".into()]),
        _ => metadata.resource_version = Some("2".into()),
    }
}

#[test]
fn each_sees_its_own_field_and_no_other() {
    for (own, predicate) in built_in() {
        for (field, _) in built_in() {
            let passes = update(&predicate, |metadata| edit(field, metadata));
            assert_eq!(passes, field == own, "{own} of {field}");
            let negated = update(&!predicate.clone(), |metadata| edit(field, metadata));
            assert_eq!(negated, field != own, "not {own} of {field}");
        }
    }
}

/// What hurts users of controller-runtime: a rule for updates that eats a deletion.
#[test]
fn what_comes_goes_or_is_replaced_passes_even_a_negation() {
    let it = object(|_| {});
    let other = object(|metadata| metadata.uid = Some("2".into()));
    let pairs = [
        (None, Some(&it)),
        (Some(&it), None),
        (Some(&it), Some(&other)),
    ];
    for (name, predicate) in built_in() {
        for (old, new) in pairs {
            let change = Change { old, new };
            assert!(predicate.passes(&change), "{name}");
            assert!((!predicate.clone()).passes(&change), "not {name}");
        }
    }
}

/// The mark of a deletion, and another's finalizer that goes afterwards.
#[test]
fn what_is_being_deleted_passes() {
    let dying = |metadata: &mut ObjectMeta| {
        metadata.deletion_timestamp = Some(Time(Timestamp::UNIX_EPOCH));
    };
    let (before, after) = (
        object(|metadata| {
            dying(metadata);
            metadata.finalizers = Some(vec!["a".into(), "b".into()]);
        }),
        object(|metadata| {
            dying(metadata);
            metadata.finalizers = Some(vec!["a".into()]);
        }),
    );
    for (name, predicate) in built_in() {
        assert!(update(&predicate, dying), "{name}");
        let change = Change {
            old: Some(&before),
            new: Some(&after),
        };
        assert!(predicate.passes(&change), "{name}");
    }
}

#[test]
fn a_kind_without_generation_passes_generation_changed() {
    let without = object(|metadata| metadata.generation = None);
    let change = Change {
        old: Some(&without),
        new: Some(&without),
    };
    let predicate = Predicate::generation_changed();
    assert!(predicate.passes(&change));
    assert!((!predicate).passes(&change));
}

#[test]
fn an_object_that_leaves_is_seen_once_more() {
    let web = Predicate::matching(|it: &ConfigMap| it.metadata.labels.is_some());
    let (with, without) = (object(|metadata| edit("labels", metadata)), object(|_| {}));
    for (old, new, expected) in [
        (Some(&with), Some(&without), true),
        (Some(&without), Some(&with), true),
        (Some(&without), Some(&without), false),
        (None, Some(&with), true),
        (None, Some(&without), false),
        (Some(&without), None, false),
    ] {
        assert_eq!(web.passes(&Change { old, new }), expected);
    }
}

#[test]
fn predicates_combine_as_truth_values_do() {
    let constant = |value: Option<bool>| Predicate::<ConfigMap>(Arc::new(move |_| value));
    let nothing = Change {
        old: None,
        new: None,
    };
    let (yes, no, none) = (Some(true), Some(false), None);
    for (left, right, and, or) in [
        (yes, yes, yes, yes),
        (yes, no, no, yes),
        (yes, none, none, yes),
        (no, no, no, no),
        (no, none, no, none),
        (none, none, none, none),
    ] {
        for (left, right) in [(left, right), (right, left)] {
            let both = constant(left).and(constant(right));
            let either = constant(left).or(constant(right));
            assert_eq!((both.0)(&nothing), and, "{left:?} and {right:?}");
            assert_eq!((either.0)(&nothing), or, "{left:?} or {right:?}");
        }
    }
    assert_eq!((!constant(yes)).0(&nothing), no);
    assert_eq!((!constant(none)).0(&nothing), none);
}

#[test]
fn a_rule_of_ones_own_sees_deletions_too() {
    let only_deletions = Predicate::new(|change: &Change<'_, ConfigMap>| change.new.is_none());
    let it = object(|_| {});
    let change = |old, new| Change { old, new };
    assert!(only_deletions.passes(&change(Some(&it), None)));
    assert!(!only_deletions.passes(&change(None, Some(&it))));
}

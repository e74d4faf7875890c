use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::ConfigMap;
use kube::core::Expression;

use super::*;

fn labelled(namespace: &str, name: &str, colours: &[&str]) -> Arc<ConfigMap> {
    let mut object = ConfigMap::default();
    object.metadata.namespace = Some(namespace.into());
    object.metadata.name = Some(name.into());
    let labels = colours
        .iter()
        .map(|&colour| (colour.to_owned(), "yes".to_owned()));
    object.metadata.labels = Some(labels.collect());
    Arc::new(object)
}

fn colours(object: &ConfigMap) -> Vec<String> {
    object.labels().keys().cloned().collect()
}

fn names(objects: &[Arc<ConfigMap>]) -> BTreeSet<String> {
    let names = objects
        .iter()
        .map(|object| Request::of(object.as_ref()).to_string());
    names.collect()
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(ToString::to_string).collect()
}

fn filled() -> Store<ConfigMap> {
    let store = Store::default();
    store.insert(&labelled("a", "1", &["red"]));
    store.insert(&labelled("a", "2", &["red", "blue"]));
    store.insert(&labelled("b", "1", &[]));
    store
}

#[test]
fn a_list_can_be_limited_to_a_namespace() {
    let store = filled();
    assert_eq!(names(&store.list()), set(&["a/1", "a/2", "b/1"]));
    assert_eq!(names(&store.list_in("a")), set(&["a/1", "a/2"]));
    assert_eq!(names(&store.list_in("c")), set(&[]));
    assert_eq!(store.len(), 3);
}

#[test]
fn a_list_can_be_limited_to_labels() {
    let store = filled();
    let red = Expression::Exists("red".into());
    let not_blue = Expression::DoesNotExist("blue".into());
    assert_eq!(
        names(&store.list_matching(&red.clone().into())),
        set(&["a/1", "a/2"])
    );
    let both = [red, not_blue].into_iter().collect();
    assert_eq!(names(&store.list_matching(&both)), set(&["a/1"]));
}

#[test]
fn an_index_finds_what_was_there_before_it_too() {
    let store = filled();
    store.add_index("colour", colours);
    assert_eq!(
        names(&store.by_index("colour", "red").unwrap()),
        set(&["a/1", "a/2"])
    );
    assert_eq!(names(&store.by_index("colour", "green").unwrap()), set(&[]));
    store.add_index("colour", |_| vec!["any".into()]);
    assert_eq!(store.by_index("colour", "any").unwrap().len(), 3);
}

#[test]
fn an_unknown_index_is_an_error_with_its_name() {
    let error = filled().by_index("color", "red").unwrap_err().to_string();
    assert!(
        error.starts_with("there is no index `color` of `configmaps`\nhelp: "),
        "{error}"
    );
}

#[test]
fn an_object_that_is_withheld_is_told_of_but_never_read() {
    let store = filled();
    store.add_index("colour", colours);
    let two = Request::namespaced("a", "2");
    store.withhold(&two);
    assert_eq!(store.get(&two), None);
    assert_eq!(names(&store.list()), set(&["a/1", "b/1"]));
    assert_eq!(names(&store.by_index("colour", "blue").unwrap()), set(&[]));
    assert!(store.known().contains(&two));
    let old = store.insert(&labelled("a", "2", &[])).unwrap();
    assert_eq!(colours(&old), ["blue", "red"]);
    store.withhold(&two);
    assert!(store.remove(&two).is_some());
    assert!(store.remove(&two).is_none());
}

/// After any events, each index says what a look at each object says.
#[test]
fn indexes_follow_random_events() {
    for seed in 0..200 {
        let mut random = fastrand::Rng::with_seed(seed);
        let store = Store::default();
        store.add_index("colour", colours);
        let mut expected = BTreeMap::new();
        for step in 0..60 {
            let (namespace, name) = (
                ["a", "b"][random.usize(..2)],
                ["1", "2", "3"][random.usize(..3)],
            );
            let request = Request::namespaced(namespace, name);
            match random.u8(..4) {
                0 => drop((store.remove(&request), expected.remove(&request))),
                1 => drop((store.withhold(&request), expected.remove(&request))),
                _ => {
                    let worn = ["red", "blue", "green"]
                        .into_iter()
                        .filter(|_| random.bool());
                    let object = labelled(namespace, name, &worn.collect::<Vec<_>>());
                    store.insert(&object);
                    expected.insert(request, object);
                }
            }
            compare(&store, &expected, &format!("seed {seed}, step {step}"));
        }
    }
}

fn compare(store: &Store<ConfigMap>, expected: &BTreeMap<Request, Arc<ConfigMap>>, place: &str) {
    let all = expected.keys().map(ToString::to_string).collect();
    assert_eq!(names(&store.list()), all, "{place}");
    assert_eq!(store.len(), expected.len(), "{place}");
    for colour in ["red", "blue", "green"] {
        let found = store.by_index("colour", colour).unwrap();
        let with = expected
            .values()
            .filter(|object| colours(object).contains(&colour.to_owned()));
        assert_eq!(
            names(&found),
            names(&with.cloned().collect::<Vec<_>>()),
            "{place}, {colour}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn waiting_for_a_cache_ends_when_it_is_filled_or_the_time_is_over() {
    let store = Store::<ConfigMap>::default();
    let limit = Duration::from_secs(5);
    let start = tokio::time::Instant::now();
    let late = store.synced_within(limit).await.unwrap_err().to_string();
    assert_eq!(start.elapsed().as_secs(), 5);
    assert!(
        late.starts_with("the cache of `configmaps` wasn't filled within 5s\nhelp: "),
        "{late}"
    );
    let filling = store.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(2)).await;
        filling.mark_synced();
    });
    store.synced_within(limit).await.unwrap();
    assert_eq!(start.elapsed().as_secs(), 7);
}

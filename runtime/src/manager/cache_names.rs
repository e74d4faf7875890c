//! What each cache is called in `/readyz`: two never share a name, and adding a cache renames none that was there.

use std::collections::HashSet;

use crate::Selector;
use crate::cache::AnyInformer;

/// The names that are taken.
#[derive(Debug, Default)]
pub(super) struct CacheNames(HashSet<String>);

/// What tells one cache from another.
struct Kept {
    /// `deployments.apps`.
    resource: String,
    /// `deployments.v1.apps`, as kubectl takes it.
    versioned: String,
    /// Nothing, or `-metadata`.
    part: &'static str,
    /// Nothing, or `[app=web]`.
    selected: String,
}

impl CacheNames {
    /// The name of the next cache: `cache-pods`, `cache-pods[app=web]` with a selector, `cache-pods-metadata` of metadata
    /// only. One that is taken, because two Rust types stand for the same kind, gets the version into it, or a number.
    pub(super) fn next(&mut self, informer: &dyn AnyInformer) -> String {
        self.name(&Kept {
            resource: informer.resource(),
            versioned: informer.versioned_resource(),
            part: if informer.is_metadata_only() {
                "-metadata"
            } else {
                ""
            },
            selected: selected(informer.selector()),
        })
    }

    fn name(&mut self, kept: &Kept) -> String {
        let Kept { part, selected, .. } = kept;
        let name = |resource: &str| format!("cache-{resource}{part}{selected}");
        let plain = name(&kept.resource);
        let numbered = (2..).map(|number| format!("{plain}#{number}"));
        let mut names = [plain.clone(), name(&kept.versioned)]
            .into_iter()
            .chain(numbered);
        let free = names.find(|name| !self.0.contains(name));
        let free = free.unwrap_or(plain);
        self.0.insert(free.clone());
        free
    }
}

fn selected(selector: &Selector) -> String {
    if *selector == Selector::all() {
        return String::new();
    }
    format!("[{selector}]")
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::{Pod, PodStatus};
    use kube::core::PartialObjectMeta;

    use super::*;
    use crate::PartialObjectStatus;
    use crate::cache::Cache;

    fn names(fill: impl FnOnce(&mut Cache)) -> Vec<String> {
        let mut cache = Cache::default();
        fill(&mut cache);
        let mut names = CacheNames::default();
        let informers = cache.into_informers();
        informers
            .map(|informer| names.next(informer.as_ref()))
            .collect()
    }

    #[test]
    fn each_cache_of_a_kind_has_a_name_of_its_own() {
        let web = Selector::all().labels("app=web");
        let running = Selector::all().fields("status.phase=Running");
        let names = names(|cache| {
            cache.store::<Pod>(&Selector::all());
            cache.store::<Pod>(&web);
            cache.store::<Pod>(&running);
            cache.store::<PartialObjectMeta<Pod>>(&Selector::all());
            cache.store::<PartialObjectStatus<Pod, PodStatus>>(&Selector::all());
            cache.store::<PartialObjectStatus<Pod, ()>>(&Selector::all());
        });
        assert_eq!(
            names,
            [
                "cache-pods",
                "cache-pods[app=web]",
                "cache-pods[;status.phase=Running]",
                "cache-pods-metadata",
                "cache-pods.v1",
                "cache-pods#2",
            ]
        );
    }

    #[test]
    fn a_second_version_has_it_in_its_name() {
        let mut names = CacheNames::default();
        let mut name = |version: &str| {
            names.name(&Kept {
                resource: "boxes.example.com".into(),
                versioned: format!("boxes.{version}.example.com"),
                part: "",
                selected: "[a=b]".into(),
            })
        };
        assert_eq!(name("v1"), "cache-boxes.example.com[a=b]");
        assert_eq!(name("v2"), "cache-boxes.v2.example.com[a=b]");
    }
}

//! The domain of a project and the group of an API.
//!
//! As in kubebuilder the two are apart: `apps` and `example.com` make the
//! group `apps.example.com` that the API server knows; see
//! [`ResourceKey::qualified_group`](super::ResourceKey::qualified_group).

use super::dns::{check_subdomain, nearest_subdomain};
use super::error::NameError;
use super::name_type::{name_type, order_by_text};
use super::rust_name;

name_type! {
    /// The part that all groups of a project end with: a DNS subdomain, or
    /// empty for the groups of Kubernetes itself, `apps` or `batch`.
    #[derive(Default)]
    Domain, check_domain
}
order_by_text!(Domain);

name_type! {
    /// A group without its domain: a DNS subdomain, or empty when the domain
    /// alone is the group.
    #[derive(Default)]
    Group, check_group
}
order_by_text!(Group);

impl Domain {
    /// Is there no domain?
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Group {
    /// Is the domain alone the group?
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The Rust module of this group's types: dots and dashes are `_`, the
    /// empty group is `ungrouped`, a leading digit gets `group_` before it, and
    /// what Rust or the project uses otherwise (`core`, `type`) a `_` behind.
    ///
    /// `a-b` and `a.b` share a module: the project must compare modules.
    pub fn module(&self) -> String {
        if self.is_empty() {
            return rust_name::NO_GROUP.to_owned();
        }
        rust_name::module("group", &self.0)
    }
}

fn check_domain(text: &str) -> Result<(), NameError> {
    check_or_empty("domain", "--domain", text)
}

fn check_group(text: &str) -> Result<(), NameError> {
    check_or_empty("group", "--group", text)
}

fn check_or_empty(noun: &'static str, flag: &str, text: &str) -> Result<(), NameError> {
    if text.is_empty() {
        return Ok(());
    }
    check_subdomain(text)
        .map_err(|reason| NameError::new(noun, text, reason).or_try(flag, nearest_subdomain(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn group_and_domain_are_subdomains_or_empty() {
        fn check(text: &str, expected: bool) {
            assert_eq!(Group::new(text).is_ok(), expected, "group {text:?}");
            assert_eq!(Domain::new(text).is_ok(), expected, "domain {text:?}");
        }
        check("", true);
        check("apps", true);
        check("foo.policy", true);
        check("sea-creatures", true);
        check("3scale", true);
        check("Apps", false);
        check("apps.", false);
        check("my_group", false);
        check("apps\n", false);
        check("-apps", false);
        check("\u{1f980}", false);
        check(" ", false);
    }

    #[test]
    fn the_error_offers_the_nearest_group() {
        let error = Group::new("My_Group.Policy").unwrap_err();
        assert_eq!(error.help(), Some("try `--group my-group.policy`"));
        let error = Domain::new(".example..com").unwrap_err();
        assert_eq!(error.help(), Some("try `--domain example.com`"));
    }

    #[test]
    fn modules_are_legal_rust() {
        fn check(group: &str, expected: &str) {
            assert_eq!(Group::new(group).unwrap().module(), expected);
        }
        check("apps", "apps");
        check("sea-creatures", "sea_creatures");
        check("foo.policy", "foo_policy");
        check("a--b", "a_b");
        check("3scale", "group_3scale");
        check("core", "core_");
        check("std", "std_");
        check("self", "self_");
        check("crate", "crate_");
        check("super", "super_");
        check("type", "type_");
        check("kube", "kube_");
        check("", "ungrouped");
        check("ungrouped", "ungrouped_");
    }
}

//! What rules of Kubernetes' own groups may name: resources and their subresources.
//!
//! `rights.tsv` beside this file is what the discovery of a real API server says
//! with every API switched on, alpha and beta too (`make update-builtin`): a role
//! may name what a cluster serves only when told to.

use std::sync::LazyLock;

/// The table's text: the group and the resource, tab-separated.
pub const RIGHTS_TABLE: &str = include_str!("rights.tsv");

static RIGHTS: LazyLock<Vec<(&'static str, &'static str)>> = LazyLock::new(|| {
    let rows = RIGHTS_TABLE.lines().skip(1);
    rows.filter_map(|row| row.split_once('\t')).collect()
});

/// Names that the API server, the kubelet or an admission plugin asks about, and
/// that are no resources of its discovery
/// (<https://kubernetes.io/docs/reference/access-authn-authz/authorization/#authorization-verbs>,
/// <https://kubernetes.io/docs/reference/access-authn-authz/kubelet-authn-authz/>).
const BEYOND: [(&str, &str); 19] = [
    ("", "endpoints/restricted"),
    ("", "groups"),
    ("", "nodes/checkpoint"),
    ("", "nodes/configz"),
    ("", "nodes/healthz"),
    ("", "nodes/log"),
    ("", "nodes/metrics"),
    ("", "nodes/pods"),
    ("", "nodes/spec"),
    ("", "nodes/stats"),
    ("", "users"),
    ("authentication.k8s.io", "groups"),
    ("authentication.k8s.io", "serviceaccounts"),
    ("authentication.k8s.io", "uids"),
    ("authentication.k8s.io", "userextras"),
    ("authentication.k8s.io", "users"),
    ("certificates.k8s.io", "signers"),
    ("policy", "podsecuritypolicies"),
    ("resource.k8s.io", "resourceclaims/driver"),
];

/// Verbs that some authorizer of Kubernetes' own asks about.
const VERBS: [&str; 16] = [
    "*",
    "approve",
    "attest",
    "bind",
    "create",
    "delete",
    "deletecollection",
    "escalate",
    "get",
    "impersonate",
    "list",
    "patch",
    "sign",
    "update",
    "use",
    "watch",
];

/// The verbs that rules name.
pub fn verbs() -> &'static [&'static str] {
    &VERBS
}

/// Whether Kubernetes has a group of this name; the one of `Pod` is empty.
pub fn is_builtin_group(group: &str) -> bool {
    RIGHTS.iter().any(|(known, _)| *known == group)
}

/// The resources and subresources of a group.
pub fn resources(group: &str) -> Vec<&'static str> {
    let all = RIGHTS.iter().chain(&BEYOND);
    let all = all.filter(|(known, _)| *known == group);
    all.map(|(_, resource)| *resource).collect()
}

/// The groups that have a resource of this name.
pub fn groups_of(resource: &str) -> Vec<&'static str> {
    let all = RIGHTS.iter().filter(|(_, known)| *known == resource);
    all.map(|(group, _)| *group).collect()
}

/// Whether a rule of `group` may name `resource`: it is there, or stands for some
/// that are; of each resource there are `finalizers`, which
/// `OwnerReferencesPermissionEnforcement` asks about.
pub fn is_resource(group: &str, resource: &str) -> bool {
    let known = resources(group);
    match resource.split_once('/') {
        None => resource == "*" || known.contains(&resource),
        Some(("*", part)) => {
            part == "*" || known.iter().any(|one| one.ends_with(&format!("/{part}")))
        }
        Some((whole, "*" | "finalizers")) => known.contains(&whole),
        Some(("userextras", _)) => known.contains(&"userextras"),
        Some(_) => known.contains(&resource),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_are_those_of_discovery_and_what_stands_for_them() {
        let check = |group: &str, resource: &str, expected: bool| {
            assert_eq!(is_resource(group, resource), expected, "{group} {resource}");
        };
        for resource in [
            "pods",
            "pods/log",
            "pods/status",
            "pods/*",
            "*/status",
            "*",
            "*/*",
            "pods/finalizers",
        ] {
            check("", resource, true);
        }
        for resource in [
            "pod",
            "pods/logs",
            "deployments",
            "*/logs",
            "crew/finalizers",
            "",
        ] {
            check("", resource, false);
        }
        check("apps", "deployments/scale", true);
        check("apps", "deployments/finalizers", true);
        check("authentication.k8s.io", "userextras/scopes", true);
        check("certificates.k8s.io", "signers", true);
        // Served only where a cluster is told to.
        check(
            "admissionregistration.k8s.io",
            "mutatingadmissionpolicies",
            true,
        );
        assert!(
            is_builtin_group("")
                && is_builtin_group("apps")
                && !is_builtin_group("crew.example.com")
        );
        assert_eq!(groups_of("deployments"), ["apps"]);
    }

    #[test]
    fn the_table_holds_every_builtin_kind() {
        for one in crate::resource::BuiltinKind::all() {
            assert!(is_resource(one.group, one.plural), "{one:?}");
        }
    }
}

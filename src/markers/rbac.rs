//! The fields of `+rustop:rbac`: who may do what, at one place of the source.
//!
//! The fields are controller-gen's
//! (<https://book.kubebuilder.io/reference/markers/rbac>). A rule that no API
//! server takes is refused here, where its line is known, and not by `kubectl
//! apply` later; controller-gen writes it out. Merging the rules of a project
//! is `manifests::role`'s work.

use super::arguments::{self, Field, Type};
use super::{Marker, Problem};

const fn field(name: &'static str, value: Type) -> Field {
    Field {
        name,
        value,
        required: false,
    }
}

const SCHEMA: [Field; 7] = [
    field("groups", Type::List),
    field("resources", Type::List),
    field("resourceNames", Type::List),
    Field {
        name: "verbs",
        value: Type::List,
        required: true,
    },
    field("urls", Type::List),
    field("namespace", Type::String),
    field("roleName", Type::String),
];

/// One permission, as one marker grants it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RbacRule {
    /// API groups; the core group is `""` or, as people like to write, `core`.
    pub groups: Vec<String>,
    /// Resources, with a subresource after a slash: `deployments/status`.
    pub resources: Vec<String>,
    /// Names of single objects; empty for all.
    pub resource_names: Vec<String>,
    /// Verbs; `*` for all.
    pub verbs: Vec<String>,
    /// Paths of the API server that are no resources: `/metrics`.
    pub urls: Vec<String>,
    /// The namespace of the Role to write, instead of a ClusterRole.
    pub namespace: Option<String>,
    /// The name of the role, instead of the project's.
    pub role_name: Option<String>,
}

/// Whether `marker` is one for this module.
pub fn is_rbac(marker: &Marker) -> bool {
    marker.name == "rbac"
}

/// Reads the arguments of an rbac marker.
///
/// # Errors
/// A syntax error, an unknown or missing argument, or a rule that the API
/// server's own validation refuses (`ValidatePolicyRule` in
/// <https://github.com/kubernetes/kubernetes/blob/v1.35.0/pkg/apis/rbac/validation/validation.go>).
pub fn parse(marker: &Marker) -> Result<RbacRule, Problem> {
    let mut arguments =
        arguments::parse(&marker.arguments, &SCHEMA).map_err(|why| marker.error(&why))?;
    let rule = RbacRule {
        groups: arguments.list("groups"),
        resources: arguments.list("resources"),
        resource_names: arguments.list("resourceNames"),
        verbs: arguments.list("verbs"),
        urls: arguments.list("urls"),
        namespace: arguments.string("namespace"),
        role_name: arguments.string("roleName"),
    };
    match refusal(&rule) {
        Some((why, help)) => Err(Problem {
            help: Some(help.to_owned()),
            ..marker.error(why)
        }),
        None => Ok(rule),
    }
}

/// Why no API server takes this rule, and what to write instead.
fn refusal(rule: &RbacRule) -> Option<(&'static str, &'static str)> {
    let of_resources = [&rule.groups, &rule.resources, &rule.resource_names];
    let names_resources = of_resources.iter().any(|list| !list.is_empty());
    if rule.verbs.is_empty() {
        return Some((
            "`verbs` is empty",
            "say what is allowed: `verbs=get;list;watch`",
        ));
    }
    if !rule.urls.is_empty() && names_resources {
        return Some((
            "one rule cannot allow both resources and `urls`",
            "write two markers",
        ));
    }
    if !rule.urls.is_empty() && rule.namespace.is_some() {
        return Some((
            "a rule for one namespace cannot allow `urls`",
            "leave `namespace` out: urls belong to a ClusterRole",
        ));
    }
    if rule.urls.is_empty() && rule.groups.is_empty() {
        return Some((
            "`groups` is empty",
            "name the API group, `groups=core` for the core one",
        ));
    }
    if rule.urls.is_empty() && rule.resources.is_empty() {
        return Some((
            "`resources` is empty",
            "name the plural: `resources=deployments`",
        ));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::RelativePath;

    fn marker(arguments: &str) -> Marker {
        Marker {
            prefix: "rustop",
            name: "rbac",
            arguments: arguments.to_owned(),
            file: RelativePath::new("src/a.rs").unwrap(),
            line: 7,
        }
    }

    #[test]
    fn every_field_is_read() {
        let text = "groups=core;apps,resources=pods,resourceNames=a;b,verbs=get;list,namespace=n,roleName=r";
        let list = |items: &[&str]| items.iter().map(|item| (*item).to_owned()).collect();
        let expected = RbacRule {
            groups: list(&["core", "apps"]),
            resources: list(&["pods"]),
            resource_names: list(&["a", "b"]),
            verbs: list(&["get", "list"]),
            urls: Vec::new(),
            namespace: Some("n".to_owned()),
            role_name: Some("r".to_owned()),
        };
        assert_eq!(parse(&marker(text)), Ok(expected));
        let urls = parse(&marker("urls=/metrics;/healthz,verbs=get")).unwrap();
        assert_eq!(urls.urls, ["/metrics", "/healthz"]);
    }

    #[test]
    fn what_the_api_server_refuses_is_refused_at_its_line() {
        let check = |arguments: &str, expected: &str| {
            let shown = parse(&marker(arguments)).unwrap_err().to_string();
            let first = shown.lines().next().unwrap();
            assert_eq!(
                first,
                format!("src/a.rs:7: marker `+rustop:rbac`: {expected}")
            );
        };
        check("groups=a,resources=b", "argument `verbs` is missing");
        check("groups=a,resources=b,verbs=", "`verbs` is empty");
        check("groups=a,verbs=get", "`resources` is empty");
        check("resources=a,verbs=get", "`groups` is empty");
        check("verbs=get", "`groups` is empty");
        check(
            "urls=/a,verbs=get,namespace=n",
            "a rule for one namespace cannot allow `urls`",
        );
        check(
            "urls=/a,resources=b,verbs=get",
            "one rule cannot allow both resources and `urls`",
        );
        check(
            "urls=/a,groups=b,verbs=get",
            "one rule cannot allow both resources and `urls`",
        );
    }
}

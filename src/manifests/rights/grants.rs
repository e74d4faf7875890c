//! Whether the rules that the manager has allow what a use of a kind needs.

use std::collections::BTreeMap;

use serde::Deserialize as _;
use serde_json::Value;

use super::follows::Use;
use super::full_name;
use crate::markers::rbac::RbacRule;

/// Where the manager's rights come from, besides the markers.
#[derive(Clone, Copy, Debug)]
pub struct Granted<'a> {
    /// The manifests in which roles and bindings stand.
    pub manifests: &'a [String],
    /// The role that a marker without `roleName` belongs to; the scaffold binds it.
    pub role_name: &'a str,
    /// The manager watches its own namespace only, so that a Role is enough.
    pub namespaced: bool,
}

/// One rule that the manager has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Grant {
    rule: RbacRule,
    /// It is about the whole cluster, and not about one namespace.
    of_cluster: bool,
    /// It is about all objects that the manager watches, and not about those of one
    /// namespace or of some names.
    is_whole: bool,
}

impl Grant {
    fn new(rule: RbacRule, of_cluster: bool, granted: &Granted<'_>) -> Self {
        Self {
            of_cluster,
            is_whole: (of_cluster || granted.namespaced) && rule.resource_names.is_empty(),
            rule,
        }
    }
}

/// Whether `grants` allow to patch the one object that a project calls `name` in a
/// group that has no namespaces; kustomize puts the project's prefix before it.
pub(super) fn patches(grants: &[Grant], group: &str, resource: &str, name: &str) -> bool {
    let has = |list: &[String], item: &str| list.iter().any(|one| one == item || one == "*");
    grants.iter().filter(|it| it.of_cluster).any(|grant| {
        let rule = &grant.rule;
        let names = &rule.resource_names;
        let has_it = names.is_empty() || names.iter().any(|one| one.ends_with(name));
        has_it
            && has(&rule.groups, group)
            && has(&rule.resources, resource)
            && has(&rule.verbs, "patch")
    })
}

/// Whether `grants` allow it. To list and watch takes a rule about all objects. For
/// the rest names of single objects are taken for all of them, a role for one namespace
/// for all: whether that is enough only the author knows.
pub(super) fn allows(grants: &[Grant], used: &Use) -> bool {
    let needed: &[&str] = if used.follows {
        &["list", "watch"]
    } else {
        &[]
    };
    let enough = |grant: &&Grant| grant.is_whole || !used.follows;
    let rules = grants.iter().filter(enough).map(|grant| &grant.rule);
    let about: Vec<_> = rules.filter(|rule| is_about(rule, used)).collect();
    let has = |verb: &str| {
        let mut verbs = about.iter().flat_map(|rule| &rule.verbs);
        verbs.any(|one| one == verb || one == "*")
    };
    !about.is_empty() && needed.iter().all(|verb| has(verb))
}

fn is_about(rule: &RbacRule, used: &Use) -> bool {
    let groups = rule.groups.iter().map(|group| full_name(group));
    let mut groups = groups.filter(|group| *group == "*" || *group == used.group);
    let whole = |resource: &String| {
        let name = match used.follows {
            true => resource.as_str(),
            // A right on a part, such as the status, is a right.
            false => resource.split('/').next().unwrap_or_default(),
        };
        name == "*" || name == used.plural
    };
    groups.next().is_some() && rule.resources.iter().any(whole)
}

/// The roles that the manager is bound to, by kind and name, and whether it is for
/// the whole cluster.
type Bound = BTreeMap<(String, String), bool>;

/// The rules of `markers` and those of the manifests, as far as the manager is bound to
/// their roles. What is no YAML gives none.
pub(super) fn grants(markers: Vec<RbacRule>, granted: &Granted<'_>) -> Vec<Grant> {
    let documents: Vec<Value> = granted.manifests.iter().flat_map(|it| read(it)).collect();
    let mut bound = Bound::new();
    for document in documents.iter().filter(|it| binds_an_account(it)) {
        let role = |key: &str| text(document, &format!("/roleRef/{key}")).to_owned();
        let of_cluster = text(document, "/kind") == "ClusterRoleBinding";
        *bound.entry((role("kind"), role("name"))).or_default() |= of_cluster;
    }
    let roles = Roles {
        bound,
        granted: *granted,
    };
    let by_hand = documents.iter().flat_map(|document| roles.rules(document));
    let marked = markers.into_iter().filter_map(|rule| roles.of_marker(rule));
    by_hand.chain(marked).collect()
}

/// The roles that the manager is bound to.
struct Roles<'a> {
    bound: Bound,
    granted: Granted<'a>,
}

impl Roles<'_> {
    /// The rules of a role by hand.
    fn rules(&self, document: &Value) -> Vec<Grant> {
        let kind = text(document, "/kind");
        if !matches!(kind, "Role" | "ClusterRole") {
            return Vec::new();
        }
        let rules = document.get("rules").and_then(Value::as_array);
        let rules = rules.into_iter().flatten().map(rule_of);
        let name = text(document, "/metadata/name");
        rules
            .filter_map(|rule| self.grant(rule, kind, name))
            .collect()
    }

    fn of_marker(&self, rule: RbacRule) -> Option<Grant> {
        let usual = self.granted.role_name;
        let name = rule.role_name.clone().unwrap_or_else(|| usual.to_owned());
        let is_role = rule.namespace.is_some() || self.granted.namespaced;
        let kind = if is_role { "Role" } else { "ClusterRole" };
        // The scaffold binds it; where somebody deleted the file, that is no matter of rules.
        if name == usual && rule.namespace.is_none() {
            return Some(Grant::new(rule, !is_role, &self.granted));
        }
        self.grant(rule, kind, &name)
    }

    fn grant(&self, rule: RbacRule, kind: &str, name: &str) -> Option<Grant> {
        let of_cluster = self.bound.get(&(kind.to_owned(), name.to_owned()))?;
        Some(Grant::new(rule, *of_cluster, &self.granted))
    }
}

fn read(manifest: &str) -> Vec<Value> {
    let documents = serde_yaml::Deserializer::from_str(manifest);
    documents
        .map_while(|document| Value::deserialize(document).ok())
        .collect()
}

/// People are users and groups; the manager is an account.
fn binds_an_account(document: &Value) -> bool {
    let subjects = document.get("subjects").and_then(Value::as_array);
    let mut subjects = subjects.into_iter().flatten();
    subjects.any(|subject| text(subject, "/kind") == "ServiceAccount")
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    let found = value.pointer(pointer).and_then(Value::as_str);
    found.unwrap_or_default()
}

fn rule_of(rule: &Value) -> RbacRule {
    let list = |key: &str| {
        let list = rule.get(key).and_then(Value::as_array);
        let texts = list.into_iter().flatten().filter_map(Value::as_str);
        texts.map(str::to_owned).collect()
    };
    RbacRule {
        groups: list("apiGroups"),
        resources: list("resources"),
        resource_names: list("resourceNames"),
        verbs: list("verbs"),
        ..RbacRule::default()
    }
}

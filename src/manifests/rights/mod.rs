//! What markers allow: names that Kubernetes' own groups do not have, and kinds
//! that the code follows and no marker allows it to see.
//!
//! The API server takes any rule. A wrong name in one is a right that is missing
//! at run time, which shows as an operator that waits for ever.

mod follows;
mod grants;

pub use follows::KnownKind;
pub(super) use follows::uses;
use grants::Grant;
pub use grants::Granted;

use super::lint::{Finding, Lint};
use super::webhook;
use crate::markers::{self, Marker, closest, rbac, rbac::RbacRule};
use crate::resource::right;
use crate::tree::RelativePath;

/// The rules of all markers that can be read, each with its marker.
fn rules(sources: &[(RelativePath, String)]) -> Vec<(Marker, RbacRule)> {
    let mut rules = Vec::new();
    for (path, source) in sources {
        let (found, _) = markers::scan(path, source);
        let found = found.into_iter().filter(rbac::is_rbac);
        rules.extend(found.filter_map(|marker| Some((marker.clone(), rbac::parse(&marker).ok()?))));
    }
    rules
}

/// Verbs and resources that Kubernetes' own groups do not have, and what looks like a
/// slip of the pen for one of `kinds` in its group: others may have kinds there too.
pub fn unknown(sources: &[(RelativePath, String)], kinds: &[KnownKind]) -> Vec<Finding> {
    let found = |(marker, rule): &(Marker, RbacRule)| {
        let mut findings = unknown_in(marker, rule);
        findings.extend(misspelt_in(marker, rule, kinds));
        findings
    };
    rules(sources).iter().flat_map(found).collect()
}

/// What the API server has of a kind that a CRD describes, and what it asks about.
const PARTS: [&str; 4] = ["", "/status", "/scale", "/finalizers"];

fn misspelt_in(marker: &Marker, rule: &RbacRule, kinds: &[KnownKind]) -> Vec<Finding> {
    let [group] = rule.groups.as_slice() else {
        return Vec::new();
    };
    let of_group = kinds.iter().filter(|kind| kind.group == *group);
    let of_group = of_group.filter(|_| !right::is_builtin_group(group));
    let known: Vec<String> = of_group
        .flat_map(|kind| PARTS.map(|part| format!("{}{part}", kind.plural)))
        .collect();
    let known: Vec<&str> = known.iter().map(String::as_str).collect();
    let is_unknown = |it: &&String| !it.contains('*') && !known.contains(&it.as_str());
    let unknown = rule.resources.iter().filter(is_unknown);
    let misspelt = unknown.filter_map(|resource| Some((resource, closest(resource, &known)?)));
    misspelt
        .map(|(resource, meant)| {
            let message = format!("the group `{group}` has no resource `{resource}` in PROJECT");
            let help = format!("did you mean `{meant}`?");
            Lint::UnknownRight.of(marker, &message, help)
        })
        .collect()
}

fn unknown_in(marker: &Marker, rule: &RbacRule) -> Vec<Finding> {
    let groups: Vec<&str> = rule.groups.iter().map(|group| full_name(group)).collect();
    // A rule of several groups allows what each of them has.
    if groups.is_empty() || !groups.iter().all(|group| right::is_builtin_group(group)) {
        return Vec::new();
    }
    let resources = rule.resources.iter();
    let unknown = resources.filter(|resource| {
        !groups
            .iter()
            .any(|group| right::is_resource(group, resource))
    });
    let mut findings: Vec<_> = unknown
        .map(|resource| unknown_resource(marker, &groups, resource))
        .collect();
    let verbs = rule.verbs.iter();
    let unknown = verbs.filter(|verb| !is_verb(verb));
    findings.extend(unknown.map(|verb| {
        let message = format!("there is no verb `{verb}`");
        let meant = closest(verb, right::verbs()).map_or_else(
            || format!("there are `{}`", right::verbs().join("`, `")),
            |meant| format!("did you mean `{meant}`?"),
        );
        Lint::UnknownRight.of(marker, &message, meant)
    }));
    findings
}

/// Constrained impersonation has verbs with a colon
/// (<https://kubernetes.io/docs/reference/access-authn-authz/user-impersonation/>).
fn is_verb(verb: &str) -> bool {
    right::verbs().contains(&verb) || verb.starts_with("impersonate")
}

fn unknown_resource(marker: &Marker, groups: &[&str], resource: &str) -> Finding {
    let shown: Vec<_> = groups
        .iter()
        .map(|group| format!("`{}`", short_name(group)))
        .collect();
    let message = format!(
        "the group {} has no resource `{resource}`",
        shown.join(" or ")
    );
    let known: Vec<&'static str> = groups
        .iter()
        .flat_map(|group| right::resources(group))
        .collect();
    let elsewhere = right::groups_of(resource);
    let help = match (closest(resource, &known), elsewhere.first()) {
        (Some(meant), _) => format!("did you mean `{meant}`?"),
        (None, Some(group)) => format!("`{resource}` is one of `{}`", short_name(group)),
        (None, None) => "a resource is a plural in lower case, with a subresource after a slash; \
            `kubectl api-resources` names them"
            .to_owned(),
    };
    Lint::UnknownRight.of(marker, &message, help)
}

/// As the API server has it.
fn full_name(group: &str) -> &str {
    if group == "core" { "" } else { group }
}

/// As markers have it.
fn short_name(group: &str) -> &str {
    if group.is_empty() { "core" } else { group }
}

/// What the markers and the roles that the manager is bound to let it do.
fn grants(sources: &[(RelativePath, String)], granted: &Granted<'_>) -> Vec<Grant> {
    let rules = rules(sources).into_iter().map(|(_, rule)| rule);
    grants::grants(rules.collect(), granted)
}

/// Kinds that the code follows or uses, for which neither a marker nor a role that
/// the manager is bound to gives a right.
pub fn missing(
    sources: &[(RelativePath, String)],
    kinds: &[KnownKind],
    granted: &Granted<'_>,
) -> Vec<Finding> {
    let grants = grants(sources, granted);
    follows::uses(sources, kinds)
        .into_iter()
        .filter(|used| !grants::allows(&grants, used))
        .map(|used| used.finding())
        .collect()
}

/// Configurations with a name of their own, into which the manager has no right to
/// write its CA: the scaffold's role has the usual names.
pub fn unwritable(sources: &[(RelativePath, String)], granted: &Granted<'_>) -> Vec<Finding> {
    let grants = grants(sources, granted);
    let renamed = webhook::renamed(sources).into_iter();
    renamed
        .filter(|(_, resource, name)| !grants::patches(&grants, REGISTRATION, resource, name))
        .map(|(marker, resource, name)| unwritable_one(&marker, resource, &name))
        .collect()
}

/// The group of webhook configurations.
const REGISTRATION: &str = "admissionregistration.k8s.io";

fn unwritable_one(marker: &Marker, resource: &str, name: &str) -> Finding {
    let message = format!("the manager has no right to write its CA into `{name}`");
    let help = format!(
        "add `// +rustop:rbac:groups={REGISTRATION},resources={resource},resourceNames={name},verbs=patch`, \
         in a namespaced project a ClusterRole like it; or take this marker away"
    );
    Lint::MissingRight.of(marker, &message, help)
}

#[cfg(test)]
mod tests;

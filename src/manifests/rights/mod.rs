//! What markers allow: names that Kubernetes' own groups do not have, and kinds
//! that the code follows and no marker allows it to see.
//!
//! The API server takes any rule. A wrong name in one is a right that is missing
//! at run time, which shows as an operator that waits for ever.

mod follows;
mod grants;

pub use follows::KnownKind;
pub use grants::rules_of_yaml;

use super::lint::{Finding, Lint};
use crate::markers::{self, Marker, Problem, Severity, closest, rbac, rbac::RbacRule};
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

/// Verbs and resources that Kubernetes' own groups do not have.
pub fn unknown(sources: &[(RelativePath, String)]) -> Vec<Finding> {
    let rules = rules(sources);
    rules
        .iter()
        .flat_map(|(marker, rule)| unknown_in(marker, rule))
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
        finding(marker, Lint::UnknownRight, &message, meant)
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
    finding(marker, Lint::UnknownRight, &message, help)
}

fn finding(marker: &Marker, lint: Lint, message: &str, help: String) -> Finding {
    let problem = Problem {
        file: marker.file.clone(),
        line: marker.line,
        severity: Severity::Warning,
        message: format!("marker `+{}:{}`: {message}", marker.prefix, marker.name),
        help: Some(help),
    };
    Finding { lint, problem }
}

/// As the API server has it.
fn full_name(group: &str) -> &str {
    if group == "core" { "" } else { group }
}

/// As markers have it.
fn short_name(group: &str) -> &str {
    if group.is_empty() { "core" } else { group }
}

/// Kinds that the code follows or uses, for which neither a marker nor one of
/// `others` gives a right.
pub fn missing(
    sources: &[(RelativePath, String)],
    kinds: &[KnownKind],
    others: &[RbacRule],
) -> Vec<Finding> {
    let mut rules: Vec<RbacRule> = rules(sources).into_iter().map(|(_, rule)| rule).collect();
    rules.extend_from_slice(others);
    follows::uses(sources, kinds)
        .into_iter()
        .filter(|used| !grants::allows(&rules, used))
        .map(|used| used.finding())
        .collect()
}

#[cfg(test)]
mod tests;

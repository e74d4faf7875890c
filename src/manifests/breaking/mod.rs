//! What a new CRD does to objects that were stored, and to those who write them,
//! under an older one.
//!
//! The rules are those of the API conventions
//! (<https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api_changes.md>):
//! what was valid stays valid, what was stored is kept. Rules in CEL are not
//! compared: the API server lets an unchanged value pass a new rule.

mod schema;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::check::{schema_of, versions_of};
use super::crd::{text, tidied};
use super::lint::{CrdProblem, Lint};
use super::place::CrdPlace;

/// What breaks between the CRDs of a release and those of `list`, which the
/// generator printed. `since` says which release: a tag. `converted` are the names of
/// those for which the API server is told to call a conversion webhook.
pub fn changes_in(
    old: &[Value],
    list: &Value,
    converted: &BTreeSet<String>,
    since: &str,
) -> Vec<CrdProblem> {
    changes(old, &tidied(list), converted, since)
}

/// Both as [`super::crd_files`] writes them.
fn changes(
    old: &[Value],
    new: &[Value],
    converted: &BTreeSet<String>,
    since: &str,
) -> Vec<CrdProblem> {
    let by_name: BTreeMap<&str, &Value> = new
        .iter()
        .map(|crd| (text(crd, "/metadata/name"), crd))
        .collect();
    let mut changes = Vec::new();
    for crd in old {
        let name = text(crd, "/metadata/name");
        if let Some(now) = by_name.get(name) {
            changes.extend(of_crd(crd, now, since));
            changes.extend(storage(crd, now, converted.contains(name), since));
            continue;
        }
        if served(crd).all(is_deprecated) {
            continue;
        }
        let kind = text(crd, "/spec/names/kind");
        let message = format!("the kind `{kind}` is gone, which {since} has");
        changes.push(broken(crd, &CrdPlace::default(), &message, KEEP_KIND));
    }
    changes
}

const KEEP_KIND: &str =
    "deleting a CRD deletes its objects: serve the kind for another release, with `deprecated`";
const KEEP_VERSION: &str = "serve it for another release, with `deprecated: true` in PROJECT";
const SCOPE: &str = "a CRD's scope cannot be changed: give the kind another name";

fn broken(crd: &Value, place: &CrdPlace, message: &str, help: &str) -> CrdProblem {
    let problem = CrdProblem::refused(crd, place, message).with_help(help);
    problem.with_lint(Lint::BreakingChange)
}

fn of_crd(old: &Value, new: &Value, since: &str) -> Vec<CrdProblem> {
    let mut changes = Vec::new();
    let scopes = [old, new].map(|crd| text(crd, "/spec/scope"));
    if scopes[0] != scopes[1] {
        let message = format!(
            "its scope was `{}` in {since}, and is `{}`",
            scopes[0], scopes[1]
        );
        changes.push(broken(new, &CrdPlace::default(), &message, SCOPE));
    }
    for version in served(old) {
        let name = text(version, "/name");
        match served(new).find(|now| text(now, "/name") == name) {
            Some(now) => changes.extend(of_version(new, version, now, since)),
            None if is_deprecated(version) || is_storage(version) && is_gone(new, name) => {}
            None => changes.push(no_longer_served(new, name, since)),
        }
    }
    changes
}

/// Objects lie in the storage version, and stay there when another one becomes it.
fn storage(old: &Value, new: &Value, is_converted: bool, since: &str) -> Vec<CrdProblem> {
    let before = versions_of(old).iter().find(|version| is_storage(version));
    let after = versions_of(new).iter().find(|version| is_storage(version));
    let (Some(before), Some(now)) = (before, after) else {
        return Vec::new();
    };
    let name = text(before, "/name");
    if is_gone(new, name) {
        let message = format!("the version `{name}` is gone, in which {since} stores objects");
        return vec![broken(new, &CrdPlace::default(), &message, KEEP_STORED)];
    }
    if is_converted || name == text(now, "/name") {
        return Vec::new();
    }
    let since = format!("{since}, which stores `{name}`, and nothing converts");
    let changes = of_version(new, before, now, &since);
    let helped = changes.into_iter().map(|it| it.with_help(CONVERT));
    helped.collect()
}

const KEEP_STORED: &str = "the API server refuses a CRD without a version that is in its `status.storedVersions`: keep \
    it with `unserved: true` in PROJECT until all objects are written anew and it is taken out there";
const CONVERT: &str = "objects that are stored would lose it, or not fit: bring the conversion with \
    `rustop create webhook --conversion`, or give both versions the same fields";

fn is_storage(version: &Value) -> bool {
    version.get("storage") == Some(&Value::Bool(true))
}

fn is_gone(crd: &Value, version: &str) -> bool {
    let mut versions = versions_of(crd).iter();
    versions.all(|one| text(one, "/name") != version)
}

fn no_longer_served(crd: &Value, name: &str, since: &str) -> CrdProblem {
    let message = format!("the version `{name}` is not served any more, which {since} does");
    broken(crd, &CrdPlace::default(), &message, KEEP_VERSION)
}

fn served(crd: &Value) -> impl Iterator<Item = &Value> {
    let versions = versions_of(crd).iter();
    versions.filter(|version| version.get("served") == Some(&Value::Bool(true)))
}

/// Whoever uses it was told so: it may go.
fn is_deprecated(version: &Value) -> bool {
    version.get("deprecated") == Some(&Value::Bool(true))
}

fn of_version(crd: &Value, old: &Value, new: &Value, since: &str) -> Vec<CrdProblem> {
    let (Some(before), Some(after)) = (schema_of(old), schema_of(new)) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let place = CrdPlace::version(text(new, "/name"));
    schema::compare(before, after, &place, &mut found);
    let change = |(place, change): (CrdPlace, schema::Change)| {
        let message = format!("`{place}` {} since {since}", change.message);
        broken(crd, &place, &message, change.help)
    };
    found.into_iter().map(change).collect()
}

#[cfg(test)]
mod tests;

//! Writes rights as markers, as few as say the same, in the order that
//! kubebuilder's users know.

use std::collections::{BTreeMap, BTreeSet};

use super::rule::Rule;

/// The order of kubebuilder's own markers; other verbs follow by the alphabet.
const VERBS: [&str; 8] = [
    "get",
    "list",
    "watch",
    "create",
    "update",
    "patch",
    "delete",
    "deletecollection",
];

/// Where a marker's role lies, as its arguments.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Target<'a> {
    pub(super) namespace: Option<&'a str>,
    /// Where it is not the project's.
    pub(super) role: Option<&'a str>,
}

/// Rules that differ in their verbs, names, paths or resources only become one:
/// verbs first, because they are what people read together.
pub(super) fn joined(atoms: &[Rule]) -> Vec<Rule> {
    let verbs = join(atoms.to_vec(), |rule| &mut rule.verbs);
    let names = join(verbs, |rule| &mut rule.names);
    let urls = join(names, |rule| &mut rule.urls);
    join(urls, |rule| &mut rule.resources)
}

fn join(rules: Vec<Rule>, field: impl Fn(&mut Rule) -> &mut Vec<String>) -> Vec<Rule> {
    let mut joined: BTreeMap<Rule, BTreeSet<String>> = BTreeMap::new();
    let mut apart = Vec::new();
    for mut rule in rules {
        // No names is all names: such a rule takes none of another's.
        match std::mem::take(field(&mut rule)) {
            values if values.is_empty() => apart.push(rule),
            values => joined.entry(rule).or_default().extend(values),
        }
    }
    let whole = |(mut rule, values): (Rule, BTreeSet<String>)| {
        *field(&mut rule) = values.into_iter().collect();
        rule
    };
    apart.extend(joined.into_iter().map(whole));
    apart.sort();
    apart
}

/// The whole line of a marker.
pub(super) fn line(rule: &Rule, target: Target<'_>) -> String {
    let mut arguments = Vec::new();
    let mut push = |name: &str, values: &[String]| {
        if !values.is_empty() {
            let values: Vec<String> = values.iter().map(|value| written(value)).collect();
            arguments.push(format!("{name}={}", values.join(";")));
        }
    };
    let core = |group: &String| match group.as_str() {
        "" => "core".to_owned(),
        _ => group.clone(),
    };
    push("groups", &rule.groups.iter().map(core).collect::<Vec<_>>());
    push("resources", &rule.resources);
    push("resourceNames", &rule.names);
    push("urls", &rule.urls);
    push("verbs", &in_order(&rule.verbs));
    let place = [("namespace", target.namespace), ("roleName", target.role)];
    for (name, value) in place {
        push(
            name,
            &value.map(str::to_owned).into_iter().collect::<Vec<_>>(),
        );
    }
    format!("// +rustop:rbac:{}", arguments.join(","))
}

/// Verbs as people write them.
pub(super) fn in_order(verbs: &[String]) -> Vec<String> {
    let place = |verb: &String| VERBS.iter().position(|known| known == verb);
    let mut verbs = verbs.to_vec();
    verbs.sort_by_key(|verb| (place(verb).unwrap_or(VERBS.len()), verb.clone()));
    verbs
}

/// A value as the markers' grammar takes it: quoted where it is more than a word.
fn written(value: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || "-_./*".contains(c);
    if !value.is_empty() && value.chars().all(bare) {
        return value.to_owned();
    }
    format!("\"{}\"", value.replace('\\', r"\\").replace('"', "\\\""))
}

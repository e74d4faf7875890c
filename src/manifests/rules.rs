//! Joins the rules of one role into as few as say the same.
//!
//! The fields and their order are controller-gen's (`GenerateRoles` in
//! <https://github.com/kubernetes-sigs/controller-tools/blob/v0.21.0/pkg/rbac/parser.go>),
//! because what can be joined depends on what was joined before. What a role is
//! and where a rule came from is not known here.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::markers::rbac::RbacRule;

/// A list without order or repetition, as all lists of a rule are.
type Set = BTreeSet<String>;

/// One rule of a role. Rules are equal when they allow the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Rule {
    #[serde(rename = "apiGroups", skip_serializing_if = "Set::is_empty")]
    groups: Set,
    #[serde(rename = "nonResourceURLs", skip_serializing_if = "Set::is_empty")]
    urls: Set,
    #[serde(skip_serializing_if = "Set::is_empty")]
    resource_names: Set,
    #[serde(skip_serializing_if = "Set::is_empty")]
    resources: Set,
    verbs: Set,
}

impl Rule {
    /// One rule for each resource of a marker, so that equal resources of
    /// different markers meet; one rule when it names none.
    pub(super) fn of_each_resource(rule: &RbacRule) -> Vec<Self> {
        let whole = Self {
            groups: rule.groups.iter().map(|group| full_name(group)).collect(),
            urls: rule.urls.iter().cloned().collect(),
            resource_names: rule.resource_names.iter().cloned().collect(),
            resources: Set::new(),
            verbs: rule.verbs.iter().cloned().collect(),
        };
        if rule.resources.is_empty() {
            return vec![whole];
        }
        let of = |resource: &String| Self {
            resources: Set::from([resource.clone()]),
            ..whole.clone()
        };
        rule.resources.iter().map(of).collect()
    }

    /// What controller-gen sorts by.
    fn sort_key(&self) -> String {
        let join = |set: &Set| set.iter().map(String::as_str).collect::<Vec<_>>().join("&");
        let parts = [
            &self.groups,
            &self.resources,
            &self.resource_names,
            &self.urls,
        ];
        parts.map(join).join(" + ")
    }
}

/// The API's name of a group: empty for the core group, which people call
/// `core`.
fn full_name(group: &str) -> String {
    match group {
        "core" => String::new(),
        _ => group.to_owned(),
    }
}

/// Joins the rules that can be said as one, field by field in controller-gen's
/// order, and sorts them.
///
/// The verbs come a second time, because a joined rule may meet one that was
/// there. controller-gen 0.21 then loses one of the two: of `a/x get`, `b/x get`
/// and `a;b/x list` either all `get`s or all `list`s are gone.
pub(super) fn normalize(rules: Vec<Rule>) -> Vec<Rule> {
    let rules = merge(rules, |rule| &mut rule.verbs);
    let rules = merge(rules, |rule| &mut rule.resources);
    let rules = merge(rules, |rule| &mut rule.groups);
    let rules = merge(rules, |rule| &mut rule.urls);
    let mut rules = merge(rules, |rule| &mut rule.verbs);
    rules.sort_by_cached_key(Rule::sort_key);
    for rule in &mut rules {
        if rule.verbs.contains("*") {
            rule.verbs = Set::from(["*".to_owned()]);
        }
    }
    rules
}

/// Rules that differ in `field` only become one with all values of it.
fn merge(rules: Vec<Rule>, field: impl Fn(&mut Rule) -> &mut Set) -> Vec<Rule> {
    let mut merged: BTreeMap<Rule, Set> = BTreeMap::new();
    for mut rule in rules {
        let values = std::mem::take(field(&mut rule));
        merged.entry(rule).or_default().extend(values);
    }
    let whole = |(mut rule, values)| {
        *field(&mut rule) = values;
        rule
    };
    merged.into_iter().map(whole).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `groups|resources|resourceNames|urls|verbs`, each a list with `;`.
    fn rule(text: &str) -> RbacRule {
        let list = |text: &str| {
            text.split(';')
                .filter(|i| !i.is_empty())
                .map(str::to_owned)
                .collect()
        };
        let fields: Vec<Vec<String>> = text.split('|').map(list).collect();
        let [groups, resources, names, urls, verbs] = fields.try_into().unwrap();
        RbacRule {
            groups,
            resources,
            resource_names: names,
            verbs,
            urls,
            ..RbacRule::default()
        }
    }

    fn shown(rule: &Rule) -> String {
        let fields = [
            &rule.groups,
            &rule.resources,
            &rule.resource_names,
            &rule.urls,
            &rule.verbs,
        ];
        fields
            .map(|set| set.iter().cloned().collect::<Vec<_>>().join(";"))
            .join("|")
    }

    fn check(rules: &[&str], expected: &[&str]) {
        let of_each = |text: &&str| Rule::of_each_resource(&rule(text));
        let forward: Vec<_> = rules.iter().flat_map(of_each).collect();
        let backward: Vec<_> = forward.iter().rev().cloned().collect();
        for rules in [forward, backward] {
            let found: Vec<_> = normalize(rules).iter().map(shown).collect();
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn rules_that_say_the_same_become_one() {
        check(&["a|b|||get", "a|b|||get"], &["a|b|||get"]);
        check(&["a;a|b;b|||get;get"], &["a|b|||get"]);
        check(
            &["a|b|||watch", "a|b|||get;list"],
            &["a|b|||get;list;watch"],
        );
        check(&["a|c|||get", "a|b|||get"], &["a|b;c|||get"]);
        check(&["z|b|||get", "a|b|||get"], &["a;z|b|||get"]);
        check(&["|||/z|get", "|||/a|get"], &["|||/a;/z|get"]);
    }

    #[test]
    fn a_joined_rule_loses_none_that_was_there() {
        check(
            &["a|x|||get", "b|x|||get", "a;b|x|||list"],
            &["a;b|x|||get;list"],
        );
        check(
            &["|||/a|get", "|||/c|get", "|||/a;/c|list"],
            &["|||/a;/c|get;list"],
        );
    }

    #[test]
    fn rules_that_differ_twice_stay_apart() {
        check(&["z|b|||list", "a|b|||get"], &["a|b|||get", "z|b|||list"]);
        check(&["a|b|x||list", "a|b|||get"], &["a|b|||get", "a|b|x||list"]);
        check(
            &["a|b;c|||get", "a|c|||list"],
            &["a|b|||get", "a|c|||get;list"],
        );
    }

    #[test]
    fn core_is_the_group_without_a_name() {
        check(&["z;core|b|||get"], &[";z|b|||get"]);
    }

    #[test]
    fn an_asterisk_stands_for_all_verbs_and_only_at_the_end() {
        check(&["a|b|||get;*;list"], &["a|b|||*"]);
        // Merged before the asterisk took over, these would be one rule; that
        // is how controller-gen leaves them.
        check(&["a|b|||*", "a|c|||*;get"], &["a|b|||*", "a|c|||*"]);
    }

    #[test]
    fn rules_are_sorted_by_group_resource_name_and_url() {
        check(&["a|z|m||get", "a|y|n||get"], &["a|y|n||get", "a|z|m||get"]);
        check(
            &[
                "b|a|||get",
                "|||/x|list",
                "a|b|||list",
                "a|b/c|||watch",
                "core|x|||patch",
            ],
            &[
                "|||/x|list",
                "|x|||patch",
                "a|b|||list",
                "a|b/c|||watch",
                "b|a|||get",
            ],
        );
    }

    /// All that `rules` allow, one thing each: what, then the verbs.
    fn allowed(rules: &[Rule]) -> BTreeMap<Vec<String>, Set> {
        let mut allowed: BTreeMap<_, Set> = BTreeMap::new();
        for rule in rules {
            let one = |set: &Set| {
                if set.is_empty() {
                    Set::from([String::new()])
                } else {
                    set.clone()
                }
            };
            let fields = [
                &rule.groups,
                &rule.resources,
                &rule.resource_names,
                &rule.urls,
            ]
            .map(one);
            for what in product(&fields) {
                allowed.entry(what).or_default().extend(rule.verbs.clone());
            }
        }
        for verbs in allowed.values_mut().filter(|verbs| verbs.contains("*")) {
            *verbs = Set::from(["*".to_owned()]);
        }
        allowed
    }

    fn product(fields: &[Set]) -> Vec<Vec<String>> {
        let Some((first, rest)) = fields.split_first() else {
            return vec![Vec::new()];
        };
        let tails = product(rest);
        let with = |head: &String, tail: &Vec<String>| [vec![head.clone()], tail.clone()].concat();
        first
            .iter()
            .flat_map(|head| tails.iter().map(move |tail| with(head, tail)))
            .collect()
    }

    /// Of resources or of urls; rules of both do not come here.
    const RULE: &str =
        r"([ab](;[ab])?\|[xy](;[xy])?\|(n|m|)\||\|\|\|/[uv](;/[uv])?)\|[gl*](;[gl])?";

    proptest::proptest! {
        #[test]
        fn the_joined_rules_allow_what_the_rules_allow(
            texts in proptest::collection::vec(RULE, 0..8),
        ) {
            let rules: Vec<_> = texts.iter().flat_map(|text| Rule::of_each_resource(&rule(text))).collect();
            let joined = normalize(rules.clone());
            assert_eq!(allowed(&joined), allowed(&rules));
        }
    }
}

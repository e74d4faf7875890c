//! Whether rules allow what a use of a kind needs.

use serde::Deserialize as _;
use serde_json::Value;

use super::follows::Use;
use super::full_name;
use crate::markers::rbac::RbacRule;

/// Whether `rules` allow it. Names of single objects are taken for all of them, a
/// role for one namespace for all: whether that is enough only the author knows.
pub(super) fn allows(rules: &[RbacRule], used: &Use) -> bool {
    let needed: &[&str] = if used.follows {
        &["list", "watch"]
    } else {
        &[]
    };
    let about: Vec<_> = rules.iter().filter(|rule| is_about(rule, used)).collect();
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

/// The rules of the roles in a YAML file; what cannot be read has none.
pub fn rules_of_yaml(text: &str) -> Vec<RbacRule> {
    let documents = serde_yaml::Deserializer::from_str(text);
    let documents = documents.map_while(|document| Value::deserialize(document).ok());
    let roles = documents.filter(|document| {
        let kind = document.get("kind").and_then(Value::as_str);
        matches!(kind, Some("Role" | "ClusterRole"))
    });
    let lists = roles.filter_map(|document| document.get("rules")?.as_array().cloned());
    lists.flatten().map(|rule| rule_of(&rule)).collect()
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
        verbs: list("verbs"),
        ..RbacRule::default()
    }
}

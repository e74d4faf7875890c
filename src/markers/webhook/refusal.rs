//! What no API server takes as a webhook, and what to write instead: the entry as
//! it is written out, with `patch` over it, by the rules of `validateValidatingWebhook`,
//! `validateRule` and `validateResources` in
//! <https://github.com/kubernetes/kubernetes/blob/v1.35.0/pkg/apis/admissionregistration/validation/validation.go>.

use std::collections::BTreeSet;

use serde_json::Value;

use super::address::client;
use super::names::{is_fully_qualified, is_version};
use super::selector::{conditions, selectors};
use super::{OPERATIONS, Webhook, shape};

/// What is wrong, and the help.
pub(super) type Refusal = (String, String);

/// Why no API server takes this webhook, and what to write instead.
pub(super) fn refusal(webhook: &Webhook) -> Option<Refusal> {
    let entry = webhook.entry();
    shape::misfit(&entry)
        .or_else(|| name(text(&entry, "name")))
        .or_else(|| words(&entry))
        .or_else(|| again(webhook, &entry))
        .or_else(|| timeout(&entry))
        .or_else(|| rules(items(&entry, "rules")))
        .or_else(|| reviews(&strings(&entry, "admissionReviewVersions")))
        .or_else(|| client(&entry["clientConfig"]))
        .or_else(|| selectors(&entry))
        .or_else(|| conditions(&entry))
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "every caller answers with an option"
)]
pub(super) fn refused(why: impl Into<String>, help: impl Into<String>) -> Option<Refusal> {
    Some((why.into(), help.into()))
}

/// The text at `key`; none is empty, as it is for the API server.
pub(super) fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// The list at `key`, likewise.
pub(super) fn items<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    let list = value.get(key).and_then(Value::as_array);
    list.map_or(&[], Vec::as_slice)
}

fn strings<'a>(value: &'a Value, key: &str) -> Vec<&'a str> {
    let items = items(value, key).iter();
    items.filter_map(Value::as_str).collect()
}

fn name(name: &str) -> Option<Refusal> {
    if is_fully_qualified(name) {
        return None;
    }
    refused(
        format!("`name` is `{name}`, which is no domain of three parts"),
        "write for example `name=vmyapp-v1.example.com`",
    )
}

fn words(entry: &Value) -> Option<Refusal> {
    let known: [(&str, &[&str]); 2] = [
        ("failurePolicy", &["Fail", "Ignore"]),
        ("matchPolicy", &["Exact", "Equivalent"]),
    ];
    let mut known = known.into_iter();
    known
        .find_map(|(field, known)| word(entry, field, known))
        .or_else(|| side_effects(text(entry, "sideEffects")))
}

fn word(entry: &Value, field: &str, known: &[&str]) -> Option<Refusal> {
    let value = entry.get(field)?.as_str()?;
    if known.contains(&value) {
        return None;
    }
    let help = format!("write `{field}={}`", known.join("` or `"));
    refused(format!("`{field}` is `{value}`"), help)
}

/// Controller-gen drops a word that is none, and one for a webhook that only validates.
fn again(webhook: &Webhook, entry: &Value) -> Option<Refusal> {
    let field = "reinvocationPolicy";
    if !webhook.mutating && entry.get(field).is_some() {
        return refused(
            format!("`{field}` is for webhooks with `mutating=true`"),
            "take it out of `patch`",
        );
    }
    word(entry, field, &["Never", "IfNeeded"])
}

fn side_effects(value: &str) -> Option<Refusal> {
    let help = "write `sideEffects=None`, or `NoneOnDryRun` when the webhook looks at `dryRun`";
    match value {
        "None" | "NoneOnDryRun" => None,
        "" => refused("`sideEffects` is missing", help),
        _ => refused(
            format!("`sideEffects` is `{value}`, which v1 does not take"),
            help,
        ),
    }
}

fn timeout(entry: &Value) -> Option<Refusal> {
    match entry.get("timeoutSeconds")?.as_i64() {
        Some(seconds) if !(1..=30).contains(&seconds) => refused(
            format!("`timeoutSeconds` is {seconds}"),
            "write a number from 1 to 30, or leave it out for 10",
        ),
        _ => None,
    }
}

/// The API server takes a webhook without rules, and never calls it.
fn rules(rules: &[Value]) -> Option<Refusal> {
    match rules.is_empty() {
        true => refused(
            "`rules` is missing",
            "leave it out of `patch`, or list some",
        ),
        false => rules.iter().find_map(rule),
    }
}

fn rule(rule: &Value) -> Option<Refusal> {
    let verbs = strings(rule, "operations");
    if let Some(verb) = verbs.iter().find(|verb| !OPERATIONS.contains(verb)) {
        return refused(
            format!("`verbs` has `{verb}`"),
            "there are `create`, `update`, `delete`, `connect` and `*`",
        );
    }
    let resources = strings(rule, "resources");
    of_list("groups", &strings(rule, "apiGroups"), true)
        .or_else(|| of_list("versions", &strings(rule, "apiVersions"), true))
        .or_else(|| of_list("resources", &resources, false))
        .or_else(|| of_resources(&resources))
        .or_else(|| of_list("verbs", &verbs, true))
        .or_else(|| word(rule, "scope", &["Cluster", "Namespaced", "*"]))
}

fn of_list(field: &str, list: &[&str], alone: bool) -> Option<Refusal> {
    if list.is_empty() {
        return refused(
            format!("`{field}` is empty"),
            format!("name them, or write `{field}=*` for all"),
        );
    }
    if field != "groups" && list.contains(&"") {
        return refused(format!("`{field}` has an empty item"), "take it out");
    }
    match alone && list.len() > 1 && list.contains(&"*") {
        true => refused(
            format!("`{field}` has `*` beside others"),
            format!("write `{field}=*` alone"),
        ),
        false => None,
    }
}

/// What `validateResources` says of stars beside others. It looks at the items in their order,
/// so `pods/*;pods/status` is refused and `pods/status;pods/*` is not; and of the items without
/// a subresource the last one decides whether there is one beside `*`.
fn of_resources(list: &[&str]) -> Option<Refusal> {
    let (mut of_resource, mut of_sub) = (BTreeSet::new(), BTreeSet::new());
    let mut named = None;
    for item in list {
        let Some((resource, sub)) = item.split_once('/') else {
            named = (*item != "*").then_some(*item);
            continue;
        };
        if of_resource.contains(resource) {
            return beside(&format!("{resource}/*"), item);
        }
        if of_sub.contains(sub) {
            return beside(&format!("*/{sub}"), item);
        }
        if sub == "*" {
            of_resource.insert(resource);
        }
        if resource == "*" {
            of_sub.insert(sub);
        }
    }
    if let Some(item) = list
        .iter()
        .find(|item| **item != "*/*" && list.contains(&"*/*"))
    {
        return beside("*/*", item);
    }
    match (list.contains(&"*"), named) {
        (true, Some(item)) => beside("*", item),
        _ => None,
    }
}

fn beside(all: &str, item: &str) -> Option<Refusal> {
    refused(
        format!("`resources` has `{all}` and beside it `{item}`"),
        format!("`{all}` holds it already: take `{item}` out"),
    )
}

fn reviews(versions: &[&str]) -> Option<Refusal> {
    let field = "admissionReviewVersions";
    let mut seen = BTreeSet::new();
    for version in versions {
        if !seen.insert(version) {
            return refused(format!("`{field}` has `{version}` twice"), "take one out");
        }
        if !is_version(version) {
            return refused(
                format!("`{field}` has `{version}`, which is no version"),
                "write `admissionReviewVersions=v1`",
            );
        }
    }
    // The API server asks for one that it speaks itself.
    match versions.iter().any(|it| ["v1", "v1beta1"].contains(it)) {
        true => None,
        false => refused(
            format!("`{field}` names no version that an API server speaks"),
            "write `admissionReviewVersions=v1`",
        ),
    }
}

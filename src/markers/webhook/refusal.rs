//! What no API server takes as a webhook, and what to write instead.

use super::{ClientConfig, OPERATIONS, Webhook};

/// What is wrong, and the help.
type Refusal = (String, String);

/// Why no API server takes this webhook, and what to write instead.
pub(super) fn refusal(webhook: &Webhook) -> Option<Refusal> {
    name(webhook)
        .or_else(|| words(webhook))
        .or_else(|| rules(webhook))
        .or_else(|| reviews(webhook))
        .or_else(|| client(&webhook.client))
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "every caller answers with an option"
)]
fn refused(why: impl Into<String>, help: impl Into<String>) -> Option<Refusal> {
    Some((why.into(), help.into()))
}

/// A domain of at least three labels.
fn name(webhook: &Webhook) -> Option<Refusal> {
    let labels: Vec<&str> = webhook.name.split('.').collect();
    let right = labels.len() >= 3 && webhook.name.len() <= 253 && labels.into_iter().all(is_label);
    if right {
        return None;
    }
    refused(
        format!(
            "`name` is `{}`, which is no domain of three parts",
            webhook.name
        ),
        "write for example `name=vmyapp-v1.example.com`",
    )
}

fn is_label(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let hyphen = text.starts_with('-') || text.ends_with('-');
    !text.is_empty() && text.len() <= 63 && !hyphen && text.bytes().all(inner)
}

fn words(webhook: &Webhook) -> Option<Refusal> {
    let one_of = |field: &str, value: &str, known: &[&str]| {
        let help = format!("write `{field}={}`", known.join("` or `"));
        (!known.contains(&value)).then(|| (format!("`{field}` is `{value}`"), help))
    };
    let optional = |field: &str, value: Option<&String>, known: &[&str]| {
        value.and_then(|value| one_of(field, value, known))
    };
    let (matching, again) = (&webhook.match_policy, &webhook.reinvocation_policy);
    one_of(
        "failurePolicy",
        &webhook.failure_policy,
        &["Fail", "Ignore"],
    )
    .or_else(|| side_effects(&webhook.side_effects))
    .or_else(|| optional("matchPolicy", matching.as_ref(), &["Exact", "Equivalent"]))
    .or_else(|| optional("reinvocationPolicy", again.as_ref(), &["Never", "IfNeeded"]))
    .or_else(|| timeout(webhook.timeout_seconds))
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

fn timeout(seconds: Option<i64>) -> Option<Refusal> {
    match seconds {
        Some(seconds) if !(1..=30).contains(&seconds) => refused(
            format!("`timeoutSeconds` is {seconds}"),
            "write a number from 1 to 30, or leave it out for 10",
        ),
        _ => None,
    }
}

fn rules(webhook: &Webhook) -> Option<Refusal> {
    let verbs = webhook.operations.iter();
    let unknown = verbs
        .into_iter()
        .find(|verb| !OPERATIONS.contains(&verb.as_str()));
    if let Some(verb) = unknown {
        return refused(
            format!("`verbs` has `{verb}`"),
            "there are `create`, `update`, `delete`, `connect` and `*`",
        );
    }
    let lists = [
        ("groups", &webhook.groups),
        ("versions", &webhook.versions),
        ("resources", &webhook.resources),
        ("verbs", &webhook.operations),
    ];
    lists
        .into_iter()
        .find_map(|(field, list)| of_list(field, list))
}

fn of_list(field: &str, list: &[String]) -> Option<Refusal> {
    if list.is_empty() {
        return refused(
            format!("`{field}` is empty"),
            format!("name them, or write `{field}=*` for all"),
        );
    }
    if field != "groups" && list.iter().any(String::is_empty) {
        return refused(format!("`{field}` has an empty item"), "take it out");
    }
    let everything = |item: &String| item == "*" || (field == "resources" && item == "*/*");
    match list.iter().find(|item| everything(item)) {
        Some(all) if list.len() > 1 && field != "resources" => refused(
            format!("`{field}` has `{all}` beside others"),
            format!("write `{field}={all}` alone"),
        ),
        _ => None,
    }
}

fn reviews(webhook: &Webhook) -> Option<Refusal> {
    let versions = &webhook.admission_review_versions;
    // The API server asks for one that it speaks itself.
    if versions
        .iter()
        .any(|version| version == "v1" || version == "v1beta1")
    {
        return None;
    }
    refused(
        "`admissionReviewVersions` names no version that an API server speaks",
        "write `admissionReviewVersions=v1`",
    )
}

fn client(client: &ClientConfig) -> Option<Refusal> {
    match client {
        ClientConfig::Service { path, port, .. } => of_path(path).or_else(|| of_port(*port)),
        ClientConfig::Url(url) => of_url(url),
    }
}

fn of_path(path: &str) -> Option<Refusal> {
    let segments = path
        .strip_prefix('/')
        .map(|rest| rest.trim_end_matches('/'));
    let right = segments.is_some_and(|segments| {
        segments.is_empty() || segments.split('/').all(|segment| !segment.is_empty())
    });
    if right {
        return None;
    }
    refused(
        format!("`path` is `{path}`, which is no path of an address"),
        "write for example `path=/validate-apps-example-com-v1-myapp`",
    )
}

fn of_port(port: Option<i64>) -> Option<Refusal> {
    match port {
        Some(port) if !(1..=65_535).contains(&port) => refused(
            format!("`servicePort` is {port}"),
            "write a number from 1 to 65535, or leave it out for 443",
        ),
        _ => None,
    }
}

fn of_url(url: &str) -> Option<Refusal> {
    let help = "write for example `url=\"https://webhook.example.com:9443/path\"`";
    let Some(rest) = url.strip_prefix("https://") else {
        return refused(
            format!("`url` is `{url}`, which does not begin with `https://`"),
            help,
        );
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    match host.is_empty() || host.contains('@') || rest.contains(['?', '#']) {
        true => refused(
            format!("`url` is `{url}`; a host and a path are all that it may have"),
            help,
        ),
        false => None,
    }
}

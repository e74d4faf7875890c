//! The fields of `+rustop:webhook` and `+rustop:webhookconfiguration`: which
//! requests the API server sends to which path of the manager.
//!
//! The fields are controller-gen's
//! (<https://book.kubebuilder.io/reference/markers/webhook>), and `patch`
//! beside them. What no API server takes is refused here, where its line is
//! known; controller-gen writes most of it out. Putting the webhooks of a
//! project together is `manifests::webhook`'s work.

mod address;
mod entry;
mod names;
mod refusal;
mod selector;
mod shape;

use serde_json::{Map, Value};

use super::arguments::{self, Arguments, Field, Type};
use super::{Marker, Problem};
use refusal::refusal;

const fn required(name: &'static str, value: Type) -> Field {
    Field {
        name,
        value,
        required: true,
    }
}

const fn optional(name: &'static str, value: Type) -> Field {
    Field {
        name,
        value,
        required: false,
    }
}

const WEBHOOK: [Field; 19] = [
    required("mutating", Type::Boolean),
    required("failurePolicy", Type::String),
    optional("matchPolicy", Type::String),
    optional("sideEffects", Type::String),
    optional("timeoutSeconds", Type::Integer),
    required("groups", Type::List),
    required("resources", Type::List),
    required("verbs", Type::List),
    required("versions", Type::List),
    required("name", Type::String),
    optional("serviceName", Type::String),
    optional("serviceNamespace", Type::String),
    optional("servicePort", Type::Integer),
    optional("path", Type::String),
    optional("webhookVersions", Type::List),
    required("admissionReviewVersions", Type::List),
    optional("reinvocationPolicy", Type::String),
    optional("url", Type::String),
    optional("patch", Type::String),
];

const CONFIGURATION: [Field; 2] = [
    required("mutating", Type::Boolean),
    optional("name", Type::String),
];

/// One webhook, as one marker describes it, with the values that the API knows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Webhook {
    /// It may change objects; else it only validates them.
    pub mutating: bool,
    /// Its name, a domain: `vmyapp-v1.example.com`.
    pub name: String,
    /// `Fail` or `Ignore`: what a request gets when the webhook can't be reached.
    pub failure_policy: String,
    /// `Exact` or `Equivalent`.
    pub match_policy: Option<String>,
    /// `None` or `NoneOnDryRun`.
    pub side_effects: String,
    /// 1 to 30.
    pub timeout_seconds: Option<i64>,
    /// API groups; the core group is `""`.
    pub groups: Vec<String>,
    /// Resources, with a subresource after a slash.
    pub resources: Vec<String>,
    /// `CREATE`, `UPDATE`, `DELETE`, `CONNECT` or `*`.
    pub operations: Vec<String>,
    /// API versions.
    pub versions: Vec<String>,
    /// Where the API server reaches it.
    pub client: ClientConfig,
    /// The versions of `AdmissionReview` that it understands.
    pub admission_review_versions: Vec<String>,
    /// `Never` or `IfNeeded`; of mutating webhooks.
    pub reinvocation_policy: Option<String>,
    /// What is laid over the entry at the end: `namespaceSelector`, `objectSelector`, `matchConditions`,
    /// a rule's `scope`. The result is judged as the rest is.
    pub patch: Map<String, Value>,
}

/// Where the API server reaches a webhook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientConfig {
    /// Through a Service of the cluster.
    Service {
        /// Its name; kustomize adds the project's prefix.
        name: String,
        /// Its namespace; kustomize puts in the project's.
        namespace: String,
        /// The path, from `/`.
        path: String,
        /// Its port; 443 without one.
        port: Option<i64>,
    },
    /// At an address of its own.
    Url(String),
}

impl Default for ClientConfig {
    fn default() -> Self {
        Self::Url(String::new())
    }
}

/// The name of a whole configuration, as `+rustop:webhookconfiguration` gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Configuration {
    /// Of the mutating webhooks; else of the validating ones.
    pub mutating: bool,
    /// Its name; `None` for the usual one.
    pub name: Option<String>,
}

/// Reads the arguments of a webhook marker.
///
/// # Errors
/// A syntax error, an unknown or missing argument, or a webhook that the API
/// server's own validation refuses (`ValidateValidatingWebhookConfiguration` in
/// <https://github.com/kubernetes/kubernetes/blob/v1.35.0/pkg/apis/admissionregistration/validation/validation.go>).
pub fn parse(marker: &Marker) -> Result<Webhook, Problem> {
    let read = || webhook(arguments::parse(&marker.arguments, &WEBHOOK)?);
    let mut webhook = read().map_err(|why| marker.error(&why))?;
    if let Some(Value::String(name)) = webhook.patch.get("name") {
        webhook.name.clone_from(name);
    }
    match refusal(&webhook) {
        Some((why, help)) => Err(Problem {
            help: Some(help),
            ..marker.error(&why)
        }),
        None => Ok(webhook),
    }
}

/// Reads the arguments of a webhookconfiguration marker.
///
/// # Errors
/// A syntax error, an unknown or missing argument, or a name that no object has.
pub fn parse_configuration(marker: &Marker) -> Result<Configuration, Problem> {
    let mut arguments =
        arguments::parse(&marker.arguments, &CONFIGURATION).map_err(|why| marker.error(&why))?;
    let name = arguments.string("name");
    match name.as_ref().filter(|name| !names::is_subdomain(name)) {
        Some(wrong) => Err(Problem {
            help: Some("write small letters, digits, `-` and `.`".to_owned()),
            ..marker.error(&format!("`name` is `{wrong}`, which no object is called"))
        }),
        None => Ok(Configuration {
            mutating: arguments.boolean("mutating"),
            name,
        }),
    }
}

fn webhook(mut arguments: Arguments) -> Result<Webhook, String> {
    supported(&arguments.list("webhookVersions"))?;
    let groups = arguments.list("groups").into_iter();
    let verbs = arguments.list("verbs").into_iter();
    let word = |arguments: &mut Arguments, name, known: &[&str]| {
        arguments.string(name).map(|text| spelled(&text, known))
    };
    let fail = word(&mut arguments, "failurePolicy", &["Fail", "Ignore"]);
    let sides = ["None", "NoneOnDryRun", "Some", "Unknown"];
    Ok(Webhook {
        mutating: arguments.boolean("mutating"),
        name: arguments.string("name").unwrap_or_default(),
        failure_policy: fail.unwrap_or_default(),
        match_policy: word(&mut arguments, "matchPolicy", &["Exact", "Equivalent"]),
        side_effects: word(&mut arguments, "sideEffects", &sides).unwrap_or_default(),
        // controller-gen's 0 is no timeout at all.
        timeout_seconds: arguments.integer("timeoutSeconds").filter(|it| *it != 0),
        groups: groups.map(core).collect(),
        resources: arguments.list("resources"),
        operations: verbs.map(|verb| spelled(&verb, &OPERATIONS)).collect(),
        versions: arguments.list("versions"),
        reinvocation_policy: word(&mut arguments, "reinvocationPolicy", &["Never", "IfNeeded"]),
        admission_review_versions: arguments.list("admissionReviewVersions"),
        patch: patch(arguments.string("patch"))?,
        client: client(&mut arguments)?,
    })
}

const OPERATIONS: [&str; 5] = ["CREATE", "UPDATE", "DELETE", "CONNECT", "*"];

/// The way the API spells `text`, whatever its letters' case; unknown text stays.
fn spelled(text: &str, known: &[&str]) -> String {
    let found = known.iter().find(|word| word.eq_ignore_ascii_case(text));
    found.map_or(text, |word| *word).to_owned()
}

fn core(group: String) -> String {
    match group.as_str() {
        "core" => String::new(),
        _ => group,
    }
}

fn supported(versions: &[String]) -> Result<(), String> {
    match versions.iter().find(|version| *version != "v1") {
        Some(version) => Err(format!("`webhookVersions` has `{version}`, there is `v1`")),
        None => Ok(()),
    }
}

fn client(arguments: &mut Arguments) -> Result<ClientConfig, String> {
    let name = arguments.string("serviceName");
    let namespace = arguments.string("serviceNamespace");
    let port = arguments.integer("servicePort");
    match (arguments.string("path"), arguments.string("url")) {
        (Some(path), None) => Ok(ClientConfig::Service {
            name: name.unwrap_or_else(|| "webhook-service".to_owned()),
            namespace: namespace.unwrap_or_else(|| "system".to_owned()),
            path,
            port,
        }),
        (None, Some(url)) => Ok(ClientConfig::Url(url)),
        (Some(_), Some(_)) => Err("`path` and `url` exclude each other".to_owned()),
        (None, None) => Err("one of `path` and `url` is needed".to_owned()),
    }
}

fn patch(text: Option<String>) -> Result<Map<String, Value>, String> {
    let Some(text) = text else {
        return Ok(Map::new());
    };
    serde_json::from_str(&text).map_err(|error| format!("`patch` is no JSON object: {error}"))
}

#[cfg(test)]
mod tests;

//! Which fields a webhook of the API has, and what each holds
//! (<https://kubernetes.io/docs/reference/kubernetes-api/extend-resources/validating-webhook-configuration-v1/>).
//!
//! A marker's own fields are right by their types; `patch` can say anything, and
//! what the API server does not know it drops without a word.

use serde_json::Value;

/// What a field holds.
enum Shape {
    Text,
    Number,
    List(&'static Shape),
    Fields(&'static [(&'static str, Shape)]),
    /// Any keys, each with a text.
    Texts,
}

use Shape::{Fields, List, Number, Text, Texts};

const SELECTOR: Shape = Fields(&[
    ("matchLabels", Texts),
    (
        "matchExpressions",
        List(&Fields(&[
            ("key", Text),
            ("operator", Text),
            ("values", List(&Text)),
        ])),
    ),
]);

const CLIENT: Shape = Fields(&[
    ("caBundle", Text),
    (
        "service",
        Fields(&[
            ("name", Text),
            ("namespace", Text),
            ("path", Text),
            ("port", Number),
        ]),
    ),
    ("url", Text),
]);

const RULE: Shape = Fields(&[
    ("apiGroups", List(&Text)),
    ("apiVersions", List(&Text)),
    ("operations", List(&Text)),
    ("resources", List(&Text)),
    ("scope", Text),
]);

const ENTRY: Shape = Fields(&[
    ("admissionReviewVersions", List(&Text)),
    ("clientConfig", CLIENT),
    ("failurePolicy", Text),
    (
        "matchConditions",
        List(&Fields(&[("expression", Text), ("name", Text)])),
    ),
    ("matchPolicy", Text),
    ("name", Text),
    ("namespaceSelector", SELECTOR),
    ("objectSelector", SELECTOR),
    ("reinvocationPolicy", Text),
    ("rules", List(&RULE)),
    ("sideEffects", Text),
    ("timeoutSeconds", Number),
]);

/// What in an entry of `webhooks` is no field of it, or holds something else, and the help.
pub(super) fn misfit(entry: &Value) -> Option<(String, String)> {
    fitting(entry, &ENTRY, "").err()
}

fn fitting(value: &Value, shape: &Shape, at: &str) -> Result<(), (String, String)> {
    match (shape, value) {
        (Text, Value::String(_)) => Ok(()),
        (Number, number) if number.is_i64() => Ok(()),
        (List(item), Value::Array(items)) => items.iter().try_for_each(|it| fitting(it, item, at)),
        (Fields(known), Value::Object(fields)) => {
            let mut fields = fields.iter();
            fields.try_for_each(|(name, value)| field(name, value, known, at))
        }
        (Texts, Value::Object(fields)) => {
            let mut fields = fields.iter();
            fields.try_for_each(|(name, value)| fitting(value, &Text, &below(at, name)))
        }
        _ => Err(of_another_type(shape, at)),
    }
}

fn field(
    name: &str,
    value: &Value,
    known: &[(&str, Shape)],
    at: &str,
) -> Result<(), (String, String)> {
    if let Some((_, shape)) = known.iter().find(|(known, _)| *known == name) {
        return fitting(value, shape, &below(at, name));
    }
    let names: Vec<_> = known.iter().map(|(name, _)| format!("`{name}`")).collect();
    let why = format!("`patch` has `{}`, which no webhook has", below(at, name));
    Err((why, format!("there are {}", names.join(", "))))
}

fn of_another_type(shape: &Shape, at: &str) -> (String, String) {
    let (what, example) = match shape {
        Text => ("a text", "\"…\""),
        Number => ("a whole number", "5"),
        List(_) => ("a list", "[…]"),
        Fields(_) | Texts => ("an object", "{…}"),
    };
    let last = at.rsplit('.').next().unwrap_or(at);
    (
        format!("`patch` gives `{at}` something else than {what}"),
        format!("write `\"{last}\": {example}`"),
    )
}

fn below(at: &str, name: &str) -> String {
    match at {
        "" => name.to_owned(),
        _ => format!("{at}.{name}"),
    }
}

//! Label and field selectors of lists and watches.

use serde_json::Value;

use super::kind::Kind;
use super::refusal::{Outcome, Refusal};
use super::request::Incoming;

/// What a list or a watch is limited to.
#[derive(Clone, Debug, Default)]
pub(super) struct Selectors {
    labels: Vec<Label>,
    fields: Vec<Field>,
}

#[derive(Clone, Debug)]
enum Label {
    In(String, Vec<String>),
    NotIn(String, Vec<String>),
    Exists(String),
    Missing(String),
}

#[derive(Clone, Debug)]
struct Field {
    pointer: String,
    value: String,
    equal: bool,
}

impl Selectors {
    pub(super) fn of(incoming: &Incoming, kind: &Kind) -> Outcome<Self> {
        let labels = incoming.parameter("labelSelector").unwrap_or_default();
        let fields = incoming.parameter("fieldSelector").unwrap_or_default();
        let bad = |term: &str| {
            let message = format!("unable to parse requirement: `{term}`");
            Refusal::bad_request(message)
        };
        let labels = terms(labels).map(|term| label(term).ok_or_else(|| bad(term)));
        let fields = terms(fields).map(|term| field(term, kind));
        Ok(Self {
            labels: labels.collect::<Outcome<_>>()?,
            fields: fields.collect::<Outcome<_>>()?,
        })
    }

    pub(super) fn match_object(&self, object: &Value) -> bool {
        let labels = &object["metadata"]["labels"];
        self.labels.iter().all(|label| label.matches(labels))
            && self.fields.iter().all(|field| field.matches(object))
    }
}

impl Label {
    fn matches(&self, labels: &Value) -> bool {
        let listed = |key: &str, values: &[String]| {
            let found = labels[key].as_str();
            found.is_some_and(|found| values.iter().any(|value| value == found))
        };
        match self {
            Self::In(key, values) => listed(key, values),
            Self::NotIn(key, values) => !listed(key, values),
            Self::Exists(key) => labels[key].is_string(),
            Self::Missing(key) => !labels[key].is_string(),
        }
    }
}

impl Field {
    fn matches(&self, object: &Value) -> bool {
        let found = match object.pointer(&self.pointer) {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        };
        (found == self.value) == self.equal
    }
}

/// The parts between the commas that stand outside of parentheses.
fn terms(selector: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_usize;
    let parts = selector.split(move |letter| {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        letter == ',' && depth == 0
    });
    parts.map(str::trim).filter(|term| !term.is_empty())
}

fn label(term: &str) -> Option<Label> {
    if let Some(key) = term.strip_prefix('!') {
        return key_of(key).map(Label::Missing);
    }
    if let Some((left, values)) = term.split_once('(') {
        let values = values.strip_suffix(')')?.split(',');
        let values = values.map(|value| value.trim().to_owned()).collect();
        let (key, operator) = left.trim().rsplit_once(' ')?;
        return match operator {
            "in" => Some(Label::In(key_of(key)?, values)),
            "notin" => Some(Label::NotIn(key_of(key)?, values)),
            _ => None,
        };
    }
    match comparison(term) {
        Some((key, value, true)) => Some(Label::In(key_of(key)?, vec![value.to_owned()])),
        Some((key, value, false)) => Some(Label::NotIn(key_of(key)?, vec![value.to_owned()])),
        None => key_of(term).map(Label::Exists),
    }
}

fn key_of(key: &str) -> Option<String> {
    let key = key.trim();
    let legal = |letter: char| letter.is_ascii_alphanumeric() || "-_./".contains(letter);
    (!key.is_empty() && key.chars().all(legal)).then(|| key.to_owned())
}

/// `a=b`, `a==b` or `a!=b`: the two sides, and whether they shall be equal.
fn comparison(term: &str) -> Option<(&str, &str, bool)> {
    if let Some((key, value)) = term.split_once("!=") {
        return Some((key.trim(), value.trim(), false));
    }
    let (key, value) = term.split_once("==").or_else(|| term.split_once('='))?;
    Some((key.trim(), value.trim(), true))
}

fn field(term: &str, kind: &Kind) -> Outcome<Field> {
    let (path, value, equal) = comparison(term)
        .ok_or_else(|| Refusal::bad_request(format!("invalid field selector: `{term}`")))?;
    if !kind.can_select(path) {
        let message = format!("field label not supported: {path}");
        return Err(Refusal::bad_request(message));
    }
    Ok(Field {
        pointer: format!("/{}", path.replace('.', "/")),
        value: value.to_owned(),
        equal,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn labels_are_selected_as_kubectl_does() {
        let labels = json!({"app": "web", "tier": "front", "e.com/x": ""});
        let check = |selector: &str, expected: bool| {
            let all = terms(selector).map(|term| label(term).unwrap());
            let matches = all.into_iter().all(|label| label.matches(&labels));
            assert_eq!(matches, expected, "{selector}");
        };
        check("", true);
        check("app=web", true);
        check("app==web,tier=front", true);
        check("app=other", false);
        check("app!=web", false);
        check("none!=web", true);
        check("app in (api, web),tier", true);
        check("app notin (api,web)", false);
        check("none notin (api)", true);
        check("!none", true);
        check("!app", false);
        check("e.com/x", true);
        check("e.com/x=", true);
    }

    #[test]
    fn what_is_no_selector_is_refused() {
        for term in ["a b", "a of (b)", "a in (b", "=b", "!"] {
            assert!(label(term).is_none(), "{term}");
        }
    }
}

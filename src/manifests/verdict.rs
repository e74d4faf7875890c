//! What an API server says of CRDs, in kubectl's words, as problems with a place.

use serde_json::Value;

use super::check::versions_of;
use super::crd::{definitions, text};
use super::lint::CrdProblem;
use super::place::{CrdPlace, Step};

/// The refusals in what kubectl printed about the CRDs of `list`; empty when it
/// says something else, such as that there is no server.
pub fn refusals(said: &str, list: &Value) -> Vec<CrdProblem> {
    let mut refusals = Vec::new();
    let mut about = None;
    for line in said.lines() {
        let mut rest = line;
        if let Some((name, reason)) = beginning(line) {
            about = definitions(list)
                .iter()
                .find(|crd| text(crd, "/metadata/name") == name);
            rest = reason;
        }
        let reason = rest.trim().trim_start_matches("* ");
        if let Some(crd) = about.filter(|_| !reason.is_empty()) {
            let problem = CrdProblem::refused(crd, &place(crd, reason), reason);
            refusals.push(problem);
        }
    }
    refusals
}

/// `The CustomResourceDefinition "a.b" is invalid: why`.
fn beginning(line: &str) -> Option<(&str, &str)> {
    let rest = line.strip_prefix("The CustomResourceDefinition \"")?;
    let (name, rest) = rest.split_once('"')?;
    Some((name, rest.trim_start().strip_prefix("is invalid:")?))
}

/// `spec.versions[0].schema.openAPIV3Schema.properties[spec].items: Required value`;
/// of a single version the server says `spec.validation.openAPIV3Schema`.
fn place(crd: &Value, reason: &str) -> CrdPlace {
    let path = reason.split(": ").next().unwrap_or_default();
    let number = path
        .strip_prefix("spec.versions[")
        .and_then(|rest| rest.split(']').next());
    let number: usize = number.and_then(|digits| digits.parse().ok()).unwrap_or(0);
    let version = versions_of(crd)
        .get(number)
        .map_or("", |version| text(version, "/name"));
    let place = CrdPlace::version(version);
    match path.split_once("openAPIV3Schema") {
        Some((_, below)) => steps(below)
            .into_iter()
            .fold(place, |place, step| place.below(step)),
        None => place,
    }
}

fn steps(mut path: &str) -> Vec<Step> {
    let mut steps = Vec::new();
    while let Some(rest) = path.strip_prefix('.') {
        let (step, tail) = if let Some(rest) = rest.strip_prefix("properties[") {
            let Some((name, tail)) = rest.split_once(']') else {
                break;
            };
            (Step::Field(name.to_owned()), tail)
        } else if let Some(tail) = rest.strip_prefix("items") {
            (Step::Items, tail)
        } else if let Some(tail) = rest.strip_prefix("additionalProperties") {
            (Step::Values, tail)
        } else {
            break;
        };
        steps.push(step);
        path = tail;
    }
    steps
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found(said: &str) -> Vec<(String, String)> {
        let crd = json!({"metadata": {"name": "ships.a.b"}, "spec": {"versions": [{"name": "v2"}, {"name": "v1"}]}});
        let refusals = refusals(said, &json!({"items": [crd]})).into_iter();
        refusals
            .map(|it| (it.place.to_string(), it.message))
            .collect()
    }

    #[test]
    fn a_refusal_has_its_place() {
        let reason = "spec.versions[1].schema.openAPIV3Schema.properties[spec].properties[a].items.\
            x-kubernetes-validations[0].rule: Forbidden: too dear";
        let one = format!("The CustomResourceDefinition \"ships.a.b\" is invalid: {reason}\n");
        assert_eq!(found(&one), [("v1.spec.a[]".to_owned(), reason.to_owned())]);
        let other =
            "spec.validation.openAPIV3Schema.properties[spec].additionalProperties: Forbidden";
        let two = format!(
            "The CustomResourceDefinition \"ships.a.b\" is invalid: \n* {reason}\n* {other}\n"
        );
        let expected = [
            ("v1.spec.a[]".to_owned(), reason.to_owned()),
            ("v2.spec[*]".to_owned(), other.to_owned()),
        ];
        assert_eq!(found(&two), expected);
    }

    #[test]
    fn other_words_are_no_refusals() {
        assert_eq!(found("error: no configuration has been provided"), []);
        assert_eq!(
            found("The CustomResourceDefinition \"other.a.b\" is invalid: x"),
            []
        );
    }
}

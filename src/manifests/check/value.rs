//! Patterns that no API server compiles, and defaults that do not fit their own schema.

use serde_json::Value;

use super::structural::children;
use super::{CrdProblem, schema_of, text};
use crate::manifests::place::CrdPlace;
use crate::resource::field::pattern_fault;

/// What a version's schema says of patterns and defaults.
pub(super) fn problems(crd: &Value, version: &Value) -> Vec<CrdProblem> {
    let mut problems = Vec::new();
    if let Some(schema) = schema_of(version) {
        let place = CrdPlace::version(text(version, "/name"));
        walk(crd, schema, &place, &mut problems);
    }
    problems
}

fn walk(crd: &Value, schema: &Value, place: &CrdPlace, problems: &mut Vec<CrdProblem>) {
    if let Some((pattern, why)) = pattern(schema) {
        let message = format!("`{place}`: {why}");
        let place = place.with_literal(pattern);
        let help = "see https://github.com/google/re2/wiki/Syntax; there is no look-around and no back-reference";
        problems.push(CrdProblem::refused(crd, &place, message).with_help(help));
    }
    if let Some(why) = schema.get("default").and_then(|it| misfit(it, schema)) {
        let message = format!("the default of `{place}` does not fit: {why}");
        let help =
            "mend the default or the rule: the API server takes no default that it would refuse";
        problems.push(CrdProblem::refused(crd, place, message).with_help(help));
    }
    for (step, child) in children(schema) {
        walk(crd, child, &place.below(step), problems);
    }
}

fn pattern(schema: &Value) -> Option<(&str, String)> {
    let pattern = schema.get("pattern")?.as_str()?;
    Some((pattern, pattern_fault(pattern)?))
}

/// Why `value` is none of `schema`'s; `None` where it is, or where it cannot be told.
fn misfit(value: &Value, schema: &Value) -> Option<String> {
    let kind = schema.get("type").and_then(Value::as_str);
    if value.is_null() {
        let nullable = schema.get("nullable") == Some(&Value::Bool(true));
        return (kind.is_some() && !nullable).then(|| "it is `null`".to_owned());
    }
    if let Some(kind) = kind.filter(|kind| !is_of(value, kind)) {
        return Some(format!("`{value}` is no {kind}"));
    }
    if let Some(Value::Array(values)) = schema.get("enum")
        && !values.contains(value)
    {
        return Some(format!("`{value}` is none of its values"));
    }
    bounds(value, schema).or_else(|| within(value, schema))
}

fn is_of(value: &Value, kind: &str) -> bool {
    match kind {
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "number" => value.is_number(),
        "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        "array" => value.is_array(),
        "object" => value.is_object(),
        _ => true,
    }
}

#[expect(clippy::cast_precision_loss, reason = "no default is that long")]
fn bounds(value: &Value, schema: &Value) -> Option<String> {
    let (measure, low, high) = match value {
        Value::Number(number) => (number.as_f64()?, "minimum", "maximum"),
        Value::String(text) => (text.chars().count() as f64, "minLength", "maxLength"),
        Value::Array(items) => (items.len() as f64, "minItems", "maxItems"),
        Value::Object(map) => (map.len() as f64, "minProperties", "maxProperties"),
        _ => return None,
    };
    let bound = |key: &str| schema.get(key).and_then(Value::as_f64);
    let broken = |key: &str, limit: f64| Some(format!("`{value}` breaks `{key}: {limit}`"));
    match (bound(low), bound(high)) {
        (Some(limit), _) if measure < limit => broken(low, limit),
        (_, Some(limit)) if measure > limit => broken(high, limit),
        _ => None,
    }
}

/// What does not fit inside a list or an object.
fn within(value: &Value, schema: &Value) -> Option<String> {
    match value {
        Value::Array(items) => {
            let schema = schema.get("items")?;
            items.iter().find_map(|item| misfit(item, schema))
        }
        Value::Object(fields) => fields.iter().find_map(|(name, field)| {
            let own = schema.get("properties").and_then(|all| all.get(name));
            let schema = own.or_else(|| schema.get("additionalProperties"))?;
            misfit(field, schema).map(|why| format!("{name}: {why}"))
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(schema: &Value, expected: &[&str]) {
        let root = json!({"type": "object", "properties": {"spec": schema}});
        let version = json!({"name": "v1", "schema": {"openAPIV3Schema": root}});
        let found: Vec<_> = problems(&json!({}), &version)
            .into_iter()
            .map(|it| it.message)
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn patterns_are_re2() {
        check(&json!({"type": "string", "pattern": "^a+$"}), &[]);
        let items = json!({"type": "string", "pattern": "a(?=b)"});
        let root =
            json!({"type": "object", "properties": {"spec": {"type": "array", "items": items}}});
        let version = json!({"name": "v1", "schema": {"openAPIV3Schema": root}});
        let found = problems(&json!({}), &version);
        assert!(
            found[0]
                .message
                .starts_with("`v1.spec[]`: the pattern `a(?=b)` is not RE2"),
            "{found:?}"
        );
        assert_eq!(found[0].place.literal.as_deref(), Some("a(?=b)"));
    }

    #[test]
    fn a_default_fits_its_schema() {
        check(&json!({"type": "integer", "minimum": 1, "default": 1}), &[]);
        check(&json!({"type": "number", "default": 1}), &[]);
        check(
            &json!({"type": "string", "nullable": true, "default": null}),
            &[],
        );
        check(
            &json!({"x-kubernetes-int-or-string": true, "default": 80}),
            &[],
        );
        let said = |schema: &Value, why: &str| {
            check(
                schema,
                &[&format!("the default of `v1.spec` does not fit: {why}")],
            );
        };
        said(
            &json!({"type": "integer", "default": "1"}),
            "`\"1\"` is no integer",
        );
        said(
            &json!({"type": "integer", "minimum": 1, "default": 0}),
            "`0` breaks `minimum: 1`",
        );
        said(
            &json!({"type": "string", "maxLength": 1, "default": "äb"}),
            "`\"äb\"` breaks `maxLength: 1`",
        );
        said(
            &json!({"type": "string", "enum": ["a"], "default": "b"}),
            "`\"b\"` is none of its values",
        );
        let list = json!({"type": "array", "items": {"type": "string"}, "default": [1]});
        said(&list, "`1` is no string");
        let object =
            json!({"type": "object", "properties": {"a": {"type": "string"}}, "default": {"a": 1}});
        said(&object, "a: `1` is no string");
    }
}

//! How often something runs, as the API server reckons it: by the most that a
//! request of its greatest size can hold
//! (<https://github.com/kubernetes/apiserver/blob/v0.35.0/pkg/cel/common/schemas.go>).

use serde_json::Value;

use super::syntax::Expression;

/// What one rule may cost
/// (<https://github.com/kubernetes/apiserver/blob/v0.35.0/pkg/apis/cel/config.go> and
/// `StaticEstimatedCostLimit` of the CRD validation).
pub(super) const LIMIT: f64 = 10_000_000.0;

/// The greatest request, in bytes.
const REQUEST: f64 = 3.0 * 1024.0 * 1024.0;

/// What it costs to make a list, and to make a map or a message at least
/// (<https://github.com/google/cel-go/blob/v0.26.0/common/cost.go>).
pub(super) const LIST: f64 = 10.0;
/// See [`LIST`].
pub(super) const MAP: f64 = 30.0;

/// What an operator costs at least, beside what stands around it.
pub(super) fn of_operator(operator: &str, left: &Expression, right: &Expression) -> u32 {
    let is_empty = |operand: &Expression| matches!(operand, Expression::Literal(Some(0)));
    match (operator, right) {
        ("&&" | "||", _) => 0,
        ("in", Expression::List(items)) => u32::try_from(items.len()).unwrap_or(u32::MAX),
        _ if is_empty(left) || is_empty(right) => 0,
        _ => 1,
    }
}

/// What signs before a value cost: two undo each other, and that of a number is part of it.
pub(super) fn of_signs(sign: &str, signs: usize, of: &Expression) -> u32 {
    let is_number = sign == "-" && matches!(of, Expression::Literal(_));
    u32::from(signs % 2 == 1 && !is_number)
}

/// How often there is what a schema describes, in one object.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Times(Option<f64>);

impl Times {
    /// In the object itself.
    pub(super) const fn once() -> Self {
        Self(Some(1.0))
    }

    /// In each of a list or a map with this limit.
    pub(super) fn each(self, limit: Option<&Value>) -> Self {
        let limit = limit.and_then(Value::as_f64);
        Self(self.0.zip(limit).map(|(times, limit)| times * limit))
    }

    /// Whether there may be more than one.
    pub(super) fn is_many(self) -> bool {
        self != Self::once()
    }

    /// The number of times; without a limit, as many as a request holds.
    pub(super) fn count(self, schema: &Value) -> f64 {
        self.0.unwrap_or_else(|| REQUEST / (smallest(schema) + 1.0))
    }
}

/// How many a list or map holds at most, and the limit that it lacks.
pub(super) fn length(schema: &Value) -> Option<(f64, Option<&'static str>)> {
    let limit = |key: &str| schema.get(key).and_then(Value::as_f64);
    let (key, child, around) = match schema.get("type").and_then(Value::as_str)? {
        "array" => ("maxItems", schema.get("items")?, 1.0),
        "object" => ("maxProperties", schema.get("additionalProperties")?, 6.0),
        _ => return None,
    };
    match limit(key) {
        Some(most) => Some((most, None)),
        None => Some(((REQUEST - 2.0) / (smallest(child) + around), Some(key))),
    }
}

/// The fewest bytes that a value of this schema has in JSON.
fn smallest(schema: &Value) -> f64 {
    match schema.get("type").and_then(Value::as_str) {
        Some("object") if schema.get("additionalProperties").is_none() => 2.0 + needed(schema),
        Some("boolean") => 4.0,
        Some("integer" | "number") => 1.0,
        Some("string") => smallest_text(schema.get("format").and_then(Value::as_str)),
        _ => 2.0,
    }
}

/// A string with its quotes; those that are a time are never empty.
fn smallest_text(format: Option<&str>) -> f64 {
    match format {
        Some("date-time") => 22.0,
        Some("date") => 12.0,
        Some("duration") => 3.0,
        _ => 2.0,
    }
}

/// The bytes of the fields that each object has.
fn needed(schema: &Value) -> f64 {
    let required = schema.get("required").and_then(Value::as_array);
    let names = required.into_iter().flatten().filter_map(Value::as_str);
    let field = |name: &str| {
        let field = schema.get("properties")?.get(name)?;
        #[expect(clippy::cast_precision_loss, reason = "names are short")]
        let length = name.len() as f64;
        let given = field.get("default").is_none();
        given.then(|| length + 4.0 + smallest(field))
    };
    names.filter_map(field).sum()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_list_without_a_limit_is_as_long_as_a_request() {
        let list = |items: &Value| json!({"type": "array", "items": items});
        let check = |schema: &Value, most: f64, lacks: Option<&'static str>| {
            let (found, limit) = length(schema).unwrap();
            assert_eq!((found.floor(), limit), (most, lacks), "{schema}");
        };
        let integer = json!({"type": "integer"});
        check(&list(&integer), 1_572_863.0, Some("maxItems"));
        let mut limited = list(&integer);
        limited["maxItems"] = json!(5);
        check(&limited, 5.0, None);
        let item =
            json!({"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}});
        check(&list(&item), 314_572.0, Some("maxItems"));
        let formatted = |format: &str| list(&json!({"type": "string", "format": format}));
        check(&formatted("date"), 241_978.0, Some("maxItems"));
        check(&formatted("duration"), 786_431.0, Some("maxItems"));
        let map = json!({"type": "object", "additionalProperties": integer});
        check(&map, 449_389.0, Some("maxProperties"));
        assert_eq!(length(&item), None);
    }

    #[test]
    fn an_unlimited_list_anywhere_counts_by_the_request() {
        let limit = json!(10);
        let string = json!({"type": "string"});
        let ten = Times::once().each(Some(&limit));
        let check = |times: Times, expected: &str| {
            assert_eq!(format!("{:.0}", times.count(&string)), expected);
        };
        check(ten.each(Some(&limit)), "100");
        check(ten.each(None).each(Some(&limit)), "1048576");
        assert!(ten.is_many() && !Times::once().is_many());
    }
}

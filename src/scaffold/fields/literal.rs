//! JSON as it stands in `json!({…})`, which rustfmt leaves as it is.

use serde_json::Value;

/// `value`, its lines after the first indented by `depth` steps of four.
pub(crate) fn literal(value: &Value, depth: usize) -> String {
    let (outer, inner) = ("    ".repeat(depth), "    ".repeat(depth + 1));
    let lines = |open: &str, lines: Vec<String>, close: &str| match lines.is_empty() {
        true => format!("{open}{close}"),
        false => format!(
            "{open}\n{inner}{},\n{outer}{close}",
            lines.join(&format!(",\n{inner}"))
        ),
    };
    match value {
        Value::Object(map) => {
            let entry =
                |(key, value): (&String, &Value)| format!("{key:?}: {}", literal(value, depth + 1));
            lines("{", map.iter().map(entry).collect(), "}")
        }
        // A list of plain values takes one line.
        Value::Array(list) if !list.iter().any(Value::is_object) => {
            let items: Vec<String> = list.iter().map(|item| literal(item, depth)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Array(list) => lines(
            "[",
            list.iter().map(|item| literal(item, depth + 1)).collect(),
            "]",
        ),
        Value::String(text) => format!("{text:?}"),
        // rustc takes a number without a suffix for an `i32`.
        Value::Number(number)
            if number
                .as_i64()
                .is_some_and(|number| i32::try_from(number).is_err()) =>
        {
            format!("{number}_i64")
        }
        _ => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn json_is_laid_out_in_lines() {
        let check = |value: Value, expected: &str| assert_eq!(literal(&value, 1), expected);
        check(json!({}), "{}");
        check(json!({"a": 1}), "{\n        \"a\": 1,\n    }");
        check(
            json!({"a": {"b": [1, "x\"y"]}}),
            "{\n        \"a\": {\n            \"b\": [1, \"x\\\"y\"],\n        },\n    }",
        );
        check(
            json!([{"a": 5_000_000_000_i64}]),
            "[\n        {\n            \"a\": 5000000000_i64,\n        },\n    ]",
        );
    }
}

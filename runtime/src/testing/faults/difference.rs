//! How two states differ, for people.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;

/// The lines that only one of the two has; `None` when they are equal.
pub(super) fn difference(
    expected: &BTreeMap<String, Value>,
    found: &BTreeMap<String, Value>,
) -> Option<String> {
    let mut said = String::new();
    for (name, expected) in expected {
        match found.get(name) {
            None => _ = writeln!(said, "- {name} is missing"),
            Some(found) if found != expected => {
                _ = write!(said, "  {name}\n{}", lines(expected, found))
            }
            Some(_) => {}
        }
    }
    for name in found.keys().filter(|name| !expected.contains_key(*name)) {
        _ = writeln!(said, "+ {name} should not be there");
    }
    (!said.is_empty()).then_some(said)
}

fn lines(expected: &Value, found: &Value) -> String {
    let (expected, found) = (leaves(expected), leaves(found));
    let only = |these: &[String], those: &[String], sign: char| {
        let lines = these.iter().filter(|line| !those.contains(line));
        lines
            .map(|line| format!("  {sign} {line}\n"))
            .collect::<String>()
    };
    only(&expected, &found, '-') + &only(&found, &expected, '+')
}

/// Each value with its path.
fn leaves(value: &Value) -> Vec<String> {
    fn walk(value: &Value, path: &str, found: &mut Vec<String>) {
        match value {
            Value::Object(fields) if !fields.is_empty() => {
                fields
                    .iter()
                    .for_each(|(name, value)| walk(value, &format!("{path}.{name}"), found));
            }
            Value::Array(items) if !items.is_empty() => {
                let items = items.iter().enumerate();
                items.for_each(|(index, item)| walk(item, &format!("{path}[{index}]"), found));
            }
            value => found.push(format!("{path} = {value}")),
        }
    }
    let mut found = Vec::new();
    walk(value, "", &mut found);
    found
}

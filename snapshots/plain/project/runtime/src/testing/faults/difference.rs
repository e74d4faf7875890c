//! How two states differ, for people.

use std::collections::BTreeMap;

use serde_json::Value;

/// The lines that only one of the two has; `None` when they are equal.
pub(super) fn difference(
    expected: &BTreeMap<String, Value>,
    found: &BTreeMap<String, Value>,
) -> Option<String> {
    let differing = expected
        .iter()
        .filter_map(|(name, expected)| match found.get(name) {
            None => Some(format!("- {name} is missing\n")),
            Some(found) if found == expected => None,
            Some(found) => Some(format!("  {name}\n{}", lines(expected, found))),
        });
    let more = found.keys().filter(|name| !expected.contains_key(*name));
    let more = more.map(|name| format!("+ {name} should not be there\n"));
    let said: String = differing.chain(more).collect();
    (!said.is_empty()).then_some(said)
}

fn lines(expected: &Value, found: &Value) -> String {
    let (expected, found) = (leaves(expected), leaves(found));
    let only = |these: &[String], those: &[String], sign: char| {
        let lines = these.iter().filter(|line| !those.contains(line));
        let lines =
            lines.flat_map(|line| ["  ".to_owned(), sign.to_string(), format!(" {line}\n")]);
        lines.collect::<String>()
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

//! From one document to another in few steps.

use serde_json::{Map, Value};

use super::Operation;

/// The patch that makes `to` of `from`; empty when they are equal.
pub(crate) fn diff(from: &Value, to: &Value) -> Vec<Operation> {
    let mut steps = Vec::new();
    value("", from, to, &mut steps);
    steps
}

fn value(path: &str, from: &Value, to: &Value, steps: &mut Vec<Operation>) {
    match (from, to) {
        (from, to) if from == to => {}
        (Value::Object(from), Value::Object(to)) => object(path, from, to, steps),
        (Value::Array(from), Value::Array(to)) => array(path, from, to, steps),
        _ => steps.push(Operation::Replace {
            path: path.to_owned(),
            value: to.clone(),
        }),
    }
}

fn object(
    path: &str,
    from: &Map<String, Value>,
    to: &Map<String, Value>,
    steps: &mut Vec<Operation>,
) {
    for key in from.keys().filter(|&key| !to.contains_key(key)) {
        let path = below(path, key);
        steps.push(Operation::Remove { path });
    }
    for (key, new) in to {
        let path = below(path, key);
        match from.get(key) {
            Some(old) => value(&path, old, new, steps),
            None => steps.push(Operation::Add {
                path,
                value: new.clone(),
            }),
        }
    }
}

/// What is equal at both ends stays; between, items change in place as far as there are any, the rest is added or
/// removed.
fn array(path: &str, from: &[Value], to: &[Value], steps: &mut Vec<Operation>) {
    let start = from.iter().zip(to).take_while(|(a, b)| a == b).count();
    let (from, to) = (&from[start..], &to[start..]);
    let ends = from.iter().rev().zip(to.iter().rev());
    let end = ends.take_while(|(a, b)| a == b).count();
    let (from, to) = (&from[..from.len() - end], &to[..to.len() - end]);
    let at = |index: usize| format!("{path}/{}", start + index);
    for (index, (old, new)) in from.iter().zip(to).enumerate() {
        value(&at(index), old, new, steps);
    }
    for index in (to.len()..from.len()).rev() {
        steps.push(Operation::Remove { path: at(index) });
    }
    for (index, new) in to.iter().enumerate().skip(from.len()) {
        steps.push(Operation::Add {
            path: at(index),
            value: new.clone(),
        });
    }
}

fn below(path: &str, key: &str) -> String {
    format!("{path}/{}", key.replace('~', "~0").replace('/', "~1"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::apply;
    use super::*;

    fn check(from: &Value, to: &Value, expected: &Value) {
        let patch = diff(from, to);
        assert_eq!(&serde_json::to_value(&patch).unwrap(), expected);
        assert_eq!(apply(from.clone(), &patch).as_ref(), Some(to));
    }

    #[test]
    fn a_patch_names_only_what_differs() {
        check(&json!({"a": 1}), &json!({"a": 1}), &json!([]));
        check(
            &json!({"a": {"b": 1, "c": 2}}),
            &json!({"a": {"b": 1, "c": 3}}),
            &json!([{"op": "replace", "path": "/a/c", "value": 3}]),
        );
        check(
            &json!({"metadata": {"labels": {"x/y~z": "1"}}}),
            &json!({"metadata": {"labels": {"x/y~z": "2"}}}),
            &json!([{"op": "replace", "path": "/metadata/labels/x~1y~0z", "value": "2"}]),
        );
    }

    #[test]
    fn what_lies_below_nothing_is_added_with_what_is_missing() {
        check(
            &json!({"metadata": {}}),
            &json!({"metadata": {"labels": {"a": "b"}}}),
            &json!([{"op": "add", "path": "/metadata/labels", "value": {"a": "b"}}]),
        );
    }

    #[test]
    fn lists_grow_and_shrink_at_one_place() {
        check(
            &json!([1, 2]),
            &json!([0, 1, 2]),
            &json!([{"op": "add", "path": "/0", "value": 0}]),
        );
        check(
            &json!([1, 2, 3, 4]),
            &json!([1, 4]),
            &json!([{"op": "remove", "path": "/2"}, {"op": "remove", "path": "/1"}]),
        );
    }

    /// Whatever two documents look like, the patch leads from the one to the other.
    #[test]
    fn any_patch_leads_to_the_other_document() {
        let mut random = fastrand::Rng::with_seed(5);
        for _ in 0..20_000 {
            let from = document(&mut random, 0);
            let to = document(&mut random, 0);
            let patch = diff(&from, &to);
            assert_eq!(
                apply(from.clone(), &patch).as_ref(),
                Some(&to),
                "{from} {patch:?}"
            );
        }
    }

    fn document(random: &mut fastrand::Rng, depth: u8) -> Value {
        match random.u8(if depth > 3 { 0..3 } else { 0..7 }) {
            0 => Value::Null,
            1 | 2 => json!(random.u8(0..3)),
            3 | 4 => (0..random.u8(0..4))
                .map(|_| document(random, depth + 1))
                .collect(),
            _ => Value::Object(
                (0..random.u8(0..4))
                    .map(|_| {
                        let key = ["a", "b/c", "~", ""][random.usize(0..4)];
                        (key.to_owned(), document(random, depth + 1))
                    })
                    .collect(),
            ),
        }
    }
}

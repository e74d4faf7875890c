//! The properties that `fuzz/` looks for counterexamples to, on its seeds and on what is made of them at random.
#![cfg(all(feature = "testing", feature = "webhooks"))]
#![allow(clippy::disallowed_methods, reason = "seeds are files")]
#![allow(
    unreachable_pub,
    reason = "the fuzz targets use the same source from outside"
)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "this whole file is tests"
)]

use serde_json::{Value, json};

#[path = "../../fuzz/src/webhooks.rs"]
mod webhooks;

/// How often each seed is changed.
const CHANGES: usize = 300;

fn seeds(target: &str) -> Vec<Vec<u8>> {
    let folder = format!("{}/../fuzz/seeds/{target}", env!("CARGO_MANIFEST_DIR"));
    let mut seeds: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    seeds.sort();
    assert!(seeds.len() >= 5);
    seeds
        .iter()
        .map(|path| std::fs::read(path).unwrap())
        .collect()
}

/// A value that fits nowhere in particular.
fn odd(random: &mut fastrand::Rng) -> Value {
    let values = [
        json!(null),
        json!(""),
        json!("\u{0}\n"),
        json!(-1),
        json!(1e300),
        json!([]),
        json!({}),
        json!([null]),
        json!({"a/b~c": [1]}),
        json!("DELETE"),
        json!("example.com/v1"),
    ];
    random.choice(values).unwrap()
}

/// Puts something else somewhere, or takes it away.
fn change(value: &mut Value, random: &mut fastrand::Rng) {
    let deeper = random.u8(..4) > 0;
    match value {
        Value::Object(fields) if deeper && !fields.is_empty() => {
            let place = random.usize(..fields.len());
            let key = fields.keys().nth(place).unwrap().clone();
            match random.u8(..6) {
                0 => drop(fields.remove(&key)),
                1 => drop(fields.insert("added".to_owned(), odd(random))),
                _ => change(&mut fields[&key], random),
            }
        }
        Value::Array(items) if deeper && !items.is_empty() => {
            let place = random.usize(..items.len());
            match random.u8(..4) {
                0 => drop(items.remove(place)),
                1 => items.push(items[place].clone()),
                _ => change(&mut items[place], random),
            }
        }
        value => *value = odd(random),
    }
}

fn check(target: &str, property: fn(&[u8])) {
    let mut random = fastrand::Rng::with_seed(7);
    for seed in seeds(target) {
        property(&seed);
        // What broke something need be no JSON.
        let whole: Option<Value> = serde_json::from_slice(&seed).ok();
        for _ in 0..CHANGES {
            if let Some(mut value) = whole.clone() {
                for _ in 0..=random.u8(..3) {
                    change(&mut value, &mut random);
                }
                property(value.to_string().as_bytes());
            }
            let mut bytes = seed.clone();
            let place = random.usize(..bytes.len());
            bytes[place] = random.u8(..);
            property(&bytes);
            property(&bytes[..place]);
        }
    }
}

#[test]
fn every_admission_body_has_an_answer() {
    check("admission", webhooks::admission);
}

#[test]
fn every_conversion_body_has_an_answer() {
    check("conversion", webhooks::conversion);
}

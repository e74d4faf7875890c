//! What counts of the objects of a server when two runs are compared.

use std::collections::{BTreeMap, HashMap};

use k8s_openapi::jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::testing::fake::Key;

/// Objects by their names for people, without what differs from run to run: times, versions, uids, generated names, and
/// how often something was written.
pub(super) type State = BTreeMap<String, Value>;

/// Kinds that tell what happened, and not how things are.
const NOT_COMPARED: [&str; 3] = [
    "events",
    "events.events.k8s.io",
    "leases.coordination.k8s.io",
];

pub(super) fn counts(resource: &str) -> bool {
    !NOT_COMPARED.contains(&resource)
}

pub(super) fn state(objects: &BTreeMap<Key, Value>) -> State {
    let compared: Vec<(&Key, &Value)> = objects
        .iter()
        .filter(|(key, _)| counts(&key.resource))
        .collect();
    let names = generated_names(&compared);
    let renamed = |name: &str| names.get(name).cloned().unwrap_or_else(|| name.to_owned());
    let said = |key: &Key| format!("{} {}/{}", key.resource, key.namespace, renamed(&key.name));
    let mut words: HashMap<String, String> = names.clone();
    for (key, object) in &compared {
        if let Some(uid) = object["metadata"]["uid"].as_str() {
            words.insert(uid.to_owned(), format!("<uid of {}>", said(key)));
        }
    }
    let normal = |(key, object): &(&Key, &Value)| (said(key), normal_object(object, &words));
    compared.iter().map(normal).collect()
}

/// Names that the server made, numbered in the order in which the objects were.
fn generated_names(objects: &[(&Key, &Value)]) -> HashMap<String, String> {
    let mut made: Vec<(&str, &str, &str)> = Vec::new();
    for (key, object) in objects {
        let metadata = &object["metadata"];
        if let (Some(prefix), Some(uid)) =
            (metadata["generateName"].as_str(), metadata["uid"].as_str())
        {
            made.push((prefix, uid, &key.name));
        }
    }
    made.sort_unstable();
    let number = |(index, (prefix, _, name)): (usize, &(&str, &str, &str))| {
        let before = made[..index]
            .iter()
            .filter(|(other, _, _)| other == prefix)
            .count();
        ((*name).to_owned(), format!("{prefix}<{}>", before + 1))
    };
    made.iter().enumerate().map(number).collect()
}

fn normal_object(object: &Value, words: &HashMap<String, String>) -> Value {
    let generation = object["metadata"]["generation"].clone();
    let mut normal = normal_value(object, &generation, words);
    if let Some(metadata) = normal["metadata"].as_object_mut() {
        for field in ["resourceVersion", "managedFields", "generation", "uid"] {
            metadata.remove(field);
        }
    }
    normal
}

fn normal_value(value: &Value, generation: &Value, words: &HashMap<String, String>) -> Value {
    match value {
        Value::Object(fields) => {
            let fields = fields.iter().map(|(name, value)| {
                let normal = match name.as_str() {
                    // It says whether the status is of this spec; how often the spec was changed doesn't count.
                    "observedGeneration" if value == generation => json!("<current>"),
                    "observedGeneration" => json!("<old>"),
                    _ => normal_value(value, generation, words),
                };
                (name.clone(), normal)
            });
            Value::Object(fields.collect::<Map<_, _>>())
        }
        Value::Array(items) => items
            .iter()
            .map(|item| normal_value(item, generation, words))
            .collect(),
        Value::String(text) => match words.get(text) {
            Some(word) => json!(word),
            None if text.len() >= 20 && text.parse::<Timestamp>().is_ok() => json!("<time>"),
            None => value.clone(),
        },
        _ => value.clone(),
    }
}

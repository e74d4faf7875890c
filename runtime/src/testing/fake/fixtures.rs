//! What a test does to the server from outside, and reads from it.

use serde::Serialize;
use serde_json::{Value, json};

use super::FakeApiServer;
use super::cluster::{Cluster, Key, now};
use super::kind::Kind;
use super::managed::{Managers, Writer};
use super::walk;
use crate::{Object, Request};

impl FakeApiServer {
    /// Writes `object` as somebody else would who may do everything: with its status, and over what is there. What the
    /// server sets stays as it is where the object doesn't say it. `K` must be served.
    pub fn put<K: Object + Serialize>(&self, object: &K) {
        let value = serde_json::to_value(object).unwrap_or_default();
        self.lock().cluster.put(&Kind::of::<K>(), value);
    }

    /// The object of this name, if it is there.
    pub fn object<K: Object>(&self, request: &Request) -> Option<K> {
        let objects = self.objects::<K>();
        objects
            .into_iter()
            .find(|object| Request::of(object) == *request)
    }

    /// All objects of a kind, by namespace and name.
    pub fn objects<K: Object>(&self) -> Vec<K> {
        let resource = crate::object::resource_name::<K>();
        let state = self.lock();
        let objects = state
            .cluster
            .objects
            .iter()
            .filter(|(key, _)| key.resource == resource);
        let typed = objects.filter_map(|(_, object)| serde_json::from_value(object.clone()).ok());
        typed.collect()
    }

    /// Forgets what was before now, as etcd does after some minutes: who goes on from an earlier version, with a watch
    /// or with the next page of a list, is told 410 Gone.
    pub fn forget_history(&self) {
        self.lock().cluster.forget_history();
    }

    /// Sends a bookmark to each watch that asked for them, as a server does about each minute.
    pub fn send_bookmarks(&self) {
        self.lock().cluster.bookmark();
    }

    /// Ends all watches, as a server does that is restarted.
    pub fn end_watches(&self) {
        self.lock().cluster.end_watches();
    }

    /// Another server with the same objects, kinds and history. Answers of [`on`](Self::on) and
    /// [`otherwise`](Self::otherwise) and the recorded requests are not taken along.
    #[must_use]
    pub fn copy(&self) -> Self {
        let copy = Self::new();
        copy.lock().cluster = self.lock().cluster.copy();
        copy
    }
}

impl Cluster {
    fn put(&mut self, kind: &Kind, mut object: Value) {
        remove_nulls(&mut object);
        if !object["metadata"].is_object() {
            object["metadata"] = json!({});
        }
        object["apiVersion"] = json!(kind.api_version());
        object["kind"] = json!(kind.kind);
        let metadata = &object["metadata"];
        let namespace = metadata["namespace"]
            .as_str()
            .unwrap_or("default")
            .to_owned();
        let namespace = kind.namespaced.then_some(namespace);
        let name = metadata["name"].as_str().unwrap_or_default();
        let key = Key::new(kind, namespace.as_deref(), name);
        let live = self.objects.get(&key).cloned().unwrap_or_default();
        if let Some(namespace) = namespace {
            object["metadata"]["namespace"] = json!(namespace);
        }
        self.give_metadata(kind, &live, &mut object);
        if live != object {
            self.commit(key, Some(object));
        }
    }

    fn give_metadata(&mut self, kind: &Kind, live: &Value, object: &mut Value) {
        let generation = live["metadata"]["generation"].as_i64().unwrap_or(0);
        let moves = super::object::generation_moves(kind, live, object);
        let given = [
            ("uid", json!(self.uid())),
            ("creationTimestamp", json!(now())),
            ("generation", json!(generation + i64::from(moves))),
            ("managedFields", fixture_fields(kind, object)),
        ];
        for (field, value) in given {
            let before = &live["metadata"][field];
            let counted = field != "generation" || kind.generation;
            if object["metadata"][field].is_null() && counted {
                let keep = !before.is_null() && field != "generation";
                object["metadata"][field] = if keep { before.clone() } else { value };
            }
        }
        object["metadata"]["resourceVersion"] = live["metadata"]["resourceVersion"].clone();
    }
}

/// All fields of a fixture are those of somebody who wrote it.
fn fixture_fields(kind: &Kind, object: &Value) -> Value {
    let writer = Writer {
        manager: "fixtures".to_owned(),
        subresource: None,
    };
    let mut managers = Managers::default();
    let nothing = json!({ "metadata": {} });
    if let Ok(difference) = walk::difference(&nothing, object, kind.place()) {
        managers.update(kind, &writer, &difference);
    }
    let mut written = json!({ "metadata": {} });
    managers.write_to(&mut written);
    written["metadata"]["managedFields"].clone()
}

/// What a type without a value says of a field is that it isn't there.
fn remove_nulls(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, value| !value.is_null());
            fields.values_mut().for_each(remove_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(remove_nulls),
        _ => {}
    }
}

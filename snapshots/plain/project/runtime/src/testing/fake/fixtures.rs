//! What a test does to the server from outside, and reads from it.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use super::FakeApiServer;
use super::cluster::{Cluster, Key, now};
use super::kind::Kind;
use super::managed::{Managers, Writer};
use super::write::is_let_go;
use super::{Interception, RecordedRequest, walk};
use crate::{Object, Request};

impl FakeApiServer {
    /// Writes `object` as somebody else would who may do everything: with its status, and over what is there. What the
    /// server sets stays as it is where the object doesn't say it. An object that is being deleted goes with its last
    /// finalizer. `K` must be served.
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

    /// Changes the object of this name as a user would, with `kubectl edit` for example. Nothing happens when it isn't
    /// there.
    pub fn edit<K: Object + Serialize>(&self, request: &Request, edit: impl FnOnce(&mut K)) {
        if let Some(mut object) = self.object::<K>(request) {
            edit(&mut object);
            self.put(&object);
        }
    }

    /// Deletes the object of this name as a user would, with `kubectl delete` for example: finalizers hold it, and what
    /// it owns goes with it. Nothing happens when it isn't there.
    pub fn delete<K: Object>(&self, request: &Request) {
        self.remove(&Key {
            resource: crate::object::resource_name::<K>(),
            namespace: request.namespace.clone().unwrap_or_default(),
            name: request.name.clone(),
        });
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

/// For the faults that are injected.
impl FakeApiServer {
    /// Decides about each request before it is answered.
    pub(in crate::testing) fn intercept(
        &self,
        decide: impl FnMut(&RecordedRequest) -> Interception + Send + 'static,
    ) {
        self.lock().interceptor = Some(Box::new(decide));
    }

    pub(in crate::testing) fn version(&self) -> u64 {
        self.lock().cluster.version
    }

    /// The objects at a version that is not forgotten.
    pub(in crate::testing) fn objects_at(&self, version: u64) -> BTreeMap<Key, Value> {
        self.lock().cluster.objects_at(version).unwrap_or_default()
    }

    /// The versions after `version`, of changes to resources that count.
    pub(in crate::testing) fn changes_after(
        &self,
        version: u64,
        counts: fn(&str) -> bool,
    ) -> Vec<u64> {
        let state = self.lock();
        let changes = state.cluster.history.iter();
        let later =
            changes.filter(|change| change.version > version && counts(&change.key.resource));
        later.map(|change| change.version).collect()
    }

    pub(in crate::testing) fn remove(&self, key: &Key) {
        let mut state = self.lock();
        let kinds = state.cluster.kinds.iter();
        let kind = kinds
            .rev()
            .find(|kind| kind.resource() == key.resource)
            .cloned();
        if let Some(kind) = kind {
            // What isn't there needs no deletion.
            let _ = state.cluster.delete_dependent(&kind, key, "Background");
            state.cluster.collect_garbage();
        }
    }

    /// As [`put`](Self::put), of a kind that is served.
    pub(in crate::testing) fn put_value(&self, object: &Value) {
        let mut state = self.lock();
        let is = |kind: &&std::sync::Arc<Kind>| {
            object["apiVersion"] == kind.api_version() && object["kind"] == kind.kind.as_str()
        };
        if let Some(kind) = state.cluster.kinds.iter().find(is).cloned() {
            state.cluster.put(&kind, object.clone());
        }
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
        if live == object {
            return;
        }
        let goes = live["metadata"]["deletionTimestamp"].is_string() && is_let_go(&object);
        self.commit(key, (!goes).then_some(object));
        if goes {
            self.collect_garbage();
        }
    }

    fn give_metadata(&mut self, kind: &Kind, live: &Value, object: &mut Value) {
        let given = [
            ("uid", json!(self.uid())),
            ("creationTimestamp", json!(now())),
            ("managedFields", fixture_fields(kind, object)),
        ];
        let metadata = |object: &Value, field: &str| object["metadata"][field].clone();
        for (field, value) in given {
            if metadata(object, field).is_null() {
                let before = metadata(live, field);
                object["metadata"][field] = if before.is_null() { value } else { before };
            }
        }
        let (before, said) = (metadata(live, "generation"), metadata(object, "generation"));
        if kind.generation && (said.is_null() || said == before) {
            let moves = super::object::generation_moves(kind, live, object);
            let generation = before.as_i64().unwrap_or(0) + i64::from(moves);
            object["metadata"]["generation"] = json!(generation);
        }
        object["metadata"]["resourceVersion"] = metadata(live, "resourceVersion");
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

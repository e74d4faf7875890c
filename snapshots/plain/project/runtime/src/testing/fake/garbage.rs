//! The garbage collector: what is left without an owner goes, and an owner that waits for its dependents is let go.
//!
//! In a cluster it comes some time after a write; here it comes with it.

use std::sync::Arc;

use serde_json::{Value, json};

use super::cluster::{Cluster, Key};
use super::delete::{self, FOREGROUND, ORPHAN};
use super::kind::{Kind, Source};
use super::managed::{Managers, Writer};
use super::walk;

impl Cluster {
    /// Until nothing is left to do.
    pub(super) fn collect_garbage(&mut self) {
        while self.collect_one() {}
    }

    /// False when nothing was done.
    fn collect_one(&mut self) -> bool {
        let keys: Vec<Key> = self.objects.keys().cloned().collect();
        keys.iter()
            .any(|key| self.finish_owner(key) || self.judge_dependent(key))
    }

    /// An owner whose deletion waits for what becomes of its dependents.
    fn finish_owner(&mut self, key: &Key) -> bool {
        let Some(owner) = self.objects.get(key) else {
            return false;
        };
        let waits = |finalizer: &str| {
            let listed = owner["metadata"]["finalizers"].as_array();
            owner["metadata"]["deletionTimestamp"].is_string()
                && listed.is_some_and(|listed| listed.iter().any(|each| each == finalizer))
        };
        let (orphan, foreground) = (waits(ORPHAN), waits(FOREGROUND));
        if !orphan && !foreground {
            return false;
        }
        let uid = owner["metadata"]["uid"].clone();
        let dependents = self.dependents(&uid);
        if orphan {
            for (dependent, _) in &dependents {
                self.drop_references(dependent, &|reference| reference["uid"] == uid);
            }
            return self.drop_finalizer(key, ORPHAN);
        }
        let blocks = |(_, reference): &(Key, Value)| reference["blockOwnerDeletion"] == true;
        !dependents.iter().any(blocks) && self.drop_finalizer(key, FOREGROUND)
    }

    /// Those that name the uid as an owner, with their reference.
    fn dependents(&self, uid: &Value) -> Vec<(Key, Value)> {
        let references = self.objects.iter().flat_map(|(key, object)| {
            let references = references(object);
            references
                .into_iter()
                .map(|reference| (key.clone(), reference))
        });
        references
            .filter(|(_, reference)| reference["uid"] == *uid)
            .collect()
    }

    fn judge_dependent(&mut self, key: &Key) -> bool {
        let Some(object) = self.objects.get(key) else {
            return false;
        };
        let references = references(object);
        let deleted = object["metadata"]["deletionTimestamp"].is_string();
        let uid = object["metadata"]["uid"].clone();
        let owners = references
            .iter()
            .map(|reference| self.owner(key, reference));
        let owners: Vec<Owner> = owners.collect();
        let count = |wanted: Owner| owners.iter().filter(|each| **each == wanted).count();
        if references.is_empty() || count(Owner::Solid) == owners.len() {
            return false;
        }
        if count(Owner::Solid) > 0 {
            let stays: Vec<Value> = references
                .iter()
                .zip(&owners)
                .filter(|(_, owner)| **owner == Owner::Solid)
                .map(|(reference, _)| reference["uid"].clone())
                .collect();
            return self.drop_references(key, &|reference| !stays.contains(&reference["uid"]));
        }
        if deleted {
            return false;
        }
        let waited_for = count(Owner::Waiting) > 0 && !self.dependents(&uid).is_empty();
        let policy = if waited_for {
            "Foreground"
        } else {
            delete::asked_for(object).unwrap_or("Background")
        };
        let Some(kind) = self.kind_of(key) else {
            return false;
        };
        self.delete_dependent(&kind, key, policy).is_ok()
    }

    fn owner(&self, dependent: &Key, reference: &Value) -> Owner {
        let text = |field: &str| reference[field].as_str().unwrap_or_default();
        let group = text("apiVersion")
            .rsplit_once('/')
            .map_or("", |(group, _)| group);
        let kind = self
            .kinds
            .iter()
            .find(|kind| kind.group == group && kind.kind == text("kind"));
        // Of a kind that the fake doesn't serve it can't be said that it is gone.
        let Some(kind) = kind.filter(|kind| !matches!(kind.source, Source::Unknown)) else {
            return Owner::Solid;
        };
        // For what is in no namespace the collector finds no owner that is in one, and leaves it alone for ever.
        if kind.namespaced && dependent.namespace.is_empty() {
            return Owner::Solid;
        }
        let namespace = kind.namespaced.then_some(dependent.namespace.as_str());
        let found = self.objects.get(&Key::new(kind, namespace, text("name")));
        let Some(owner) = found.filter(|owner| owner["metadata"]["uid"] == reference["uid"]) else {
            return Owner::Gone;
        };
        let metadata = &owner["metadata"];
        let finalizers = metadata["finalizers"].as_array().into_iter().flatten();
        let foreground = finalizers.into_iter().any(|each| each == FOREGROUND);
        let waits = metadata["deletionTimestamp"].is_string() && foreground;
        if waits && reference["blockOwnerDeletion"] == true {
            Owner::Waiting
        } else {
            Owner::Solid
        }
    }

    fn kind_of(&self, key: &Key) -> Option<Arc<Kind>> {
        self.kinds
            .iter()
            .find(|kind| kind.resource() == key.resource)
            .cloned()
    }

    fn drop_references(&mut self, key: &Key, gone: &dyn Fn(&Value) -> bool) -> bool {
        self.shorten(key, "ownerReferences", gone)
    }

    fn drop_finalizer(&mut self, key: &Key, finalizer: &str) -> bool {
        self.shorten(key, "finalizers", &|each| *each == finalizer)
    }

    /// What the garbage collector takes away is nobody's field any more.
    fn keep_book(&self, key: &Key, object: &mut Value) {
        let (Some(kind), Some(live)) = (self.kind_of(key), self.objects.get(key)) else {
            return;
        };
        let collector = Writer {
            manager: "kube-controller-manager".to_owned(),
            subresource: None,
        };
        let mut managers = Managers::of(live);
        if let Ok(difference) = walk::difference(live, object, kind.place()) {
            managers.take(&collector, false, &difference);
        }
        managers.write_to(object);
    }

    /// Takes what is `gone` from a list of the metadata; an object that nothing holds any more goes.
    fn shorten(&mut self, key: &Key, field: &str, gone: &dyn Fn(&Value) -> bool) -> bool {
        let Some(mut object) = self.objects.get(key).cloned() else {
            return false;
        };
        let metadata = &mut object["metadata"];
        let listed = metadata[field].as_array().cloned().unwrap_or_default();
        let left: Vec<Value> = listed.iter().filter(|each| !gone(each)).cloned().collect();
        if left.len() == listed.len() {
            return false;
        }
        let let_go =
            field == "finalizers" && left.is_empty() && metadata["deletionTimestamp"].is_string();
        metadata[field] = json!(left);
        if let (true, Some(fields)) = (left.is_empty(), metadata.as_object_mut()) {
            fields.remove(field);
        }
        self.keep_book(key, &mut object);
        self.commit(key.clone(), (!let_go).then_some(object));
        true
    }
}

/// What an owner is to its dependent.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Owner {
    Solid,
    /// It goes as soon as the dependent is gone.
    Waiting,
    Gone,
}

fn references(object: &Value) -> Vec<Value> {
    object["metadata"]["ownerReferences"]
        .as_array()
        .cloned()
        .unwrap_or_default()
}

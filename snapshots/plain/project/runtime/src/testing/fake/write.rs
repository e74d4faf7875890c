//! Create, replace and patch.

use std::sync::Arc;

use serde_json::{Value, json};

use super::cluster::{Cluster, Key, now};
use super::kind::Kind;
use super::managed::{Managers, Writer};
use super::object;
use super::refusal::{Outcome, Refusal};
use super::request::{Incoming, Target};
use super::walk::{self, Misfit};

/// A name that the server makes is cut so that it is a label.
const LONGEST_PREFIX: usize = 58;

impl Cluster {
    pub(super) fn create(
        &mut self,
        incoming: &Incoming,
        kind: &Arc<Kind>,
        target: &Target,
    ) -> Outcome<Value> {
        let mut object = object::accept(kind, incoming.recorded.body.clone())?;
        let metadata = &mut object["metadata"];
        if metadata["resourceVersion"].is_string() {
            return Err(Refusal::internal(
                "resourceVersion should not be set on objects to be created",
            ));
        }
        if metadata["name"].is_null() {
            let Some(prefix) = metadata["generateName"].as_str() else {
                let why = (
                    "FieldValueRequired",
                    "Required value: name or generateName is required",
                );
                return Err(Refusal::invalid(kind, "", "metadata.name", why));
            };
            let prefix = prefix.get(..LONGEST_PREFIX).unwrap_or(prefix);
            metadata["name"] = json!(format!("{prefix}{}", self.suffix()));
        }
        let name = metadata["name"].as_str().unwrap_or_default();
        let key = Key::new(kind, target.namespace.as_deref(), name);
        object::check_name(&key, &object)?;
        let writer = Writer {
            manager: incoming.manager().to_owned(),
            subresource: None,
        };
        let object = object::scoped(kind, &Value::Null, object, &writer)?;
        let object = object::metadata_kept(&Value::Null, object);
        let mut managers = Managers::default();
        let nothing = json!({ "metadata": {} });
        let difference = walk::difference(&nothing, &object, kind.place()).map_err(misfit)?;
        managers.update(kind, &writer, &difference);
        self.insert(kind, &key, object, managers)
    }

    /// A new object, with what the server gives it.
    pub(super) fn insert(
        &mut self,
        kind: &Arc<Kind>,
        key: &Key,
        object: Value,
        managers: Managers,
    ) -> Outcome<Value> {
        if self.objects.contains_key(key) {
            return Err(Refusal::already_exists(kind, &key.name));
        }
        let mut object = object::metadata_kept(&Value::Null, object);
        let metadata = &mut object["metadata"];
        metadata["name"] = json!(key.name);
        if kind.namespaced {
            metadata["namespace"] = json!(key.namespace);
        }
        metadata["uid"] = json!(self.uid());
        metadata["creationTimestamp"] = json!(now());
        if kind.generation {
            metadata["generation"] = json!(1);
        }
        object::check_metadata(kind, &object)?;
        kind.begin(&mut object);
        managers.write_to(&mut object);
        Ok(self.commit(key.clone(), Some(object)))
    }

    pub(super) fn replace(
        &mut self,
        kind: &Arc<Kind>,
        key: &Key,
        body: &Value,
        writer: &Writer,
    ) -> Outcome<Value> {
        let new = object::accept(kind, body.clone())?;
        object::check_name(key, &new)?;
        let live = self.get(kind, key)?;
        if kind.wants_version() && !new["metadata"]["resourceVersion"].is_string() {
            let why = (
                "FieldValueInvalid",
                "Invalid value: 0: must be specified for an update",
            );
            return Err(Refusal::invalid(
                kind,
                &key.name,
                "metadata.resourceVersion",
                why,
            ));
        }
        self.update(kind, key, &live, new, writer)
    }

    pub(super) fn patch(
        &mut self,
        kind: &Arc<Kind>,
        key: &Key,
        (sort, patch): (&str, &Value),
        writer: &Writer,
    ) -> Outcome<Value> {
        let live = self.get(kind, key)?;
        let mut new = live.clone();
        match sort {
            "application/merge-patch+json" => json_patch::merge(&mut new, patch),
            "application/json-patch+json" => {
                let patch: json_patch::Patch = serde_json::from_value(patch.clone())
                    .map_err(|error| Refusal::bad_request(error.to_string()))?;
                json_patch::patch(&mut new, &patch).map_err(|error| {
                    let message = format!(
                        "the server rejected our request due to an error in our request: {error}"
                    );
                    Refusal::unprocessable(message)
                })?;
            }
            "application/strategic-merge-patch+json" => {
                let help = "help: send a merge patch or apply it";
                return Err(Refusal::not_implemented(format!(
                    "it has no strategic merge patch; {help}"
                )));
            }
            other => return Err(Refusal::unsupported_media_type(other)),
        }
        if let (true, Some(Err(error))) = (kind.is_builtin(), kind.typed.map(|typed| typed(&new))) {
            let message = format!("Invalid value: {error}");
            return Err(Refusal::invalid_option(
                "patch",
                "FieldValueInvalid",
                &message,
            ));
        }
        let new = object::accept(kind, new)?;
        object::check_name(key, &new)?;
        self.update(kind, key, &live, new, writer)
    }

    fn update(
        &mut self,
        kind: &Arc<Kind>,
        key: &Key,
        live: &Value,
        new: Value,
        writer: &Writer,
    ) -> Outcome<Value> {
        object::check_seen(kind, live, &new)?;
        let new = object::metadata_kept(live, new);
        let sent = new.clone();
        let new = object::scoped(kind, live, new, writer)?;
        let mut booked = new.clone();
        if writer.subresource.is_some() {
            // The server keeps book of metadata here that it doesn't write.
            booked["metadata"] = sent["metadata"].clone();
        }
        let difference = walk::difference(live, &booked, kind.place()).map_err(misfit)?;
        let mut managers = Managers::of(live);
        managers.update(kind, writer, &difference);
        self.store(kind, key, live, new, managers)
    }

    /// Writes what an update made of `live`, unless it is the same; an object that only waited for its last finalizer
    /// goes.
    pub(super) fn store(
        &mut self,
        kind: &Arc<Kind>,
        key: &Key,
        live: &Value,
        mut new: Value,
        managers: Managers,
    ) -> Outcome<Value> {
        object::check_metadata(kind, &new)?;
        object::check_finalizers(kind, live, &new)?;
        if kind.generation && object::generation_moves(kind, live, &new) {
            let generation = live["metadata"]["generation"].as_i64().unwrap_or(0);
            new["metadata"]["generation"] = json!(generation + 1);
        }
        managers.write_to(&mut new);
        if new == *live {
            return Ok(new);
        }
        if is_let_go(&new) {
            self.commit(key.clone(), None);
            return Ok(new);
        }
        Ok(self.commit(key.clone(), Some(new)))
    }
}

/// Whether nothing holds an object any more that is being deleted.
pub(super) fn is_let_go(object: &Value) -> bool {
    let metadata = &object["metadata"];
    let held = metadata["finalizers"]
        .as_array()
        .is_some_and(|held| !held.is_empty());
    let graceful = metadata["deletionGracePeriodSeconds"].as_i64().unwrap_or(0) > 0;
    metadata["deletionTimestamp"].is_string() && !held && !graceful
}

fn misfit(Misfit(why): Misfit) -> Refusal {
    Refusal::not_implemented(format!("cannot compare its lists: {why}"))
}

//! Deletion: finalizers, preconditions, and what becomes of the dependents.

use std::sync::Arc;

use serde_json::{Value, json};

use super::cluster::{Cluster, Key, now};
use super::kind::Kind;
use super::refusal::{Outcome, Refusal};
use super::request::{Incoming, Target};

/// The finalizers with which the garbage collector works on the dependents of an object.
pub(super) const FOREGROUND: &str = "foregroundDeletion";
pub(super) const ORPHAN: &str = "orphan";

/// What a deletion says about itself.
struct Options<'a> {
    preconditions: &'a Value,
    policy: Option<&'a str>,
    grace_period: Option<i64>,
}

impl Cluster {
    pub(super) fn delete(
        &mut self,
        incoming: &Incoming,
        kind: &Arc<Kind>,
        key: &Key,
    ) -> Outcome<Value> {
        let body = &incoming.recorded.body;
        let grace_period = incoming.parameter("gracePeriodSeconds");
        let options = Options {
            preconditions: &body["preconditions"],
            policy: incoming.option("propagationPolicy"),
            grace_period: grace_period
                .and_then(|seconds| seconds.parse().ok())
                .or_else(|| body["gracePeriodSeconds"].as_i64()),
        };
        if body["orphanDependents"].is_boolean() {
            return Err(Refusal::not_implemented(
                "it doesn't know `orphanDependents`; help: `propagationPolicy`",
            ));
        }
        self.delete_with(kind, key, &options)
    }

    /// As the garbage collector deletes a dependent.
    pub(super) fn delete_dependent(
        &mut self,
        kind: &Arc<Kind>,
        key: &Key,
        policy: &str,
    ) -> Outcome<Value> {
        let options = Options {
            preconditions: &Value::Null,
            policy: Some(policy),
            grace_period: None,
        };
        self.delete_with(kind, key, &options)
    }

    fn delete_with(
        &mut self,
        kind: &Arc<Kind>,
        key: &Key,
        options: &Options<'_>,
    ) -> Outcome<Value> {
        let live = self.get(kind, key)?;
        check(kind, &live, options.preconditions)?;
        if kind.group.is_empty() && kind.kind == "Namespace" {
            return Err(Refusal::not_implemented(
                "it doesn't empty a namespace; help: test with a `TestEnvironment`",
            ));
        }
        let finalizers = finalizers(&Self::policy_of(kind, &live, options)?, &live);
        let grace = grace_period(kind, &live, options);
        if finalizers.is_empty() && grace == 0 {
            let last = self.commit(key.clone(), None);
            return Ok(if kind.is_builtin() && kind.kind == "Pod" {
                last
            } else {
                success(kind, &last)
            });
        }
        let mut new = live.clone();
        let metadata = &mut new["metadata"];
        metadata["finalizers"] = json!(finalizers);
        if let (true, Some(fields)) = (finalizers.is_empty(), metadata.as_object_mut()) {
            fields.remove("finalizers");
        }
        if metadata["deletionTimestamp"].is_null() {
            metadata["deletionTimestamp"] = json!(now());
            metadata["deletionGracePeriodSeconds"] = json!(grace);
            if let Some(generation) = metadata["generation"].as_i64() {
                metadata["generation"] = json!(generation + 1);
            }
        }
        if new == live {
            return Ok(live);
        }
        Ok(self.commit(key.clone(), Some(new)))
    }

    fn policy_of(kind: &Kind, live: &Value, options: &Options<'_>) -> Outcome<String> {
        let default = if kind.orphans_by_default() {
            "Orphan"
        } else {
            "Background"
        };
        match options.policy {
            None => Ok(asked_for(live).unwrap_or(default).to_owned()),
            Some(known @ ("Background" | "Foreground" | "Orphan")) => Ok(known.to_owned()),
            Some(other) => {
                let message = format!("Unsupported value: {other:?}");
                Err(Refusal::invalid_option(
                    "propagationPolicy",
                    "FieldValueNotSupported",
                    &message,
                ))
            }
        }
    }

    pub(super) fn delete_collection(
        &mut self,
        incoming: &Incoming,
        kind: &Arc<Kind>,
        target: &Target,
    ) -> Outcome<Value> {
        let list = self.list(incoming, kind, target)?;
        let items = list["items"].as_array().cloned().unwrap_or_default();
        for item in &items {
            let name = item["metadata"]["name"].as_str().unwrap_or_default();
            let key = Key::new(kind, target.namespace.as_deref(), name);
            self.delete(incoming, kind, &key)?;
        }
        Ok(list)
    }
}

fn check(kind: &Kind, live: &Value, preconditions: &Value) -> Outcome<()> {
    let (metadata, name) = (&live["metadata"], live["metadata"]["name"].as_str());
    for (field, label) in [("uid", "UID"), ("resourceVersion", "ResourceVersion")] {
        let wanted = &preconditions[field];
        if wanted.is_string() && *wanted != metadata[field] {
            let why = format!(
                "Precondition failed: {label} in precondition: {wanted}, {label} in object meta: {}",
                metadata[field]
            );
            return Err(Refusal::conflict(kind, name.unwrap_or_default(), &why));
        }
    }
    Ok(())
}

/// The policy that an object's finalizers ask for: it counts unless a deletion says another one.
pub(super) fn asked_for(live: &Value) -> Option<&'static str> {
    let listed = live["metadata"]["finalizers"].as_array()?;
    let has = |finalizer: &str| listed.iter().any(|each| each == finalizer);
    match (has(ORPHAN), has(FOREGROUND)) {
        (true, _) => Some("Orphan"),
        (false, true) => Some("Foreground"),
        (false, false) => None,
    }
}

/// The finalizers of an object whose deletion is asked for with this policy.
fn finalizers(policy: &str, live: &Value) -> Vec<String> {
    let listed = live["metadata"]["finalizers"]
        .as_array()
        .into_iter()
        .flatten();
    let mut finalizers: Vec<String> = listed
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect();
    finalizers.retain(|each| each != FOREGROUND && each != ORPHAN);
    match policy {
        "Foreground" => finalizers.push(FOREGROUND.to_owned()),
        "Orphan" => finalizers.push(ORPHAN.to_owned()),
        _ => {}
    }
    finalizers
}

/// A Pod that runs on a node goes when its kubelet says so.
fn grace_period(kind: &Kind, live: &Value, options: &Options<'_>) -> i64 {
    let runs = kind.is_builtin()
        && kind.kind == "Pod"
        && live["spec"]["nodeName"].is_string()
        && !matches!(
            live["status"]["phase"].as_str(),
            Some("Succeeded" | "Failed")
        );
    match options.grace_period {
        _ if !runs => 0,
        Some(seconds) => seconds,
        None => live["spec"]["terminationGracePeriodSeconds"]
            .as_i64()
            .unwrap_or(30),
    }
}

fn success(kind: &Kind, last: &Value) -> Value {
    let metadata = &last["metadata"];
    let mut details =
        json!({ "name": metadata["name"], "kind": kind.plural, "uid": metadata["uid"] });
    if !kind.group.is_empty() {
        details["group"] = json!(kind.group);
    }
    json!({
        "apiVersion": "v1", "kind": "Status", "metadata": {}, "status": "Success", "details": details,
    })
}

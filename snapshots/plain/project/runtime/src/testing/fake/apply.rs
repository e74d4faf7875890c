//! Server-side apply: a manager says what it wants, and gets what is not somebody else's.

use std::sync::Arc;

use serde_json::{Value, json};

use super::cluster::{Cluster, Key};
use super::fields::{FieldSet, display};
use super::kind::{Kind, Source};
use super::managed::{Managers, Writer, tracked};
use super::object::{self, is_empty_list};
use super::refusal::{Outcome, Refusal};
use super::request::Incoming;
use super::walk::{self, Misfit};

impl Cluster {
    pub(super) fn apply(
        &mut self,
        incoming: &Incoming,
        kind: &Arc<Kind>,
        key: &Key,
        writer: &Writer,
    ) -> Outcome<(u16, Value)> {
        if incoming.parameter("fieldManager").is_none() {
            let message = "Required value: is required for apply patch";
            return Err(Refusal::invalid_option(
                "fieldManager",
                "FieldValueRequired",
                message,
            ));
        }
        let config = config(kind, key, &incoming.recorded.body, writer)?;
        let Some(live) = self.objects.get(key).cloned() else {
            return self.apply_new(kind, key, config, writer);
        };
        object::check_seen(kind, &live, &config)?;
        let place = kind.place();
        let base = without_managed_fields(&live);
        let mut managers = Managers::of(&live);
        let last = managers.fields_of(writer, true);
        let wanted = scoped(
            &walk::fields_of(&config, place).map_err(misfit)?,
            kind,
            writer,
        );
        managers.set(kind, writer, true, wanted);
        let merged = walk::merge(&base, &config, place).map_err(misfit)?;
        let merged = object::scoped(kind, &base, merged, writer)?;
        // What was applied before and isn't any more goes, unless somebody else has it.
        let before = last.with_named_parents();
        let kept = managers.all().with_named_parents();
        let gone = |path: &[String]| before.contains(path) && !kept.contains(path);
        let mut pruned = walk::without(&merged, place, &gone).map_err(misfit)?;
        kind.complete(&mut pruned);
        kind.check(&pruned)?;
        let difference = walk::difference(&base, &pruned, place).map_err(misfit)?;
        let conflicts = managers.conflicts(writer, true, &tracked(&difference.written));
        if !conflicts.is_empty() && !incoming.asks("force") {
            let said = conflicts
                .iter()
                .map(|(who, path)| (who.clone(), display(path)));
            return Err(Refusal::owned_by_others(&said.collect::<Vec<_>>()));
        }
        managers.take(writer, true, &difference);
        let new = object::metadata_kept(&live, pruned);
        self.store(kind, key, &live, new, managers)
            .map(|object| (200, object))
    }

    fn apply_new(
        &mut self,
        kind: &Arc<Kind>,
        key: &Key,
        config: Value,
        writer: &Writer,
    ) -> Outcome<(u16, Value)> {
        if writer.subresource.is_some() {
            return Err(Refusal::not_found(kind, &key.name));
        }
        if config["metadata"]["uid"].is_string() {
            let why = "uid mismatch: the provided object specified a uid, and no existing object was found";
            return Err(Refusal::conflict(kind, &key.name, why));
        }
        if config["metadata"]["resourceVersion"].is_string() {
            return Err(Refusal::not_found(kind, &key.name));
        }
        let mut managers = Managers::default();
        let fields = walk::fields_of(&config, kind.place()).map_err(misfit)?;
        managers.set(kind, writer, true, scoped(&fields, kind, writer));
        let mut object = object::scoped(kind, &Value::Null, config, writer)?;
        kind.complete(&mut object);
        kind.check(&object)?;
        let object = self.insert(kind, key, object, managers)?;
        Ok((201, object))
    }
}

/// The applied object, which must be what the path says.
fn config(kind: &Kind, key: &Key, body: &Value, writer: &Writer) -> Outcome<Value> {
    let mut config = object::accept_part(kind, body.clone())?;
    let metadata = &config["metadata"];
    if !metadata["managedFields"].is_null() && !is_empty_list(&metadata["managedFields"]) {
        return Err(Refusal::bad_request("metadata.managedFields must be nil"));
    }
    object::check_name(key, &config)?;
    if matches!(kind.source, Source::Type(_)) && holds_list(&config, writer) {
        return Err(Refusal::not_implemented(format!(
            "it doesn't know how the lists of `{}` are merged; help: register the kind with `.crd(&{}::crd())`",
            kind.kind, kind.kind
        )));
    }
    if let Some(field) = kind.undeclared(&config) {
        let why = format!("{field}: field not declared in schema");
        return Err(misfit(Misfit(why)));
    }
    config["metadata"]["name"] = json!(key.name);
    Ok(config)
}

/// Whether there is a list whose merging depends on the CRD.
fn holds_list(config: &Value, writer: &Writer) -> bool {
    fn lists(value: &Value) -> bool {
        match value {
            Value::Array(_) => true,
            Value::Object(fields) => fields.values().any(lists),
            _ => false,
        }
    }
    let fields = config.as_object().into_iter().flatten();
    let relevant =
        |name: &str| name != "metadata" && (name == "status") == writer.subresource.is_some();
    fields
        .filter(|(name, _)| relevant(name))
        .any(|(_, value)| lists(value))
}

/// The fields that can be set where `writer` writes.
fn scoped(fields: &FieldSet, kind: &Kind, writer: &Writer) -> FieldSet {
    tracked(fields).filter(|path| {
        let of_status = path.first().is_some_and(|step| step == "f:status");
        match writer.subresource {
            Some(_) => of_status,
            None => !(kind.status && of_status),
        }
    })
}

/// An API server takes it for a fault of its own.
fn misfit(Misfit(why): Misfit) -> Refusal {
    Refusal::internal(format!("failed to create typed patch object: {why}"))
}

fn without_managed_fields(object: &Value) -> Value {
    let mut object = object.clone();
    if let Some(metadata) = object["metadata"].as_object_mut() {
        metadata.remove("managedFields");
    }
    object
}

//! Get and list.

use serde_json::{Value, json};

use super::cluster::{Cluster, Key, metadata_of};
use super::kind::Kind;
use super::refusal::{Outcome, Refusal};
use super::request::{Incoming, Target};
use super::selectors::Selectors;

impl Cluster {
    pub(super) fn get(&self, kind: &Kind, key: &Key) -> Outcome<Value> {
        let found = self.objects.get(key).cloned();
        found.ok_or_else(|| Refusal::not_found(kind, &key.name))
    }

    pub(super) fn list(&self, incoming: &Incoming, kind: &Kind, target: &Target) -> Outcome<Value> {
        let (version, after) = self.where_to_read(incoming)?;
        let objects = self.objects_at(version).ok_or_else(Refusal::expired)?;
        let selectors = Selectors::of(incoming, kind)?;
        let resource = kind.resource();
        let mut found: Vec<(Key, Value)> = objects
            .into_iter()
            .filter(|(key, _)| key.resource == resource)
            .filter(|(key, _)| {
                target
                    .namespace
                    .as_ref()
                    .is_none_or(|wanted| *wanted == key.namespace)
            })
            .filter(|(key, _)| {
                after
                    .as_ref()
                    .is_none_or(|after| (&key.namespace, &key.name) > (&after.0, &after.1))
            })
            .filter(|(_, object)| selectors.match_object(object))
            .collect();
        let page = page(incoming, &mut found, version);
        let shown = found
            .into_iter()
            .map(|(_, object)| shown(incoming, kind, object));
        let items = shown.collect::<Outcome<Vec<_>>>()?;
        let mut list = kind.list(version, &items);
        if incoming.wants_metadata() {
            list["apiVersion"] = json!("meta.k8s.io/v1");
            list["kind"] = json!("PartialObjectMetadataList");
        }
        if !kind.is_builtin() && !incoming.wants_metadata() {
            list["metadata"]["continue"] = json!("");
        }
        for (name, value) in page {
            list["metadata"][name] = value;
        }
        Ok(list)
    }

    /// The version to read, and the last object of the page before.
    fn where_to_read(&self, incoming: &Incoming) -> Outcome<(u64, Option<(String, String)>)> {
        if let Some(token) = incoming.parameter("continue") {
            let parts: Vec<&str> = token.split('/').collect();
            let bad = || Refusal::bad_request("continue key is not valid");
            let [version, namespace, name] = parts.try_into().map_err(|_| bad())?;
            let version = version.parse().map_err(|_| bad())?;
            return Ok((version, Some((namespace.to_owned(), name.to_owned()))));
        }
        let wanted = incoming.parameter("resourceVersion").unwrap_or("0");
        let wanted: u64 = wanted
            .parse()
            .map_err(|_| Refusal::bad_request(format!("invalid resource version `{wanted}`")))?;
        if wanted > self.version {
            return Err(Refusal::too_large_version(wanted, self.version));
        }
        match incoming.parameter("resourceVersionMatch") {
            Some("Exact") => Ok((wanted, None)),
            _ => Ok((self.version, None)),
        }
    }
}

/// Cuts the list to what was asked for, and says how to go on.
fn page(
    incoming: &Incoming,
    found: &mut Vec<(Key, Value)>,
    version: u64,
) -> Vec<(&'static str, Value)> {
    let limit = incoming
        .parameter("limit")
        .and_then(|limit| limit.parse().ok());
    let limit: usize = limit.unwrap_or(0);
    if limit == 0 || found.len() <= limit {
        return Vec::new();
    }
    let rest = found.len() - limit;
    found.truncate(limit);
    let last = found
        .last()
        .map(|(key, _)| format!("{version}/{}/{}", key.namespace, key.name));
    let mut said = vec![("continue", json!(last))];
    // A selector makes the server count only what it has looked at.
    if incoming.parameter("labelSelector").is_none()
        && incoming.parameter("fieldSelector").is_none()
    {
        said.push(("remainingItemCount", json!(rest)));
    }
    said
}

fn shown(incoming: &Incoming, kind: &Kind, mut object: Value) -> Outcome<Value> {
    if object["apiVersion"] != kind.api_version() {
        let message = format!(
            "objects of `{}` were written in another version and it converts none",
            kind.resource()
        );
        return Err(Refusal::not_implemented(message));
    }
    if incoming.wants_metadata() {
        return Ok(metadata_of(&object));
    }
    if let (true, Some(fields)) = (kind.is_builtin(), object.as_object_mut()) {
        fields.remove("apiVersion");
        fields.remove("kind");
    }
    Ok(object)
}

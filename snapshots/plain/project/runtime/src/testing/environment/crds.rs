//! Puts CRDs into a fresh API server and waits until their objects can be written.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use kube::Client;
use serde_json::Value;

use super::EnvironmentError;
use super::manifests::{self, Manifest};

/// How long a CRD may take to be served; it takes some 100 ms.
const TIMEOUT: Duration = Duration::from_secs(30);

const KIND: &str = "CustomResourceDefinition";

/// Reads the CRDs in the folders' YAML files, and merges into them what the files in `patches` say of CRDs of the same
/// name: the conversion webhook, as `config/crd/patches` has it.
pub(super) fn read(
    directories: &[PathBuf],
    patches: &[PathBuf],
) -> Result<Vec<Manifest>, EnvironmentError> {
    let mut crds = manifests::read_some(directories, &[KIND])?;
    for patch in manifests::read(patches, &[KIND])? {
        match crds.iter_mut().find(|crd| crd.name == patch.name) {
            Some(crd) => merge(&mut crd.content, &patch.content),
            None => return Err(EnvironmentError::PatchOfNothing { name: patch.name }),
        }
    }
    Ok(crds)
}

/// As a JSON merge patch (RFC 7396) does it, and kustomize for the kinds that it doesn't know.
fn merge(object: &mut Value, patch: &Value) {
    let Some(fields) = patch.as_object() else {
        object.clone_from(patch);
        return;
    };
    if !object.is_object() {
        *object = Value::Object(serde_json::Map::new());
    }
    for (name, value) in fields {
        match (value, object.as_object_mut()) {
            (Value::Null, Some(object)) => drop(object.remove(name)),
            (value, _) => merge(&mut object[name], value),
        }
    }
}

/// Applies the CRDs and waits until each is served.
pub(super) async fn install(client: &Client, crds: &[Manifest]) -> Result<(), EnvironmentError> {
    for crd in crds {
        crd.apply(client, "customresourcedefinitions").await?;
    }
    for crd in crds {
        wait_until_served(client, crd).await?;
    }
    Ok(())
}

/// "Established" comes a moment before the server answers, and refused names
/// (taken by another CRD) never get there; so its objects are listed until that works.
async fn wait_until_served(client: &Client, crd: &Manifest) -> Result<(), EnvironmentError> {
    let deadline = Instant::now() + TIMEOUT;
    for path in collections(&crd.content) {
        while let Err(error) = list(client, &path).await {
            if Instant::now() > deadline {
                return Err(EnvironmentError::UnservedCrd {
                    name: crd.name.clone(),
                    seconds: TIMEOUT.as_secs(),
                    reason: error.to_string(),
                });
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
    Ok(())
}

/// The paths under which a CRD's objects of each served version are listed.
fn collections(crd: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (group, plural) = (
        text(&crd["spec"]["group"]),
        text(&crd["spec"]["names"]["plural"]),
    );
    let versions = crd["spec"]["versions"].as_array().into_iter().flatten();
    let served = versions.filter(|version| version["served"] == true);
    served
        .map(|version| format!("/apis/{group}/{}/{plural}", text(&version["name"])))
        .collect()
}

async fn list(client: &Client, path: &str) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let request = http::Request::get(format!("{path}?limit=1")).body(Vec::new())?;
    client.request_text(request).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn objects_of_each_served_version_are_listed() {
        let crd = json!({"spec": {"group": "example.com", "names": {"plural": "as"}, "versions": [
            {"name": "v1", "served": true}, {"name": "v1alpha1", "served": false}, {"name": "v2", "served": true}]}});
        assert_eq!(
            collections(&crd),
            ["/apis/example.com/v1/as", "/apis/example.com/v2/as"]
        );
    }

    #[test]
    fn a_patch_changes_what_it_names() {
        let mut crd = json!({"spec": {"group": "example.com", "conversion": {"strategy": "None"}, "scope": "Cluster"}});
        let patch = json!({"spec": {"scope": null, "conversion": {"strategy": "Webhook", "webhook": {"a": 1}}}});
        merge(&mut crd, &patch);
        assert_eq!(
            crd,
            json!({"spec": {"group": "example.com", "conversion": {"strategy": "Webhook", "webhook": {"a": 1}}}})
        );
    }
}

//! Puts CRDs into a fresh API server and waits until their objects can be written.
#![allow(
    clippy::disallowed_methods,
    reason = "CRDs are read from the folders that the test names"
)]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::api::{Patch, PatchParams};
use kube::{Api, Client};
use serde_json::Value;

use super::EnvironmentError;

/// How long a CRD may take to be served; it takes some 100 ms.
const TIMEOUT: Duration = Duration::from_secs(30);

/// The metadata of an object that an API server gives it.
const SERVER_FIELDS: [&str; 5] = [
    "creationTimestamp",
    "generation",
    "managedFields",
    "resourceVersion",
    "uid",
];

/// A CRD as it was written, so that the server judges what the file says and
/// not what this crate understood of it.
#[derive(Debug)]
pub(super) struct Crd {
    name: String,
    content: Value,
}

/// Reads the CRDs in the folders' YAML files, in the order of their names; what
/// else lies there, a `kustomization.yaml` for example, is left alone.
pub(super) fn read(directories: &[PathBuf]) -> Result<Vec<Crd>, EnvironmentError> {
    let mut crds = Vec::new();
    // As controller-runtime has it: a project without kinds has no such folder yet.
    for directory in directories.iter().filter(|directory| directory.exists()) {
        let before = crds.len();
        for file in files(directory)? {
            crds.extend(read_file(&file)?);
        }
        if crds.len() == before {
            return Err(unreadable(directory)("there are none"));
        }
    }
    Ok(crds)
}

/// Applies the CRDs and waits until each is served.
pub(super) async fn install(client: &Client, crds: &[Crd]) -> Result<(), EnvironmentError> {
    let api: Api<CustomResourceDefinition> = Api::all(client.clone());
    let parameters = PatchParams::apply("rustop-testing").force();
    for crd in crds {
        let applied = api
            .patch(&crd.name, &parameters, &Patch::Apply(&crd.content))
            .await;
        applied.map_err(|source| EnvironmentError::RefusedCrd {
            name: crd.name.clone(),
            source: Box::new(source),
        })?;
    }
    for crd in crds {
        wait_until_served(client, crd).await?;
    }
    Ok(())
}

fn files(directory: &Path) -> Result<Vec<PathBuf>, EnvironmentError> {
    let entries = std::fs::read_dir(directory).map_err(unreadable(directory))?;
    let paths: std::io::Result<Vec<PathBuf>> = entries.map(|entry| Ok(entry?.path())).collect();
    let mut paths = paths.map_err(unreadable(directory))?;
    paths.retain(|path| {
        path.extension()
            .is_some_and(|end| end == "yaml" || end == "yml")
    });
    paths.sort();
    Ok(paths)
}

fn read_file(path: &Path) -> Result<Vec<Crd>, EnvironmentError> {
    let text = std::fs::read_to_string(path).map_err(unreadable(path))?;
    let documents: Vec<Value> = serde_saphyr::from_multiple(&text).map_err(unreadable(path))?;
    let is_crd = |document: &Value| document["kind"] == "CustomResourceDefinition";
    let named = |content: Value| match content["metadata"]["name"].as_str() {
        Some(name) => Ok(Crd {
            name: name.to_owned(),
            content: without_server_fields(content),
        }),
        None => Err(unreadable(path)("a CRD has no name")),
    };
    documents.into_iter().filter(is_crd).map(named).collect()
}

/// A CRD that `kubectl get` printed carries what its own server knows of it, and
/// another server refuses a `uid` that it did not give.
fn without_server_fields(mut crd: Value) -> Value {
    if let Some(fields) = crd.as_object_mut() {
        fields.remove("status");
    }
    if let Some(metadata) = crd["metadata"].as_object_mut() {
        metadata.retain(|field, _| !SERVER_FIELDS.contains(&field.as_str()));
    }
    crd
}

fn unreadable<E: ToString>(path: &Path) -> impl FnOnce(E) -> EnvironmentError {
    let path = path.to_owned();
    move |reason| EnvironmentError::ReadCrds {
        path,
        reason: reason.to_string(),
    }
}

/// "Established" comes a moment before the server answers, and refused names
/// (taken by another CRD) never get there; so its objects are listed until that works.
async fn wait_until_served(client: &Client, crd: &Crd) -> Result<(), EnvironmentError> {
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

    /// The names of the CRDs in a folder that `test` has to itself.
    fn names(test: &str, files: &[(&str, &str)]) -> Result<Vec<String>, String> {
        let folder = std::env::temp_dir().join(format!("crds-{test}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        for (name, text) in files {
            std::fs::write(folder.join(name), text).unwrap();
        }
        let crds = read(std::slice::from_ref(&folder));
        std::fs::remove_dir_all(&folder).unwrap();
        crds.map(|crds| crds.into_iter().map(|crd| crd.name).collect())
            .map_err(|error| error.to_string())
    }

    const A: &str = "kind: CustomResourceDefinition\nmetadata: {name: as.example.com}\n";
    const B: &str = "kind: CustomResourceDefinition\nmetadata: {name: bs.example.com}\n";

    #[test]
    fn crds_are_found_among_other_files() {
        let both = format!("# two\n---\n{A}---\n{B}");
        assert_eq!(
            names("found", &[("b.yaml", B), ("a.yml", A)]).unwrap(),
            ["as.example.com", "bs.example.com"]
        );
        assert_eq!(
            names("found", &[("both.yaml", &both)]).unwrap(),
            ["as.example.com", "bs.example.com"]
        );
        let others = [
            ("a.yaml", A),
            ("kustomization.yaml", "resources: []"),
            ("README.md", "{"),
        ];
        assert_eq!(names("found", &others).unwrap(), ["as.example.com"]);
    }

    #[test]
    fn what_a_server_added_is_left_out() {
        let of_server = json!({
            "metadata": {
                "name": "as.example.com", "labels": {"a": "b"}, "uid": "1", "resourceVersion": "2", "generation": 3,
                "creationTimestamp": null, "managedFields": []},
            "spec": {"group": "example.com"}, "status": {"conditions": []}});
        assert_eq!(
            without_server_fields(of_server),
            json!({"metadata": {"name": "as.example.com", "labels": {"a": "b"}}, "spec": {"group": "example.com"}})
        );
    }

    #[test]
    fn what_is_no_crd_is_said() {
        let check = |files: &[(&str, &str)], expected: &str| {
            let error = names("said", files).unwrap_err();
            assert!(error.contains(expected), "{error}");
            assert!(
                error.ends_with("help: run `make manifests` to write them"),
                "{error}"
            );
        };
        check(&[], "there are none");
        check(
            &[("a.yaml", "kind: CustomResourceDefinition\n")],
            "a CRD has no name",
        );
        check(&[("a.yaml", "kind: [")], "a.yaml`");
    }

    /// A project without kinds has no folder for their CRDs yet.
    #[test]
    fn a_folder_that_is_missing_holds_none() {
        let found = read(&[PathBuf::from("/nonexistent/crds")]).unwrap();
        assert!(found.is_empty());
    }

    #[test]
    fn objects_of_each_served_version_are_listed() {
        let crd = json!({"spec": {"group": "example.com", "names": {"plural": "as"}, "versions": [
            {"name": "v1", "served": true}, {"name": "v1alpha1", "served": false}, {"name": "v2", "served": true}]}});
        assert_eq!(
            collections(&crd),
            ["/apis/example.com/v1/as", "/apis/example.com/v2/as"]
        );
    }
}

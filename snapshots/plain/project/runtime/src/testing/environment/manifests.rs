//! Reads objects from the YAML files of a folder.
#![allow(
    clippy::disallowed_methods,
    reason = "manifests are read from the folders that the test names"
)]

use std::path::{Path, PathBuf};

use kube::Client;
use kube::api::{Api, Patch, PatchParams};
use kube::core::{ApiResource, DynamicObject};
use serde_json::Value;

use super::EnvironmentError;

/// In whose name a test environment writes.
const FIELD_MANAGER: &str = "rustop-testing";

/// The metadata of an object that an API server gives it.
const SERVER_FIELDS: [&str; 5] = [
    "creationTimestamp",
    "generation",
    "managedFields",
    "resourceVersion",
    "uid",
];

/// An object as it was written, so that the server judges what the file says and not what this crate understood of it.
#[derive(Clone, Debug)]
pub(super) struct Manifest {
    pub(super) name: String,
    pub(super) content: Value,
}

impl Manifest {
    /// The `kind`.
    pub(super) fn kind(&self) -> &str {
        self.content["kind"].as_str().unwrap_or_default()
    }

    /// Its place in the API server: `plural` is said, for nobody else knows it.
    pub(super) fn api(&self, client: &Client, plural: &str) -> Api<DynamicObject> {
        let api_version = self.content["apiVersion"].as_str().unwrap_or_default();
        let (group, version) = api_version.split_once('/').unwrap_or(("", api_version));
        let resource = ApiResource {
            group: group.to_owned(),
            version: version.to_owned(),
            api_version: api_version.to_owned(),
            kind: self.kind().to_owned(),
            plural: plural.to_owned(),
        };
        match self.content["metadata"]["namespace"].as_str() {
            Some(namespace) => Api::namespaced_with(client.clone(), namespace, &resource),
            None => Api::all_with(client.clone(), &resource),
        }
    }

    /// Applies it.
    pub(super) async fn apply(
        &self,
        client: &Client,
        plural: &str,
    ) -> Result<(), EnvironmentError> {
        let parameters = PatchParams::apply(FIELD_MANAGER).force();
        let patch = Patch::Apply(&self.content);
        let applied = self
            .api(client, plural)
            .patch(&self.name, &parameters, &patch)
            .await;
        match applied {
            Ok(_) => Ok(()),
            Err(source) => Err(EnvironmentError::Refused {
                kind: self.kind().to_owned(),
                name: self.name.clone(),
                source: Box::new(source),
            }),
        }
    }
}

/// The objects of these kinds in the folders' YAML files, in the order of the files' names; what else lies there, a
/// `kustomization.yaml` for example, is left alone. A folder that is missing has none: a project without kinds has no
/// such folder yet.
pub(super) fn read(
    directories: &[PathBuf],
    kinds: &[&str],
) -> Result<Vec<Manifest>, EnvironmentError> {
    let mut manifests = Vec::new();
    for directory in directories.iter().filter(|directory| directory.exists()) {
        for file in files(directory)? {
            manifests.extend(read_file(&file, kinds)?);
        }
    }
    Ok(manifests)
}

/// As [`read`], but a folder that is there and has none of them is an error.
pub(super) fn read_some(
    directories: &[PathBuf],
    kinds: &[&str],
) -> Result<Vec<Manifest>, EnvironmentError> {
    let mut manifests = Vec::new();
    for directory in directories.iter().filter(|directory| directory.exists()) {
        let found = read(std::slice::from_ref(directory), kinds)?;
        if found.is_empty() {
            let missing = format!("there is no {}", kinds.join(" and no "));
            return Err(unreadable(directory)(missing));
        }
        manifests.extend(found);
    }
    Ok(manifests)
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

/// The objects of these kinds in one file.
pub(super) fn read_file(path: &Path, kinds: &[&str]) -> Result<Vec<Manifest>, EnvironmentError> {
    let text = std::fs::read_to_string(path).map_err(unreadable(path))?;
    let documents: Vec<Value> = serde_saphyr::from_multiple(&text).map_err(unreadable(path))?;
    let wanted = |document: &Value| {
        let kind = document["kind"].as_str();
        kind.is_some_and(|kind| kinds.contains(&kind))
    };
    let named = |content: Value| match content["metadata"]["name"].as_str() {
        Some(name) => Ok(Manifest {
            name: name.to_owned(),
            content: without_server_fields(content),
        }),
        None => Err(unreadable(path)(format!(
            "a {} has no name",
            content["kind"].as_str().unwrap_or_default()
        ))),
    };
    documents.into_iter().filter(wanted).map(named).collect()
}

/// An object that `kubectl get` printed carries what its own server knows of it, and another server refuses a `uid`
/// that it did not give.
fn without_server_fields(mut object: Value) -> Value {
    if let Some(fields) = object.as_object_mut() {
        fields.remove("status");
    }
    if let Some(metadata) = object["metadata"].as_object_mut() {
        metadata.retain(|field, _| !SERVER_FIELDS.contains(&field.as_str()));
    }
    object
}

fn unreadable<E: ToString>(path: &Path) -> impl FnOnce(E) -> EnvironmentError {
    let path = path.to_owned();
    move |reason| EnvironmentError::Read {
        path,
        reason: reason.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const KIND: &str = "CustomResourceDefinition";

    /// The names of the CRDs in a folder that `test` has to itself.
    fn names(test: &str, files: &[(&str, &str)]) -> Result<Vec<String>, String> {
        let folder = std::env::temp_dir().join(format!("crds-{test}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        for (name, text) in files {
            std::fs::write(folder.join(name), text).unwrap();
        }
        let crds = read_some(std::slice::from_ref(&folder), &[KIND]);
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
        check(&[], "there is no CustomResourceDefinition");
        check(
            &[("a.yaml", "kind: CustomResourceDefinition\n")],
            "a CustomResourceDefinition has no name",
        );
        check(&[("a.yaml", "kind: [")], "a.yaml`");
    }

    /// A project without kinds has no folder for their CRDs yet.
    #[test]
    fn a_folder_that_is_missing_holds_none() {
        let found = read_some(&[PathBuf::from("/nonexistent/crds")], &[KIND]).unwrap();
        assert!(found.is_empty());
    }

    /// A project that only converts has a folder for webhooks, with a service in it.
    #[test]
    fn a_folder_may_hold_other_things_alone() {
        let folder = std::env::temp_dir().join(format!("others-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(
            folder.join("service.yaml"),
            "kind: Service\nmetadata: {name: a}\n",
        )
        .unwrap();
        let found = read(std::slice::from_ref(&folder), &[KIND]);
        std::fs::remove_dir_all(&folder).unwrap();
        assert!(found.unwrap().is_empty());
    }
}

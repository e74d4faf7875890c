//! Names that hurt, all in few projects: they compile without a warning, are
//! formatted and kustomize, and a real API server takes and serves them all.

use std::process::Command;

use serde_json::Value;

use super::cluster::Cluster;
use super::generated::{Generated, turn};
use super::projects::timed;
use super::server::kustomize;
use crate::names::{Entry, controllers, groups, kinds, project, projects, versions};
use crate::sandbox::{Run, Sandbox, slow};

const APPLY: &str = "apply --server-side --validate=strict -f -";
const DRY_RUN: &str = "apply --server-side --dry-run=server --validate=strict -f -";

/// Every kind, group, version and name of a controller, in one project.
fn multigroup() -> Sandbox {
    let mut entries = Vec::new();
    // The API server compares the names of a group with each other, which takes long for many.
    for (number, kind) in kinds().iter().enumerate() {
        entries.push(Entry::new(&format!("kinds-{}", number % 8), "v1", kind));
    }
    for group in groups() {
        entries.push(Entry::new(&group, "v1", "MyApp"));
    }
    for version in versions() {
        let controllers = Vec::new();
        let entry = Entry::new("versions", &version, "MyApp");
        entries.push(Entry {
            controllers,
            ..entry
        });
    }
    let controllers = controllers();
    let entry = Entry::new("controllers", "v1", "MyApp");
    entries.push(Entry {
        controllers,
        ..entry
    });
    project("--multigroup --project-name names", "example.com", &entries)
}

/// Without groups the files of a kind lie beside those of the scaffold.
fn single_group() -> Sandbox {
    let kinds = [
        "Api", "E2e", "Lib", "Main", "Mod", "Operator", "Schema", "Self", "Tests", "V1",
    ];
    let mut entries: Vec<Entry> = kinds.map(|kind| Entry::new("", "v1", kind)).into();
    for version in ["schema", "controller", "lib", "v10"] {
        let controllers = Vec::new();
        let entry = Entry::new("", version, "Api");
        entries.push(Entry {
            controllers,
            ..entry
        });
    }
    let domain = "a.b.c.d.e.f.g.h.i.j.k.l.example.com";
    project("--project-name 1a --namespaced", domain, &entries)
}

#[test]
fn names_that_hurt_compile_without_a_warning_and_are_formatted() {
    if !slow("names that hurt") {
        return;
    }
    let _turn = turn();
    for (name, sandbox) in [("names", multigroup()), ("names-single", single_group())] {
        let project = Generated::new(name, &sandbox);
        for (program, arguments) in [
            ("cargo", "fmt --all --check"),
            (
                "cargo",
                "clippy --workspace --all-targets --locked -- -D warnings",
            ),
            (super::generated::rustop(), "manifests --check"),
        ] {
            let step = format!("{program} {arguments}");
            timed(&project, &step, || project.ok(program, arguments));
        }
    }
}

#[test]
fn an_api_server_serves_names_that_hurt() {
    if !slow("names that hurt on an API server") {
        return;
    }
    let cluster = Cluster::start();
    for (name, sandbox) in [("names", multigroup()), ("names-single", single_group())] {
        cluster.silent(APPLY, &kustomize(&sandbox, "crd"), name);
        for condition in ["NamesAccepted", "Established"] {
            let wait = format!("wait crd --all --timeout=180s --for=condition={condition}");
            cluster.silent(&wait, "", name);
        }
        cluster.silent(APPLY, &kustomize(&sandbox, "default"), name);
        cluster.silent(DRY_RUN, &kustomize(&sandbox, "samples"), name);
    }
    check_unstructural(&cluster);
}

fn check_unstructural(cluster: &Cluster) {
    let read = cluster.silent("get crd -o json", "", "CRDs");
    let read: Value = serde_json::from_str(&read).unwrap();
    let crds = read["items"].as_array().unwrap();
    assert!(crds.len() > kinds().len() + groups().len());
    for crd in crds {
        let conditions = crd["status"]["conditions"].to_string();
        assert!(!conditions.contains("NonStructuralSchema"), "{crd}");
    }
}

/// The longest name on the cluster is that of the metrics Service.
#[test]
fn projects_of_any_name_are_packages_formatted_and_deployed() {
    if !slow("names of projects") {
        return;
    }
    let cluster = Cluster::start();
    for name in projects() {
        let sandbox = Sandbox::in_memory();
        sandbox.ok(&format!(
            "init --quiet --domain example.com --project-name {name}"
        ));
        for arguments in [
            "fmt --all --check",
            "metadata --format-version 1 --no-deps --offline",
        ] {
            let mut cargo = Command::new("cargo");
            cargo.args(arguments.split(' ')).current_dir(sandbox.path());
            let run = Run::of(cargo.output().unwrap());
            assert_eq!(
                (run.code, run.stderr.as_str()),
                (0, ""),
                "{name}: {arguments}"
            );
        }
        cluster.silent(APPLY, &kustomize(&sandbox, "default"), &name);
    }
}

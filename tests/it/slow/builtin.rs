//! `src/resource/builtin.tsv` is what a real API server says of itself.
//!
//! `make update-builtin` rewrites it, and the list in
//! `runtime/tests/builtin_kinds.rs` that compiles each row.

use std::collections::BTreeSet;

use rustop::resource::{BUILTIN_TABLE, BuiltinKind, right::RIGHTS_TABLE};
use serde_json::Value;

use super::cluster::Cluster;
use crate::sandbox::slow;

const FILE: &str = "src/resource/builtin.tsv";
const HEAD: &str = "group\tversion\tkind\tplural\tscope\tstatus\tverbs\trust";

#[test]
fn the_table_of_builtin_kinds_is_the_servers_discovery() {
    if !slow("discovery") {
        return;
    }
    let found = table(&Cluster::start());
    if update() {
        std::fs::write(FILE, &found).unwrap();
    }
    let ours = std::fs::read_to_string(FILE).unwrap();
    assert_eq!(ours, found, "`make update-builtin` rewrites it");
}

/// What rules of Kubernetes' own groups may name, with every API switched on.
#[test]
fn the_table_of_rights_is_the_servers_discovery() {
    const FILE: &str = "src/resource/rights.tsv";
    if !slow("discovery of every API") {
        return;
    }
    let mut rows = BTreeSet::new();
    // Some APIs exclude each other; what either server has may stand in a role.
    for gates in ["AllAlpha=true,AllBeta=true", "AllBeta=true"] {
        let gates = format!("--feature-gates={gates}");
        let every = ["--runtime-config=api/all=true", &gates];
        rows.extend(rights(&Cluster::start_with(&every)));
    }
    let lines = rows
        .into_iter()
        .map(|(group, resource)| format!("{group}\t{resource}\n"));
    let found = format!("group\tresource\n{}", lines.collect::<String>());
    if update() {
        std::fs::write(FILE, &found).unwrap();
    }
    let ours = std::fs::read_to_string(FILE).unwrap();
    assert_eq!(ours, found, "`make update-builtin` rewrites it");
    assert!(update() || RIGHTS_TABLE == found);
}

/// Group and resource, subresources too, of all versions.
fn rights(cluster: &Cluster) -> BTreeSet<(String, String)> {
    let mut rights = BTreeSet::new();
    let mut add = |group: &str, path: &str| {
        for one in get(cluster, path)["resources"].as_array().unwrap() {
            rights.insert((group.to_owned(), text(one, "name").to_owned()));
        }
    };
    add("", "/api/v1");
    for group in get(cluster, "/apis")["groups"].as_array().unwrap() {
        for version in group["versions"].as_array().unwrap() {
            let path = format!("/apis/{}", text(version, "groupVersion"));
            add(text(group, "name"), &path);
        }
    }
    rights
}

/// The compile-time check names every row; it is part of the runtime's tests,
/// since those have k8s-openapi.
#[test]
fn every_builtin_kind_is_compiled_against_k8s_openapi() {
    const LIST: &str = "runtime/tests/builtin_kinds.rs";
    const BEGIN: &str = "kinds! {\n";
    let text = std::fs::read_to_string(LIST).unwrap();
    let (head, _) = text.split_once(BEGIN).unwrap();
    let rows: String = BuiltinKind::all().iter().map(row).collect();
    let expected = format!("{head}{BEGIN}{rows}}}\n");
    if update() {
        std::fs::write(LIST, &expected).unwrap();
    }
    assert_eq!(text, expected, "`make update-builtin` rewrites it");
    assert_eq!(rows.lines().count(), BUILTIN_TABLE.lines().count() - 1);
}

fn row(one: &BuiltinKind) -> String {
    let scope = if one.namespaced {
        "Namespace"
    } else {
        "Cluster"
    };
    format!(
        "    {}: {:?} {:?} {:?} {:?} {scope};\n",
        one.rust_path, one.group, one.version, one.kind, one.plural
    )
}

fn update() -> bool {
    std::env::var_os("UPDATE_BUILTIN").is_some()
}

fn table(cluster: &Cluster) -> String {
    let mut rows = BTreeSet::new();
    rows.extend(kinds(cluster, "", "v1", "/api/v1"));
    for group in get(cluster, "/apis")["groups"].as_array().unwrap() {
        let name = group["name"].as_str().unwrap();
        for version in group["versions"].as_array().unwrap() {
            let (path, version) = (text(version, "groupVersion"), text(version, "version"));
            rows.extend(kinds(cluster, name, version, &format!("/apis/{path}")));
        }
    }
    let lines = rows.into_iter().map(|cells| cells.join("\t") + "\n");
    format!("{HEAD}\n{}", lines.collect::<String>())
}

/// The rows of one version of a group; they sort by group, version and kind.
fn kinds(cluster: &Cluster, group: &str, version: &str, path: &str) -> Vec<[String; 8]> {
    let list = get(cluster, path);
    let resources = list["resources"].as_array().unwrap();
    let has_status = |plural: &str| {
        let status = format!("{plural}/status");
        resources.iter().any(|one| text(one, "name") == status)
    };
    let whole = resources
        .iter()
        .filter(|one| !text(one, "name").contains('/'));
    let row = |one: &Value| {
        let (kind, plural) = (text(one, "kind"), text(one, "name"));
        let scope = match one["namespaced"].as_bool().unwrap() {
            true => "Namespaced",
            false => "Cluster",
        };
        let verbs = one["verbs"].as_array().unwrap();
        let verbs: Vec<&str> = verbs.iter().map(|verb| verb.as_str().unwrap()).collect();
        let status = if has_status(plural) { "status" } else { "" };
        let verbs = verbs.join(";");
        let path = format!("{}::{version}::{kind}", module(group));
        [group, version, kind, plural, scope, status, &verbs, &path].map(str::to_owned)
    };
    whole.map(row).collect()
}

/// Where k8s-openapi has the types of a group: it follows the Go packages.
fn module(group: &str) -> String {
    match group {
        "" => "k8s_openapi::api::core".to_owned(),
        "apiextensions.k8s.io" => {
            "k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions".to_owned()
        }
        "apiregistration.k8s.io" => {
            "k8s_openapi::kube_aggregator::pkg::apis::apiregistration".to_owned()
        }
        _ => format!("k8s_openapi::api::{}", group.split('.').next().unwrap()),
    }
}

fn get(cluster: &Cluster, path: &str) -> Value {
    let json = cluster.silent(&format!("get --raw {path}"), "", path);
    serde_json::from_str(&json).unwrap()
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap()
}

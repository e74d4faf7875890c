//! Each row of docs/crd-markers.md is true: the CRD that our Rust gives is the one that
//! controller-gen makes of the Go marker, or differs in the one place that the row names; a real
//! API server takes both, and takes, refuses and stores the same objects of both.

mod compare;
mod server;
mod sources;
#[expect(
    dead_code,
    clippy::expect_used,
    reason = "the comparison of roles uses the rest, and is a test too"
)]
#[path = "../../../controller_gen/tool.rs"]
mod tool;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use self::sources::{OLDER, OURS, THEIRS, kind, plural};
use super::generated::{Generated, turn};
use crate::crd_markers::{Row, tables};
use crate::sandbox::{Run, Sandbox};

/// CRDs by the row's name.
type Crds = BTreeMap<String, Value>;

#[test]
fn each_row_is_what_controller_gen_makes_of_its_marker() {
    let Some(tool) = tool::controller_gen() else {
        return;
    };
    let rows: Vec<Row> = tables().into_iter().flat_map(|table| table.rows).collect();
    let rows: Vec<Row> = rows.into_iter().filter(Row::is_tried).collect();
    let (ours, theirs) = (our_crds(&rows), their_crds(&tool, &rows));
    let failures = rows
        .iter()
        .filter_map(|row| failure(row, &ours[&row.name], &theirs[&row.name]));
    let mut failures: Vec<String> = failures.collect();
    failures.extend(server::verdicts(&rows, &ours, &theirs));
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

/// Every marker that controller-gen knows has a row.
#[test]
fn no_marker_is_left_out() {
    let Some(tool) = tool::controller_gen() else {
        return;
    };
    let tables = tables();
    let rows = tables.iter().flat_map(|table| &table.rows);
    let named: Vec<&str> = rows.flat_map(|row| row.keys("marker")).collect();
    let is_named = |marker: &str| {
        let rest = |text: &str| {
            text.strip_prefix('+')?
                .strip_prefix(marker)
                .map(str::to_owned)
        };
        named
            .iter()
            .filter_map(|text| rest(text))
            .any(|rest| rest.is_empty() || rest.starts_with(['=', ':', ' ']))
    };
    let left_out: BTreeSet<String> = ["crd", "object", "applyconfiguration"]
        .iter()
        .flat_map(|generator| markers(&tool, generator))
        .filter(|marker| !marker.contains(":items:") && !is_named(marker))
        .collect();
    assert!(left_out.is_empty(), "{left_out:?}");
}

fn markers(tool: &Path, generator: &str) -> Vec<String> {
    let output = Command::new(tool).args([generator, "-wwww"]).output();
    let categories: Value = serde_json::from_slice(&output.unwrap().stdout).unwrap();
    let categories = categories.as_array().unwrap().iter();
    let markers = categories.flat_map(|category| category["markers"].as_array().unwrap());
    let markers: Vec<String> = markers
        .map(|marker| marker["name"].as_str().unwrap().to_owned())
        .collect();
    assert!(!markers.is_empty(), "{generator}");
    markers
}

fn failure(row: &Row, ours: &Value, theirs: &Value) -> Option<String> {
    let theirs = compare::as_ours(theirs);
    let part = |section| serde_yaml::from_str::<Value>(row.section(section)).unwrap();
    let shown = |crd: &Value| rustop::manifests::yaml::to_string(crd);
    let mut wrong = Vec::new();
    if !compare::holds(ours, &part("yaml")) {
        wrong.push("`yaml` is not in ours".to_owned());
    }
    if row.has("go yaml") {
        if !compare::holds(&theirs, &part("go yaml")) {
            wrong.push(format!("`go yaml` is not in theirs:\n{}", shown(&theirs)));
        }
        if ours == &theirs {
            wrong.push("there is no difference".to_owned());
        }
    } else if ours != &theirs {
        wrong.push(format!("theirs:\n{}", shown(&theirs)));
    }
    (!wrong.is_empty())
        .then(|| format!("{}: {}\nours:\n{}", row.name, wrong.join("\n"), shown(ours)))
}

/// What `rustop manifests` writes for a project of all rows.
fn our_crds(rows: &[Row]) -> Crds {
    let sandbox = Sandbox::in_memory();
    sandbox.ok("init --domain example.com --project-name rows --license none --quiet");
    for row in rows {
        for version in versions(row) {
            create(&sandbox, row, version);
        }
    }
    check_project(&sandbox, rows);
    for row in rows {
        let module = row.name.replace('-', "_") + "_row";
        for version in versions(row) {
            let path = format!("api/src/{version}/{module}.rs");
            assert!(sandbox.exists(&path), "{path}");
            sandbox.write(&path, sources::rust(row, version));
        }
    }
    let _turn = turn();
    let project = Generated::new("crd-markers", &sandbox);
    let run = project.rustop("manifests");
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    let files = project.files();
    let crd = |row: &Row| {
        let path = format!("config/crd/bases/{OURS}_{}.yaml", plural(row));
        serde_yaml::from_slice(&files[&path].0).unwrap()
    };
    rows.iter()
        .map(|row| (row.name.clone(), crd(row)))
        .collect()
}

fn versions(row: &Row) -> Vec<&'static str> {
    match row.has("project") {
        true => vec!["v1", OLDER],
        false => vec!["v1"],
    }
}

fn create(sandbox: &Sandbox, row: &Row, version: &str) {
    let usual = format!("--plural {}", plural(row));
    let plural = row.key("create").unwrap_or(&usual);
    let older = row.key("older").filter(|_| version == OLDER);
    let (kind, older) = (kind(row), older.unwrap_or_default());
    sandbox.ok(&format!(
        "create api --quiet --group rows --version {version} --kind {kind} --resource --controller=false {plural} {older}"
    ));
}

/// What `rustop create api` wrote below `api` of the row's older version.
fn check_project(sandbox: &Sandbox, rows: &[Row]) {
    let project: Value = serde_yaml::from_str(&sandbox.read("PROJECT")).unwrap();
    for row in rows.iter().filter(|row| row.has("project")) {
        let keys: Value = serde_yaml::from_str(row.section("project")).unwrap();
        let mut resources = project["resources"].as_array().unwrap().iter();
        let older = resources.find(|one| one["kind"] == kind(row) && one["version"] == OLDER);
        let api = &older.unwrap()["api"];
        assert!(compare::includes(api, &keys), "{}: {api}", row.name);
    }
}

/// What controller-gen writes for a Go package of each version.
fn their_crds(tool: &Path, rows: &[Row]) -> Crds {
    let module = tempfile::tempdir().unwrap();
    let write = |path: &str, text: String| {
        let path = module.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    for file in ["go.mod", "go.sum"] {
        let pinned = tool::root().join("tests/controller-gen").join(file);
        write(file, std::fs::read_to_string(pinned).unwrap());
    }
    for version in ["v1", OLDER] {
        let group = format!("// +groupName={THEIRS}\npackage {version}\n");
        write(&format!("{version}/doc.go"), group);
        for row in rows.iter().filter(|row| versions(row).contains(&version)) {
            write(
                &format!("{version}/{}.go", row.name),
                sources::go(row, version),
            );
        }
    }
    let mut command = Command::new(tool);
    command.args(["crd", "paths=./...", "output:crd:dir=crd"]);
    let run = Run::of(command.current_dir(module.path()).output().unwrap());
    assert_eq!(run.code, 0, "controller-gen: {}{}", run.stdout, run.stderr);
    let crd = |row: &Row| {
        let path = module
            .path()
            .join(format!("crd/{THEIRS}_{}.yaml", plural(row)));
        serde_yaml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
    };
    rows.iter()
        .map(|row| (row.name.clone(), crd(row)))
        .collect()
}

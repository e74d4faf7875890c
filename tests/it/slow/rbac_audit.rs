//! `rustop rbac audit` as users run it: a generated project whose controller does
//! what it has no right to, and has a right that it does not need.

use std::path::Path;

use super::generated::{Generated, target, turn};
use crate::sandbox::slow;

const CONTROLLER: &str = "src/controller/my_app.rs";

/// Where the scaffold leaves room.
const ROOM: &str = "        let mut status = object.status.clone().unwrap_or_default();\n";

/// Creates a ConfigMap, for which no marker gives the right; it may be there already.
const CREATES: &str = "        let map = serde_json::from_value(serde_json::json!({\"metadata\": {\"name\": \"made\"}}))?;
        let maps: Api<k8s_openapi::api::core::v1::ConfigMap> =
            Api::namespaced(self.client.clone(), \"default\");
        let _ = maps.create(&Default::default(), &map).await;
";

/// A right that nothing needs.
const TOO_MUCH: &str = "// +rustop:rbac:groups=apps,resources=deployments,verbs=list;watch";

/// The log that the fast ring reads.
const KEPT: &str = "tests/data/audit/operator.log";

/// Least privilege: an own kind with its finalizer and status, and a kind that is watched.
#[test]
fn a_fresh_project_has_the_rights_that_it_needs_and_no_more() {
    if !slow("rbac audit of fresh projects") {
        return;
    }
    let _turn = turn();
    for name in ["myapp", "core"] {
        let project = Generated::named(name);
        let run = project.rustop("rbac audit --check --output json -- --test integration");
        assert_eq!(run.code, 0, "{name}: {}\n{}", run.stdout, run.stderr);
        let found = run.json();
        assert!(found["requests"].as_u64().unwrap() > 2, "{found:#}");
    }
}

#[test]
fn a_right_that_is_missing_and_one_too_many_are_both_named() {
    if !slow("rbac audit") {
        return;
    }
    let _turn = turn();
    let project = Generated::named("myapp");
    project.replace(CONTROLLER, ROOM, &format!("{CREATES}{ROOM}"));
    let first = "// +rustop:rbac:groups=apps.example.com,resources=myapps,";
    project.replace(CONTROLLER, first, &format!("{TOO_MUCH}\n{first}"));
    let run = project.rustop("rbac audit --check --output json -- --test integration");
    assert_eq!(run.code, 4, "{}", run.stderr);
    let found = run.json();
    let missing = found["missing"].as_array().unwrap();
    assert_eq!(missing.len(), 1, "{found:#}");
    let marker = "// +rustop:rbac:groups=core,resources=configmaps,verbs=create";
    assert_eq!(missing[0]["marker"], marker);
    let unneeded = found["unneeded"].as_array().unwrap();
    assert_eq!(unneeded.len(), 1, "{found:#}");
    assert_eq!(unneeded[0]["file"], CONTROLLER, "{found:#}");
    let planted = "`list`, `watch` of `deployments.apps`";
    assert_eq!(unneeded[0]["rights"][0], planted, "{found:#}");
    keep_the_log();
}

/// With `UPDATE_AUDIT=1` the longest log of this run becomes the fast ring's.
fn keep_the_log() {
    if std::env::var_os("UPDATE_AUDIT").is_none() {
        return;
    }
    let logs = std::fs::read_dir(target().join("rustop-audit")).unwrap();
    let logs = logs.map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap());
    let log = logs
        .max_by_key(|log| log.matches("configmaps").count())
        .unwrap();
    let lines = log
        .lines()
        .filter(|line| line.contains("operator-system:controller-manager"));
    let text: String = lines.map(|line| format!("{line}\n")).collect();
    std::fs::create_dir_all(Path::new(KEPT).parent().unwrap()).unwrap();
    std::fs::write(KEPT, text).unwrap();
}

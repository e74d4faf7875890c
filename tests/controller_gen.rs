//! Compares our roles with those of controller-gen, case by case.
//!
//! Slow ring: runs with `RUSTOP_SLOW=1` and needs Go. controller-gen is built
//! once from the pin in `tests/controller-gen` into the user's cache. The cases
//! are data, `tests/data/rbac/<case>/markers.txt`: the arguments of one marker a
//! line (a line that begins with `+` is a whole marker, one that begins with
//! `# ` says what the case is for). What is right is what controller-gen says:
//! the roles are compared as data, refusals as refusals. Where rustop differs on
//! purpose, `difference.txt` says why, and the test asks that it does differ.
#![allow(
    clippy::disallowed_methods,
    reason = "tests write packages for controller-gen"
)]
#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use rustop::manifests::role::{RoleOptions, derive};
use rustop::tree::RelativePath;
use serde::Deserialize as _;
use serde_json::Value;

const VERSION: &str = "v0.21.0";
const TOOL: &str = "sigs.k8s.io/controller-tools/cmd/controller-gen";

/// The roles of a set of markers, or the refusal.
type Verdict = Result<Vec<Value>, String>;

#[test]
fn roles_of_all_cases_are_those_of_controller_gen() {
    let Some(tool) = controller_gen() else { return };
    let mut failures = Vec::new();
    let mut count = 0;
    for entry in fs::read_dir(root().join("tests/data/rbac")).unwrap() {
        let folder = entry.unwrap().path();
        count += 1;
        failures.extend(failure_of_case(&tool, &folder));
    }
    assert!(count >= 30, "only {count} cases were found");
    assert!(
        failures.is_empty(),
        "{} of {count} cases:\n{}",
        failures.len(),
        failures.join("\n")
    );
}

#[test]
fn roles_of_random_rules_are_those_of_controller_gen() {
    let Some(tool) = controller_gen() else { return };
    compare_random(&tool, prop::collection::vec(random_rule(), 1..6));
}

#[test]
fn random_texts_are_read_as_controller_gen_reads_them() {
    let Some(tool) = controller_gen() else { return };
    let marker = random_text().prop_map(|text| format!("groups=a,resources=b,verbs=c,{text}"));
    compare_random(&tool, marker.prop_map(|marker| vec![marker]));
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn failure_of_case(tool: &Path, folder: &Path) -> Option<String> {
    let text = fs::read_to_string(folder.join("markers.txt")).unwrap();
    let markers: Vec<_> = text
        .lines()
        .filter(|line| !line.starts_with("# "))
        .collect();
    let (theirs, ours) = (theirs(tool, &markers), ours(&markers));
    let same = agree(&theirs, &ours);
    let expected = !folder.join("difference.txt").exists();
    (same != expected).then(|| {
        let wanted = if expected { "the same" } else { "a difference" };
        format!(
            "{}: wanted {wanted}\n  theirs: {theirs:?}\n  ours: {ours:?}",
            folder.display()
        )
    })
}

/// The wording of refusals is each tool's own.
fn agree(theirs: &Verdict, ours: &Verdict) -> bool {
    match (theirs, ours) {
        (Ok(theirs), Ok(ours)) => theirs == ours,
        (Err(_), Err(_)) => true,
        _ => false,
    }
}

/// controller-gen loses a rule where a joined one meets it (see the case
/// `joined-rule-meets-another`), and not always the same one.
fn loses(theirs: &Verdict, ours: &Verdict) -> bool {
    let (Ok(theirs), Ok(ours)) = (theirs, ours) else {
        return false;
    };
    let (theirs, ours) = (allowed(theirs), allowed(ours));
    theirs.is_subset(&ours) && theirs != ours
}

/// All that the roles allow, one thing each.
fn allowed(roles: &[Value]) -> BTreeSet<String> {
    let mut allowed = BTreeSet::new();
    for role in roles {
        for rule in role["rules"].as_array().unwrap() {
            let fields = [
                "apiGroups",
                "resources",
                "resourceNames",
                "nonResourceURLs",
                "verbs",
            ];
            let mut things = vec![role["metadata"].to_string()];
            for values in fields.map(|field| rule[field].as_array().cloned().unwrap_or_default()) {
                let values = if values.is_empty() {
                    vec![Value::Null]
                } else {
                    values
                };
                let with = |thing: &String| values.iter().map(|v| format!("{thing} {v}")).collect();
                things = things.iter().flat_map::<Vec<_>, _>(with).collect();
            }
            allowed.extend(things);
        }
    }
    allowed
}

fn compare_random(tool: &Path, markers: impl Strategy<Value = Vec<String>>) {
    let config = Config {
        cases: 60,
        failure_persistence: None,
        ..Config::default()
    };
    let verdict = TestRunner::new(config).run(&markers, |markers| {
        let markers: Vec<_> = markers.iter().map(String::as_str).collect();
        let (theirs, ours) = (theirs(tool, &markers), ours(&markers));
        prop_assume!(!loses(&theirs, &ours));
        prop_assert!(agree(&theirs, &ours), "theirs: {theirs:?}\nours: {ours:?}");
        Ok(())
    });
    if let Err(failure) = verdict {
        panic!("{failure}");
    }
}

/// A rule that any API server takes, from few words, so that rules meet.
fn random_rule() -> impl Strategy<Value = String> {
    let resources = (
        list(&["core", "\"\"", "apps", "batch"]),
        list(&["pods", "jobs", "pods/status", "*"]),
        prop::option::of(list(&["one", "two"])),
        prop::option::of(prop::sample::select(vec!["here", "there"])),
    );
    let resources = resources.prop_map(|(groups, resources, names, namespace)| {
        let names = names
            .map(|names| format!(",resourceNames={names}"))
            .unwrap_or_default();
        let namespace = namespace
            .map(|name| format!(",namespace={name}"))
            .unwrap_or_default();
        format!("groups={groups},resources={resources}{names}{namespace}")
    });
    let urls = list(&["/a", "/b/*", "/c"]).prop_map(|urls| format!("urls={urls}"));
    let role = prop::option::weighted(0.2, prop::sample::select(vec!["other", "manager-role"]));
    let verbs = list(&["get", "list", "watch", "*"]);
    (prop_oneof![4 => resources, 1 => urls], verbs, role).prop_map(|(what, verbs, role)| {
        let role = role
            .map(|role| format!(",roleName={role}"))
            .unwrap_or_default();
        format!("{what},verbs={verbs}{role}")
    })
}

fn list(words: &'static [&'static str]) -> impl Strategy<Value = String> {
    let words = prop::collection::vec(prop::sample::select(words), 1..4);
    (words, any::<bool>()).prop_map(|(words, braces)| {
        if braces {
            format!("{{{}}}", words.join(","))
        } else {
            words.join(";")
        }
    })
}

/// Pieces of the grammar in any order. Space before a separator is left out:
/// there rustop differs on purpose, and `verbs`, which it refuses when empty.
fn random_text() -> impl Strategy<Value = String> {
    let pieces = "resourceNames=|namespace=|roleName=|,|,|;|;|{|}|:|=|x|y|1|-|.|/|'|\"|`|\"q,\"|`r;`|\\| z|é";
    let pieces: Vec<_> = pieces.split('|').collect();
    let pieces = prop::collection::vec(prop::sample::select(pieces), 1..9);
    pieces.prop_map(|pieces| format!("resourceNames={}", pieces.concat()))
}

fn ours(markers: &[&str]) -> Verdict {
    let source = comments(markers, "rustop");
    let path = RelativePath::new("src/a.rs").unwrap();
    match derive(&[(path, source)], &RoleOptions::default()) {
        Ok(roles) => Ok(documents(&roles.text)),
        Err(problems) => Err(problems.iter().map(ToString::to_string).collect()),
    }
}

fn theirs(tool: &Path, markers: &[&str]) -> Verdict {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("go.mod"),
        "module example.com/a\n\ngo 1.24\n",
    )
    .unwrap();
    let source = format!("package a\n\n{}", comments(markers, "kubebuilder"));
    fs::write(folder.path().join("a.go"), source).unwrap();
    let output = Command::new(tool)
        .args([
            "rbac:roleName=manager-role",
            "paths=./...",
            "output:rbac:stdout",
        ])
        .current_dir(folder.path())
        .output()
        .unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    match output.status.success() {
        true => Ok(documents(&String::from_utf8(output.stdout).unwrap())),
        // Only a refused marker counts, not a Go source that cannot be read.
        false if errors.contains("a.go:") && errors.contains("(at <input>") => Err(errors),
        false => panic!("controller-gen failed: {errors}"),
    }
}

fn comments(markers: &[&str], prefix: &str) -> String {
    let line = |marker: &&str| match marker.strip_prefix('+') {
        Some(whole) => format!("// +{}\n", whole.replacen("kubebuilder", prefix, 1)),
        None => format!("// +{prefix}:rbac:{marker}\n"),
    };
    markers.iter().map(line).collect()
}

/// All documents, without a role that allows nothing: where controller-gen
/// writes no file, rustop writes an empty role.
fn documents(text: &str) -> Vec<Value> {
    let documents = serde_yaml::Deserializer::from_str(text);
    let documents = documents.map(|document| Value::deserialize(document).unwrap());
    documents
        .filter(|role| !role.is_null() && role["rules"] != serde_json::json!([]))
        .collect()
}

/// The tool, or `None` outside the slow ring.
#[expect(clippy::print_stderr, reason = "a skipped test says so")]
fn controller_gen() -> Option<PathBuf> {
    if std::env::var_os("RUSTOP_SLOW").is_none_or(|value| value.is_empty() || value == "0") {
        eprintln!("skipped: compares with controller-gen when RUSTOP_SLOW=1 is set");
        return None;
    }
    let tool = cache().join(VERSION).join("controller-gen");
    if !tool.exists() {
        build(&tool);
    }
    Some(tool)
}

fn cache() -> PathBuf {
    let set = |name| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    let cache = set("XDG_CACHE_HOME").or_else(|| set("HOME").map(|home| home.join(".cache")));
    cache
        .unwrap_or_else(std::env::temp_dir)
        .join("rustop/controller-gen")
}

/// Builds beside the goal and renames, so that two tests may build at once.
fn build(tool: &Path) {
    let pin = root().join("tests/controller-gen");
    let pinned = fs::read_to_string(pin.join("go.mod")).unwrap();
    assert!(
        pinned.contains(&format!("controller-tools {VERSION} ")),
        "go.mod pins {VERSION}"
    );
    fs::create_dir_all(tool.parent().unwrap()).unwrap();
    let folder = tempfile::tempdir_in(tool.parent().unwrap()).unwrap();
    let built = folder.path().join("controller-gen");
    let status = Command::new("go")
        .args(["build", "-mod=readonly", "-trimpath", "-o"])
        .args([built.as_os_str(), TOOL.as_ref()])
        .current_dir(pin)
        .status()
        .expect("failed to start `go`\nhelp: install Go, the slow ring needs it");
    assert!(status.success(), "failed to build controller-gen");
    fs::rename(built, tool).unwrap();
}

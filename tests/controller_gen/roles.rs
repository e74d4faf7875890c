//! Compares our roles with those of controller-gen, case by case.
//!
//! The cases are data, `tests/data/rbac/<case>/markers.txt`: the arguments of one marker a
//! line (a line that begins with `+` is a whole marker, one that begins with
//! `# ` says what the case is for). What is right is what controller-gen says:
//! the roles are compared as data, refusals as refusals. Where rustop differs on
//! purpose, `difference.txt` says why, and the test asks that it does differ.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use rustop::manifests::role::{RoleOptions, derive};
use rustop::tree::RelativePath;
use serde_json::Value;

use crate::tool::{self, Verdict, agree, controller_gen, root};

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
    let source = comments(markers, "kubebuilder");
    let output = tool::run(
        tool,
        &["rbac:roleName=manager-role", "output:rbac:stdout"],
        &source,
    );
    output.map(|text| documents(&text))
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
    let mut documents = tool::documents(text);
    documents.retain(|role| role["rules"] != serde_json::json!([]));
    documents
}

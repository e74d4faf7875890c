//! Dependencies that the user changed, or had before the scaffold did.

use super::tests::{BASE, check_remarks, conflicts, edited};
use crate::change::Favor;

/// A workspace's root with the crate `tool`, as `create api` writes it.
const WITH: &str = r#"[workspace]
members = ["."]

[workspace.dependencies]
serde = "1.0.228"
tool = { path = "../tool" }

[package]
name = "demo"

[dependencies]
serde.workspace = true
tool.workspace = true
"#;

const SHARED: &str = "tool = { path = \"../tool\" }\n";
const INHERITED: &str = "tool.workspace = true\n";
const FEATURES: &str = "tool = { workspace = true, features = [\"z\"] }\n";
const KEPT: &str = "`tool` stays as you have it; the scaffold needs it no more";

fn with(edits: &[(&str, &str)]) -> String {
    edits.iter().fold(WITH.to_owned(), |text, (old, new)| {
        assert!(text.contains(old), "{old}");
        text.replace(old, new)
    })
}

fn without() -> String {
    with(&[(SHARED, ""), (INHERITED, "")])
}

/// The scaffold drops the crate from what the user has edited.
fn check_dropped(ours: &[(&str, &str)], expected: &[(&str, &str)], remarks: &[&str]) {
    check_remarks(WITH, &with(ours), &without(), &with(expected), remarks);
}

#[test]
fn a_dropped_dependency_that_the_user_changed_stays() {
    let bumped = ("1.0.228", "1.0.240");
    check_remarks(
        BASE,
        &edited(&[bumped]),
        &edited(&[("serde = \"1.0.228\"\n", "")]),
        &edited(&[bumped]),
        &["`serde` stays as you have it; the scaffold needs it no more"],
    );
    let own = [(INHERITED, "tool = \"2\"\n")];
    let alone = [own[0], (SHARED, "")];
    check_dropped(&own, &alone, &[KEPT]);
    check_dropped(&alone, &alone, &[KEPT]);
    check_dropped(&[], &[(SHARED, ""), (INHERITED, "")], &[]);
}

#[test]
fn what_a_row_inherits_stays_with_it() {
    let check = |ours: &[(&str, &str)]| check_dropped(ours, ours, &[KEPT]);
    check(&[(INHERITED, FEATURES)]);
    let long = "\n[dependencies.tool]\nworkspace = true\nfeatures = [\"z\"]\n";
    check(&[(INHERITED, long)]);
    let commented = format!("# mine\n{SHARED}");
    check(&[(SHARED, &commented), (INHERITED, FEATURES)]);
    let tests = "\n[dev-dependencies]\ntool.workspace = true\n";
    check_dropped(&[(INHERITED, tests)], &[(INHERITED, tests)], &[KEPT]);
    let both = format!("{INHERITED}{tests}");
    check_dropped(&[(INHERITED, &both)], &[(INHERITED, tests)], &[KEPT]);
}

#[test]
fn what_inherits_a_row_of_the_users_stays_with_it() {
    let features = "tool = { path = \"../tool\", features = [\"z\"] }\n";
    check_dropped(&[(SHARED, features)], &[(SHARED, features)], &[KEPT]);
    let gone = [(SHARED, features), (INHERITED, "")];
    check_dropped(&gone, &gone, &[KEPT]);
}

#[test]
fn markers_leave_nothing_that_inherits_nothing() {
    let commented = format!("# mine\n{INHERITED}");
    let merged = conflicts(WITH, &with(&[(INHERITED, &commented)]), &without());
    for favor in [Favor::Ours, Favor::Theirs, Favor::Markers] {
        let text = String::from_utf8(merged.resolve(favor)).unwrap();
        assert!(text.contains(SHARED), "{text}");
    }
    assert_eq!(merged.conflicts()[0].theirs, "");
}

#[test]
fn a_dependency_that_both_sides_add_is_the_users() {
    let stands = |line: &str| format!("your `tool` stands; the scaffold would have `{line}`");
    let (row, inherited) = (
        stands("tool = { path = \"../tool\" }"),
        stands("tool.workspace = true"),
    );
    let check = |shared: &str, member: &str, expected_shared: &str, remarks: &[&str]| {
        let ours = with(&[(SHARED, shared), (INHERITED, member)]);
        let expected = with(&[(SHARED, expected_shared), (INHERITED, member)]);
        check_remarks(&without(), &ours, WITH, &expected, remarks);
        // And it is the user's still when the scaffold has it no more.
        let left = if shared.is_empty() {
            ""
        } else {
            expected_shared
        };
        let left = with(&[(SHARED, left), (INHERITED, member)]);
        check_remarks(WITH, &expected, &without(), &left, &[KEPT]);
    };
    let own = "tool = { version = \"1.9\", features = [\"z\"] }\n";
    check("", own, SHARED, &[&inherited]);
    check("", "tool = \"1.9\" # mine\n", SHARED, &[&inherited]);
    check(own, INHERITED, own, &[&row]);
    check(own, FEATURES, own, &[&row, &inherited]);
}

/// There `features` must come together, or the scaffold does not compile.
#[test]
fn the_first_scaffold_brings_its_features() {
    let ours = "[workspace.dependencies]\ntool = \"1.9\"\n";
    let theirs = "[workspace.dependencies]\ntool = { version = \"1.2\", features = [\"z\"] }\n";
    let expected = theirs.replace("1.2", "1.9");
    check_remarks("", ours, theirs, &expected, &[]);
}

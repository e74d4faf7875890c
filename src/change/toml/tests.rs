//! Manifests as people and bots edit them.

use crate::change::{Favor, Merge, merge};
use crate::tree::RelativePath;

pub(super) const BASE: &str = r#"[package]
name = "guestbook"
version = "0.1.0"
rust-version = "1.89"

[dependencies]
kube = { version = "5.0.0", features = ["runtime"] }
serde = "1.0.228"
tokio = { version = "1.48.0", features = ["macros"] }
"#;

fn manifest(base: &str, ours: &str, theirs: &str) -> Merge {
    let path = RelativePath::new("api/Cargo.toml").unwrap();
    merge(&path, base.as_bytes(), ours.as_bytes(), theirs.as_bytes())
}

fn resolved(merged: &Merge, favor: Favor) -> String {
    String::from_utf8(merged.resolve(favor)).unwrap()
}

pub(super) fn check(base: &str, ours: &str, theirs: &str, expected: &str) {
    check_remarks(base, ours, theirs, expected, &[]);
}

/// The outcome of a merge without conflicts, and what is said of it.
pub(super) fn check_remarks(
    base: &str,
    ours: &str,
    theirs: &str,
    expected: &str,
    remarks: &[&str],
) {
    let merged = manifest(base, ours, theirs);
    assert_eq!(
        merged.remarks(),
        remarks,
        "{base}\n---\n{ours}\n---\n{theirs}"
    );
    assert_eq!(merged.conflicts(), [], "{base}\n---\n{ours}\n---\n{theirs}");
    assert_eq!(
        resolved(&merged, Favor::Markers),
        expected,
        "{base}\n---\n{ours}\n---\n{theirs}"
    );
    let again = manifest(theirs, expected, theirs);
    assert_eq!(resolved(&again, Favor::Markers), expected);
}

/// Both sides are the base with some texts replaced, and so is the outcome.
pub(super) fn check_edits(
    ours: &[(&str, &str)],
    theirs: &[(&str, &str)],
    expected: &[(&str, &str)],
) {
    check(BASE, &edited(ours), &edited(theirs), &edited(expected));
}

pub(super) fn edited(edits: &[(&str, &str)]) -> String {
    edits.iter().fold(BASE.to_owned(), |text, (old, new)| {
        assert!(text.contains(old), "{old}");
        text.replace(old, new)
    })
}

pub(super) fn conflicts(base: &str, ours: &str, theirs: &str) -> Merge {
    let merged = manifest(base, ours, theirs);
    assert!(
        !merged.is_clean(),
        "{base}\n---\n{ours}\n---\n{theirs}\n---\n{}",
        resolved(&merged, Favor::Ours)
    );
    assert!(crate::change::has_conflict_markers(
        &merged.resolve(Favor::Markers)
    ));
    merged
}

#[test]
fn a_dependency_beside_ours_is_no_conflict() {
    check_edits(
        &[("tokio =", "anyhow = \"1\" # mine\ntokio =")],
        &[("serde = \"1.0.228\"", "serde = \"1.0.230\"")],
        &[
            ("tokio =", "anyhow = \"1\" # mine\ntokio ="),
            ("serde = \"1.0.228\"", "serde = \"1.0.230\""),
        ],
    );
    let mine = ("[\"macros\"] }\n", "[\"macros\"] }\nurl = \"2\"\n");
    let new = ("[\"macros\"] }\n", "[\"macros\"] }\ntracing = \"0.1\"\n");
    let both = (
        "[\"macros\"] }\n",
        "[\"macros\"] }\nurl = \"2\"\ntracing = \"0.1\"\n",
    );
    check_edits(&[mine], &[new], &[both]);
}

#[test]
fn the_higher_version_wins() {
    check_edits(
        &[("1.0.228", "1.0.240")],
        &[("1.0.228", "1.0.230")],
        &[("1.0.228", "1.0.240")],
    );
    check_edits(
        &[("1.0.228", "1.0.229")],
        &[("1.0.228", "1.0.230")],
        &[("1.0.228", "1.0.230")],
    );
    check_edits(
        &[("\"5.0.0\"", "\"5.1.0\"")],
        &[("\"5.0.0\"", "\"6\"")],
        &[("\"5.0.0\"", "\"6\"")],
    );
    check_edits(
        &[("1.89", "1.95")],
        &[("1.89", "1.90")],
        &[("1.89", "1.95")],
    );
    let bare = ("\"1.0.228\"", "\"1.0.240\" # pinned by hand");
    check_edits(&[bare], &[("1.0.228", "1.0.230")], &[bare]);
    check_edits(
        &[("\"1.0.228\"", "\"1.0.229\" # mine")],
        &[("1.0.228", "1.0.230")],
        &[("\"1.0.228\"", "\"1.0.230\" # mine")],
    );
}

#[test]
fn short_and_long_form_of_a_dependency_are_one() {
    let long = (
        "serde = \"1.0.228\"",
        "serde = { version = \"1.0.228\", features = [\"rc\"] }",
    );
    check_edits(
        &[long],
        &[("1.0.228", "1.0.230")],
        &[(
            "serde = \"1.0.228\"",
            "serde = { version = \"1.0.230\", features = [\"rc\"] }",
        )],
    );
    check_edits(
        &[("\"1.0.228\"", "\"1.0.240\"")],
        &[long],
        &[(
            "serde = \"1.0.228\"",
            "serde = { version = \"1.0.240\", features = [\"rc\"] }",
        )],
    );
    check_edits(
        &[("serde = \"1.0.228\"", "serde = { version = \"1.0.228\" }")],
        &[("1.0.228", "1.0.230")],
        &[("serde = \"1.0.228\"", "serde = { version = \"1.0.230\" }")],
    );
    let table = "\n[dependencies.serde]\nversion = \"1.0.228\"\nfeatures = [\"rc\"]\n";
    check(
        BASE,
        &(BASE.replace("serde = \"1.0.228\"\n", "") + table),
        &edited(&[("1.0.228", "1.0.230")]),
        &(BASE.replace("serde = \"1.0.228\"\n", "") + &table.replace("1.0.228", "1.0.230")),
    );
}

#[test]
fn lists_are_merged_as_sets() {
    let list = "[\"macros\"]";
    check_edits(
        &[(list, "[\"macros\", \"fs\"]")],
        &[(list, "[\"macros\", \"net\"]")],
        &[(list, "[\"macros\", \"fs\", \"net\"]")],
    );
    check_edits(
        &[(list, "[\"fs\", \"macros\"]")],
        &[(list, "[\"net\"]")],
        &[(list, "[\"fs\", \"net\"]")],
    );
    check_edits(
        &[(list, "[\"fs\", \"macros\"]")],
        &[(list, "[]")],
        &[(list, "[\"fs\"]")],
    );
    check_edits(
        &[(list, "[\"macros\", \"fs\"]")],
        &[(list, "[]")],
        &[(list, "[\"fs\"]")],
    );
    check_edits(
        &[(list, "[]")],
        &[(list, "[\"macros\", \"net\"]")],
        &[(list, "[\"net\"]")],
    );
    check_edits(
        &[(list, "[\"macros\", \"net\"]")],
        &[(list, "[\"net\", \"macros\"]")],
        &[(list, "[\"macros\", \"net\"]")],
    );
    check_edits(
        &[(list, "[\n  \"macros\",\n  \"fs\", # mine\n]")],
        &[(list, "[\"macros\", \"net\"]")],
        &[(list, "[\n  \"macros\",\n  \"fs\", # mine\n  \"net\",\n]")],
    );
    check_edits(
        &[(list, "[\n  \"macros\",\n  # mine\n  \"fs\"\n]")],
        &[(list, "[\"macros\", \"net\"]")],
        &[(list, "[\n  \"macros\",\n  # mine\n  \"fs\",\n  \"net\"\n]")],
    );
}

#[test]
fn what_the_user_deleted_stays_deleted_and_what_we_dropped_goes() {
    let serde = "serde = \"1.0.228\"\n";
    check_edits(
        &[(serde, "")],
        &[("5.0.0", "5.1.0")],
        &[(serde, ""), ("5.0.0", "5.1.0")],
    );
    check_edits(
        &[("5.0.0", "5.1.0")],
        &[(serde, "")],
        &[(serde, ""), ("5.0.0", "5.1.0")],
    );
    check_edits(&[(serde, "")], &[(serde, "")], &[(serde, "")]);
    let base = format!("{BASE}\n[profile.release]\nstrip = true\n");
    check(
        &base,
        BASE,
        &base.replace("5.0.0", "5.1.0"),
        &edited(&[("5.0.0", "5.1.0")]),
    );
    check(
        &base,
        &base.replace("5.0.0", "5.1.0"),
        BASE,
        &edited(&[("5.0.0", "5.1.0")]),
    );
}

#[test]
fn what_both_sides_added_in_different_places_is_there_once() {
    let list = |names: &str| edited(&[("[\"macros\"]", &format!("[\n  {names}\n]"))]);
    let (base, ours) = (
        list("\"macros\",\n  \"rt\","),
        list("\"fs\",\n  \"macros\",\n  \"rt\","),
    );
    check(
        &base,
        &ours,
        &list("\"macros\",\n  \"rt\",\n  \"fs\","),
        &ours,
    );
    let url = |before: &str| edited(&[(before, &format!("url = \"2\"\n{before}"))]);
    check(BASE, &url("kube ="), &url("tokio ="), &url("kube ="));
}

#[test]
fn a_commented_dependency_that_we_drop_is_one_hunk() {
    let (serde, mine) = (
        "serde = \"1.0.228\"\n",
        "# for the parser\nserde = \"1.0.228\" # mine\n",
    );
    let merged = conflicts(BASE, &edited(&[(serde, mine)]), &edited(&[(serde, "")]));
    let hunk = &merged.conflicts()[0];
    assert_eq!((merged.conflicts().len(), hunk.line), (1, 8));
    assert_eq!([&*hunk.base, &*hunk.ours, &*hunk.theirs], [serde, mine, ""]);
}

#[test]
fn both_sides_of_a_conflict_are_shown_and_the_rest_is_merged() {
    let ours = edited(&[("guestbook", "visitors"), ("1.0.228", "1.0.240")]);
    let theirs = edited(&[("guestbook", "guests"), ("5.0.0", "5.1.0")]);
    let merged = conflicts(BASE, &format!("# mine\n{ours}"), &theirs);
    let hunk = &merged.conflicts()[0];
    assert_eq!((merged.conflicts().len(), hunk.line), (1, 3));
    assert_eq!(hunk.base, "name = \"guestbook\"\n");
    assert_eq!(hunk.ours, "name = \"visitors\"\n");
    assert_eq!(hunk.theirs, "name = \"guests\"\n");
    let rest = format!("# mine\n{}", ours.replace("5.0.0", "5.1.0"));
    assert_eq!(resolved(&merged, Favor::Ours), rest);
    assert_eq!(
        resolved(&merged, Favor::Theirs),
        rest.replace("visitors", "guests")
    );
    let marked = "<<<<<<< yours\nname = \"visitors\"\n||||||| base\nname = \"guestbook\"\n=======\nname = \"guests\"\n>>>>>>> rustop\n";
    assert_eq!(
        resolved(&merged, Favor::Markers),
        rest.replace("name = \"visitors\"\n", marked)
    );
}

#[test]
fn what_cannot_be_decided_is_a_conflict() {
    let serde = "serde = \"1.0.228\"\n";
    let check = |ours: (&str, &str), theirs: (&str, &str)| {
        conflicts(BASE, &edited(&[ours]), &edited(&[theirs]))
    };
    check((serde, ""), ("1.0.228", "1.0.230"));
    check(("\"1.0.228\"", "\"=1.0.228\""), ("1.0.228", "1.0.230"));
    check(("1.0.228", "1.0.100"), ("1.0.228", "1.0.230"));
    check(
        ("\"1.0.228\"", "{ workspace = true }"),
        ("1.0.228", "1.0.230"),
    );
    check(("\"0.1.0\"", "\"0.2.0\""), ("\"0.1.0\"", "\"0.3.0\""));
    check(
        (serde, "# needed by the parser\nserde = \"1.0.228\"\n"),
        (serde, ""),
    );
    check(
        ("[\"macros\"]", "[\"macros\", 1]"),
        ("[\"macros\"]", "[\"net\"]"),
    );
    check(
        ("features = [\"macros\"]", "optional = true"),
        ("[\"macros\"]", "[\"net\"]"),
    );
}

#[test]
fn a_deleted_table_that_we_changed_is_a_conflict() {
    let base = format!("{BASE}\n[profile.release]\nstrip = true\n");
    let merged = conflicts(&base, BASE, &base.replace("true", "false"));
    assert_eq!(resolved(&merged, Favor::Ours), BASE);
    assert_eq!(
        resolved(&merged, Favor::Theirs),
        base.replace("true", "false")
    );
    conflicts(&base, &base.replace("true", "true # mine"), BASE);
}

#[test]
fn what_is_no_toml_is_merged_by_lines() {
    let broken = edited(&[("[package]", "[package")]);
    check(
        BASE,
        &broken,
        &edited(&[("1.48.0", "1.50.0")]),
        &broken.replace("1.48.0", "1.50.0"),
    );
    conflicts(
        BASE,
        &edited(&[("1.0.228\"", "1.0.240")]),
        &edited(&[("1.0.228", "1.0.230")]),
    );
}

#[test]
fn only_manifests_are_merged_by_key() {
    let path = RelativePath::new("deny.toml").unwrap();
    let (ours, theirs) = (
        edited(&[("1.0.228", "1.0.240")]),
        edited(&[("1.0.228", "1.0.230")]),
    );
    assert!(!merge(&path, BASE.as_bytes(), ours.as_bytes(), theirs.as_bytes()).is_clean());
}

#[test]
fn a_hunk_names_the_line_on_disk() {
    let ours = edited(&[("\"1.0.228\"", "\"=1.0.228\""), ("0.1.0", "0.2.0")]);
    let theirs = edited(&[
        ("1.0.228", "1.0.230"),
        (
            "version = \"0.1.0\"\n",
            "version = \"0.1.0\"\nedition = \"2024\"\n",
        ),
    ]);
    let merged = conflicts(BASE, &ours, &theirs);
    assert!(resolved(&merged, Favor::Ours).contains("edition"));
    assert_eq!(merged.conflicts()[0].line, 8);
}

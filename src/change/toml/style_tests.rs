//! What a merged manifest looks like.

use super::tests::{BASE, check, check_edits, conflicts, edited};
use crate::change::Favor;

#[test]
fn new_tables_come_last_with_their_comments() {
    let ours =
        edited(&[("serde = \"1.0.228\"", "serde = \"1.0.240\"")]) + "\n[features]\nextra = []\n";
    let theirs = edited(&[("1.0.228", "1.0.230")])
        + "\n# small binaries\n[profile.release]\nstrip = true # all\n";
    let expected = format!("{ours}\n# small binaries\n[profile.release]\nstrip = true # all\n");
    check(BASE, &ours, &theirs, &expected);
}

#[test]
fn a_new_table_never_parts_those_of_the_user() {
    let bins = "\n[[bin]]\nname = \"a\"\n\n[[bin]]\nname = \"b\"\n";
    let ours = edited(&[
        ("\n[dependencies]", &format!("{bins}\n[dependencies]")),
        ("1.0.228", "1.0.240"),
    ]);
    let library = "\n[lib]\nname = \"guests\"\n";
    let theirs = edited(&[
        ("\n[dependencies]", &format!("{library}\n[dependencies]")),
        ("1.0.228", "1.0.230"),
    ]);
    check(BASE, &ours, &theirs, &format!("{ours}{library}"));
}

#[test]
fn inline_tables_and_short_lists_are_spaced_as_people_write_them() {
    let list = "[\"macros\"]";
    check_edits(
        &[(list, "[\"fs\"]")],
        &[(list, "[\"macros\", \"net\"]")],
        &[(list, "[\"fs\", \"net\"]")],
    );
    check_edits(
        &[("1.48.0", "1.49.0")],
        &[(
            "features = [\"macros\"] }",
            "features = [\"macros\"], default-features = false }",
        )],
        &[
            ("1.48.0", "1.49.0"),
            (
                "features = [\"macros\"] }",
                "features = [\"macros\"], default-features = false }",
            ),
        ],
    );
    check_edits(
        &[("1.48.0", "1.49.0")],
        &[(", features = [\"macros\"] }", " }")],
        &[("1.48.0", "1.49.0"), (", features = [\"macros\"] }", " }")],
    );
}

#[test]
fn a_byte_order_mark_is_kept() {
    let marked = |edits| format!("\u{feff}{}", edited(edits));
    check(
        BASE,
        &marked(&[("0.1.0", "0.2.0")]),
        &edited(&[("1.48.0", "1.50.0")]),
        &marked(&[("0.1.0", "0.2.0"), ("1.48.0", "1.50.0")]),
    );
}

#[test]
fn a_document_that_would_be_written_otherwise_is_left_to_the_lines() {
    let ours = format!("\u{feff}{}", edited(&[("1.0.228", "1.0.240")]));
    let merged = conflicts(BASE, &ours, &edited(&[("1.0.228", "1.0.230")]));
    assert_eq!(merged.resolve(Favor::Ours), ours.into_bytes());
}

#[test]
fn comments_order_and_style_stay_the_users() {
    let ours = r#"# My operator.
[dependencies] # sorted by hand
tokio = { version = '1.48.0', features = ["macros"] }   # runtime
# for the CRDs
kube = { features = ["runtime"], version = "5.0.0" }
serde = "1.0.228"

[package]
rust-version = "1.89"
name = "guestbook"
version = "0.3.0"
# the end
"#;
    let theirs = edited(&[("5.0.0", "5.2.0"), ("1.48.0", "1.50.0"), ("1.89", "1.90")]);
    let expected = ours
        .replace("5.0.0", "5.2.0")
        .replace("'1.48.0'", "\"1.50.0\"")
        .replace("1.89", "1.90");
    check(BASE, ours, &theirs, &expected);
}

#[test]
fn line_ends_stay_the_users() {
    let windows = |text: String| text.replace('\n', "\r\n");
    check(
        BASE,
        &windows(edited(&[("1.0.228", "1.0.240")])),
        &edited(&[("1.0.228", "1.0.230"), ("5.0.0", "5.1.0")]),
        &windows(edited(&[("1.0.228", "1.0.240"), ("5.0.0", "5.1.0")])),
    );
}

#[test]
fn comments_in_a_list_outlive_what_they_stood_at() {
    let list = |names: &str| edited(&[("[\"macros\"]", &format!("[{names}]"))]);
    let base = list("\"a\", \"b\", \"c\"");
    let mine = "\n  \"a\", # about a\n  # about b\n  \"b\", # also b\n  \"c\",\n";
    check(
        &base,
        &list(mine),
        &list("\"a\", \"c\""),
        &list("\n  \"a\", # about a\n  # about b # also b\n  \"c\",\n"),
    );
    check(
        &base,
        &list(mine),
        &list("\"b\", \"c\""),
        &list(" # about a\n  # about b\n  \"b\", # also b\n  \"c\",\n"),
    );
    let ending = "\n  \"a\",\n  \"b\",\n  # about c\n  \"c\" # also c\n";
    check(
        &base,
        &list(ending),
        &list("\"a\", \"b\""),
        &list("\n  \"a\",\n  \"b\"\n  # about c\n   # also c\n"),
    );
}

#[test]
fn named_tables_are_merged_one_by_one() {
    let bins = |comment: &str, path: &str| {
        format!("{BASE}\n[[bin]]\nname = \"crdgen\"{comment}\npath = \"{path}\"\n")
    };
    let base = bins("", "a.rs");
    check(
        &base,
        &bins(" # mine", "a.rs"),
        &bins("", "b.rs"),
        &bins(" # mine", "b.rs"),
    );
    let mine = |path: &str| bins("", path) + "\n[[bin]]\nname = \"mine\"\n";
    let more = |text: String| text + "\n[[bin]]\nname = \"more\"\n";
    check(&base, &mine("a.rs"), &bins("", "b.rs"), &mine("b.rs"));
    check(
        &base,
        &mine("a.rs"),
        &more(bins("", "b.rs")),
        &more(mine("b.rs")),
    );
    check(&more(base), &mine("a.rs"), &bins("", "b.rs"), &mine("b.rs"));
}

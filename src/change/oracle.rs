//! `git merge-file` as the judge of our merge, and what must hold for any merge.
#![allow(clippy::disallowed_methods, reason = "git reads files")]

use std::fs;
use std::path::Path;
use std::process::Command;

use proptest::prelude::*;

use super::{Favor, Merge, has_conflict_markers, merge};
use crate::tree::RelativePath;

/// What git makes of the three files: its output, and whether it was clean.
fn git(folder: &Path, base: &[u8], ours: &[u8], theirs: &[u8]) -> (Vec<u8>, bool) {
    for (name, bytes) in [("base", base), ("ours", ours), ("theirs", theirs)] {
        fs::write(folder.join(name), bytes).unwrap();
    }
    let arguments = "merge-file -p --diff3 -L yours -L base -L rustop ours base theirs";
    let output = Command::new("git")
        .current_dir(folder)
        .args(arguments.split(' '))
        .output()
        .unwrap();
    (output.stdout, output.status.success())
}

fn plain(base: &[u8], ours: &[u8], theirs: &[u8]) -> Merge {
    merge(&RelativePath::new("a.txt").unwrap(), base, ours, theirs)
}

fn ours_and_git(base: &[u8], ours: &[u8], theirs: &[u8]) -> (Merge, Vec<u8>, bool) {
    let folder = tempfile::tempdir().unwrap();
    let (bytes, clean) = git(folder.path(), base, ours, theirs);
    (
        merge(&RelativePath::new("a.txt").unwrap(), base, ours, theirs),
        bytes,
        clean,
    )
}

fn check(base: &str, ours: &str, theirs: &str) {
    let (merged, bytes, clean) = ours_and_git(base.as_bytes(), ours.as_bytes(), theirs.as_bytes());
    let case = format!("{base:?} {ours:?} {theirs:?}");
    assert_eq!(
        String::from_utf8_lossy(&merged.resolve(Favor::Markers)),
        String::from_utf8_lossy(&bytes),
        "{case}"
    );
    assert_eq!(merged.is_clean(), clean, "{case}");
}

#[test]
fn git_agrees_on_the_cases_that_people_meet() {
    check("", "", "");
    check("", "a\n", "");
    check("", "a\n", "b\n");
    check("", "a\n", "a\n");
    check("a\n", "", "b\n");
    check("a\n", "", "");
    check("a\nb\nc\n", "a\nB\nc\n", "a\nb\nC\n");
    check("a\nb\nc\nd\n", "A\nb\nc\nd\n", "a\nb\nc\nD\n");
    check("a\nb\nc\n", "a\nX\nc\n", "a\nX\nc\n");
    check("a\nb\nc\n", "a\nX\nc\n", "a\nY\nc\n");
    check("a\nb\nc\n", "a\nc\n", "a\nB\nc\n");
    check("a\nb\nc\n", "a\nB\nc\n", "a\nc\n");
    check("a\nb\n", "a\nb\nc\n", "a\nb\nd\n");
    check("a\nb\n", "a\nb\nc\n", "a\nb\nc\n");
    check("a\nb\n", "c\na\nb\n", "a\nb\nd\n");
    check("a\nb\nc\nd\ne\n", "a\nB\nc\nd\ne\n", "a\nb\nc\nD\ne\n");
    check("a\nb\nc\nd\ne\n", "a\nB\nx\nc\nd\ne\n", "a\nb\nc\ne\n");
    check("a\nb\nc\n", "a\nb\n\nc\n", "a\nb\nc\n\n");
    check(
        "a\nb\nc\nd\ne\nf\ng\n",
        "X\nb\nc\nd\ne\nf\nY\n",
        "Z\nb\nc\nd\ne\nf\nW\n",
    );
}

#[test]
fn git_agrees_on_a_missing_last_newline() {
    check("a\nb", "a\nb\n", "a\nb\nc\n");
    check("a\nb", "x\na\nb", "a\nb\n");
    check("a\nb\n", "a\nb", "x\na\nb\n");
    check("a\nb\n", "a\nb", "a\nb\nc\n");
    check("a\nb\n", "a\nX", "a\nY");
    check("a\nb\nc\n", "a\nb\nC", "A\nb\nc\n");
    check("a", "b", "c");
    check("a\n", "b\n", "c");
    check("a\n", "b", "c\n");
    check("a", "b\n", "a\n");
}

#[test]
fn git_agrees_where_the_text_holds_markers() {
    check("a\n=======\nb\n", "a\n=======\nc\n", "x\n=======\nb\n");
    check(
        "<<<<<<< yours\n",
        "<<<<<<< yours\na\n",
        "<<<<<<< yours\nb\n",
    );
    check("0\n1\n", "0\n1\n2\n", "3\n1\n");
}

/// What we and git make of three versions, where the two differ.
fn check_difference(sides: [&str; 3], ours: Option<&str>, git: Option<&str>) {
    let (merged, bytes, clean) = ours_and_git(
        sides[0].as_bytes(),
        sides[1].as_bytes(),
        sides[2].as_bytes(),
    );
    let resolved = merged.resolve(Favor::Ours);
    assert_eq!(
        merged
            .is_clean()
            .then_some(&*String::from_utf8_lossy(&resolved)),
        ours,
        "{sides:?}"
    );
    assert_eq!(
        clean.then_some(&*String::from_utf8_lossy(&bytes)),
        git,
        "{sides:?}"
    );
}

/// Where a line repeats there are several best alignments, and diffy may take
/// another than git. Of 4000 random merges of such files 41 conflict only here,
/// 15 only in git, and one is clean in both with different texts: which of
/// several equal lines was deleted, and whether both sides deleted the same
/// one, cannot be known. No added line is lost in any of them, see below.
#[test]
fn git_may_align_repeated_lines_in_another_way() {
    check_difference(
        ["f\ne\nd", "f\ne\nf\n", "h\ne\nf\n"],
        None,
        Some("h\ne\nf\n"),
    );
    check_difference(["b\nb\n", "b\n", "d\nb\n"], Some("d\nb\n"), None);
    check_difference(
        [
            "f\nf\nf\nf\nc\ne\n",
            "b\nf\nf\nf\nc\ne\n",
            "f\nf\nf\nc\ne\n",
        ],
        Some("b\nf\nf\nf\nc\ne\n"),
        Some("b\nf\nf\nc\ne\n"),
    );
}

/// No line stands twice, so that there is one best way to align two versions.
fn distinct() -> impl Strategy<Value = Vec<String>> {
    let letters: Vec<String> = ('a'..='l').map(String::from).collect();
    prop::sample::subsequence(letters, 0..=12).prop_shuffle()
}

/// The same few lines again and again.
fn repeated() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec("[a-f]", 0..14)
}

#[derive(Clone, Debug)]
enum Edit {
    Insert(prop::sample::Index, String),
    Delete(prop::sample::Index),
    Replace(prop::sample::Index, String),
}

/// Few edits; `lines` says which lines they may bring in.
fn edits(lines: &'static str) -> impl Strategy<Value = Vec<Edit>> {
    let edit = prop_oneof![
        (any::<prop::sample::Index>(), lines).prop_map(|(at, line)| Edit::Insert(at, line)),
        any::<prop::sample::Index>().prop_map(Edit::Delete),
        (any::<prop::sample::Index>(), lines).prop_map(|(at, line)| Edit::Replace(at, line)),
    ];
    prop::collection::vec(edit, 0..4)
}

fn edited(lines: &[String], edits: &[Edit]) -> Vec<String> {
    let mut lines = lines.to_vec();
    for edit in edits {
        match edit {
            Edit::Insert(at, line) => lines.insert(at.index(lines.len() + 1), line.clone()),
            Edit::Delete(at) if !lines.is_empty() => drop(lines.remove(at.index(lines.len()))),
            Edit::Replace(at, line) if !lines.is_empty() => {
                let index = at.index(lines.len());
                lines[index].clone_from(line);
            }
            _ => {}
        }
    }
    lines
}

fn joined(lines: &[String], newline: bool) -> Vec<u8> {
    let text = lines.join("\n");
    if newline && !lines.is_empty() {
        format!("{text}\n").into_bytes()
    } else {
        text.into_bytes()
    }
}

fn three(
    base: impl Strategy<Value = Vec<String>>,
    lines: &'static str,
) -> impl Strategy<Value = [Vec<u8>; 3]> {
    let ends = prop::array::uniform3(prop::bool::weighted(0.8));
    (base, edits(lines), edits(lines), ends).prop_map(|(base, ours, theirs, ends)| {
        let (ours, theirs) = (edited(&base, &ours), edited(&base, &theirs));
        [
            joined(&base, ends[0]),
            joined(&ours, ends[1]),
            joined(&theirs, ends[2]),
        ]
    })
}

fn count(bytes: &[u8], line: &[u8]) -> usize {
    bytes
        .split(|&byte| byte == b'\n')
        .filter(|&other| other == line)
        .count()
}

/// Whether each line that `side` added, and the base never had, is in `merged`.
fn keeps_what_was_added(base: &[u8], side: &[u8], merged: &[u8]) -> bool {
    let added = |line: &&[u8]| !line.is_empty() && count(base, line) == 0;
    side.split(|&byte| byte == b'\n')
        .filter(added)
        .all(|line| count(merged, line) >= count(side, line))
}

proptest! {
    /// Without repeated lines there is one alignment, and no room for taste.
    #[test]
    fn git_gives_the_same_verdict_and_the_same_bytes([base, ours, theirs] in three(distinct(), "[m-z]")) {
        let (merged, bytes, clean) = ours_and_git(&base, &ours, &theirs);
        prop_assert_eq!(merged.is_clean(), clean);
        let marked = merged.resolve(Favor::Markers);
        prop_assert_eq!(String::from_utf8_lossy(&marked), String::from_utf8_lossy(&bytes));
        prop_assert_eq!(has_conflict_markers(&marked), !clean);
    }

    /// Where lines repeat, git and diffy may align them differently, so that one
    /// of them sees a conflict, or both merge to different texts. What is then
    /// allowed to differ is only the place: no added line may be lost.
    #[test]
    fn a_clean_merge_loses_no_line_that_one_side_added([base, ours, theirs] in three(repeated(), "[a-i]")) {
        let merged = plain(&base, &ours, &theirs);
        if merged.is_clean() {
            let bytes = merged.resolve(Favor::Ours);
            prop_assert!(keeps_what_was_added(&base, &ours, &bytes));
            prop_assert!(keeps_what_was_added(&base, &theirs, &bytes));
        }
    }

    #[test]
    fn each_side_is_whole_when_every_hunk_is_settled_for_it([base, ours, theirs] in three(repeated(), "[a-i]")) {
        let merged = plain(&base, &ours, &theirs);
        prop_assert!(keeps_what_was_added(&base, &ours, &merged.resolve(Favor::Ours)));
        prop_assert!(keeps_what_was_added(&base, &theirs, &merged.resolve(Favor::Theirs)));
        prop_assert!(!has_conflict_markers(&merged.resolve(Favor::Ours)));
        prop_assert_eq!(has_conflict_markers(&merged.resolve(Favor::Markers)), !merged.is_clean());
        let all = [Favor::Ours, Favor::Theirs, Favor::Markers].map(|favor| merged.resolve(favor));
        prop_assert_eq!(merged.is_clean(), all[0] == all[1] && all[1] == all[2]);
    }

    #[test]
    fn merging_again_changes_nothing([base, ours, theirs] in three(repeated(), "[a-i]")) {
        for favor in [Favor::Ours, Favor::Theirs, Favor::Markers] {
            let bytes = plain(&base, &ours, &theirs).resolve(favor);
            prop_assert_eq!(plain(&theirs, &bytes, &theirs), Merge::clean(&bytes));
        }
    }

    #[test]
    fn a_side_that_changed_nothing_gives_way([base, ours, theirs] in three(repeated(), "[a-i]")) {
        prop_assert_eq!(plain(&base, &base, &theirs), Merge::clean(&theirs));
        prop_assert_eq!(plain(&base, &ours, &base), Merge::clean(&ours));
        prop_assert_eq!(plain(&base, &ours, &ours), Merge::clean(&ours));
    }

    /// The user's editor may use CRLF: the verdict and the text stay the same.
    #[test]
    fn line_ends_make_no_conflict([base, ours, theirs] in three(repeated(), "[a-i]")) {
        let windows = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace('\n', "\r\n").into_bytes();
        let untouched = !ours.contains(&b'\n') || ours == base || ours == theirs || base == theirs;
        let unix = plain(&base, &ours, &theirs);
        let merged = plain(&base, &windows(&ours), &theirs);
        prop_assert!(untouched || merged.conflicts() == unix.conflicts());
        for favor in [Favor::Ours, Favor::Theirs, Favor::Markers] {
            prop_assert!(untouched || merged.resolve(favor) == windows(&unix.resolve(favor)));
        }
    }
}

//! Merges by lines that are worth a name.

use super::{Favor, Hunk, Merge, merge};
use crate::tree::RelativePath;

fn merged(base: &[u8], ours: &[u8], theirs: &[u8]) -> Merge {
    merge(
        &RelativePath::new("src/main.rs").unwrap(),
        base,
        ours,
        theirs,
    )
}

fn resolved(merge: &Merge, favor: Favor) -> String {
    String::from_utf8_lossy(&merge.resolve(favor)).into_owned()
}

/// A merge with one outcome.
fn check(base: &str, ours: &str, theirs: &str, expected: &str) {
    let merge = merged(base.as_bytes(), ours.as_bytes(), theirs.as_bytes());
    assert!(merge.is_clean(), "{base:?} {ours:?} {theirs:?}");
    for favor in [Favor::Ours, Favor::Theirs, Favor::Markers] {
        assert_eq!(
            resolved(&merge, favor),
            expected,
            "{base:?} {ours:?} {theirs:?}"
        );
    }
}

/// A merge with conflicts: what each favour makes of it, and where they begin.
fn check_conflict(sides: [&str; 3], expected: [&str; 3], lines: &[usize]) {
    let merge = merged(
        sides[0].as_bytes(),
        sides[1].as_bytes(),
        sides[2].as_bytes(),
    );
    let outcomes =
        [Favor::Ours, Favor::Theirs, Favor::Markers].map(|favor| resolved(&merge, favor));
    assert_eq!(outcomes, expected, "{sides:?}");
    assert_eq!(
        merge
            .conflicts()
            .iter()
            .map(|hunk| hunk.line)
            .collect::<Vec<_>>(),
        lines,
        "{sides:?}"
    );
}

#[test]
fn a_side_that_changed_nothing_gives_way_byte_for_byte() {
    check("a\r\nb", "a\r\nb", "a\nc\n", "a\nc\n");
    check("a\nb\n", "a\r\nb", "a\nb\n", "a\r\nb");
    check("a\n", "b\r\nc\n", "b\r\nc\n", "b\r\nc\n");
    check("", "", "a\n", "a\n");
    check("a\n", "", "a\n", "");
    check("a\n", "a\n", "", "");
    check("a\n", "", "", "");
    check("", "", "", "");
}

#[test]
fn edits_apart_are_both_made() {
    check("a\nb\nc\n", "A\nb\nc\n", "a\nb\nC\n", "A\nb\nC\n");
    check(
        "a\nb\nc\n",
        "x\na\nb\nc\n",
        "a\nb\nc\ny\n",
        "x\na\nb\nc\ny\n",
    );
    check("a\nb\nc\n", "b\nc\n", "a\nb\n", "b\n");
    check(
        "a\nb\nc\nd\n",
        "a\nX\nc\nd\n",
        "a\nX\nc\nD\n",
        "a\nX\nc\nD\n",
    );
    check("a\nb\n", "a\nb\nc\n", "x\nb\n", "x\nb\nc\n");
    check("a\nb\nc\n", "a\nX\nc\n", "a\nX\nc\nd\n", "a\nX\nc\nd\n");
}

#[test]
fn edits_of_one_place_conflict() {
    check_conflict(
        ["a\nb\nc\n", "a\nX\nc\n", "a\nY\nc\n"],
        [
            "a\nX\nc\n",
            "a\nY\nc\n",
            "a\n<<<<<<< yours\nX\n||||||| base\nb\n=======\nY\n>>>>>>> rustop\nc\n",
        ],
        &[2],
    );
    check_conflict(
        ["a\nb\n", "a\nb\nX\n", "a\nb\nY\n"],
        [
            "a\nb\nX\n",
            "a\nb\nY\n",
            "a\nb\n<<<<<<< yours\nX\n||||||| base\n=======\nY\n>>>>>>> rustop\n",
        ],
        &[3],
    );
    check_conflict(
        ["a\nb\nc\n", "a\nc\n", "a\nY\nc\n"],
        [
            "a\nc\n",
            "a\nY\nc\n",
            "a\n<<<<<<< yours\n||||||| base\nb\n=======\nY\n>>>>>>> rustop\nc\n",
        ],
        &[2],
    );
    check_conflict(
        ["a\nb\n", "", "a\nb\nc\n"],
        [
            "",
            "a\nb\nc\n",
            "<<<<<<< yours\n||||||| base\na\nb\n=======\na\nb\nc\n>>>>>>> rustop\n",
        ],
        &[1],
    );
    check_conflict(
        ["", "a\n", "b\n"],
        [
            "a\n",
            "b\n",
            "<<<<<<< yours\na\n||||||| base\n=======\nb\n>>>>>>> rustop\n",
        ],
        &[1],
    );
}

#[test]
fn adjacent_edits_conflict_as_in_git() {
    check_conflict(
        ["a\nb\n", "A\nb\n", "a\nB\n"],
        [
            "A\nb\n",
            "a\nB\n",
            "<<<<<<< yours\nA\nb\n||||||| base\na\nb\n=======\na\nB\n>>>>>>> rustop\n",
        ],
        &[1],
    );
}

#[test]
fn every_favour_keeps_what_could_be_merged() {
    check_conflict(
        [
            "a\nb\nc\nd\ne\n",
            "a\nb\nX\nd\nmine\ne\n",
            "new\na\nb\nY\nd\ne\n",
        ],
        [
            "new\na\nb\nX\nd\nmine\ne\n",
            "new\na\nb\nY\nd\nmine\ne\n",
            "new\na\nb\n<<<<<<< yours\nX\n||||||| base\nc\n=======\nY\n>>>>>>> rustop\nd\nmine\ne\n",
        ],
        &[3],
    );
}

#[test]
fn several_conflicts_are_all_named() {
    let merge = merged(
        b"a\nb\nc\nd\ne\n",
        b"A\nb\nC\nx\nd\nE\n",
        b"1\nb\n2\nd\n3\n",
    );
    assert_eq!(
        merge
            .conflicts()
            .iter()
            .map(|hunk| hunk.line)
            .collect::<Vec<_>>(),
        [1, 3, 6]
    );
    let hunk = |line, base: &str, ours: &str, theirs: &str| Hunk {
        line,
        base: base.into(),
        ours: ours.into(),
        theirs: theirs.into(),
    };
    assert_eq!(merge.conflicts()[1], hunk(3, "c\n", "C\nx\n", "2\n"));
}

#[test]
fn a_missing_last_newline_is_kept_and_counts_as_a_change() {
    check("a\nb\nc", "A\nb\nc", "a\nb\nc\n", "A\nb\nc\n");
    check("a\nb\nc\n", "A\nb\nc\n", "a\nb\nc", "A\nb\nc");
    check("a\nb\nc\n", "a\nb\nc", "A\nb\nc\n", "A\nb\nc");
    check("a\nb\nc", "a\nb\nC", "A\nb\nc", "A\nb\nC");
    check_conflict(
        ["a\n", "b", "c"],
        [
            "b",
            "c",
            "<<<<<<< yours\nb\n||||||| base\na\n=======\nc\n>>>>>>> rustop\n",
        ],
        &[1],
    );
    check_conflict(
        ["a\nb\n", "a\nb", "a\nb\nc\n"],
        [
            "a\nb",
            "a\nb\nc\n",
            "a\n<<<<<<< yours\nb\n||||||| base\nb\n=======\nb\nc\n>>>>>>> rustop\n",
        ],
        &[2],
    );
}

#[test]
fn line_ends_are_the_users() {
    check(
        "a\nb\nc\n",
        "A\r\nb\r\nc\r\n",
        "a\nb\nC\n",
        "A\r\nb\r\nC\r\n",
    );
    check(
        "a\nb\nc\n",
        "a\r\nb\r\nc\r\n",
        "a\nb\nC\n",
        "a\r\nb\r\nC\r\n",
    );
    check(
        "a\r\nb\r\nc\r\n",
        "A\nb\nc\n",
        "a\r\nb\r\nC\r\n",
        "A\nb\nC\n",
    );
    check(
        "a\nb\nc\nd\n",
        "a\r\nb\nc\r\nD\r\n",
        "x\nb\nc\nd\n",
        "x\r\nb\nc\r\nD\r\n",
    );
    check_conflict(
        ["a\n", "b\r\n", "c\n"],
        [
            "b\r\n",
            "c\r\n",
            "<<<<<<< yours\r\nb\r\n||||||| base\r\na\r\n=======\r\nc\r\n>>>>>>> rustop\r\n",
        ],
        &[1],
    );
}

#[test]
fn bytes_that_are_not_utf8_are_kept() {
    let merge = merged(b"\xe9\nb\nc\n", b"\xe9\nb\nmine \xff\n", b"\xe8\nb\nc\n");
    assert_eq!(merge.resolve(Favor::Ours), b"\xe8\nb\nmine \xff\n");
    let merge = merged(b"a\n", b"\xff\n", b"\xfe\n");
    assert_eq!(merge.resolve(Favor::Theirs), b"\xfe\n");
    assert_eq!(merge.conflicts()[0].ours, "\u{fffd}\n");
}

#[test]
fn a_binary_file_conflicts_as_a_whole_and_takes_no_markers() {
    let utf16 = |text: &str| {
        text.encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect::<Vec<u8>>()
    };
    let (base, ours, theirs) = (utf16("a\nb\nc\n"), utf16("A\nb\nc\n"), utf16("a\nb\nC\n"));
    let merge = merged(&base, &ours, &theirs);
    assert_eq!(merge.conflicts().len(), 1);
    assert_eq!(merge.resolve(Favor::Theirs), theirs);
    assert_eq!(
        (merge.resolve(Favor::Ours), merge.resolve(Favor::Markers)),
        (ours.clone(), ours.clone())
    );
    assert_eq!(merged(&base, &base, &theirs), Merge::clean(&theirs));
    assert_eq!(merged(&base, &ours, &base), Merge::clean(&ours));
    assert_eq!(merged(&base, &ours, &ours), Merge::clean(&ours));
}

#[test]
fn long_lines_and_long_files_are_merged() {
    let line = "x".repeat(1 << 20);
    check(
        &format!("a\n{line}\nc\n"),
        &format!("A\n{line}\nc\n"),
        &format!("a\n{line}\nC\n"),
        &format!("A\n{line}\nC\n"),
    );
    let file = |first: &str, last: &str| {
        let middle: Vec<String> = (0..20_000).map(|number| number.to_string()).collect();
        format!("{first}\n{}\n{last}\n", middle.join("\n"))
    };
    check(
        &file("a", "c"),
        &file("A", "c"),
        &file("a", "C"),
        &file("A", "C"),
    );
}

#[test]
fn text_that_looks_like_markers_is_text() {
    check(
        "=======\nb\nc\n",
        "=======\nb\nC\n",
        "x\n=======\nb\nc\n",
        "x\n=======\nb\nC\n",
    );
    check(
        "a\n>>>>>>> b\nc\n",
        "A\n>>>>>>> b\nc\n",
        "a\n>>>>>>> b\nC\n",
        "A\n>>>>>>> b\nC\n",
    );
    check("1\n0\nc\n", "2\n0\nc\n", "1\n0\n3\n", "2\n0\n3\n");
}

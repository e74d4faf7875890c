//! The merge of three texts, by lines and by the keys of a Cargo.toml.

use rustop::change::{Favor, Merge, has_conflict_markers, merge, unified_diff};
use rustop::tree::{RelativePath, equal_but_line_ends, without_carriage_returns};

/// What stands between the three texts: a control character that no source has.
pub const SEPARATOR: u8 = 0x1e;

const FAVORS: [Favor; 3] = [Favor::Ours, Favor::Theirs, Favor::Markers];

/// Takes `data` apart into base, ours and theirs.
pub fn check(data: &[u8]) {
    let mut sides = data.splitn(3, |byte| *byte == SEPARATOR);
    let mut side = || sides.next().unwrap_or_default();
    let (base, ours, theirs) = (side(), side(), side());
    for name in ["src/main.rs", "Cargo.toml"] {
        let path = RelativePath::literal(name);
        check_unchanged_sides(&path, [base, ours, theirs]);
        let merged = merge(&path, base, ours, theirs);
        check_outcome(&merged, [base, ours, theirs]);
        if name == "Cargo.toml" {
            check_toml(&merged, [base, ours, theirs]);
            continue;
        }
        check_lines(&merged, [base, ours, theirs]);
        let swapped = merge(&path, base, theirs, ours);
        assert_eq!(merged.is_clean(), swapped.is_clean(), "who is who");
        check_line_ends(&path, [base, ours, theirs]);
    }
    let path = RelativePath::literal("src/main.rs");
    assert_eq!(unified_diff(&path, Some(ours), Some(ours)), "");
    let differs = !unified_diff(&path, Some(ours), Some(theirs)).is_empty();
    assert_eq!(differs, ours != theirs);
}

/// A side that changed nothing gives way byte for byte.
fn check_unchanged_sides(path: &RelativePath, [base, ours, theirs]: [&[u8]; 3]) {
    for (three, expected) in [
        ([base, base, theirs], theirs),
        ([base, ours, base], ours),
        ([base, ours, ours], ours),
    ] {
        let merged = merge(path, three[0], three[1], three[2]);
        assert!(merged.is_clean());
        for favor in FAVORS {
            assert_eq!(merged.resolve(favor), expected);
        }
    }
}

fn check_outcome(merged: &Merge, [base, ours, theirs]: [&[u8]; 3]) {
    let all = FAVORS.map(|favor| merged.resolve(favor));
    if merged.is_clean() {
        assert!(
            all.iter().all(|one| *one == all[0]),
            "clean, and not one text"
        );
        return;
    }
    let binary = [base, ours, theirs].iter().any(|side| side.contains(&0));
    if binary {
        assert_eq!(all, [ours, theirs, ours]);
    } else {
        assert!(has_conflict_markers(&all[2]), "a conflict without markers");
    }
    for hunk in merged.conflicts() {
        let lines = ours.split_inclusive(|byte| *byte == b'\n').count();
        assert!((1..=lines + 1).contains(&hunk.line), "{hunk:?}");
        assert!(
            hunk.ours != hunk.theirs || hunk.ours.contains('\u{fffd}'),
            "{hunk:?}"
        );
    }
}

/// No line is made up, and none that both sides have without the base having it goes.
fn check_lines(merged: &Merge, [_, ours, theirs]: [&[u8]; 3]) {
    let lines = |text: &[u8]| -> Vec<Vec<u8>> {
        let ends: &[_] = b"\r\n";
        text.split_inclusive(|byte| *byte == b'\n')
            .map(|line| {
                let end = line.iter().rposition(|byte| !ends.contains(byte));
                line[..end.map_or(0, |end| end + 1)].to_vec()
            })
            .collect()
    };
    let known = [lines(ours), lines(theirs)].concat();
    for favor in [Favor::Ours, Favor::Theirs] {
        for line in lines(&merged.resolve(favor)) {
            assert!(
                known.contains(&line),
                "{:?}",
                String::from_utf8_lossy(&line)
            );
        }
    }
    if equal_but_line_ends(ours, theirs) {
        assert!(merged.is_clean(), "line ends alone are no conflict");
    }
}

/// An editor that turned a file into CRLF has changed nothing that a merge stops at.
fn check_line_ends(path: &RelativePath, [base, ours, theirs]: [&[u8]; 3]) {
    if [base, ours, theirs].iter().any(|side| side.contains(&0)) {
        return;
    }
    assert!(
        merge(path, base, ours, &turned(ours)).is_clean(),
        "the same change twice"
    );
    assert!(
        merge(path, base, &turned(base), theirs).is_clean(),
        "no change of ours"
    );
}

/// The text with CRLF at the end of each line.
fn turned(text: &[u8]) -> Vec<u8> {
    let plain = without_carriage_returns(text);
    let lines = plain.split_inclusive(|byte| *byte == b'\n');
    let turned = lines.map(|line| match line.strip_suffix(b"\n") {
        Some(line) => [line, b"\r\n"].concat(),
        None => line.to_vec(),
    });
    turned.collect::<Vec<_>>().concat()
}

/// Three readable tables make one that can be read.
fn check_toml(merged: &Merge, sides: [&[u8]; 3]) {
    let reads = |bytes: &[u8]| {
        let text = std::str::from_utf8(bytes).ok();
        text.is_some_and(|text| text.parse::<toml_edit::DocumentMut>().is_ok())
    };
    if !sides.iter().all(|side| reads(side)) {
        return;
    }
    for favor in [Favor::Ours, Favor::Theirs] {
        let text = merged.resolve(favor);
        assert!(reads(&text), "{}", String::from_utf8_lossy(&text));
    }
}

//! The properties that `fuzz/` looks for counterexamples to, on its seeds, on the
//! tests' own data and on random inputs. Stable Rust, no cargo-fuzz.

#![allow(
    clippy::expect_used,
    unreachable_pub,
    reason = "the fuzz targets use the same source from outside, where a panic is a result as well"
)]

use std::path::{Path, PathBuf};

use proptest::collection::vec;
use proptest::prelude::*;

#[path = "../../fuzz/src/markers.rs"]
mod markers;
#[path = "../../fuzz/src/merge.rs"]
mod merge;
#[path = "../../fuzz/src/project.rs"]
mod project;

/// Every file below `folder` whose name ends so.
fn files(folder: &str, end: &str) -> Vec<PathBuf> {
    let entries = walkdir::WalkDir::new(folder).sort_by_file_name();
    let files: Vec<PathBuf> = entries
        .into_iter()
        .map(|entry| entry.unwrap().into_path())
        .filter(|path| path.is_file() && path.to_string_lossy().ends_with(end))
        .collect();
    assert!(!files.is_empty(), "{folder} has no `{end}`");
    files
}

fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap()
}

/// Each file, and each with a byte less at every tenth place.
fn on_files(files: &[PathBuf], check: fn(&[u8])) {
    for path in files {
        let text = read(path);
        check(&text);
        for cut in (0..text.len()).step_by(text.len() / 10 + 1) {
            check(&text[..cut]);
            let mut without = text.clone();
            without.remove(cut);
            check(&without);
        }
    }
}

#[test]
fn markers_hold_on_the_data_of_the_tests() {
    on_files(&files("fuzz/seeds/markers", ""), markers::check);
    for path in files("tests/data/rbac", "markers.txt") {
        let text = String::from_utf8(read(&path)).unwrap();
        let lines = text.lines().filter(|line| !line.starts_with("# "));
        let marked = lines.map(|line| match line.starts_with('+') {
            true => format!("// {line}\n"),
            false => format!("// +rustop:rbac:{line}\n"),
        });
        markers::check(marked.collect::<String>().as_bytes());
    }
}

#[test]
fn projects_hold_on_every_snapshot() {
    on_files(&files("fuzz/seeds/project", ""), project::check);
    for path in files("snapshots", "project/PROJECT") {
        project::check(&read(&path));
    }
}

#[test]
fn merges_hold_on_their_seeds() {
    on_files(&files("fuzz/seeds/merge", ""), merge::check);
}

/// Pieces of which sources with markers are made.
fn source() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("// +rustop:rbac:".to_owned()),
        Just("// +rustop:webhook:".to_owned()),
        "groups=[a-c;\"]{0,4},resources=[x-z;/*]{1,4},verbs=(get|\\*|list;watch)",
        "urls=/[a-b*]{0,3},verbs=get",
        "(,|;|=|:|\\{|\\}|\"|`|'|r#\"|\"#|/\\*|\\*/|//|\n|\r\n|\\\\)",
        "[a-z =,;]{0,6}",
    ];
    vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

/// Three texts of few lines, so that edits meet.
fn sides() -> impl Strategy<Value = Vec<u8>> {
    let text = vec("(a|b|c|x = 1|\\[a\\]|y = \\{ z = 2 \\}|)(\n|\r\n)", 0..6);
    vec(text, 3).prop_map(|texts| {
        let texts: Vec<Vec<u8>> = texts
            .iter()
            .map(|text| text.concat().into_bytes())
            .collect();
        texts.join(&merge::SEPARATOR)
    })
}

proptest! {
    #[test]
    fn markers_hold_on_random_sources(source in source()) {
        markers::check(source.as_bytes());
    }

    #[test]
    fn merges_hold_on_random_texts(sides in sides()) {
        merge::check(&sides);
    }

    #[test]
    fn merges_hold_on_random_bytes(bytes in vec(prop_oneof![Just(0x1e), Just(b'\n'), any::<u8>()], 0..30)) {
        merge::check(&bytes);
    }
}

//! `.rustop/digests`: which files rustop wrote, who owns each, and the digest
//! of the text as it was scaffolded.
//!
//! A line for each file, sorted by path, merged by git as a union
//! (`.gitattributes`), so that two branches that each add a kind do not meet
//! here. A path may therefore have several digests; each of them is one that
//! rustop wrote.

use std::collections::{BTreeMap, BTreeSet};

use crate::tree::{Digest, Owner, RelativePath};

/// Where the record lies.
pub const RECORD: &str = ".rustop/digests";
/// The folder of the mirror: the scaffolded text of each file that is merged.
pub const BASE: &str = ".rustop/base";

/// What rustop wrote, by path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    files: BTreeMap<RelativePath, Entry>,
}

/// What is known of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Who owned it when it was written.
    pub owner: Owner,
    digests: BTreeSet<Digest>,
}

impl Record {
    /// Reads the file; a line that cannot be read is passed over, which makes
    /// its file one without a base: it is kept, never overwritten.
    pub fn parse(text: &str) -> Self {
        let mut record = Self::default();
        for (digest, owner, path) in text.lines().filter_map(parse_line) {
            let entry = record.files.entry(path).or_insert_with(|| Entry {
                owner,
                digests: BTreeSet::new(),
            });
            entry.digests.insert(digest);
        }
        record
    }

    /// The text of the file.
    pub fn to_text(&self) -> String {
        let line = |path: &RelativePath, owner: Owner, digest: &Digest| {
            format!("{digest}  {:<7}  {path}\n", owner.as_str())
        };
        let lines = self.files.iter().flat_map(|(path, entry)| {
            entry
                .digests
                .iter()
                .map(move |digest| line(path, entry.owner, digest))
        });
        lines.collect()
    }

    /// The entry of one file.
    pub fn get(&self, path: &RelativePath) -> Option<&Entry> {
        self.files.get(path)
    }

    /// Every path that rustop wrote.
    pub fn paths(&self) -> impl Iterator<Item = &RelativePath> {
        self.files.keys()
    }

    /// Notes the text that was scaffolded for `path`.
    pub fn set(&mut self, path: RelativePath, owner: Owner, digest: Digest) {
        self.files.insert(
            path,
            Entry {
                owner,
                digests: BTreeSet::from([digest]),
            },
        );
    }

    /// Forgets a file: from now on it is the user's alone.
    pub fn remove(&mut self, path: &RelativePath) {
        self.files.remove(path);
    }
}

impl Entry {
    /// Whether rustop wrote a text of this digest here.
    pub fn holds(&self, digest: &Digest) -> bool {
        self.digests.contains(digest)
    }

    /// Whether this digest is the only one: nothing else was scaffolded since.
    pub fn is_exactly(&self, digest: &Digest) -> bool {
        self.digests.len() == 1 && self.holds(digest)
    }
}

/// Where the mirror of `path` lies.
pub fn base_path(path: &RelativePath) -> RelativePath {
    // Both parts are paths inside the project, so their join is one.
    RelativePath::new(format!("{BASE}/{path}.base")).unwrap_or_else(|_| path.clone())
}

fn parse_line(line: &str) -> Option<(Digest, Owner, RelativePath)> {
    let (digest, rest) = line.split_once("  ")?;
    let (owner, path) = rest.split_once("  ")?;
    Some((
        Digest::parse(digest)?,
        Owner::parse(owner.trim_end())?,
        RelativePath::new(path.trim_start()).ok()?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> RelativePath {
        RelativePath::new(text).unwrap()
    }

    #[test]
    fn a_record_reads_back() {
        let mut record = Record::default();
        record.set(path("src/main.rs"), Owner::Shared, Digest::of(b"a"));
        record.set(path("Makefile"), Owner::Rustop, Digest::of(b"b"));
        assert_eq!(Record::parse(&record.to_text()), record);
        assert!(
            record
                .to_text()
                .lines()
                .is_sorted_by_key(|line| line.rsplit(' ').next())
        );
    }

    #[test]
    fn lines_of_both_sides_of_a_union_merge_count() {
        let line = |text: &[u8]| format!("{}  rustop   a/b\n", Digest::of(text));
        let record = Record::parse(&(line(b"one") + &line(b"two")));
        let entry = record.get(&path("a/b")).unwrap();
        assert!(entry.holds(&Digest::of(b"one")) && entry.holds(&Digest::of(b"two")));
        assert!(!entry.is_exactly(&Digest::of(b"one")));
    }

    #[test]
    fn a_line_that_makes_no_sense_is_passed_over() {
        let text = format!(
            "junk\n{}  nobody   x\n{}  yours    ../out\n",
            Digest::of(b""),
            Digest::of(b"")
        );
        assert_eq!(Record::parse(&text), Record::default());
    }
}

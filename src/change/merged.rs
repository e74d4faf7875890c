//! What a merge of three versions of one file comes to.

use super::{text, toml};
use crate::tree::RelativePath;

/// How a conflicting hunk is settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Favor {
    /// What is on disk stays.
    Ours,
    /// The new scaffold wins.
    Theirs,
    /// Both sides are written, between git's conflict markers.
    Markers,
}

/// A place where both sides changed the same lines in different ways. The
/// texts are for people: bytes that are not UTF-8 are replaced.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hunk {
    /// Where it begins in the file on disk, counted from 1.
    pub line: usize,
    /// What the scaffold had written.
    pub base: String,
    /// What is on disk now.
    pub ours: String,
    /// What the scaffold would write now.
    pub theirs: String,
}

/// The outcome: conflicts, and the file for each way of settling them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merge {
    conflicts: Vec<Hunk>,
    ours: Vec<u8>,
    theirs: Vec<u8>,
    markers: Vec<u8>,
    remarks: Vec<String>,
}

impl Merge {
    pub(super) fn new(
        conflicts: Vec<Hunk>,
        ours: Vec<u8>,
        theirs: Vec<u8>,
        markers: Vec<u8>,
    ) -> Self {
        Self {
            conflicts,
            ours,
            theirs,
            markers,
            remarks: Vec::new(),
        }
    }

    /// The same merge, with more to say.
    pub(super) fn with_remarks(self, remarks: Vec<String>) -> Self {
        Self { remarks, ..self }
    }

    /// A merge that has only one possible outcome.
    pub(super) fn clean(bytes: &[u8]) -> Self {
        Self::new(Vec::new(), bytes.to_vec(), bytes.to_vec(), bytes.to_vec())
    }

    /// The same merge with each outcome rewritten by `change`.
    pub(super) fn map(self, change: impl Fn(&[u8]) -> Vec<u8>) -> Self {
        let Self {
            conflicts,
            ours,
            theirs,
            markers,
            remarks,
        } = self;
        Self::new(conflicts, change(&ours), change(&theirs), change(&markers)).with_remarks(remarks)
    }

    /// Whether each change found its place.
    pub fn is_clean(&self) -> bool {
        self.conflicts.is_empty()
    }

    /// The places where the two sides meet, from the first line to the last.
    pub fn conflicts(&self) -> &[Hunk] {
        &self.conflicts
    }

    /// What was settled for the user without a conflict, in words.
    pub fn remarks(&self) -> &[String] {
        &self.remarks
    }

    /// The merged file. `favor` decides the conflicts and nothing else: what
    /// could be merged is merged in each. Binary files have no place for
    /// markers; there [`Favor::Markers`] leaves the file on disk, as git does.
    pub fn resolve(&self, favor: Favor) -> Vec<u8> {
        match favor {
            Favor::Ours => self.ours.clone(),
            Favor::Theirs => self.theirs.clone(),
            Favor::Markers => self.markers.clone(),
        }
    }
}

/// Merges by lines, or by key for a `Cargo.toml`. `ours` is what is on disk,
/// `theirs` is the new scaffold.
///
/// A side that changed nothing gives way byte for byte. A file with a NUL byte
/// is binary, as in git, and conflicts as a whole when both sides changed it.
pub fn merge(path: &RelativePath, base: &[u8], ours: &[u8], theirs: &[u8]) -> Merge {
    if ours == theirs || theirs == base {
        return Merge::clean(ours);
    }
    if ours == base {
        return Merge::clean(theirs);
    }
    if [base, ours, theirs].iter().any(|side| is_binary(side)) {
        return whole_file(base, ours, theirs);
    }
    let by_key = (path.file_name() == "Cargo.toml")
        .then(|| toml::merge(base, ours, theirs))
        .flatten();
    by_key.unwrap_or_else(|| text::merge(base, ours, theirs))
}

pub(super) fn is_binary(bytes: &[u8]) -> bool {
    bytes.contains(&0)
}

fn whole_file(base: &[u8], ours: &[u8], theirs: &[u8]) -> Merge {
    let shown = |bytes| String::from_utf8_lossy(bytes).into_owned();
    let hunk = Hunk {
        line: 1,
        base: shown(base),
        ours: shown(ours),
        theirs: shown(theirs),
    };
    Merge::new(vec![hunk], ours.to_vec(), theirs.to_vec(), ours.to_vec())
}

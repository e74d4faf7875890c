//! What a command would do to each file: the scaffold as last written, what is
//! on disk now and the scaffold to come make a change set.
//!
//! Pure, but for the one function that is handed in to read a file. Nothing
//! here writes, asks or prints.

mod conflict_markers;
mod formatting;
mod lines;
mod merged;
mod moves;
#[cfg(test)]
mod oracle;
mod outcome;
mod plan;
mod record;
mod rust_tokens;
mod text;
#[cfg(test)]
mod text_tests;
mod toml;
mod unified;
mod unwanted;

pub use conflict_markers::has_conflict_markers;
pub use formatting::equal_but_formatting;
pub use merged::{Favor, Hunk, Merge, merge};
pub use unified::unified_diff;

pub use plan::{OnConflict, Policy, Situation, plan};
pub use record::{BASE, RECORD, Record, base_path};

use std::borrow::Cow;

use crate::tree::{Digest, File, Operation, Owner, RelativePath};

/// What happens to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It is new.
    Create,
    /// Nobody touched it; it becomes what the scaffold says.
    Update,
    /// The user's changes and the scaffold's are both in it.
    Merge,
    /// It already says what the scaffold says.
    Identical,
    /// It stays as the user left it.
    Keep,
    /// It goes.
    Delete,
    /// The user's changes are in the way.
    Conflict,
}

/// One file of a change set.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Where it lies.
    pub path: RelativePath,
    /// Where it lay, when it moves.
    pub from: Option<RelativePath>,
    /// Who owns it.
    pub owner: Owner,
    /// What happens to it.
    pub verdict: Verdict,
    /// What is at `path` now.
    pub before: Option<File>,
    /// What will be there.
    pub after: Option<File>,
    /// What could not be merged.
    pub hunks: Vec<Hunk>,
    /// Why, where the verdict alone does not say.
    pub note: Option<Cow<'static, str>>,
}

/// Everything that one command would do.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChangeSet {
    /// By path; files that need no look are not listed.
    pub changes: Vec<Change>,
    /// rustop's own files: the mirror and the record.
    pub bookkeeping: Vec<Operation>,
    /// What else the user should know.
    pub notes: Vec<String>,
}

impl ChangeSet {
    /// The files in which the user's changes are in the way.
    pub fn conflicts(&self) -> Vec<&Change> {
        self.changes
            .iter()
            .filter(|change| change.verdict == Verdict::Conflict)
            .collect()
    }

    /// Whether applying it would change nothing.
    pub fn is_empty(&self) -> bool {
        self.operations().is_empty()
    }

    /// What the change set leaves at `path`, or `None` when it does not concern it.
    pub fn after(&self, path: &RelativePath) -> Option<Option<&File>> {
        let lands = self.changes.iter().find(|change| change.path == *path);
        let leaves = self
            .changes
            .iter()
            .any(|change| change.from.as_ref() == Some(path));
        lands
            .map(|change| change.after.as_ref())
            .or(leaves.then_some(None))
    }

    /// The steps for the disk: the user's files, the bookkeeping, and PROJECT
    /// last, so that what it says is there once it says so.
    pub fn operations(&self) -> Vec<Operation> {
        let changing = self
            .changes
            .iter()
            .filter(|change| change.before != change.after);
        let (last, files): (Vec<&Change>, Vec<&Change>) =
            changing.partition(|change| change.path.as_str() == PROJECT);
        let steps = |changes: Vec<&Change>| {
            changes
                .into_iter()
                .map(Change::operation)
                .collect::<Vec<_>>()
        };
        let mut operations = steps(files);
        operations.extend(self.bookkeeping.iter().cloned());
        operations.extend(steps(last));
        operations
    }
}

/// The file that is written last.
const PROJECT: &str = "PROJECT";

impl Change {
    /// A file that becomes `after` whole; the verdict follows from what is there.
    pub fn whole(
        path: RelativePath,
        owner: Owner,
        before: Option<File>,
        after: Option<File>,
    ) -> Self {
        let verdict = match (&before, &after) {
            (None, _) => Verdict::Create,
            (Some(_), None) => Verdict::Delete,
            (before, after) if before == after => Verdict::Identical,
            _ => Verdict::Update,
        };
        Self {
            path,
            from: None,
            owner,
            verdict,
            before,
            after,
            hunks: Vec::new(),
            note: None,
        }
    }

    fn operation(&self) -> Operation {
        Operation {
            path: self.path.clone(),
            before: self.before.as_ref().map(|file| Digest::of(&file.bytes)),
            after: self.after.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(path: &'static str) -> Change {
        let after = Some(File::plain(path));
        Change::whole(RelativePath::literal(path), Owner::Shared, None, after)
    }

    /// Whoever reads PROJECT between two steps must find all that it promises.
    #[test]
    fn project_is_written_last() {
        let record = Operation {
            path: RelativePath::literal(RECORD),
            before: None,
            after: None,
        };
        let changes = ChangeSet {
            changes: vec![change("PROJECT"), change("Zebra"), change("api/src/lib.rs")],
            bookkeeping: vec![record],
            notes: Vec::new(),
        };
        let operations = changes.operations();
        let paths: Vec<&str> = operations.iter().map(|step| step.path.as_str()).collect();
        assert_eq!(paths, ["Zebra", "api/src/lib.rs", RECORD, "PROJECT"]);
    }
}

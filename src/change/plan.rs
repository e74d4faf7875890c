//! Decides for each file what happens to it: the table of owners and rules in
//! `ARCHITECTURE.md`, as code.

use std::collections::BTreeMap;

use anyhow::Result;

use super::moves::{Previous, moves};
use super::outcome::{add_lines, gone, identical, keep, keep_quietly};
use super::record::{Entry, RECORD, Record, base_path};
use super::{Change, ChangeSet, Favor, Hunk, Verdict, has_conflict_markers, merge};
use crate::tree::{
    Digest, File, Operation, Output, Owner, RelativePath, Tree, without_carriage_returns,
};

/// What to do where the user's changes and the scaffold's meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnConflict {
    /// Stop before anything is written.
    Abort,
    /// The user's side stays.
    Ours,
    /// The scaffold's side is taken.
    Theirs,
    /// Both sides, between git's conflict markers.
    Markers,
}

/// What the user said about changes of his own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// Said for every file; without it each owner has its own rule.
    pub on_conflict: Option<OnConflict>,
    /// Said for single files, which stands above what is said for all.
    pub files: BTreeMap<RelativePath, OnConflict>,
    /// Delete also what the user changed.
    pub force: bool,
}

impl Policy {
    fn of(&self, path: &RelativePath) -> Option<OnConflict> {
        self.files.get(path).copied().or(self.on_conflict)
    }
}

/// All that a plan is made of.
pub struct Situation<'a> {
    /// What rustop wrote so far.
    pub record: &'a Record,
    /// The scaffold of the project as it was found; also where its files lie
    /// in another layout, when PROJECT was edited by hand. Rendered only where
    /// a file moved or its mirror is lost.
    pub previous: &'a dyn Fn() -> Result<Tree>,
    /// The scaffold that is wanted.
    pub next: &'a Tree,
    /// Reads a file of the project; `None` when it is not there.
    pub read: &'a dyn Fn(&RelativePath) -> Result<Option<File>>,
}

/// Makes the change set. Reads only the files that the command concerns.
pub fn plan(situation: &Situation<'_>, policy: &Policy) -> Result<ChangeSet> {
    let previous = Previous::new(situation.previous);
    let moves = moves(situation, &previous)?;
    let mut planner = Planner {
        situation,
        previous: &previous,
        policy,
        record: situation.record.clone(),
        changes: Vec::new(),
        mirror: Vec::new(),
        moves,
    };
    planner.wanted()?;
    planner.unwanted()?;
    planner.finish()
}

pub(super) struct Planner<'a> {
    pub(super) situation: &'a Situation<'a>,
    previous: &'a Previous<'a>,
    pub(super) policy: &'a Policy,
    pub(super) record: Record,
    pub(super) changes: Vec<Change>,
    mirror: Vec<Operation>,
    /// New path to old path.
    pub(super) moves: BTreeMap<RelativePath, RelativePath>,
}

impl Planner<'_> {
    fn wanted(&mut self) -> Result<()> {
        for (path, output) in self.situation.next {
            let digest = Digest::of(&output.file.bytes);
            if self.is_settled(path, output, &digest)? {
                continue;
            }
            let change = match self.moves.get(path).cloned() {
                Some(from) => self.moved(path, &from, output)?,
                None => self.one(path, path, output)?,
            };
            self.note(change, output, digest)?;
        }
        Ok(())
    }

    /// Whether nothing is to be done about a file: the scaffold says of it what
    /// it said before. A file of rustop's own must be there, too.
    fn is_settled(&self, path: &RelativePath, output: &Output, digest: &Digest) -> Result<bool> {
        let recorded = self.situation.record.get(path);
        let same =
            recorded.is_some_and(|entry| entry.is_exactly(digest) && entry.owner == output.owner);
        if !same || output.owner != Owner::Rustop {
            return Ok(same);
        }
        Ok((self.situation.read)(path)?.is_some())
    }

    /// Plans a file that was at `from` and will be at `path`; mostly they are the same.
    fn one(&self, path: &RelativePath, from: &RelativePath, output: &Output) -> Result<Change> {
        let disk = (self.situation.read)(from)?;
        let entry = self.situation.record.get(from);
        let mut change = Change::whole(
            path.clone(),
            output.owner,
            disk.clone(),
            Some(output.file.clone()),
        );
        match (disk, entry) {
            (None, None) => {}
            (None, Some(_)) => gone(&mut change),
            (Some(disk), _) if disk.bytes == output.file.bytes => identical(&mut change, disk),
            (Some(disk), None) => self.foreign(&mut change, disk),
            (Some(disk), Some(entry)) => self.known(&mut change, disk, entry, from)?,
        }
        Ok(change)
    }

    /// A file that rustop did not write stands where one is wanted.
    fn foreign(&self, change: &mut Change, disk: File) {
        match change.owner {
            Owner::Derived if !self.is_listed(change) => change.verdict = Verdict::Update,
            Owner::Rustop => self.in_the_way(
                change,
                disk,
                "rustop did not write this file, and needs its place",
            ),
            Owner::Shared | Owner::Yours if change.path.file_name() == ".gitignore" => {
                add_lines(change, &disk);
            }
            Owner::Shared | Owner::Yours if change.path.file_name() == "Cargo.toml" => {
                self.merge(change, &disk, b"");
            }
            Owner::Derived | Owner::Yours if self.is_listed(change) => {
                self.in_the_way(
                    change,
                    disk,
                    "a list would name this file, and rustop did not write it",
                );
            }
            Owner::Derived | Owner::Shared | Owner::Yours => {
                keep(change, disk, "it was here before; rustop leaves it to you");
            }
        }
    }

    /// Rust files that come after `init` are named by a list: a stranger there need not compile.
    fn is_listed(&self, change: &Change) -> bool {
        let fresh = self.situation.record.paths().next().is_none();
        !fresh && change.path.as_str().ends_with(".rs")
    }

    fn known(
        &self,
        change: &mut Change,
        disk: File,
        entry: &Entry,
        from: &RelativePath,
    ) -> Result<()> {
        let pristine = entry.holds(&Digest::of(&without_carriage_returns(&disk.bytes)));
        match change.owner {
            Owner::Derived if pristine => change.verdict = Verdict::Update,
            // Computed from the user's Rust since then: `rustop manifests` writes it.
            Owner::Derived => keep_quietly(change, disk),
            Owner::Rustop if pristine || has_conflict_markers(&disk.bytes) => {
                change.verdict = Verdict::Update;
            }
            Owner::Rustop => self.in_the_way(
                change,
                disk,
                "rustop renders this file whole, and you changed it",
            ),
            Owner::Shared | Owner::Yours => match self.base(from, entry)? {
                Some(base) => self.merge(change, &disk, &base),
                None => keep(
                    change,
                    disk,
                    "its base in `.rustop/base` is lost; compare it with `--diff`",
                ),
            },
        }
        Ok(())
    }

    fn merge(&self, change: &mut Change, disk: &File, base: &[u8]) {
        let Some(next) = change.after.take() else {
            return;
        };
        let merged = merge(&change.path, base, &disk.bytes, &next.bytes);
        change.hunks = merged.conflicts().to_vec();
        let settle = |favor| File {
            bytes: merged.resolve(favor),
            executable: disk.executable,
        };
        change.verdict = if disk.bytes == base {
            Verdict::Update
        } else {
            Verdict::Merge
        };
        let remarks = merged.remarks().join("; ");
        change.note = (!remarks.is_empty()).then(|| remarks.into());
        change.after = match (merged.is_clean(), self.favor(change)) {
            (true, _) => Some(settle(Favor::Ours)),
            (false, Some(favor)) => Some(settle(favor)),
            (false, None) => {
                change.verdict = Verdict::Conflict;
                change.note = None;
                Some(disk.clone())
            }
        };
        if change.after.as_ref() == Some(disk) && change.verdict == Verdict::Merge {
            change.verdict = Verdict::Keep;
        }
    }

    /// How a conflicting hunk is settled, or `None` to stop.
    fn favor(&self, change: &Change) -> Option<Favor> {
        match (self.policy.of(&change.path), change.owner) {
            (Some(OnConflict::Theirs), _) => Some(Favor::Theirs),
            (Some(OnConflict::Markers), _) => Some(Favor::Markers),
            (Some(OnConflict::Ours), _) | (_, Owner::Yours) => Some(Favor::Ours),
            (Some(OnConflict::Abort) | None, _) => None,
        }
    }

    /// A whole file that cannot be merged.
    fn in_the_way(&self, change: &mut Change, disk: File, why: &'static str) {
        match self.policy.of(&change.path) {
            Some(OnConflict::Theirs) => change.verdict = Verdict::Update,
            Some(OnConflict::Ours) => keep(change, disk, why),
            Some(OnConflict::Abort | OnConflict::Markers) | None => {
                change.hunks = vec![whole(&disk, change.after.as_ref())];
                keep(change, disk, why);
                change.verdict = Verdict::Conflict;
            }
        }
    }

    /// The text as it was last scaffolded: from the mirror when that is sound,
    /// else from the scaffold itself when it still says the same.
    pub(super) fn base(&self, path: &RelativePath, entry: &Entry) -> Result<Option<Vec<u8>>> {
        let mirror = (self.situation.read)(&base_path(path))?.map(|file| file.bytes);
        let sound = |bytes: &Vec<u8>| entry.holds(&Digest::of(bytes));
        if let Some(mirror) = mirror.filter(sound) {
            return Ok(Some(mirror));
        }
        let scaffold = self.previous.tree()?.get(path);
        let scaffold = scaffold.map(|output| output.file.bytes.clone());
        Ok(scaffold.filter(sound))
    }

    fn moved(
        &mut self,
        path: &RelativePath,
        from: &RelativePath,
        output: &Output,
    ) -> Result<Change> {
        let mut change = self.one(path, from, output)?;
        let old = change.before.take();
        let there = (self.situation.read)(path)?;
        if let Some(there) = there {
            self.in_the_way(
                &mut change,
                there.clone(),
                "a file moves here, and the place is taken",
            );
            change.before = Some(there);
            return Ok(change);
        }
        if change.verdict == Verdict::Identical {
            change.verdict = Verdict::Create;
        }
        if old.is_some() && change.verdict != Verdict::Conflict {
            change.from = Some(from.clone());
        }
        Ok(change)
    }

    /// Takes a wanted file into the change set, the record and the mirror.
    fn note(&mut self, change: Change, output: &Output, digest: Digest) -> Result<()> {
        if change.verdict != Verdict::Conflict {
            self.record.set(change.path.clone(), output.owner, digest);
            let mirrored = matches!(output.owner, Owner::Shared | Owner::Yours);
            self.mirror_op(&change.path, mirrored.then(|| output.file.bytes.clone()))?;
        }
        self.changes.push(change);
        Ok(())
    }

    pub(super) fn mirror_op(&mut self, path: &RelativePath, bytes: Option<Vec<u8>>) -> Result<()> {
        let path = base_path(path);
        let before = (self.situation.read)(&path)?;
        let after = bytes.map(File::plain);
        if before.as_ref().map(|file| &file.bytes) != after.as_ref().map(|file| &file.bytes) {
            let before = before.map(|file| Digest::of(&file.bytes));
            self.mirror.push(Operation {
                path,
                before,
                after,
            });
        }
        Ok(())
    }

    fn finish(mut self) -> Result<ChangeSet> {
        self.changes
            .sort_by(|first, second| first.path.cmp(&second.path));
        let path = RelativePath::literal(RECORD);
        let before = (self.situation.read)(&path)?;
        let text = self.record.to_text().into_bytes();
        if before.as_ref().map(|file| &file.bytes) != Some(&text) {
            let before = before.map(|file| Digest::of(&file.bytes));
            self.mirror.push(Operation {
                path,
                before,
                after: Some(File::plain(text)),
            });
        }
        Ok(ChangeSet {
            changes: self.changes,
            bookkeeping: self.mirror,
            notes: Vec::new(),
        })
    }
}

/// A file that is not merged, as one hunk: what is there, and what rustop would write.
fn whole(disk: &File, next: Option<&File>) -> Hunk {
    let text = |file: &File| String::from_utf8_lossy(&file.bytes).into_owned();
    Hunk {
        line: 1,
        base: String::new(),
        ours: text(disk),
        theirs: next.map(text).unwrap_or_default(),
    }
}

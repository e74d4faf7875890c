//! The steps that every changing command takes: lock, read PROJECT, plan,
//! settle conflicts, derive, apply, report.
//!
//! A dry run is the same up to the apply, which is why it is exact.

use std::path::Path;

use anyhow::{Context as _, Result};

use super::exit::{Exit, Stop};
use super::external::{self, Brought};
use super::global::GlobalArgs;
use super::{conflicts, roles};
use crate::change::{
    Change, ChangeSet, Policy, RECORD, Record, Situation, Verdict, has_conflict_markers, plan,
};
use crate::disk::{EntryKind, Lock, Root};
use crate::project::{PROJECT, Project, ProjectError, ProjectFile};
use crate::report::Outcome;
use crate::scaffold::Scaffold;
use crate::tree::{Digest, File, Output, Owner, RelativePath, Tree};

/// A project that is open: nobody else changes it meanwhile.
pub(super) struct Session<'a> {
    pub(super) root: Root,
    pub(super) scaffold: Scaffold,
    pub(super) global: &'a GlobalArgs,
    /// The CRDs that the command brings.
    pub(super) brought: Brought,
    _lock: Lock,
}

/// What a command wants.
pub(super) struct Wish<'a> {
    /// The command's name, for the report.
    pub(super) command: &'a str,
    /// The project as it was found; `None` before there is one.
    pub(super) found: Option<&'a ProjectFile>,
    /// The project as it is wanted.
    pub(super) wanted: &'a Project,
    /// Delete also what the user changed.
    pub(super) force: bool,
    /// What the user should know.
    pub(super) notes: Vec<String>,
    /// What comes next.
    pub(super) next: Vec<String>,
}

impl<'a> Session<'a> {
    /// Opens the folder, waits for its turn and finishes what a crash left.
    pub(super) fn open(folder: &Path, global: &'a GlobalArgs) -> Result<Self> {
        let root = Root::open(folder)?;
        let reporter = global.reporter();
        let lock =
            root.lock(|| reporter.progress("waiting for another rustop to finish in this folder"))?;
        recover(&root, global)?;
        Ok(Self {
            root,
            scaffold: Scaffold::embedded()?,
            global,
            brought: Brought::new(),
            _lock: lock,
        })
    }

    /// Reads PROJECT, in the words that fit each way it can be unusable.
    pub(super) fn project(&self) -> Result<ProjectFile> {
        let path = Project::path();
        match self.root.kind(&path)? {
            None => return Err(ProjectError::Missing.into()),
            Some(EntryKind::File) => {}
            Some(other) => return Err(ProjectError::NotAFile(other.to_string()).into()),
        }
        let file = self.root.read(&path)?.ok_or(ProjectError::Missing)?;
        // What is wrong in the file is a failure, not wrong usage: the words alone go on.
        let found = ProjectFile::parse(&file.bytes).map_err(|error| anyhow::anyhow!("{error}"))?;
        found.project.check_version(env!("CARGO_PKG_VERSION"))?;
        Ok(found)
    }

    /// Plans the wish, settles conflicts, applies unless told not to, and reports.
    pub(super) fn fulfil(&self, wish: &Wish<'_>) -> Result<Exit> {
        let mut policy = Policy {
            on_conflict: self.global.on_conflict(),
            force: wish.force,
            ..Policy::default()
        };
        let mut changes = self.plan(wish, &policy)?;
        while !changes.conflicts().is_empty() {
            if !self.global.asks()
                || !conflicts::settle(&changes, &mut policy, self.global.reporter())?
            {
                return self.stop(wish, &changes);
            }
            changes = self.plan(wish, &policy)?;
        }
        if !self.global.dry_run {
            self.root.apply(&changes.operations())?;
        }
        self.report(wish, &changes);
        Ok(Exit::Done)
    }

    fn plan(&self, wish: &Wish<'_>, policy: &Policy) -> Result<ChangeSet> {
        let record = self.record()?;
        let previous = || match wish.found {
            Some(found) => self.previous(&found.project, &record),
            None => Ok(Tree::new()),
        };
        let mut next = self.scaffold.render(wish.wanted)?;
        let notes = external::scaffold(&self.root, &record, wish.wanted, &self.brought, &mut next)?;
        self.check_settled(&next, &record)?;
        let read = |path: &RelativePath| self.root.read(path);
        let situation = Situation {
            record: &record,
            previous: &previous,
            next: &next,
            read: &read,
        };
        let mut changes = plan(&situation, policy)?;
        changes.notes = notes;
        self.check_listed(&next, &record, &changes)?;
        external::derive(&self.root, &next, &mut changes, wish.wanted, &self.brought)?;
        roles::derive(&self.root, &mut changes, wish.wanted)?;
        changes.changes.extend(self.project_change(wish)?);
        Ok(changes)
    }

    /// The scaffold of the project as it was found. Where PROJECT names files
    /// that were never written, a hand may have switched `multigroup`: then the
    /// files of the other layout that were written belong to it, and move.
    fn previous(&self, found: &Project, record: &Record) -> Result<Tree> {
        let mut previous = self.scaffold.render(found)?;
        if previous.keys().all(|path| record.get(path).is_some()) {
            return Ok(previous);
        }
        let mut other = found.clone();
        other.multigroup = !found.multigroup;
        let other = self.scaffold.render(&other)?;
        let written = |path: &RelativePath, output: &Output| {
            let digest = Digest::of(&output.file.bytes);
            record.get(path).is_some_and(|entry| entry.holds(&digest))
        };
        for (path, output) in other {
            if !previous.contains_key(&path) && written(&path, &output) {
                previous.insert(path, output);
            }
        }
        Ok(previous)
    }

    fn record(&self) -> Result<Record> {
        let file = self.root.read(&RelativePath::literal(RECORD))?;
        let bytes = file.map(|file| file.bytes).unwrap_or_default();
        Ok(Record::parse(&String::from_utf8_lossy(&bytes)))
    }

    /// A file with conflict markers holds no decision yet, and another merge would bury it.
    fn check_settled(&self, next: &Tree, record: &Record) -> Result<()> {
        let mut open = Vec::new();
        for path in record.paths().filter(|path| next.contains_key(*path)) {
            let merged = record
                .get(path)
                .is_some_and(|entry| matches!(entry.owner, Owner::Shared | Owner::Yours));
            if merged && self.holds_markers(path)? {
                open.push(path.as_str());
            }
        }
        if open.is_empty() {
            return Ok(());
        }
        Err(Stop::in_the_way(format!(
            "conflict markers are left in `{}`\nhelp: decide between `<<<<<<<` and `>>>>>>>`, take the markers out, and run the command again",
            open.join("`, `")
        )))
    }

    /// What is no plain file holds none: the plan says what it thinks of it.
    fn holds_markers(&self, path: &RelativePath) -> Result<bool> {
        if self.root.kind(path)? != Some(EntryKind::File) {
            return Ok(false);
        }
        let file = self.root.read(path)?;
        Ok(file.is_some_and(|file| has_conflict_markers(&file.bytes)))
    }

    /// A Rust file that a list names and that is gone would break the build.
    fn check_listed(&self, next: &Tree, record: &Record, changes: &ChangeSet) -> Result<()> {
        let mut missing = Vec::new();
        for (path, output) in next {
            let listed = output.owner == Owner::Yours && path.as_str().ends_with(".rs");
            if !listed || record.get(path).is_none() {
                continue;
            }
            let planned = changes.after(path).is_some_and(|after| after.is_some());
            if !planned && self.root.kind(path)?.is_none() {
                missing.push(path.as_str());
            }
        }
        if missing.is_empty() {
            return Ok(());
        }
        Err(Stop::in_the_way(format!(
            "`PROJECT` lists what is gone from the disk: `{}`\nhelp: bring it back with `git checkout -- {}`, or take the kind away with `rustop delete api`",
            missing.join("`, `"),
            missing.join(" ")
        )))
    }

    fn project_change(&self, wish: &Wish<'_>) -> Result<Option<Change>> {
        let path = RelativePath::literal(PROJECT);
        let before = self.root.read(&path)?;
        let text = match wish.found {
            Some(found) => found.updated(wish.wanted),
            None => wish.wanted.to_text(),
        };
        let executable = before.as_ref().is_some_and(|file| file.executable);
        let after = Some(File {
            bytes: text.into_bytes(),
            executable,
        });
        let change = Change::whole(path, Owner::Rustop, before, after);
        Ok(Some(change).filter(|change| change.verdict != Verdict::Identical))
    }

    fn stop(&self, wish: &Wish<'_>, changes: &ChangeSet) -> Result<Exit> {
        self.report(wish, changes);
        let count = changes.conflicts().len();
        let files = if count == 1 { "file" } else { "files" };
        Err(Stop::in_the_way(format!(
            "your changes are in the way in {count} {files}; nothing was written\nhelp: look with `--dry-run --diff`, then choose `--on-conflict ours`, `theirs` or `markers`"
        )))
    }

    fn report(&self, wish: &Wish<'_>, changes: &ChangeSet) {
        let mut notes = wish.notes.clone();
        notes.extend(changes.notes.iter().cloned());
        let loses = |found: &&ProjectFile| found.loses_comments(wish.wanted);
        if changes.conflicts().is_empty() && wish.found.as_ref().is_some_and(loses) {
            notes.push(
                "`PROJECT` is written anew: of its comments only the leading one is kept"
                    .to_owned(),
            );
        }
        self.global.reporter().outcome(&Outcome {
            command: wish.command,
            dry_run: self.global.dry_run,
            changes,
            notes: &notes,
            next: &wish.next,
        });
    }
}

fn recover(root: &Root, global: &GlobalArgs) -> Result<()> {
    if global.dry_run {
        if root.interrupted()? {
            anyhow::bail!(
                "a command was interrupted here, and a dry run must not finish it\nhelp: run the command without `--dry-run`"
            );
        }
        return Ok(());
    }
    let recovered = root
        .recover()
        .context("failed to finish what an interrupted command left")?;
    if let Some(recovered) = recovered {
        global.reporter().progress(&recovered.to_string());
    }
    Ok(())
}

//! Files that the scaffold has no more: what nobody touched goes, what the user
//! changed stays and is named.

use std::collections::BTreeSet;

use anyhow::Result;

use super::outcome::keep;
use super::plan::Planner;
use super::record::Entry;
use super::{Change, equal_but_formatting};
use crate::tree::{Digest, File, Owner, RelativePath};

impl Planner<'_> {
    /// Plans every file that rustop wrote and that is wanted no more.
    pub(super) fn unwanted(&mut self) -> Result<()> {
        let left: BTreeSet<RelativePath> = self.moves.values().cloned().collect();
        let record = self.situation.record;
        let gone = record
            .paths()
            .filter(|path| !self.situation.next.contains_key(*path));
        for path in gone {
            let Some(entry) = record.get(path) else {
                continue;
            };
            self.leave(path, entry, left.contains(path))?;
        }
        Ok(())
    }

    fn leave(&mut self, path: &RelativePath, entry: &Entry, moved: bool) -> Result<()> {
        let taken_along = self
            .changes
            .iter()
            .any(|change| change.from.as_ref() == Some(path));
        let in_conflict = moved && !taken_along;
        let disk = (self.situation.read)(path)?;
        if in_conflict && disk.is_some() {
            return Ok(());
        }
        if let Some(disk) = disk {
            let change = self.unwanted_file(path, entry, disk, taken_along)?;
            self.changes.push(change);
        }
        self.record.remove(path);
        self.mirror_op(path, None)
    }

    fn unwanted_file(
        &self,
        path: &RelativePath,
        entry: &Entry,
        disk: File,
        moved: bool,
    ) -> Result<Change> {
        let mut change = Change::whole(path.clone(), entry.owner, Some(disk.clone()), None);
        if !moved && !self.policy.force && !self.untouched(path, entry, &disk)? {
            keep(&mut change, disk, "you changed it; `--force` deletes it");
        }
        Ok(change)
    }

    fn untouched(&self, path: &RelativePath, entry: &Entry, disk: &File) -> Result<bool> {
        if entry.owner == Owner::Derived || entry.holds(&Digest::of(&disk.bytes)) {
            return Ok(true);
        }
        let base = self.base(path, entry)?;
        Ok(base.is_some_and(|base| equal_but_formatting(path, &base, &disk.bytes)))
    }
}

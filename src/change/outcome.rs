//! What becomes of one file in the plain cases: gone, identical, kept, lines added.
//!
//! Which case it is, `plan` decides. Nothing here reads a file.

use std::collections::BTreeSet;

use super::{Change, Verdict};
use crate::tree::{File, Owner};

/// A file that rustop wrote and the user deleted.
pub(super) fn gone(change: &mut Change) {
    if matches!(change.owner, Owner::Shared | Owner::Yours) {
        change.verdict = Verdict::Keep;
        change.after = None;
        change.note = Some("you deleted it, and it stays deleted".into());
    }
}

/// It says what is wanted already.
pub(super) fn identical(change: &mut Change, disk: File) {
    change.verdict = Verdict::Identical;
    change.after = Some(disk);
}

/// It stays, and the report says why.
pub(super) fn keep(change: &mut Change, disk: File, why: &'static str) {
    change.verdict = Verdict::Keep;
    change.after = Some(disk);
    change.note = Some(why.into());
}

/// It stays, which is as it should be.
pub(super) fn keep_quietly(change: &mut Change, disk: File) {
    change.verdict = Verdict::Identical;
    change.after = Some(disk);
}

/// A list of patterns that was here before rustop: what is missing is added below.
pub(super) fn add_lines(change: &mut Change, disk: &File) {
    let Some(next) = change.after.take() else {
        return;
    };
    let (mut ours, theirs) = (
        String::from_utf8_lossy(&disk.bytes).into_owned(),
        String::from_utf8_lossy(&next.bytes),
    );
    let missing: Vec<&str> = {
        let present: BTreeSet<&str> = ours.lines().map(str::trim).collect();
        theirs
            .lines()
            .filter(|line| !line.trim().is_empty() && !present.contains(line.trim()))
            .collect()
    };
    let missing = missing.join("\n");
    if !missing.is_empty() {
        let separator = if ours.is_empty() || ours.ends_with('\n') {
            ""
        } else {
            "\n"
        };
        ours = format!("{ours}{separator}{missing}\n");
    }
    change.verdict = if ours.as_bytes() == disk.bytes {
        Verdict::Identical
    } else {
        Verdict::Merge
    };
    change.after = Some(File {
        bytes: ours.into_bytes(),
        executable: disk.executable,
    });
}

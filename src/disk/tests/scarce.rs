//! A disk that is full, a disk that is read-only, and how long it all takes.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use super::sandbox::{empty, operations, picture, project, put, write};
use crate::disk::Root;

/// A small disk of its own, gone when dropped.
struct Mount(
    PathBuf,
    #[expect(dead_code, reason = "removes the folder")] tempfile::TempDir,
);

fn mount(arguments: &[&str], folder: &Path) -> bool {
    let status = Command::new("mount").args(arguments).arg(folder).status();
    status.is_ok_and(|status| status.success())
}

impl Mount {
    /// `None`, said aloud, where mounting is not permitted.
    #[expect(clippy::print_stderr, reason = "a skipped proof must be seen")]
    fn new(size: &str) -> Option<Self> {
        let (guard, folder) = empty();
        if mount(&["-t", "tmpfs", "-o", size, "none"], &folder) {
            return Some(Self(folder, guard));
        }
        eprintln!("SKIPPED: mounting a small disk is not permitted here");
        None
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

#[test]
fn a_full_disk_leaves_the_tree_as_it_was() {
    let Some(disk) = Mount::new("size=160k") else {
        return;
    };
    project(&disk.0);
    let before = picture(&disk.0);
    let mut all = operations();
    for number in 0..40 {
        all.push(write(None, &format!("big/{number}"), &"x".repeat(4000)));
    }
    let error = Root::open(&disk.0).unwrap().apply(&all).unwrap_err();
    assert!(format!("{error:#}").contains("No space left"), "{error:#}");
    assert!(format!("{error:#}").contains("`big/"), "{error:#}");
    assert_eq!(picture(&disk.0), before);
}

#[test]
fn a_disk_without_room_for_one_more_name_leaves_the_tree_as_it_was() {
    let Some(disk) = Mount::new("nr_inodes=24") else {
        return;
    };
    project(&disk.0);
    let before = picture(&disk.0);
    Root::open(&disk.0)
        .unwrap()
        .apply(&operations())
        .unwrap_err();
    assert_eq!(picture(&disk.0), before);
}

#[test]
fn a_read_only_disk_is_an_error_and_nothing_else() {
    let Some(disk) = Mount::new("size=64k") else {
        return;
    };
    project(&disk.0);
    let before = picture(&disk.0);
    assert!(mount(&["-o", "remount,ro"], &disk.0));
    let error = Root::open(&disk.0)
        .unwrap()
        .apply(&operations())
        .unwrap_err();
    assert!(format!("{error:#}").contains("Read-only"), "{error:#}");
    assert_eq!(picture(&disk.0), before);
}

/// Prints; how long a disk takes is no verdict.
#[test]
#[expect(clippy::print_stderr, reason = "a measurement")]
fn many_files_are_written_and_deleted() {
    for count in [1, 25, 140, 500] {
        let guard = tempfile::tempdir().unwrap();
        let folder = guard.path().to_owned();
        put(&folder, "PROJECT", "old");
        let name = |number: usize| format!("folder-{}/file-{number}", number % 20);
        let all: Vec<_> = (0..count)
            .map(|number| write(None, &name(number), &"x".repeat(1500)))
            .collect();
        let root = Root::open(&folder).unwrap();
        let start = Instant::now();
        root.apply(&all).unwrap();
        let created = start.elapsed();
        let back: Vec<_> = (0..count)
            .map(|number| super::sandbox::delete(&"x".repeat(1500), &name(number)))
            .collect();
        let start = Instant::now();
        root.apply(&back).unwrap();
        eprintln!(
            "{count} files: created in {created:.1?}, deleted in {:.1?}",
            start.elapsed()
        );
        assert_eq!(picture(&folder).len(), 1);
    }
}

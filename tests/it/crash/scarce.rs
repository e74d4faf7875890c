//! Disks that are full or read-only. They need mounts: where those are not
//! permitted, the tests say so aloud and prove nothing.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{CREATE, INIT};
use crate::sandbox::{Run, Sandbox, assert_same, files_below};

/// A disk of its own below a sandbox, gone when dropped.
struct Disk {
    mounted: PathBuf,
    sandbox: Sandbox,
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.mounted).status();
    }
}

impl Disk {
    /// `None`, said aloud, where mounting is not permitted.
    fn new(options: &str) -> Option<Self> {
        let sandbox = Sandbox::empty();
        let mounted = sandbox.join("disk");
        std::fs::create_dir(&mounted).unwrap();
        if mount(&["-t", "tmpfs", "-o", options, "none"], &mounted) {
            return Some(Self { mounted, sandbox });
        }
        println!("SKIPPED: mounting a small disk is not permitted here");
        None
    }

    fn run(&self, arguments: &str) -> Run {
        let mut command = self.sandbox.command(arguments);
        Run::of(command.current_dir(&self.mounted).output().unwrap())
    }

    #[track_caller]
    fn ok(&self, arguments: &str) {
        let run = self.run(arguments);
        assert_eq!(run.code, 0, "{}", run.stderr);
    }

    /// Whether the command fails; then it says why, and leaves everything as it was.
    #[track_caller]
    fn refuses(&self, arguments: &str, words: &str) -> bool {
        let before = files_below(&self.mounted);
        let run = self.run(arguments);
        if run.code == 0 {
            return false;
        }
        assert_eq!(run.code, 1, "{}", run.stderr);
        assert!(run.stderr.contains(words), "{}", run.stderr);
        assert_same(&before, &files_below(&self.mounted), arguments);
        true
    }

    fn remount(&self, mode: &str) {
        assert!(mount(&["-o", &format!("remount,{mode}")], &self.mounted));
    }
}

fn mount(arguments: &[&str], folder: &Path) -> bool {
    let status = Command::new("mount").args(arguments).arg(folder).status();
    status.is_ok_and(|status| status.success())
}

/// However much room there is: all of the command is done, or none of it.
#[test]
fn a_full_disk_leaves_the_tree_as_it_was() {
    let Some(disk) = Disk::new("size=16m") else {
        return;
    };
    disk.ok(INIT);
    let filler = disk.mounted.join("target");
    std::fs::create_dir(&filler).unwrap();
    let refused = (0..200).take_while(|pages| {
        fill(&filler.join("filler"), 4096 * pages);
        disk.refuses(CREATE, "No space left")
    });
    let refused = refused.count();
    assert!((4..200).contains(&refused), "it was full {refused} times");
    assert!(disk.mounted.join("api/src/v1/foo.rs").exists());
}

/// Fills the disk but for `spare` bytes.
fn fill(path: &Path, spare: usize) {
    let _ = std::fs::remove_file(path);
    let all = std::fs::write(path, vec![b'x'; 32 << 20]);
    assert!(all.is_err(), "the disk holds more than it should");
    let written = path.metadata().unwrap().len();
    let file = std::fs::OpenOptions::new().write(true).open(path).unwrap();
    let spare = u64::try_from(spare).unwrap();
    file.set_len(written.saturating_sub(spare)).unwrap();
}

#[test]
fn init_on_a_disk_that_is_too_small_leaves_nothing() {
    let Some(disk) = Disk::new("size=256k") else {
        return;
    };
    assert!(disk.refuses(INIT, "No space left"));
    assert!(files_below(&disk.mounted).is_empty());
}

#[test]
fn a_read_only_disk_is_an_error_and_nothing_else() {
    let Some(disk) = Disk::new("size=16m") else {
        return;
    };
    disk.remount("ro");
    assert!(disk.refuses(INIT, "Read-only"));
    disk.remount("rw");
    disk.ok(INIT);
    disk.remount("ro");
    assert!(disk.refuses(CREATE, "Read-only"));
    assert_eq!(disk.run(&format!("{CREATE} --dry-run")).code, 0);
    assert_eq!(disk.run("manifests --check").code, 0);
    disk.remount("rw");
    disk.ok(CREATE);
}

//! Killed at every change of the file system, and failing at every one.

use std::collections::BTreeSet;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use super::sandbox::{Picture, empty, path, picture, pictures, process, project, put};
use crate::disk::{Direction, Root};

/// More changes than an apply of the sandbox makes.
const LIMIT: usize = 500;
const SIGABRT: i32 = 6;

fn root(folder: &Path) -> Root {
    Root::open(folder).unwrap()
}

/// A project whose apply was killed.
struct Wreck {
    at: usize,
    folder: PathBuf,
    _guard: tempfile::TempDir,
}

/// The project after being killed before change `at`; `None` when it was done before.
fn killed(at: usize) -> Option<Wreck> {
    let (guard, folder) = empty();
    project(&folder);
    let output = process(&folder, "apply", &format!("abort:{at}"));
    if output.status.success() {
        return None;
    }
    assert_eq!(output.status.signal(), Some(SIGABRT), "{output:?}");
    Some(wreck(at, folder, guard))
}

fn wreck(at: usize, folder: PathBuf, guard: tempfile::TempDir) -> Wreck {
    Wreck {
        at,
        folder,
        _guard: guard,
    }
}

/// One wreck for each change of an apply.
fn wrecks() -> &'static [Wreck] {
    static ALL: LazyLock<Vec<Wreck>> = LazyLock::new(|| (1..LIMIT).map_while(killed).collect());
    assert!(
        (40..LIMIT - 1).contains(&ALL.len()),
        "{} changes",
        ALL.len()
    );
    &ALL
}

/// One wreck for each way that the folder can look.
fn distinct() -> Vec<&'static Wreck> {
    let mut seen = BTreeSet::new();
    let new = |wreck: &&Wreck| seen.insert(picture(&wreck.folder));
    wrecks().iter().filter(new).collect()
}

impl Wreck {
    /// The same, to work on. `cp` keeps modes, links, and second names.
    fn copy(&self) -> Self {
        let (guard, folder) = empty();
        let mut copy = Command::new("cp");
        copy.arg("-a").arg(self.folder.join(".")).arg(&folder);
        assert!(copy.status().unwrap().success());
        wreck(self.at, folder, guard)
    }

    fn root(&self) -> Root {
        root(&self.folder)
    }
}

#[test]
fn killed_anywhere_the_tree_is_old_or_new_after_the_next_command() {
    let (old, new) = pictures();
    let mut directions = Vec::new();
    for wreck in wrecks().iter().map(Wreck::copy) {
        let recovered = wreck.root().recover().unwrap();
        assert!(recovered.iter().all(|recovered| recovered.kept.is_empty()));
        let direction = recovered.map(|recovered| recovered.direction);
        let found = picture(&wreck.folder);
        match direction {
            Some(Direction::Finished) => assert_eq!(found, new, "killed at {}", wreck.at),
            Some(Direction::Undone) => assert_eq!(found, old, "killed at {}", wreck.at),
            None => assert!(found == old || found == new, "{found:#?}"),
        }
        assert!(!wreck.root().interrupted().unwrap());
        directions.push(direction);
    }
    assert!(directions.contains(&Some(Direction::Finished)));
    assert!(directions.contains(&Some(Direction::Undone)));
}

/// Kills the recovery of each wreck at each of its changes, and recovers again.
fn check_recoveries(wreck: &Wreck, expected: impl Fn(&Picture) -> bool) {
    for at in 1..LIMIT {
        let copy = wreck.copy();
        let fault = format!("abort:{at}");
        let done = process(&copy.folder, "recover", &fault).status.success();
        copy.root().recover().unwrap();
        let found = picture(&copy.folder);
        assert!(expected(&found), "killed at {}, {at}: {found:#?}", wreck.at);
        if done {
            return;
        }
    }
    panic!("it never ends");
}

#[test]
fn a_recovery_that_is_killed_is_recovered() {
    let (old, new) = pictures();
    for wreck in distinct() {
        check_recoveries(wreck, |found| *found == old || *found == new);
    }
}

#[test]
fn turning_back_that_is_killed_is_recovered() {
    let (old, _) = pictures();
    let mut retreats = 0;
    for wreck in distinct() {
        let wreck = wreck.copy();
        // Backups are removed in order, and after that there is no way back.
        let begun = wreck.folder.join(".rustop-old-0-0").exists();
        // A process can be told to fail or to die, not both: turned by hand.
        let home = wreck.folder.join(".rustop");
        let turned = std::fs::rename(home.join("journal.committed"), home.join("journal.undoing"));
        if begun && turned.is_ok() {
            check_recoveries(&wreck, |found| *found == old);
            retreats += 1;
        }
    }
    assert!(retreats > 5, "{retreats} retreats");
}

/// Makes change `at` fail.
fn check_failure(at: usize, old: &Picture, new: &Picture) {
    let (_folder, folder) = empty();
    project(&folder);
    let output = process(&folder, "apply", &format!("fail:{at}"));
    if output.status.success() {
        // Only clearing up failed, or there was another way.
        root(&folder).recover().unwrap();
        assert_eq!(&picture(&folder), new, "failed at {at}");
        return;
    }
    assert_eq!(&picture(&folder), old, "failed at {at}");
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(message.contains("no storage space"), "{message}");
}

#[test]
fn a_failure_anywhere_leaves_the_tree_as_it_was() {
    let (old, new) = pictures();
    for wreck in wrecks() {
        check_failure(wreck.at, &old, &new);
    }
}

#[test]
fn what_was_edited_between_crash_and_recovery_stays() {
    let mut beside = 0;
    for wreck in distinct() {
        let (at, copy) = (wreck.at, wreck.copy());
        let folder = copy.folder.clone();
        put(&folder, "secret.txt", "edited");
        put(&folder, "new/folder/file.txt", "mine");
        put(&folder, "only/gone.txt", "wanted after all");
        let recovered = root(&folder).recover().unwrap();
        let read = |name: &str| {
            String::from_utf8(root(&folder).read(&path(name)).unwrap().unwrap().bytes).unwrap()
        };
        assert_eq!(read("secret.txt"), "edited", "killed at {at}");
        assert_eq!(read("new/folder/file.txt"), "mine", "killed at {at}");
        assert_eq!(read("only/gone.txt"), "wanted after all", "killed at {at}");
        if root(&folder)
            .kind(&path("secret.txt.rustop-new"))
            .unwrap()
            .is_some()
        {
            assert_eq!(read("secret.txt.rustop-new"), "new secret");
            let said = recovered.unwrap().to_string();
            assert!(
                said.contains("kept `secret.txt`") && said.contains("`secret.txt.rustop-new`"),
                "{said}"
            );
            beside += 1;
        }
        assert_no_temporaries(&folder);
    }
    assert!(beside > 0, "no crash left a text waiting");
}

fn assert_no_temporaries(folder: &Path) {
    let left: Vec<_> = picture(folder)
        .into_keys()
        .filter(|name| {
            name.contains(".rustop-new-")
                || name.contains(".rustop-old-")
                || name.contains("journal")
        })
        .collect();
    assert_eq!(left, Vec::<String>::new());
}

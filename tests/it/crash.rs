//! The real binary, killed or failing at each change of the file system.
//!
//! The tree is then either what it was or what was wanted, and the same command
//! again brings it to the end. `src/disk` tests its own part more closely; here
//! the whole command is run. The fast ring looks at some of the changes, the slow
//! ring at every one that `create` makes.

mod neighbours;
mod scarce;

use std::os::unix::process::ExitStatusExt as _;

use crate::sandbox::{Files, Run, Sandbox, assert_same, slow};

const SIGABRT: i32 = 6;

/// More changes than any command here makes.
const LIMIT: usize = 5000;

const INIT: &str = "init --domain example.com --project-name demo";
const CREATE: &str =
    "create api --group apps --version v1 --kind Foo --resource --controller --quiet";
const DELETE: &str = "delete api --group apps --version v1 --kind Foo --quiet";

/// A command, and the trees before and after it.
struct Story {
    command: &'static str,
    before: Files,
    after: Files,
    /// What the command says when it finds its work done.
    again: i32,
}

impl Story {
    /// Runs `earlier`, then the command twice.
    fn new(earlier: &[&str], command: &'static str) -> Self {
        let sandbox = Sandbox::in_memory();
        for earlier in earlier {
            sandbox.ok(earlier);
        }
        let before = sandbox.files();
        sandbox.ok(command);
        let after = sandbox.files();
        let again = sandbox.run(command).code;
        assert_same(&after, &sandbox.files(), command);
        assert_ne!(before, after, "`{command}` does nothing");
        Self {
            command,
            before,
            after,
            again,
        }
    }

    fn sandbox(&self) -> Sandbox {
        let sandbox = Sandbox::in_memory();
        sandbox.restore(&self.before);
        sandbox
    }

    /// Runs the command with a fault; whether it was killed, and what it said.
    fn faulty(&self, sandbox: &Sandbox, fault: &str) -> (bool, Run) {
        let mut command = sandbox.command(self.command);
        let output = command.env("RUSTOP_FAULT", fault).output().unwrap();
        (output.status.signal() == Some(SIGABRT), Run::of(output))
    }

    /// How often the command changes the file system.
    fn changes(&self) -> usize {
        let changes: Vec<usize> = (1..LIMIT).collect();
        changes.partition_point(|at| self.faulty(&self.sandbox(), &format!("abort:{at}")).0)
    }

    fn survives_being_killed(&self, at: usize) {
        let what = format!("{}, killed at {at}", self.command);
        let sandbox = self.sandbox();
        let (killed, run) = self.faulty(&sandbox, &format!("abort:{at}"));
        assert!(killed, "{what}: {}", run.stderr);
        self.check_dry_run(&sandbox, &what);
        if at.is_multiple_of(2) {
            self.check_stranger(&sandbox, &what);
        }
        self.check_second_run(&sandbox, &what);
    }

    /// A dry run refuses to finish another's work, and touches nothing.
    fn check_dry_run(&self, sandbox: &Sandbox, what: &str) {
        let wreck = sandbox.files();
        let run = sandbox.run(&format!("{} --dry-run", self.command));
        assert_same(&wreck, &sandbox.files(), &format!("{what}, dry run"));
        if interrupted(&wreck) {
            assert_eq!(run.code, 1, "{what}: {}", run.stderr);
            assert!(run.stderr.contains("was interrupted"), "{}", run.stderr);
        }
    }

    /// Another command, which itself does nothing, clears up as well.
    fn check_stranger(&self, sandbox: &Sandbox, what: &str) {
        sandbox.run("delete api --group no --version v1 --kind Nobody");
        let found = sandbox.files();
        if found != self.before {
            assert_same(&self.after, &found, &format!("{what}, another command"));
        }
    }

    fn check_second_run(&self, sandbox: &Sandbox, what: &str) {
        let committed = sandbox.exists(".rustop/journal.committed");
        let done = committed || sandbox.files() == self.after;
        let run = sandbox.run(self.command);
        assert_same(&self.after, &sandbox.files(), &format!("{what}, again"));
        let expected = if done { self.again } else { 0 };
        assert!([0, expected].contains(&run.code), "{what}: {}", run.stderr);
    }

    fn survives_a_failure(&self, at: usize) {
        let what = format!("{}, failing at {at}", self.command);
        let sandbox = self.sandbox();
        let (_, run) = self.faulty(&sandbox, &format!("fail:{at}"));
        if run.code != 0 {
            assert_eq!(run.code, 1, "{what}: {}", run.stderr);
            assert!(run.stderr.contains("storage"), "{what}: {}", run.stderr);
            assert_same(&self.before, &sandbox.files(), &what);
            return;
        }
        // There was another way, or only clearing up failed: the next command does it.
        sandbox.run(self.command);
        assert_same(&self.after, &sandbox.files(), &what);
    }

    /// Looks at each so-many-th change: the first number is for the fast ring.
    fn check_each(&self, strides: (usize, usize), survives: impl Fn(&Self, usize)) {
        let stride = if slow(self.command) {
            strides.1
        } else {
            strides.0
        };
        let changes = self.changes();
        assert!(changes > 40, "`{}` makes {changes} changes", self.command);
        for at in (1..=changes).step_by(stride) {
            survives(self, at);
        }
    }
}

fn interrupted(files: &Files) -> bool {
    let stages = ["journal", "journal.committed", "journal.undoing"];
    stages
        .iter()
        .any(|stage| files.contains_key(&format!(".rustop/{stage}")))
}

fn create() -> Story {
    Story::new(&[INIT], CREATE)
}

#[test]
fn create_killed_anywhere_is_finished_or_undone_by_the_next_run() {
    create().check_each((9, 1), Story::survives_being_killed);
}

#[test]
fn create_failing_anywhere_leaves_the_tree_as_it_was() {
    create().check_each((5, 1), Story::survives_a_failure);
}

#[test]
fn delete_killed_anywhere_is_finished_or_undone_by_the_next_run() {
    let story = Story::new(&[INIT, CREATE], DELETE);
    story.check_each((13, 3), Story::survives_being_killed);
    story.check_each((13, 3), Story::survives_a_failure);
}

#[test]
fn init_killed_anywhere_is_finished_or_undone_by_the_next_run() {
    let story = Story::new(&[], INIT);
    story.check_each((61, 9), Story::survives_being_killed);
    story.check_each((61, 9), Story::survives_a_failure);
}

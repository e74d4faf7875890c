//! A generated project in a folder that stays, so that cargo finds its earlier work.
//!
//! All of them lie in the same folder, one after the other, under one name where they can: the runtime crate, which
//! is the same in all and takes longer to compile than all the rest of a project, is compiled once. There are two such
//! places: one compiles while the other links, or waits for an API server.

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Condvar, LazyLock, Mutex, MutexGuard, PoisonError};

use crate::sandbox::{Files, Run, Sandbox, files_below, words};
use crate::snapshots;

/// What the projects are called, and their folder.
const NAME: &str = "demo";

/// The places that are free.
static FREE: LazyLock<Mutex<Vec<&str>>> = LazyLock::new(|| Mutex::new(vec!["second", ""]));
static FREED: Condvar = Condvar::new();

thread_local! {
    /// The place of this test; the first one has the folder itself, so that it stays as it was.
    static PLACE: Cell<&'static str> = const { Cell::new("") };
}

/// A place to build in, as long as this is held.
pub(super) struct Turn(&'static str);

/// Waits until a place is free.
pub(super) fn turn() -> Turn {
    let free = FREED.wait_while(lock(), |free| free.is_empty());
    let place = free.unwrap_or_else(PoisonError::into_inner).pop().unwrap();
    PLACE.set(place);
    Turn(place)
}

impl Drop for Turn {
    fn drop(&mut self) {
        lock().push(self.0);
        FREED.notify_one();
    }
}

fn lock() -> MutexGuard<'static, Vec<&'static str>> {
    FREE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Where the projects of this test are built: its [`turn`] says so.
pub(super) fn target() -> PathBuf {
    folder().join(PLACE.get())
}

/// Where all generated projects are built.
pub(super) fn folder() -> PathBuf {
    let given = std::env::var_os("RUSTOP_TEST_TARGET").map(PathBuf::from);
    std::path::absolute(given.unwrap_or_else(|| "target/generated".into())).unwrap()
}

/// A project of `snapshots/`, made anew by its commands.
pub(super) struct Generated {
    pub(super) case: String,
    folder: PathBuf,
}

impl Generated {
    /// One after the other: each takes the place of the one before.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        snapshots::cases()
            .into_iter()
            .map(|case| Self::of_case(&case))
    }

    pub(super) fn named(case: &str) -> Self {
        Self::of_case(&Path::new("snapshots").join(case))
    }

    fn of_case(case: &Path) -> Self {
        let name = case.file_name().unwrap().to_str().unwrap();
        let generated = Self::new(name, &snapshots::run_as(case, NAME));
        if generated.takes_neighbours(case) {
            // Cargo.lock is the user's; cargo adds what a new dependency needs.
            generated.ok("cargo", "metadata --format-version 1");
        }
        generated
    }

    /// Copies what lies beside the project in its case: crates that it depends on.
    fn takes_neighbours(&self, case: &Path) -> bool {
        let mut found = false;
        for entry in std::fs::read_dir(case).unwrap() {
            let entry = entry.unwrap();
            let is_crate = entry.path().join("Cargo.toml").is_file();
            if is_crate && entry.file_name() != "project" {
                let folder = self.folder.with_file_name(entry.file_name());
                let copy = Self {
                    case: self.case.clone(),
                    folder,
                };
                std::fs::create_dir_all(&copy.folder).unwrap();
                copy.take(&files_below(&entry.path()));
                found = true;
            }
        }
        found
    }

    /// Copies a project; files that are the same keep their time, so that cargo builds less.
    pub(super) fn new(name: &str, sandbox: &Sandbox) -> Self {
        let folder = target().join("projects").join(NAME);
        std::fs::create_dir_all(&folder).unwrap();
        let generated = Self {
            case: name.to_owned(),
            folder,
        };
        generated.take(&sandbox.files());
        generated
    }

    fn take(&self, wanted: &Files) {
        let found = self.files();
        for path in found
            .keys()
            .rev()
            .filter(|path| !wanted.contains_key(*path))
        {
            let path = self.folder.join(path);
            let removed = std::fs::remove_file(&path).or_else(|_| std::fs::remove_dir(&path));
            removed.unwrap();
        }
        for (path, file) in wanted
            .iter()
            .filter(|(path, file)| found.get(*path) != Some(*file))
        {
            match path.strip_suffix('/') {
                Some(folder) => std::fs::create_dir_all(self.folder.join(folder)).unwrap(),
                None => std::fs::write(self.folder.join(path), &file.0).unwrap(),
            }
        }
    }

    pub(super) fn files(&self) -> Files {
        files_below(&self.folder)
    }

    /// The name of the manager's package.
    pub(super) fn package(&self) -> String {
        let manifest = std::fs::read_to_string(self.folder.join("Cargo.toml")).unwrap();
        let manifest: toml_edit::DocumentMut = manifest.parse().unwrap();
        manifest["package"]["name"].as_str().unwrap().to_owned()
    }

    pub(super) fn replace(&self, path: &str, from: &str, to: &str) {
        let path = self.folder.join(path);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "`{from}` is not in:\n{text}");
        std::fs::write(path, text.replace(from, to)).unwrap();
    }

    fn run(&self, program: &str, arguments: &str) -> Run {
        Run::of(self.command(program, arguments).output().unwrap())
    }

    fn command(&self, program: &str, arguments: &str) -> Command {
        let mut command = Command::new(program);
        command.args(words(arguments)).current_dir(&self.folder);
        builds_here(&mut command);
        command.env("NO_COLOR", "1").env_remove("RUSTOP_FAULT");
        command
    }

    /// Runs rustop with a kubeconfig of its own; the caller judges.
    pub(super) fn rustop_at(&self, kubeconfig: &Path, arguments: &str) -> Run {
        let mut command = self.command(rustop(), arguments);
        Run::of(command.env("KUBECONFIG", kubeconfig).output().unwrap())
    }

    /// Runs rustop; the caller judges.
    pub(super) fn rustop(&self, arguments: &str) -> Run {
        self.run(rustop(), arguments)
    }

    /// Runs a program that must succeed.
    #[track_caller]
    pub(super) fn ok(&self, program: &str, arguments: &str) -> Run {
        let run = self.run(program, arguments);
        assert_eq!(
            run.code, 0,
            "`{program} {arguments}` in {}:\n{}\n{}",
            self.case, run.stdout, run.stderr
        );
        run
    }
}

/// Has what a command builds lie in the place of this test. Without debug information it takes two thirds of the time.
pub(super) fn builds_here(command: &mut Command) {
    command
        .env("CARGO_TARGET_DIR", target())
        .env("CARGO_PROFILE_DEV_DEBUG", "false")
        .env("CARGO_NET_OFFLINE", "true")
        .env("CARGO_TERM_QUIET", "true")
        .env("ENVTEST_INSTALLED_ONLY", "1")
        .env("RUSTOP", rustop())
        .env_remove("MAKEFLAGS");
}

pub(super) fn rustop() -> &'static str {
    env!("CARGO_BIN_EXE_rustop")
}

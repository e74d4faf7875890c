//! A fresh folder to run rustop in, and what came of it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// The year of every test: 2026-01-01.
pub(crate) const EPOCH: &str = "1767225600";

/// A folder, by path: the bytes of each file, and whether it may be executed.
pub(crate) type Files = BTreeMap<String, (Vec<u8>, bool)>;

/// A temporary folder in which rustop runs.
pub(crate) struct Sandbox {
    folder: TempDir,
}

/// What a command left behind.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Sandbox {
    /// An empty folder.
    pub(crate) fn empty() -> Self {
        Self {
            folder: TempDir::new().unwrap(),
        }
    }

    /// An empty folder in memory, where there is such a disk: for thousands of small writes.
    pub(crate) fn in_memory() -> Self {
        match TempDir::new_in("/dev/shm") {
            Ok(folder) => Self { folder },
            Err(_) => Self::empty(),
        }
    }

    /// A fresh project called `demo` in the domain `example.com`.
    pub(crate) fn project() -> Self {
        let sandbox = Self::empty();
        sandbox.ok("init --domain example.com --project-name demo");
        sandbox
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn join(&self, path: &str) -> PathBuf {
        self.path().join(path)
    }

    /// rustop with these arguments, in an environment that is the same everywhere.
    pub(crate) fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rustop"));
        command.args(words(arguments)).current_dir(self.path());
        command
            .env("SOURCE_DATE_EPOCH", EPOCH)
            .env_remove("RUSTOP_FAULT")
            .env("NO_COLOR", "1");
        command
    }

    pub(crate) fn run(&self, arguments: &str) -> Run {
        Run::of(self.command(arguments).output().unwrap())
    }

    /// Runs a command that must succeed.
    #[track_caller]
    pub(crate) fn ok(&self, arguments: &str) -> Run {
        let run = self.run(arguments);
        assert_eq!(run.code, 0, "`rustop {arguments}`:\n{}", run.stderr);
        run
    }

    /// Runs a command that must fail with `code`, say `words`, and change nothing.
    #[track_caller]
    pub(crate) fn fails(&self, arguments: &str, code: i32, words: &str) {
        let before = self.files();
        let run = self.run(arguments);
        assert_eq!(run.code, code, "`rustop {arguments}`:\n{}", run.stderr);
        assert!(
            run.stderr.contains(words),
            "`rustop {arguments}` does not say `{words}`:\n{}",
            run.stderr
        );
        assert_same(&before, &self.files(), arguments);
    }

    pub(crate) fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    pub(crate) fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(crate) fn replace(&self, path: &str, from: &str, to: &str) {
        let text = self.read(path);
        assert!(
            text.contains(from),
            "{path} does not hold `{from}`:\n{text}"
        );
        self.write(path, text.replace(from, to));
    }

    pub(crate) fn exists(&self, path: &str) -> bool {
        self.join(path).symlink_metadata().is_ok()
    }

    /// Writes all of `files`, and leaves the rest as it is.
    pub(crate) fn restore(&self, files: &Files) {
        for (path, (bytes, executable)) in files {
            match path.strip_suffix('/') {
                Some(folder) => std::fs::create_dir_all(self.join(folder)).unwrap(),
                None => self.write(path, bytes),
            }
            if *executable {
                set_executable(&self.join(path));
            }
        }
    }

    /// Everything in the folder, empty folders too (as names that end with `/`).
    pub(crate) fn files(&self) -> Files {
        files_below(self.path())
    }
}

impl Run {
    #[expect(
        clippy::needless_pass_by_value,
        reason = "it is handed over where it is made"
    )]
    pub(crate) fn of(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}", self.stdout))
    }
}

/// Everything below a folder.
pub(crate) fn files_below(folder: &Path) -> Files {
    let mut files = Files::new();
    for entry in walkdir::WalkDir::new(folder).min_depth(1) {
        let entry = entry.unwrap();
        let path = entry
            .path()
            .strip_prefix(folder)
            .unwrap()
            .to_string_lossy()
            .replace('\\', "/");
        let kind = entry.file_type();
        if kind.is_dir() {
            files.insert(path + "/", (Vec::new(), false));
        } else if kind.is_symlink() {
            let target = std::fs::read_link(entry.path()).unwrap();
            files.insert(
                path,
                (target.to_string_lossy().into_owned().into_bytes(), false),
            );
        } else if kind.is_file() {
            files.insert(
                path,
                (
                    std::fs::read(entry.path()).unwrap(),
                    is_executable(entry.path()),
                ),
            );
        }
    }
    files
}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata().unwrap().permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn is_executable(_: &Path) -> bool {
    false
}

#[cfg(unix)]
fn set_executable(path: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[cfg(not(unix))]
fn set_executable(_: &Path) {}

/// Fails with the paths that differ, not with all their bytes.
#[track_caller]
pub(crate) fn assert_same(before: &Files, after: &Files, what: &str) {
    let differing: Vec<&String> = before
        .keys()
        .chain(after.keys())
        .filter(|path| before.get(*path) != after.get(*path))
        .collect();
    assert!(differing.is_empty(), "`{what}` changed {differing:?}");
}

/// Splits a command line as a shell does, as far as the tests need it: by spaces outside single quotes.
pub(crate) fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (position, part) in line.split('\'').enumerate() {
        match position % 2 {
            0 => words.extend(part.split_whitespace().map(str::to_owned)),
            _ => words.push(part.to_owned()),
        }
    }
    words
}

/// Whether the slow ring runs; says so when it does not.
pub(crate) fn slow(name: &str) -> bool {
    let on = std::env::var_os("RUSTOP_SLOW").is_some_and(|value| value == "1");
    if !on {
        println!("{name}: part of the slow ring, which `RUSTOP_SLOW=1` switches on");
    }
    on
}

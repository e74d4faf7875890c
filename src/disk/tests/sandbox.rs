//! A project to change, a picture of a whole tree, and a second process.

use std::collections::BTreeMap;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::disk::Root;
use crate::tree::{Digest, File, Operation, RelativePath};

/// Everything about a tree that a command must give back: what each entry is,
/// its mode, its text.
pub(super) type Picture = BTreeMap<String, (u32, String)>;

pub(super) fn path(text: &str) -> RelativePath {
    RelativePath::new(text).unwrap()
}

pub(super) fn write(before: Option<&str>, name: &str, text: &str) -> Operation {
    Operation {
        path: path(name),
        before: before.map(|text| Digest::of(text.as_bytes())),
        after: Some(File::plain(text)),
    }
}

pub(super) fn delete(before: &str, name: &str) -> Operation {
    Operation {
        path: path(name),
        before: Some(Digest::of(before.as_bytes())),
        after: None,
    }
}

fn executable(mut operation: Operation) -> Operation {
    if let Some(file) = &mut operation.after {
        file.executable = true;
    }
    operation
}

/// An empty folder that is a root; in memory where there is such a disk,
/// because the proofs wait for it some ten thousand times.
pub(super) fn empty() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .unwrap();
    let path = folder.path().canonicalize().unwrap();
    (folder, path)
}

pub(super) fn put(root: &Path, name: &str, text: &str) {
    let path = root.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

pub(super) fn set_mode(root: &Path, name: &str, mode: u32) {
    let permissions = std::fs::Permissions::from_mode(mode);
    std::fs::set_permissions(root.join(name), permissions).unwrap();
}

/// A project with something of each kind.
pub(super) fn project(root: &Path) {
    put(root, "keep.txt", "untouched");
    put(root, "secret.txt", "old secret");
    set_mode(root, "secret.txt", 0o600);
    put(root, "run.sh", "old script");
    set_mode(root, "run.sh", 0o755);
    put(root, "becomes.sh", "old");
    put(root, "only/gone.txt", "gone");
    set_mode(root, "only", 0o750);
    put(root, "deep/er/gone.txt", "gone too");
    put(root, "deep/stays.txt", "stays");
    put(root, "real/text.txt", "old real");
    symlink("real/text.txt", root.join("link.txt")).unwrap();
    symlink("real", root.join("folder-link")).unwrap();
    put(root, "PROJECT", "old project");
}

/// What the tests do to it.
pub(super) fn operations() -> Vec<Operation> {
    vec![
        write(Some("old secret"), "secret.txt", "new secret"),
        executable(write(Some("old script"), "run.sh", "new script")),
        executable(write(Some("old"), "becomes.sh", "old")),
        write(None, "new/folder/file.txt", "new"),
        executable(write(None, "new/other.sh", "new script")),
        write(None, ".rustop/base/secret.txt.base", "mirror"),
        delete("gone", "only/gone.txt"),
        delete("gone too", "deep/er/gone.txt"),
        write(Some("old real"), "link.txt", "new real"),
        write(None, "folder-link/more.txt", "more"),
        write(Some("old project"), "PROJECT", "new project"),
    ]
}

/// What the project looks like before and after.
pub(super) fn pictures() -> (Picture, Picture) {
    let (_folder, root) = empty();
    project(&root);
    let old = picture(&root);
    Root::open(&root).unwrap().apply(&operations()).unwrap();
    (old, picture(&root))
}

pub(super) fn picture(root: &Path) -> Picture {
    let entries = walkdir::WalkDir::new(root).min_depth(1);
    entries
        .into_iter()
        .map(|entry| portrait(root, &entry.unwrap()))
        .collect()
}

fn portrait(root: &Path, entry: &walkdir::DirEntry) -> (String, (u32, String)) {
    let name = entry
        .path()
        .strip_prefix(root)
        .unwrap()
        .display()
        .to_string();
    let mode = entry.metadata().unwrap().permissions().mode();
    let text = match entry.file_type() {
        kind if kind.is_file() => {
            String::from_utf8_lossy(&std::fs::read(entry.path()).unwrap()).into_owned()
        }
        kind if kind.is_symlink() => std::fs::read_link(entry.path())
            .unwrap()
            .display()
            .to_string(),
        _ => String::new(),
    };
    (name, (mode, text))
}

/// Runs `verb` on `root` in a process of its own, with a fault.
pub(super) fn process(root: &Path, verb: &str, fault: &str) -> Output {
    command(root, verb)
        .env("RUSTOP_FAULT", fault)
        .output()
        .unwrap()
}

pub(super) fn command(root: &Path, verb: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["disk::tests::sandbox::child", "--exact", "--nocapture"])
        .env("RUSTOP_TEST_VERB", verb)
        .env("RUSTOP_TEST_ROOT", root);
    command
}

/// Does nothing unless [`process`] started this binary.
#[test]
fn child() {
    let Ok(verb) = std::env::var("RUSTOP_TEST_VERB") else {
        return;
    };
    let root = Root::open(Path::new(&std::env::var("RUSTOP_TEST_ROOT").unwrap())).unwrap();
    match verb.as_str() {
        "apply" => root.apply(&operations()).unwrap(),
        "recover" => drop(root.recover().unwrap()),
        "hold" => super::locking::hold(&root),
        other => panic!("no verb `{other}`"),
    }
}

//! What happens when nothing goes wrong, or when the plan is out of date.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::sandbox::{
    delete, empty, operations, path, picture, pictures, project, put, set_mode, write,
};
use crate::disk::{EntryKind, Hindrance, Obstacle, ProjectFolder, Root};
use crate::tree::{File, Operation};

fn root(folder: &Path) -> Root {
    Root::open(folder).unwrap()
}

fn mode(folder: &Path, name: &str) -> u32 {
    std::fs::metadata(folder.join(name))
        .unwrap()
        .permissions()
        .mode()
        & 0o7777
}

#[test]
fn an_apply_does_what_it_was_told_and_leaves_nothing_else() {
    let (_folder, folder) = empty();
    project(&folder);
    root(&folder).apply(&operations()).unwrap();
    for operation in operations() {
        let found = root(&folder).read(&operation.path).unwrap();
        assert_eq!(found, operation.after, "{}", operation.path);
    }
    let names: Vec<_> = picture(&folder).into_keys().collect();
    let wanted = [
        ".rustop",
        ".rustop/base",
        ".rustop/base/secret.txt.base",
        "PROJECT",
        "becomes.sh",
        "deep",
        "deep/stays.txt",
        "folder-link",
        "keep.txt",
        "link.txt",
        "new",
        "new/folder",
        "new/folder/file.txt",
        "new/other.sh",
        "real",
        "real/more.txt",
        "real/text.txt",
        "run.sh",
        "secret.txt",
    ];
    assert_eq!(names, wanted);
    assert_eq!(root(&folder).recover().unwrap(), None);
}

#[test]
fn modes_stay_but_for_the_right_to_execute() {
    let (_folder, folder) = empty();
    project(&folder);
    root(&folder).apply(&operations()).unwrap();
    let check = |name: &str, wanted: u32| assert_eq!(mode(&folder, name), wanted, "{name}");
    check("secret.txt", 0o600);
    check("run.sh", 0o755);
    check("becomes.sh", 0o755);
    check("new/folder/file.txt", 0o644);
    check("new/other.sh", 0o755);
    set_mode(&folder, "run.sh", 0o775);
    root(&folder)
        .apply(&[write(Some("new script"), "run.sh", "x")])
        .unwrap();
    check("run.sh", 0o664);
}

#[test]
fn a_link_inside_is_written_through() {
    let (_, new) = pictures();
    assert_eq!(new["link.txt"].1, "real/text.txt");
    assert_eq!(new["real/text.txt"].1, "new real");
    assert_eq!(new["folder-link"].1, "real");
}

#[test]
fn what_is_already_so_is_not_written() {
    let (_folder, folder) = empty();
    put(&folder, "a", "same");
    let before = std::fs::metadata(&folder).unwrap().modified().unwrap();
    root(&folder)
        .apply(&[write(Some("same"), "a", "same")])
        .unwrap();
    assert_eq!(
        std::fs::metadata(&folder).unwrap().modified().unwrap(),
        before
    );
}

fn refused(folder: &Path, operations: &[Operation]) -> Obstacle {
    let before = picture(folder);
    let error = root(folder).apply(operations).unwrap_err();
    assert_eq!(picture(folder), before);
    error.downcast::<Obstacle>().unwrap()
}

#[test]
fn a_file_that_is_not_what_the_plan_says_stops_everything() {
    let check = |operation: Operation, wanted: Hindrance| {
        let (_folder, folder) = empty();
        project(&folder);
        let mut all = operations();
        all.insert(9, operation);
        assert_eq!(refused(&folder, &all).hindrance, wanted);
    };
    check(write(Some("other"), "keep.txt", "x"), Hindrance::Changed);
    check(write(Some("other"), "absent", "x"), Hindrance::Gone);
    check(write(None, "keep.txt", "x"), Hindrance::Appeared);
    check(delete("other", "keep.txt"), Hindrance::Changed);
    check(
        write(Some("other"), "keep.txt", "untouched"),
        Hindrance::Changed,
    );
}

#[test]
fn a_read_only_file_is_the_users_word() {
    let (_folder, folder) = empty();
    put(&folder, "a", "x");
    set_mode(&folder, "a", 0o444);
    let obstacle = refused(&folder, &[write(Some("x"), "a", "y")]);
    assert_eq!(obstacle.hindrance, Hindrance::ReadOnly);
    assert!(obstacle.to_string().contains("help: "));
}

#[test]
fn odd_names_are_names() {
    let (_folder, folder) = empty();
    for name in [
        "with space",
        "-rf",
        "ünï¢ødé/日本",
        "new\nline",
        ".hidden",
        "*?",
        "a'\"b",
        "%s",
    ] {
        let root = root(&folder);
        root.apply(&[write(None, name, "1")]).unwrap();
        root.apply(&[write(Some("1"), name, "2")]).unwrap();
        assert_eq!(root.read(&path(name)).unwrap(), Some(File::plain("2")));
        assert_eq!(root.list(None).unwrap(), [path(name)]);
        root.apply(&[delete("2", name)]).unwrap();
        assert!(picture(&folder).is_empty(), "{name}");
    }
}

#[test]
fn the_longest_name_is_written_and_a_longer_one_stops_everything() {
    let (_folder, folder) = empty();
    root(&folder)
        .apply(&[write(None, &"n".repeat(255), "1")])
        .unwrap();
    let before = picture(&folder);
    let operations = [write(None, "ok", "1"), write(None, &"n".repeat(256), "1")];
    root(&folder).apply(&operations).unwrap_err();
    assert_eq!(picture(&folder), before);
}

#[test]
fn a_list_is_sorted_and_leaves_out_git_and_builds() {
    let (_folder, folder) = empty();
    for name in [
        "b",
        "a/z",
        "a/b/c",
        ".git/config",
        "target/x",
        "a/.git/x",
        "out/CACHEDIR.TAG",
        "src/target/mod.rs",
    ] {
        put(&folder, name, "");
    }
    std::os::unix::fs::symlink("b", folder.join("link")).unwrap();
    let list = |under: Option<&str>| root(&folder).list(under.map(path).as_ref()).unwrap();
    assert_eq!(
        list(None),
        ["a/b/c", "a/z", "b", "src/target/mod.rs"].map(path)
    );
    assert_eq!(list(Some("a")), ["a/b/c", "a/z"].map(path));
    assert_eq!(list(Some("missing")), []);
}

#[test]
fn kinds_are_told_apart() {
    let (_folder, folder) = empty();
    project(&folder);
    std::os::unix::fs::symlink("nowhere", folder.join("dangling")).unwrap();
    let kind = |name: &str| {
        root(&folder)
            .kind(&path(name))
            .unwrap()
            .map(|kind| kind.to_string())
    };
    assert_eq!(kind("missing/file"), None);
    assert_eq!(kind("PROJECT").as_deref(), Some("a file"));
    assert_eq!(kind("deep").as_deref(), Some("a folder"));
    assert_eq!(
        kind("link.txt").as_deref(),
        Some("a link to `real/text.txt`")
    );
    assert_eq!(
        kind("dangling").as_deref(),
        Some("a link to `nowhere`, which is not there")
    );
    assert_eq!(
        root(&folder).kind(&path("PROJECT")).unwrap(),
        Some(EntryKind::File)
    );
}

#[test]
fn a_root_must_be_a_folder() {
    let (_folder, folder) = empty();
    put(&folder, "file", "");
    let error = |name: &str| Root::open(&folder.join(name)).unwrap_err().to_string();
    assert!(error("missing").contains("does not exist\nhelp: "));
    assert!(error("file").contains("is a file, not a folder"));
}

#[test]
fn a_new_projects_folder_goes_again_unless_kept() {
    let (_folder, folder) = empty();
    let wanted = folder.join("a/b");
    drop(ProjectFolder::prepare(&wanted, false).unwrap());
    assert!(picture(&folder).is_empty());
    let stand_in = ProjectFolder::prepare(&wanted, true).unwrap();
    assert!(stand_in.path().is_dir() && picture(&folder).is_empty());
    ProjectFolder::prepare(&wanted, false).unwrap().keep();
    assert!(wanted.is_dir());
}

//! Links that lead out, things that are no files, journals that lie.

use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use super::sandbox::{delete, empty, path, picture, put, write};
use crate::disk::{EntryKind, Hindrance, Obstacle, Root};
use crate::tree::Digest;

fn root(folder: &Path) -> Root {
    Root::open(folder).unwrap()
}

/// Neither reads nor writes at `name`, and changes nothing, in or out.
fn check_refused(prepare: impl Fn(&Path, &Path), name: &str, expected: fn(&Hindrance) -> bool) {
    let (_inside, folder) = empty();
    let (_outside, outside) = empty();
    put(&outside, "secret", "secret");
    prepare(&folder, &outside);
    let before = (picture(&folder), picture(&outside));
    let obstacle = |error: anyhow::Error| error.downcast::<Obstacle>().unwrap().hindrance;
    let read = obstacle(root(&folder).read(&path(name)).unwrap_err());
    assert!(expected(&read), "{read:?}");
    for before in [Some("secret"), None] {
        let operations = [write(None, "first", "1"), write(before, name, "2")];
        let written = obstacle(root(&folder).apply(&operations).unwrap_err());
        assert!(expected(&written), "{written:?}");
    }
    let deleted = obstacle(root(&folder).apply(&[delete("secret", name)]).unwrap_err());
    assert!(expected(&deleted), "{deleted:?}");
    assert_eq!((picture(&folder), picture(&outside)), before);
}

#[test]
fn links_out_of_the_project_are_not_followed() {
    let outside = |hindrance: &Hindrance| matches!(hindrance, Hindrance::Outside { .. });
    check_refused(
        |root, out| symlink(out.join("secret"), root.join("a")).unwrap(),
        "a",
        outside,
    );
    check_refused(
        |root, out| symlink(out, root.join("a")).unwrap(),
        "a/secret",
        outside,
    );
    check_refused(
        |root, out| symlink(out, root.join("a")).unwrap(),
        "a/new/file",
        outside,
    );
    check_refused(
        |root, out| {
            symlink(out.join("secret"), root.join("c")).unwrap();
            symlink("c", root.join("b")).unwrap();
            symlink("b", root.join("a")).unwrap();
        },
        "a",
        outside,
    );
    check_refused(
        |root, out| {
            let out = Path::new("..").join(out.file_name().unwrap());
            symlink(out, root.join("a")).unwrap();
        },
        "a/secret",
        outside,
    );
}

#[test]
fn what_is_no_file_is_named() {
    let is = |name: &'static str, expected: fn(&Hindrance) -> bool, prepare: fn(&Path)| {
        check_refused(move |root, _| prepare(root), name, expected);
    };
    is(
        "a",
        |h| *h == Hindrance::NotAFile(EntryKind::Folder),
        |root| std::fs::create_dir(root.join("a")).unwrap(),
    );
    is(
        "a",
        |h| *h == Hindrance::NotAFile(EntryKind::Fifo),
        |root| {
            assert!(
                Command::new("mkfifo")
                    .arg(root.join("a"))
                    .status()
                    .unwrap()
                    .success()
            );
        },
    );
    is(
        "a",
        |h| *h == Hindrance::NotAFile(EntryKind::Other),
        |root| {
            drop(std::os::unix::net::UnixListener::bind(root.join("a")).unwrap());
        },
    );
    is(
        "a",
        |h| matches!(h, Hindrance::NotAFile(EntryKind::DanglingLink { .. })),
        |root| symlink("no", root.join("a")).unwrap(),
    );
    is(
        "a",
        |h| matches!(h, Hindrance::NotAFile(EntryKind::DanglingLink { .. })),
        |root| symlink("a", root.join("a")).unwrap(),
    );
    is(
        "a/b",
        |h| matches!(h, Hindrance::NotAFolder { .. }),
        |root| put(root, "a", ""),
    );
    is(
        "a/b",
        |h| matches!(h, Hindrance::NotAFolder { .. }),
        |root| symlink("no", root.join("a")).unwrap(),
    );
}

#[test]
fn one_file_under_two_names_is_written_once() {
    let (_folder, folder) = empty();
    put(&folder, "real", "x");
    symlink("real", folder.join("link")).unwrap();
    let before = picture(&folder);
    let twice = [write(Some("x"), "real", "1"), write(Some("x"), "link", "2")];
    root(&folder).apply(&twice).unwrap_err();
    root(&folder)
        .apply(&[write(None, "a", "1"), write(None, "a/b", "1")])
        .unwrap_err();
    assert_eq!(picture(&folder), before);
}

#[test]
fn a_journals_folder_that_is_a_link_is_refused() {
    let (_folder, folder) = empty();
    let (_outside, outside) = empty();
    put(&outside, "journal.new", "theirs");
    symlink(&outside, folder.join(".rustop")).unwrap();
    root(&folder).apply(&[write(None, "a", "1")]).unwrap_err();
    root(&folder).recover().unwrap_err();
    assert_eq!(picture(&outside).len(), 1);
}

#[test]
fn a_journal_that_lies_is_an_error_and_touches_nothing() {
    let digest = Digest::of(b"mine").to_string();
    let step = |path: &str| {
        format!(
            r#"{{"version":1,"tag":0,"made_home":true,"folders":[],"steps":[{{"path":"{path}","before":"{digest}","after":null}}]}}"#
        )
    };
    let texts = [
        String::new(),
        "{".to_owned(),
        "\0\0\0\0".to_owned(),
        r#"{"version":2,"tag":0,"made_home":true,"folders":[],"steps":[]}"#.to_owned(),
        r#"{"version":1,"tag":0,"made_home":true,"folders":["../x"],"steps":[]}"#.to_owned(),
        step("../mine"),
        step("/etc/passwd"),
        step("a/../../mine"),
        step("out/mine"),
        step("link"),
        step("mine").replace(&digest, "abc"),
        step("mine").replace("null", "1"),
    ];
    for text in texts {
        for name in ["journal", "journal.committed", "journal.undoing"] {
            check_lying_journal(&text, name);
        }
    }
}

fn check_lying_journal(text: &str, name: &str) {
    let (_parent, parent) = empty();
    put(&parent, "mine", "mine");
    put(&parent, "root/mine", "mine");
    let folder = parent.join("root");
    symlink(&parent, folder.join("out")).unwrap();
    symlink("mine", folder.join("link")).unwrap();
    put(&folder, &format!(".rustop/{name}"), text);
    let before = picture(&parent);
    let error = format!("{:#}", root(&folder).recover().unwrap_err());
    assert!(error.contains("help: ") && error.contains(name), "{error}");
    assert!(root(&folder).interrupted().unwrap());
    root(&folder).apply(&[write(None, "a", "1")]).unwrap_err();
    assert_eq!(picture(&parent), before, "{text}");
}

#[test]
fn files_that_look_like_temporaries_are_the_users() {
    let (_folder, folder) = empty();
    put(&folder, ".rustop-new-0-0", "mine");
    put(&folder, ".rustop-old-1-0", "mine");
    put(&folder, "a", "1");
    root(&folder).apply(&[write(Some("1"), "a", "2")]).unwrap();
    let texts: Vec<_> = picture(&folder)
        .into_values()
        .map(|(_, text)| text)
        .collect();
    assert_eq!(texts, ["mine", "mine", "2"]);
}

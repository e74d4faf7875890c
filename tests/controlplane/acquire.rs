//! How the binaries get onto the machine: from whom, in which order, how safely.

use std::os::unix::fs::PermissionsExt;
use std::time::{Duration, Instant};

use flate2::{Compression, write::GzEncoder};
use rustop::controlplane::{Origin, Request, controller_manager, find};

use crate::http::Answer;
use crate::machine::{ARCHIVE, BUILDS, Machine, archive, good, names};

#[test]
fn an_archive_is_downloaded_verified_and_kept() {
    let machine = Machine::new();
    machine.offer(&good());
    let found = machine.find(&machine.request("1.35")).unwrap();
    assert_eq!(found.origin, Origin::Downloaded);
    assert_eq!(names(&found.folder), ["etcd", "kube-apiserver", "kubectl"]);
    let server = found.folder.join("kube-apiserver");
    assert_eq!(std::fs::read_to_string(&server).unwrap(), "the server");
    assert_eq!(
        server.metadata().unwrap().permissions().mode() & 0o777,
        0o755
    );
    let again = machine.find(&machine.request("1.35")).unwrap();
    assert_eq!(
        (again.origin, again.folder),
        (Origin::Installed, found.folder)
    );
    assert_eq!(
        machine.server.asked().len(),
        2,
        "the second time needs no network"
    );
    assert_eq!(machine.stored(), ["1.35.0-linux-amd64"]);
}

/// Whatever is wrong with what came: an error that says so, nothing installed,
/// and no building in the hope that nobody notices.
#[test]
fn what_is_not_as_promised_is_refused() {
    let check = |archive: &[u8], checksum: Option<&str>, expected: &str| {
        let machine = Machine::new();
        match checksum {
            Some(checksum) => machine.offer_with_checksum(archive, checksum),
            None => machine.offer(archive),
        }
        let request = Request {
            go: machine.go(BUILDS),
            ..machine.request("1.35")
        };
        let error = machine.find(&request).unwrap_err();
        assert!(error.contains(expected), "{error}");
        assert_eq!(machine.stored(), [""; 0], "{expected}");
        assert!(!machine.home.path().join("calls").exists(), "{expected}");
    };
    let server = ("a/kube-apiserver", "x");
    check(
        &good(),
        Some(&"0".repeat(128)),
        "is not the one in the index",
    );
    check(&good(), Some(""), "is not the one in the index");
    check(
        &archive(&[("a/etcd", "x"), ("../../kube-apiserver", "x")]),
        None,
        "leads out of the archive",
    );
    check(
        &archive(&[("/a/etcd", "x"), server]),
        None,
        "leads out of the archive",
    );
    check(&archive(&[server]), None, "it holds no `etcd`");
    check(
        &archive(&[("a/etcd", "1"), ("b/etcd", "2"), server]),
        None,
        "failed to create",
    );
    check(b"<html>sign in</html>", None, "failed to unpack");
    let half = &good()[..good().len() / 2];
    check(half, None, "failed to unpack");
}

#[test]
fn a_link_in_the_place_of_a_binary_is_refused() {
    let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::Symlink);
    header.set_size(0);
    tar.append_link(&mut header, "a/etcd", "/bin/sh").unwrap();
    let machine = Machine::new();
    machine.offer(&tar.into_inner().unwrap().finish().unwrap());
    assert!(
        machine
            .find(&machine.request("1.35"))
            .unwrap_err()
            .contains("`a/etcd` is no file")
    );
    assert_eq!(machine.stored(), [""; 0]);
}

/// Each way in which the network can fail leads to the build, with the reason said.
#[test]
fn what_cannot_be_downloaded_is_built() {
    let check = |prepare: &dyn Fn(&Machine), expected: &str| {
        let machine = Machine::new();
        prepare(&machine);
        let request = Request {
            go: machine.go(BUILDS),
            ..machine.request("1.35")
        };
        let found = machine.find(&request).unwrap();
        assert_eq!(found.origin, Origin::Built, "{expected}");
        let said = machine.said.borrow().join("\n");
        assert!(said.contains(expected), "{said}");
        assert_eq!(machine.stored(), ["1.35.4-linux-amd64"]);
    };
    let truncated = |machine: &Machine| {
        machine.offer(&good());
        let half = good()[..100].to_vec();
        let said = Some(good().len());
        machine.server.answer(
            ARCHIVE,
            Answer {
                status: 200,
                body: half,
                said,
            },
        );
    };
    let gone = |machine: &Machine| {
        machine.offer(&good());
        machine.server.answer(
            ARCHIVE,
            Answer {
                status: 500,
                body: Vec::new(),
                said: None,
            },
        );
    };
    let other_platform = |machine: &Machine| {
        let index =
            "releases: {v1.35.0: {envtest-v1.35.0-plan9-mips.tar.gz: {hash: a, selfLink: b}}}";
        machine.server.answer("/index.yaml", Answer::ok(index));
    };
    let no_index = |machine: &Machine| machine.server.answer("/index.yaml", Answer::ok("<html>"));
    check(&|_| (), "404");
    check(&truncated, "failed to get");
    check(&gone, "500");
    check(&other_platform, "has no archive of `1.35` for linux-amd64");
    check(&no_index, "is not readable");
}

#[test]
fn without_a_network_the_build_begins_at_once() {
    let machine = Machine::new();
    let mut request = Request {
        go: machine.go(BUILDS),
        ..machine.request("1.35")
    };
    request.index = "http://127.0.0.1:1/index.yaml".to_owned();
    let began = Instant::now();
    assert_eq!(machine.find(&request).unwrap().origin, Origin::Built);
    assert!(began.elapsed() < Duration::from_secs(5));
}

#[test]
fn a_build_depends_on_nothing_of_the_users_settings() {
    let machine = Machine::new();
    let mut request = Request {
        go: machine.go(BUILDS),
        ..machine.request("1.35.4")
    };
    request.platform.os = "darwin".to_owned();
    request.platform.arch = "arm64".to_owned();
    let found = machine.find(&request).unwrap();
    assert!(found.folder.ends_with("1.35.4-darwin-arm64"));
    let calls = std::fs::read_to_string(machine.home.path().join("calls")).unwrap();
    let lines: Vec<&str> = calls.lines().collect();
    assert_eq!(lines.len(), 2);
    assert!(
        lines[0].ends_with("/etcd for darwin/arm64: 0 -mod=readonly"),
        "{calls}"
    );
    assert!(
        lines[1].ends_with("/kube-apiserver for darwin/arm64: 0 -mod=readonly"),
        "{calls}"
    );
}

#[test]
fn a_build_that_fails_is_shown_and_leaves_nothing() {
    let machine = Machine::new();
    let script = "case $2 in */etcd) echo x >\"$2\";; *) echo 'go: downloading a v1\nmain.go:1: boom' >&2; exit 1;; esac";
    let request = Request {
        go: machine.go(script),
        ..machine.request("1.35")
    };
    let error = machine.find(&request).unwrap_err();
    assert!(
        error.contains("failed to build kube-apiserver:\nmain.go:1: boom"),
        "{error}"
    );
    assert_eq!(machine.stored(), [""; 0]);
}

#[test]
fn when_nothing_works_each_remedy_is_named() {
    let machine = Machine::new();
    let error = machine.find(&machine.request("1.35")).unwrap_err();
    let last = error.lines().last().unwrap();
    assert!(last.starts_with("help: "), "{error}");
    for remedy in ["`--index`", "install Go", "KUBEBUILDER_ASSETS"] {
        assert!(last.contains(remedy), "{last}");
    }
    assert!(error.contains("`/nonexistent/go` does not run"), "{error}");
    let request = Request {
        go: machine.go(BUILDS),
        ..machine.request("1.34")
    };
    assert!(
        machine
            .find(&request)
            .unwrap_err()
            .contains("only 1.35.4 can be built")
    );
}

#[test]
fn the_users_folder_comes_first_and_must_be_whole() {
    let machine = Machine::new();
    let folder = machine.install("1.20.0");
    let request = Request {
        assets: Some(folder.clone()),
        ..machine.request("1.35")
    };
    let found = machine.find(&request).unwrap();
    assert_eq!(
        (found.origin, found.folder, found.version),
        (Origin::Environment, folder.clone(), None)
    );
    std::fs::remove_file(folder.join("etcd")).unwrap();
    let error = machine.find(&request).unwrap_err();
    assert!(error.contains("holds no `etcd`\nhelp: "), "{error}");
}

#[test]
fn installed_only_asks_nobody() {
    let machine = Machine::new();
    machine.offer(&good());
    let request = Request {
        installed_only: true,
        ..machine.request("1.35!")
    };
    assert!(
        machine
            .find(&request)
            .unwrap_err()
            .contains("help: run `rustop envtest use")
    );
    let (_, newer, _) = (
        machine.install("1.35.1"),
        machine.install("1.35.10"),
        machine.install("1.36.0"),
    );
    assert_eq!(machine.find(&request).unwrap().folder, newer);
    assert!(machine.server.asked().is_empty());
}

#[test]
fn half_a_control_plane_is_none() {
    let machine = Machine::new();
    std::fs::remove_file(machine.install("1.35.9").join("kube-apiserver")).unwrap();
    machine.offer(&good());
    assert_eq!(
        machine.find(&machine.request("1.35")).unwrap().origin,
        Origin::Downloaded
    );
}

#[test]
fn the_newest_is_looked_for_when_asked_for() {
    let machine = Machine::new();
    let old = machine.install("1.34.0");
    assert_eq!(
        machine.find(&machine.request("1.34!")).unwrap().folder,
        old,
        "no archive: the old one"
    );
    machine.offer(&good());
    assert_eq!(
        machine.find(&machine.request("latest")).unwrap().origin,
        Origin::Downloaded
    );
    machine.install("1.36.0");
    assert_eq!(
        machine.find(&machine.request("latest")).unwrap().origin,
        Origin::Installed
    );
}

#[test]
fn what_an_interrupted_one_left_is_cleared_away() {
    let machine = Machine::new();
    let left = machine.home.path().join("k8s/.staging-abc");
    std::fs::create_dir_all(&left).unwrap();
    std::fs::write(left.join("etcd"), "half").unwrap();
    machine.offer(&good());
    machine.find(&machine.request("1.35")).unwrap();
    assert_eq!(machine.stored(), ["1.35.0-linux-amd64"]);
}

#[test]
fn two_at_once_build_once() {
    let machine = Machine::new();
    let go = machine.go(&format!("sleep 0.2; {BUILDS}"));
    let requests = [(); 4].map(|()| Request {
        go: go.clone(),
        ..machine.request("1.35")
    });
    let said = std::sync::Mutex::new(Vec::new());
    let origins: Vec<Origin> = std::thread::scope(|scope| {
        let find = |request| {
            find(request, &|line| said.lock().unwrap().push(line.to_owned()))
                .unwrap()
                .origin
        };
        let threads: Vec<_> = requests
            .iter()
            .map(|request| scope.spawn(move || find(request)))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    let built = origins
        .iter()
        .filter(|origin| **origin == Origin::Built)
        .count();
    assert_eq!(built, 1, "{origins:?}");
    let waited = said
        .lock()
        .unwrap()
        .iter()
        .any(|line| line.contains("waiting for another rustop"));
    assert!(waited, "{said:?}");
}

#[test]
fn the_controller_manager_is_built_beside_what_was_downloaded() {
    let machine = Machine::new();
    machine.offer(&good());
    let request = Request {
        go: machine.go(BUILDS),
        ..machine.request("1.35")
    };
    let folder = machine.find(&request).unwrap().folder;
    let built = controller_manager(&request, &folder, &|_| ()).unwrap();
    assert!(built.ends_with("1.35.4-linux-amd64/kube-controller-manager"));
    let again = Request {
        go: "/nonexistent/go".into(),
        ..request.clone()
    };
    assert_eq!(controller_manager(&again, &folder, &|_| ()).unwrap(), built);
    assert_eq!(
        machine.find(&request).unwrap().folder,
        folder,
        "one binary is no control plane"
    );
}

//! A machine without binaries, with a web server and a `go` of the test's making.

use std::cell::RefCell;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use flate2::{Compression, write::GzEncoder};
use rustop::controlplane::{Found, Platform, Request, SERVERS, Store, find};
use sha2::{Digest as _, Sha512};
use tempfile::TempDir;

use crate::http::{Answer, Server};

pub(crate) const ARCHIVE: &str = "/envtest-v1.35.0-linux-amd64.tar.gz";

/// An empty store, an index on loopback and no Go.
pub(crate) struct Machine {
    pub(crate) home: TempDir,
    pub(crate) server: Server,
    pub(crate) said: RefCell<Vec<String>>,
}

impl Machine {
    pub(crate) fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        Self {
            home,
            server: Server::start(),
            said: RefCell::default(),
        }
    }

    pub(crate) fn request(&self, version: &str) -> Request {
        Request {
            assets: None,
            selector: version.parse().unwrap(),
            platform: Platform {
                os: "linux".to_owned(),
                arch: "amd64".to_owned(),
            },
            store: Store::new(Some(self.home.path())).unwrap(),
            index: format!("{}/index.yaml", self.server.url),
            installed_only: false,
            force: false,
            go: OsString::from("/nonexistent/go"),
        }
    }

    pub(crate) fn find(&self, request: &Request) -> Result<Found, String> {
        let found = find(request, &|line| {
            self.said.borrow_mut().push(line.to_owned());
        });
        found.map_err(|error| format!("{error:#}"))
    }

    /// What is in the store beside the lock.
    pub(crate) fn stored(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.home.path().join("k8s"))
            .into_iter()
            .flatten();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.filter(|name| name != ".lock").collect();
        names.sort();
        names
    }

    pub(crate) fn offer(&self, archive: &[u8]) {
        let mut sha512 = String::new();
        for byte in Sha512::digest(archive) {
            write!(sha512, "{byte:02x}").unwrap();
        }
        self.offer_with_checksum(archive, &sha512);
    }

    pub(crate) fn offer_with_checksum(&self, archive: &[u8], sha512: &str) {
        let (name, url) = (&ARCHIVE[1..], &self.server.url);
        let index = format!(
            "releases:\n  v1.35.0:\n    {name}:\n      hash: {sha512}\n      selfLink: {url}{ARCHIVE}\n"
        );
        self.server.answer("/index.yaml", Answer::ok(index));
        self.server.answer(ARCHIVE, Answer::ok(archive));
    }

    /// A `go` that writes what it is to build, and remembers how it was called.
    pub(crate) fn go(&self, script: &str) -> OsString {
        let path = self.home.path().join("go");
        let head =
            "#!/bin/sh\n[ \"$1\" = version ] && exit 0\nwhile [ \"$1\" != -o ]; do shift; done\n";
        std::fs::write(&path, format!("{head}{script}\n")).unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
        path.into()
    }

    pub(crate) fn install(&self, version: &str) -> PathBuf {
        let folder = self.home.path().join(format!("k8s/{version}-linux-amd64"));
        std::fs::create_dir_all(&folder).unwrap();
        for name in SERVERS {
            std::fs::write(folder.join(name), version).unwrap();
        }
        folder
    }
}

pub(crate) fn archive(files: &[(&str, &str)]) -> Vec<u8> {
    let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    for (name, content) in files {
        let mut header = tar::Header::new_gnu();
        // Not `set_path`, which refuses the names that an attacker would use.
        header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        header.set_cksum();
        tar.append(&header, content.as_bytes()).unwrap();
    }
    tar.into_inner().unwrap().finish().unwrap()
}

pub(crate) fn good() -> Vec<u8> {
    archive(&[
        ("controller-tools/envtest/kube-apiserver", "the server"),
        ("controller-tools/envtest/etcd", "the store"),
        ("controller-tools/envtest/kubectl", "the client"),
        ("controller-tools/envtest/README.md", "nobody needs it"),
    ])
}

pub(crate) fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// A `go build` that works.
pub(crate) const BUILDS: &str = r#"echo "$4 in $PWD for $GOOS/$GOARCH: $CGO_ENABLED $GOFLAGS" >>"$(dirname "$0")/calls"
[ -f go.mod ] && [ -f go.sum ] && echo built >"$2" && chmod +x "$2""#;

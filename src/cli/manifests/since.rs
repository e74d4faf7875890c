//! The CRDs of the last release: those that the newest tag below HEAD holds.
//!
//! Without git, a repository or a tag there is none, and nothing is said. git is
//! asked to stay offline, never to ask back, and is not waited for long.

use std::io::Read as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::manifests::crd::CRD_FOLDER;

/// How long one question to git may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// A release.
pub(super) struct Release {
    tag: String,
    /// Its CRDs.
    pub(super) crds: Vec<Value>,
}

impl Release {
    /// As messages name it.
    pub(super) fn shown(&self) -> String {
        format!("`{}`", self.tag)
    }
}

/// The last release, if there is one that git tells of in time.
pub(super) fn last_release() -> Option<Release> {
    let tag = git(&["describe", "--tags", "--abbrev=0", "HEAD"])?;
    let tag = tag.trim().to_owned();
    let folder = format!("{CRD_FOLDER}/");
    let names = git(&["ls-tree", "--name-only", "-z", &tag, &folder])?;
    let files = names.split('\0').filter(|name| name.ends_with(".yaml"));
    let read = |name: &str| {
        let text = git(&["show", &format!("{tag}:./{name}")])?;
        serde_yaml::from_str(&text).ok()
    };
    let crds = files.filter_map(read).collect();
    Some(Release { tag, crds })
}

/// What git answers; `None` when it fails, or takes too long.
fn git(arguments: &[&str]) -> Option<String> {
    let mut child = Command::new("git")
        .args(arguments)
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_NO_LAZY_FETCH", "1")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let mut output = child.stdout.take()?;
    let reader = std::thread::spawn(move || {
        let mut text = String::new();
        output.read_to_string(&mut text).ok().map(|_| text)
    });
    let end = Instant::now() + PATIENCE;
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return reader.join().ok()?,
            Ok(Some(_)) | Err(_) => return None,
            Ok(None) if Instant::now() > end => {
                let _ = child.kill();
                let _ = child.wait();
                return None;
            }
            Ok(None) => std::thread::sleep(Duration::from_millis(2)),
        }
    }
}

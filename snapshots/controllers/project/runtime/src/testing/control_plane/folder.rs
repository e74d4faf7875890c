//! The folder of one control plane, removed however its owner ends.
//!
//! Only the owner may read it: it holds private keys and etcd's unguarded socket.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use super::StartError;
use super::supervised::own_group;

/// Waits until the pipe to our process closes, then removes the folder, and what
/// was written outside. The servers are being killed at that moment and may still
/// write for an instant.
const JANITOR: &str = r#"
read -r _
[ -n "$2" ] && rm -f "$2"
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  rm -rf "$1"
  [ -e "$1" ] || exit 0
  sleep 0.1
done
exit 1
"#;

/// A private temporary folder.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    outside: Option<File>,
    janitor: Child,
}

impl Folder {
    /// Creates a folder that nobody else uses. The file `outside` it must be new
    /// too: it is removed at the end, so it may be nobody's.
    pub(super) fn create(outside: Option<&Path>) -> Result<Self, StartError> {
        let (outside, outside_path) = match outside {
            Some(path) => (Some(create_private(path)?), absolute(path)?),
            None => (None, PathBuf::new()),
        };
        let path = create_unused()?;
        let mut command = Command::new("sh");
        command
            .args(["-c", JANITOR, "rustop-janitor"])
            .args([&path, &outside_path]);
        let janitor = own_group(&mut command)
            .current_dir("/")
            .stdin(Stdio::piped())
            .spawn()
            .map_err(StartError::io("start `sh`"))?;
        Ok(Self {
            path,
            outside,
            janitor,
        })
    }

    /// Writes the file outside the folder, if there is one.
    pub(super) fn write_outside(&self, content: &str) -> Result<(), StartError> {
        let Some(mut file) = self.outside.as_ref() else {
            return Ok(());
        };
        file.write_all(content.as_bytes())
            .map_err(StartError::io("write the kubeconfig"))
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a file that only its owner may read.
    pub(super) fn write_private(&self, name: &str, content: &str) -> Result<PathBuf, StartError> {
        let path = self.path.join(name);
        create_private(&path)?
            .write_all(content.as_bytes())
            .map_err(StartError::io(format!("write `{}`", path.display())))?;
        Ok(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(self.janitor.stdin.take());
        let _ = self.janitor.wait();
    }
}

/// No name is ever used twice, also not after its folder is gone: the janitor
/// of the first one would take the second with it.
fn create_unused() -> Result<PathBuf, StartError> {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    let name = format!(
        "rustop-{}-{:x}-{number}",
        std::process::id(),
        now.as_nanos()
    );
    let path = std::env::temp_dir().join(name);
    let created = DirBuilder::new().mode(0o700).create(&path);
    created.map_err(StartError::io(format!("create `{}`", path.display())))?;
    Ok(path)
}

fn create_private(path: &Path) -> Result<File, StartError> {
    let opened = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    opened.map_err(StartError::io(format!("create `{}`", path.display())))
}

fn absolute(path: &Path) -> Result<PathBuf, StartError> {
    std::path::absolute(path).map_err(StartError::io(format!("find `{}`", path.display())))
}

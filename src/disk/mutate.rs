//! Each way in which the file system is changed, one function each, all of them
//! behind a fault point. Nothing else in `disk` changes a project.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::path::Path;

use anyhow::{Context as _, Result};

use super::fault;
use super::obstacle::is_missing;
use crate::tree::RelativePath;

/// The mode of a file that is only read, before the umask (kubebuilder's).
const PLAIN: u32 = 0o644;
/// The mode of a file that may be executed, before the umask.
const EXECUTABLE: u32 = 0o755;

/// What a new text takes over from the file that it replaces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Mode {
    /// The old file's mode bits, if there is one.
    pub(super) existing: Option<u32>,
    /// Whether it may be executed.
    pub(super) executable: bool,
}

impl Mode {
    /// The bits to create the file with.
    fn initial(self) -> u32 {
        self.exact()
            .unwrap_or(if self.executable { EXECUTABLE } else { PLAIN })
    }

    /// The bits to end up with whatever the umask says; `None` leaves it to the umask.
    ///
    /// Who may read may execute, as with `chmod +x`.
    pub(super) fn exact(self) -> Option<u32> {
        let bits = self.existing?;
        let executes = bits & 0o111 != 0;
        Some(match (self.executable, executes) {
            (true, false) => bits | ((bits & 0o444) >> 2),
            (false, true) => bits & !0o111,
            _ => bits,
        })
    }
}

/// Creates the file `path`, which must not exist yet, on behalf of `shown`.
pub(super) fn write_new(
    root: &Path,
    path: &RelativePath,
    bytes: &[u8],
    mode: Mode,
    shown: &RelativePath,
) -> Result<()> {
    let absolute = root.join(path.as_str());
    attempt(|| create(&absolute, bytes, mode)).with_context(|| format!("failed to write `{shown}`"))
}

fn create(absolute: &Path, bytes: &[u8], mode: Mode) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    set_initial(&mut options, mode);
    let mut file = options.open(absolute)?;
    fault::point()?;
    file.write_all(bytes)?;
    set_exact(&file, mode)
}

#[cfg(unix)]
fn set_initial(options: &mut OpenOptions, mode: Mode) {
    use std::os::unix::fs::OpenOptionsExt as _;
    options.mode(mode.initial() & 0o777);
}

#[cfg(not(unix))]
fn set_initial(_: &mut OpenOptions, mode: Mode) {
    let _ = mode.initial();
}

#[cfg(unix)]
fn set_exact(file: &std::fs::File, mode: Mode) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    match mode.exact() {
        Some(bits) => file.set_permissions(std::fs::Permissions::from_mode(bits)),
        None => Ok(()),
    }
}

#[cfg(not(unix))]
fn set_exact(_: &std::fs::File, _: Mode) -> io::Result<()> {
    Ok(())
}

/// Creates one folder.
pub(super) fn create_folder(root: &Path, path: &RelativePath) -> Result<()> {
    attempt(|| std::fs::create_dir(root.join(path.as_str())))
        .with_context(|| format!("failed to create the folder `{path}`"))
}

/// Gives `from` the second name `to`; copies it where links are not possible.
pub(super) fn back_up(root: &Path, from: &RelativePath, to: &RelativePath) -> Result<()> {
    let (source, copy) = (root.join(from.as_str()), root.join(to.as_str()));
    attempt(|| std::fs::hard_link(&source, &copy))
        .or_else(|_| attempt(|| std::fs::copy(&source, &copy).map(drop)))
        .with_context(|| format!("failed to keep a copy of `{from}`"))
}

/// Renames a file, replacing `to`.
pub(super) fn rename(root: &Path, from: &RelativePath, to: &RelativePath) -> Result<()> {
    attempt(|| std::fs::rename(root.join(from.as_str()), root.join(to.as_str())))
        .with_context(|| format!("failed to put `{to}` in place"))
}

/// Removes a file; there being none is success.
pub(super) fn remove(root: &Path, path: &RelativePath) -> Result<()> {
    let absolute = root.join(path.as_str());
    if absolute
        .symlink_metadata()
        .is_err_and(|error| is_missing(&error))
    {
        return Ok(());
    }
    attempt(|| std::fs::remove_file(&absolute))
        .with_context(|| format!("failed to remove `{path}`"))
}

/// Removes a folder if it is empty. True when it is gone.
pub(super) fn remove_empty(root: &Path, path: &RelativePath) -> Result<bool> {
    let absolute = root.join(path.as_str());
    let empty = std::fs::read_dir(&absolute).is_ok_and(|mut entries| entries.next().is_none());
    if !empty {
        return Ok(absolute
            .symlink_metadata()
            .is_err_and(|error| is_missing(&error)));
    }
    attempt(|| std::fs::remove_dir(&absolute))
        .with_context(|| format!("failed to remove the folder `{path}`"))?;
    Ok(true)
}

fn attempt(change: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
    fault::point()?;
    change()
}

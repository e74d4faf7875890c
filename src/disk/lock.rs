//! Two rustops in one project take turns.
//!
//! On Unix the folder itself is locked, so that no file is left behind and the
//! lock dies with the process. Where a file system knows no locks, the command
//! goes on without, as cargo does.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;

/// Holds the project until dropped.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "closing it frees the lock")] File);

pub(super) fn lock(root: &Path, waiting: impl FnOnce()) -> io::Result<Lock> {
    let handle = handle(root)?;
    match handle.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            waiting();
            block(&handle)?;
        }
        Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {}
        Err(TryLockError::Error(error)) => return Err(error),
    }
    Ok(Lock(handle))
}

fn block(handle: &File) -> io::Result<()> {
    loop {
        match handle.lock() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

#[cfg(unix)]
fn handle(root: &Path) -> io::Result<File> {
    File::open(root)
}

#[cfg(not(unix))]
fn handle(root: &Path) -> io::Result<File> {
    let home = root.join(super::journal::HOME);
    std::fs::create_dir_all(&home)?;
    File::create(home.join("lock"))
}

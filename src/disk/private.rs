//! A folder outside of any project, for keys.

use std::path::Path;

use anyhow::{Context as _, Result};

/// A temporary folder that only its owner can look into. It goes when it is dropped.
#[derive(Debug)]
pub struct PrivateFolder(tempfile::TempDir);

impl PrivateFolder {
    /// Makes an empty one.
    pub fn new() -> Result<Self> {
        let mut builder = tempfile::Builder::new();
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
        let folder = builder.tempdir();
        folder
            .map(Self)
            .context("failed to create a temporary folder")
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file into it.
    pub fn write(&self, name: &str, text: &str) -> Result<()> {
        let path = self.0.path().join(name);
        std::fs::write(&path, text).with_context(|| format!("failed to write `{}`", path.display()))
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn only_its_owner_can_look_into_it_and_it_goes() {
        let folder = PrivateFolder::new().unwrap();
        folder.write("tls.key", "secret").unwrap();
        let mode = folder.path().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0);
        let path = folder.path().to_owned();
        assert!(path.join("tls.key").is_file());
        drop(folder);
        assert!(!path.exists());
    }
}

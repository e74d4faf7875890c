//! The folder of a project that is about to begin, and files outside of it.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

/// The folder for a new project. What was created for it goes again when it
/// is dropped empty without [`keep`](Self::keep).
#[derive(Debug)]
pub struct ProjectFolder {
    path: PathBuf,
    created: Vec<PathBuf>,
    _stand_in: Option<tempfile::TempDir>,
}

impl ProjectFolder {
    /// Creates `folder` where it is missing. In a dry run an empty temporary
    /// folder stands in for a missing one.
    pub fn prepare(folder: &Path, dry_run: bool) -> Result<Self> {
        let missing = missing(folder);
        if dry_run && !missing.is_empty() {
            return Self::stand_in();
        }
        let mut prepared = Self {
            path: folder.to_owned(),
            created: Vec::new(),
            _stand_in: None,
        };
        for folder in missing {
            std::fs::create_dir(&folder)
                .with_context(|| format!("failed to create the folder `{}`", folder.display()))?;
            prepared.created.push(folder);
        }
        Ok(prepared)
    }

    fn stand_in() -> Result<Self> {
        let folder = tempfile::tempdir().context("failed to create a temporary folder")?;
        Ok(Self {
            path: folder.path().to_owned(),
            created: Vec::new(),
            _stand_in: Some(folder),
        })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The project has begun: the folder stays.
    pub fn keep(mut self) {
        self.created.clear();
    }
}

impl Drop for ProjectFolder {
    fn drop(&mut self) {
        for folder in self.created.iter().rev() {
            // Only an empty folder goes; whatever is in it is not ours to judge.
            let _ = std::fs::remove_dir(folder);
        }
    }
}

/// The folders above `folder`, and itself, that do not exist, outermost first.
fn missing(folder: &Path) -> Vec<PathBuf> {
    let gone = |path: &&Path| !path.as_os_str().is_empty() && path.symlink_metadata().is_err();
    let mut missing: Vec<_> = folder
        .ancestors()
        .take_while(gone)
        .map(Path::to_owned)
        .collect();
    missing.reverse();
    missing
}

/// Reads a text that the user names and that need not lie in a project, such as
/// a licence. Refuses what is no file, so that a FIFO cannot block.
pub fn read_outside(path: &Path) -> Result<String> {
    let shown = path.display();
    let found = std::fs::metadata(path).with_context(|| format!("failed to read `{shown}`"))?;
    anyhow::ensure!(found.is_file(), "`{shown}` is not a file");
    std::fs::read_to_string(path).with_context(|| format!("failed to read `{shown}`"))
}

//! The logs of a test run: in a folder that need not be the project's.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

/// How the names of logs end; nothing else is read or removed.
const LOG: &str = "log";

/// Makes the folder for the logs of a new run, and takes those of an earlier one
/// out of it. Gives its absolute path.
pub fn fresh_logs(folder: &Path) -> Result<PathBuf> {
    let shown = folder.display();
    std::fs::create_dir_all(folder)
        .with_context(|| format!("failed to create the folder `{shown}`"))?;
    for log in logs(folder)? {
        std::fs::remove_file(&log)
            .with_context(|| format!("failed to remove `{}`", log.display()))?;
    }
    std::path::absolute(folder).with_context(|| format!("failed to find the folder `{shown}`"))
}

/// The logs in a folder with their texts, sorted by name.
pub fn read_logs(folder: &Path) -> Result<Vec<(PathBuf, String)>> {
    let mut texts = Vec::new();
    for log in logs(folder)? {
        let bytes =
            std::fs::read(&log).with_context(|| format!("failed to read `{}`", log.display()))?;
        texts.push((log, String::from_utf8_lossy(&bytes).into_owned()));
    }
    Ok(texts)
}

fn logs(folder: &Path) -> Result<Vec<PathBuf>> {
    let listed = || format!("failed to read the folder `{}`", folder.display());
    let mut logs = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(listed)? {
        let entry = entry.with_context(listed)?;
        let is_log = entry.path().extension().is_some_and(|end| end == LOG);
        if is_log && entry.file_type().with_context(listed)?.is_file() {
            logs.push(entry.path());
        }
    }
    logs.sort();
    Ok(logs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_logs_of_an_earlier_run_go_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let below = folder.path().join("a/b");
        let fresh = fresh_logs(&below).unwrap();
        assert!(fresh.is_absolute());
        std::fs::write(below.join("2.log"), "two").unwrap();
        std::fs::write(below.join("1.log"), b"\xff").unwrap();
        std::fs::write(below.join("notes.txt"), "mine").unwrap();
        std::fs::create_dir(below.join("folder.log")).unwrap();
        let texts: Vec<_> = read_logs(&below).unwrap();
        let texts: Vec<_> = texts.iter().map(|(_, text)| text.as_str()).collect();
        assert_eq!(texts, ["\u{fffd}", "two"]);
        fresh_logs(&below).unwrap();
        assert_eq!(read_logs(&below).unwrap(), []);
        assert!(below.join("notes.txt").is_file());
        assert!(below.join("folder.log").is_dir());
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let error = read_logs(Path::new("no/such/folder")).unwrap_err();
        assert!(
            format!("{error:#}").contains("`no/such/folder`"),
            "{error:#}"
        );
    }
}

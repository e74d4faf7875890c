//! What is around a project: git, an enclosing cargo workspace, the calendar.

use std::path::{Component, Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use super::global::GlobalArgs;
use crate::disk::{self, Root};
use crate::tree::RelativePath;

/// Whether the folder's `Cargo.toml` holds a package.
pub(super) fn has_package(root: &Root) -> Result<bool> {
    let file = root.read(&RelativePath::literal("Cargo.toml"))?;
    let text = file
        .map(|file| String::from_utf8_lossy(&file.bytes).into_owned())
        .unwrap_or_default();
    Ok(holds_table(&text, "package"))
}

/// A cargo workspace above a folder.
pub(super) struct Workspace {
    /// Its `Cargo.toml`.
    pub(super) manifest: PathBuf,
    /// The folder, as that file would name it.
    pub(super) member: PathBuf,
    /// Whether it leaves the folder out already.
    pub(super) excludes: bool,
}

/// The workspace that cargo finds above `folder`: the nearest.
pub(super) fn enclosing_workspace(folder: &Path) -> Option<Workspace> {
    let folder = normalized(&std::path::absolute(folder).ok()?);
    folder.ancestors().skip(1).find_map(|above| {
        let manifest = above.join("Cargo.toml");
        let text = disk::read_outside(&manifest).ok()?;
        let document = text.parse::<toml_edit::DocumentMut>().ok()?;
        let workspace = document.get("workspace")?;
        let member = folder.strip_prefix(above).ok()?.to_owned();
        Some(Workspace {
            excludes: excludes(workspace, &member),
            manifest,
            member,
        })
    })
}

/// As cargo reads `exclude`: paths, each with all that lies below it.
/// <https://doc.rust-lang.org/cargo/reference/workspaces.html#the-members-and-exclude-fields>
fn excludes(workspace: &toml_edit::Item, member: &Path) -> bool {
    let paths = workspace.get("exclude").and_then(toml_edit::Item::as_array);
    let mut paths = paths
        .into_iter()
        .flatten()
        .filter_map(toml_edit::Value::as_str);
    paths.any(|path| member.starts_with(normalized(Path::new(path))))
}

fn holds_table(text: &str, table: &str) -> bool {
    text.parse::<toml_edit::DocumentMut>()
        .is_ok_and(|document| document.contains_key(table))
}

/// Runs `git init` in `folder`, unless that lies in a repository.
pub(super) fn git_init(folder: &Path, global: &GlobalArgs) -> Result<()> {
    let git = |arguments: &[&str]| {
        Command::new("git")
            .arg("-C")
            .arg(folder)
            .args(arguments)
            .output()
    };
    let inside = git(&["rev-parse", "--is-inside-work-tree"]);
    if inside.is_ok_and(|output| output.status.success()) {
        global
            .reporter()
            .progress("note: the folder is in a git repository already");
        return Ok(());
    }
    match git(&["init", "--quiet"]) {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => bail!(
            "failed to run `git init`: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        ),
        Err(error) => bail!(
            "failed to run `git init`: {error}\nhelp: the project is written; run `git init` in it"
        ),
    }
}

/// The path without `.` and `..`, as it is written.
pub(super) fn normalized(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                normal.pop();
            }
            part => normal.push(part),
        }
    }
    normal
}

/// A path as a shell takes it.
pub(super) fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+@".contains(c);
    if text.chars().all(plain) {
        text
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

/// The year, in UTC, of a time in seconds since 1970.
pub(super) fn year_of(seconds: u64) -> i64 {
    // Howard Hinnant's `civil_from_days`, shortened to the year:
    // https://howardhinnant.github.io/date_algorithms.html
    let days = i64::try_from(seconds / 86_400).unwrap_or(0) + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    // Its years begin in March: January and February belong to the next one.
    year_of_era + era * 400 + i64::from(day_of_year >= 306)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_turn_at_midnight_utc() {
        assert_eq!(year_of(0), 1970);
        assert_eq!(year_of(1_767_225_599), 2025);
        assert_eq!(year_of(1_767_225_600), 2026);
        assert_eq!(year_of(1_709_164_800), 2024);
    }

    #[test]
    fn odd_folders_are_quoted() {
        assert_eq!(quoted(Path::new("a/b-c")), "a/b-c");
        assert_eq!(quoted(Path::new("it's here")), "'it'\\''s here'");
    }
}

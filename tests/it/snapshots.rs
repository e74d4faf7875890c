//! `snapshots/<case>/`: the commands, and the whole project that they make.
//!
//! `UPDATE_SNAPSHOTS=1 cargo test --test it snapshots` rewrites them; read the diff.

use std::path::{Path, PathBuf};

use crate::sandbox::{Files, Sandbox, assert_same, files_below};

/// The snapshot that shows the runtime crate as well.
const WITH_RUNTIME: &str = "plain";

#[test]
fn the_commands_still_give_the_committed_projects() {
    let cases = cases();
    assert!(!cases.is_empty());
    let mut first = None;
    for case in cases {
        let project = case.join("project");
        let (runtime, rest) = split(&case, run(&case).files());
        if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
            write(&rest, &project);
        }
        let what = case.display().to_string();
        assert_same(&files_below(&project), &rest, &what);
        if let Some(first) = &first {
            assert_same(first, &runtime, &what);
        }
        first.get_or_insert(runtime);
    }
}

/// The sources of the runtime crate are the same in every project, and committed in one.
fn split(case: &Path, files: Files) -> (Files, Files) {
    let is_runtime = |path: &str| path.starts_with("runtime/src/");
    let runtime = files.iter().filter(|(path, _)| is_runtime(path));
    let runtime = runtime.map(|(path, file)| (path.clone(), file.clone()));
    let runtime: Files = runtime.collect();
    let whole = case.ends_with(WITH_RUNTIME);
    let rest = files
        .into_iter()
        .filter(|(path, _)| whole || !is_runtime(path));
    (runtime, rest.collect())
}

/// No delimiter of ours is left over in any file.
#[test]
fn nothing_is_left_unrendered() {
    for case in cases() {
        for (path, (bytes, _)) in files_below(&case.join("project")) {
            let text = String::from_utf8_lossy(&bytes);
            if path.contains("runtime/") {
                continue;
            }
            for delimiter in ["<{", "}>", "<%", "%>", "<#", "#>"] {
                assert!(
                    !text.contains(delimiter),
                    "{path} in {} holds `{delimiter}`",
                    case.display()
                );
            }
        }
    }
}

/// rustop's version and the year stand in PROJECT and nowhere else, so that neither a
/// new release nor January touches every file.
#[test]
fn no_hidden_input_shows() {
    let version = format!("rustop {}", env!("CARGO_PKG_VERSION"));
    for case in cases() {
        for (path, (bytes, _)) in files_below(&case.join("project")) {
            let text = String::from_utf8_lossy(&bytes);
            assert!(
                !text.contains(&version),
                "{path} in {} names rustop's version",
                case.display()
            );
        }
    }
}

pub(crate) fn cases() -> Vec<PathBuf> {
    let folders = std::fs::read_dir("snapshots")
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut cases: Vec<PathBuf> = folders
        .filter(|folder| folder.join("commands").is_file())
        .collect();
    cases.sort();
    cases
}

/// The project that the commands of a case make.
pub(crate) fn run(case: &Path) -> Sandbox {
    follow(case, str::to_owned)
}

/// The same project under another name.
pub(crate) fn run_as(case: &Path, name: &str) -> Sandbox {
    follow(case, |line| match line.split_once("--project-name ") {
        None => line.to_owned(),
        Some((before, after)) => {
            let rest = after.split_once(' ').map_or("", |(_, rest)| rest);
            format!("{before}--project-name {name} {rest}")
        }
    })
}

fn follow(case: &Path, change: impl Fn(&str) -> String) -> Sandbox {
    let sandbox = Sandbox::empty();
    let commands = std::fs::read_to_string(case.join("commands")).unwrap();
    for line in commands
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        let line = change(line).replace("$REPOSITORY", env!("CARGO_MANIFEST_DIR"));
        sandbox.ok(line
            .strip_prefix("rustop ")
            .unwrap_or_else(|| panic!("`{line}` does not begin with rustop")));
    }
    sandbox
}

fn write(files: &Files, project: &Path) {
    if project.exists() {
        std::fs::remove_dir_all(project).unwrap();
    }
    std::fs::create_dir_all(project).unwrap();
    for (path, (bytes, executable)) in files {
        let target = project.join(path);
        if path.ends_with('/') {
            std::fs::create_dir_all(target).unwrap();
            continue;
        }
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::write(&target, bytes).unwrap();
        set_executable(&target, *executable);
    }
}

#[cfg(unix)]
fn set_executable(path: &Path, executable: bool) {
    use std::os::unix::fs::PermissionsExt as _;
    let mode = if executable { 0o755 } else { 0o644 };
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(not(unix))]
fn set_executable(_: &Path, _: bool) {}

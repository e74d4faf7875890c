//! The one direction of the data: which module may use which.
//!
//! ARCHITECTURE.md holds the table for people; here it is for the compiler's
//! sake. A new edge fails this test until both are changed.

use std::collections::BTreeSet;
use std::path::Path;

/// A module, and the modules that it may use.
const EDGES: &[(&str, &[&str])] = &[
    ("tree", &[]),
    ("resource", &[]),
    ("project", &["resource", "tree"]),
    ("render", &[]),
    ("markers", &["tree"]),
    ("audit", &["markers", "tree"]),
    ("external", &["manifests", "resource", "tree"]),
    ("manifests", &["markers", "resource", "tree"]),
    (
        "scaffold",
        &["manifests", "project", "render", "resource", "tree"],
    ),
    ("change", &["tree"]),
    ("disk", &["tree"]),
    ("controlplane", &[]),
    ("report", &["change", "tree"]),
    (
        "cli",
        &[
            "audit",
            "change",
            "controlplane",
            "disk",
            "external",
            "manifests",
            "project",
            "report",
            "resource",
            "scaffold",
            "tree",
        ],
    ),
];

#[test]
fn modules_use_only_what_lies_below_them() {
    let mut found = BTreeSet::new();
    for file in rust_files(Path::new("src")) {
        let module = module_of(&file);
        let text = std::fs::read_to_string(&file).unwrap();
        for used in uses(&text) {
            if used != module {
                found.insert((module.clone(), used));
            }
        }
    }
    found.retain(|(module, _)| module != "lib" && module != "main");
    let allowed: BTreeSet<(String, String)> = EDGES
        .iter()
        .flat_map(|(module, below)| {
            below
                .iter()
                .map(move |used| ((*module).to_owned(), (*used).to_owned()))
        })
        .collect();
    let forbidden: Vec<_> = found.difference(&allowed).collect();
    assert!(
        forbidden.is_empty(),
        "new edges (module, uses): {forbidden:?}; change ARCHITECTURE.md and this table, or the code"
    );
    let unused: Vec<_> = allowed.difference(&found).collect();
    assert!(
        unused.is_empty(),
        "edges that nothing uses any more: {unused:?}"
    );
}

#[test]
fn architecture_md_has_the_same_table() {
    let text = std::fs::read_to_string("ARCHITECTURE.md").unwrap();
    for (module, below) in EDGES {
        let uses = if below.is_empty() {
            "nothing".to_owned()
        } else {
            format!("`{}`", below.join("`, `"))
        };
        let row = format!("| `{module}` | {uses} |");
        assert!(text.contains(&row), "ARCHITECTURE.md lacks the row {row}");
    }
}

#[test]
fn only_the_disk_touches_files() {
    const MAY: &[&str] = &["disk", "controlplane"];
    for file in rust_files(Path::new("src")) {
        let text = std::fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        let is_test = file
            .file_stem()
            .is_some_and(|stem| stem == "oracle" || stem.to_string_lossy().ends_with("tests"));
        let touches =
            code.contains("std::fs") || code.contains("fs::write") || code.contains("File::open");
        assert!(
            is_test || !touches || MAY.contains(&module_of(&file).as_str()),
            "{} uses std::fs",
            file.display()
        );
    }
}

#[test]
fn files_are_short() {
    for file in rust_files(Path::new("src")) {
        let lines = std::fs::read_to_string(&file).unwrap().lines().count();
        assert!(
            lines <= 450,
            "{} has {lines} lines: does it hold two things?",
            file.display()
        );
    }
}

fn rust_files(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = walkdir::WalkDir::new(folder)
        .sort_by_file_name()
        .into_iter()
        .map(Result::unwrap);
    let files = entries.map(walkdir::DirEntry::into_path);
    files
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect()
}

/// `src/cli/init.rs` is in the module `cli`.
fn module_of(file: &Path) -> String {
    let below = file.strip_prefix("src").unwrap();
    let first = below
        .components()
        .next()
        .unwrap()
        .as_os_str()
        .to_string_lossy()
        .into_owned();
    first.trim_end_matches(".rs").to_owned()
}

/// What follows `crate::` in code; comments do not count.
fn uses(text: &str) -> BTreeSet<String> {
    let code = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    let mut found = BTreeSet::new();
    for line in code {
        for part in line.split("crate::").skip(1) {
            found.extend(first_names(part));
        }
    }
    found
}

fn first_names(part: &str) -> Vec<String> {
    let name = |text: &str| {
        text.trim()
            .chars()
            .take_while(|c| c.is_alphanumeric() || *c == '_')
            .collect::<String>()
    };
    match part.strip_prefix('{') {
        Some(list) => list
            .split(',')
            .map(name)
            .filter(|name| !name.is_empty())
            .collect(),
        None => vec![name(part)],
    }
}

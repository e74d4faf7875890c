//! The templates and their table agree, and no name in them is unknown.

use std::collections::BTreeSet;
use std::path::Path;

use rustop::render::{SUFFIX, embedded_files};
use rustop::scaffold::table::Table;

fn rows() -> BTreeSet<String> {
    let table = Table::current();
    let sets = [
        table.project,
        table.kind,
        table.version,
        table.controller,
        table.watched,
        table.defaulter,
        table.validator,
        table.spoke,
    ];
    sets.iter()
        .flat_map(|rows| rows.iter())
        .map(|row| row.template.to_owned())
        .collect()
}

fn is_special(name: &str) -> bool {
    name == "project/Cargo.lock" || name.starts_with("project/runtime/")
}

#[test]
fn every_template_has_a_row_and_every_row_a_template() {
    let files: BTreeSet<String> = embedded_files()
        .into_keys()
        .filter(|name| !is_special(name))
        .collect();
    let rows = rows();
    assert_eq!(
        files.difference(&rows).collect::<Vec<_>>(),
        Vec::<&String>::new(),
        "templates without a row"
    );
    assert_eq!(
        rows.difference(&files).collect::<Vec<_>>(),
        Vec::<&String>::new(),
        "rows without a template"
    );
}

/// include_dir cannot see that a file was added; build.rs must.
#[test]
fn the_embedded_list_is_the_folder() {
    let mut found = BTreeSet::new();
    for entry in walkdir::WalkDir::new("templates").follow_links(true) {
        let entry = entry.unwrap();
        if entry.file_type().is_file() {
            let path = entry.path().strip_prefix(Path::new("templates")).unwrap();
            found.insert(path.to_string_lossy().replace('\\', "/"));
            let bytes = std::fs::read(entry.path()).unwrap();
            let name = path.to_string_lossy().replace('\\', "/");
            assert_eq!(
                embedded_files().get(&name).copied(),
                Some(bytes.as_slice()),
                "{name} is stale: build again"
            );
        }
    }
    assert_eq!(found, embedded_files().into_keys().collect());
}

/// Tera takes an unknown name in an `if` for false, so that a typo would pass.
#[test]
fn no_template_uses_an_unknown_name() {
    let problems = rustop::scaffold::unknown_names().unwrap();
    assert!(problems.is_empty(), "{problems:#?}");
}

#[test]
fn block_tags_stand_alone_and_never_first() {
    for (name, bytes) in embedded_files() {
        if !name.ends_with(SUFFIX) || is_special(&name) {
            continue;
        }
        let text = std::str::from_utf8(bytes).unwrap();
        assert!(!text.starts_with("<%"), "{name} begins with a block tag");
        assert!(!text.contains('\r'), "{name} has CRLF line ends");
        assert!(
            text.is_empty() || text.ends_with('\n'),
            "{name} has no last newline"
        );
        for line in text.lines().filter(|line| line.contains("<%")) {
            let line = line.trim();
            assert!(
                line.starts_with("<%- ") && line.ends_with(" %>"),
                "{name}: {line}"
            );
        }
    }
}

/// The versions by which the runtime is built here are those of the projects it is built in.
#[test]
fn generated_projects_have_our_versions() {
    let table = |text: &str| {
        let document: toml_edit::DocumentMut = text.parse().unwrap();
        let rows = document["workspace"]["dependencies"]
            .as_table()
            .unwrap()
            .clone();
        rows.iter()
            .map(|(name, value)| (name.to_owned(), value.to_string().trim().to_owned()))
            .collect::<Vec<_>>()
    };
    let ours = table(&std::fs::read_to_string("Cargo.toml").unwrap());
    let generated = table(&crate::sandbox::Sandbox::project().read("Cargo.toml"));
    for (name, value) in &generated {
        assert!(
            ours.contains(&(name.clone(), value.clone())),
            "{name} = {value} is not in our own table"
        );
    }
    assert!(
        generated.iter().any(|(name, _)| name == "kube"),
        "the table is there at all"
    );
}

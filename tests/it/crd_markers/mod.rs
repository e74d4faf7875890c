//! docs/crd-markers.md has what `tests/crd_markers` says, row by row. That each row is true, the
//! slow ring shows: `slow/crd_markers`. The form of the files is in the folder's README.md.

mod page;

use std::collections::BTreeMap;
use std::path::Path;

const FOLDER: &str = "tests/crd_markers";

const KEYS: [&str; 9] = [
    "marker",
    "answer",
    "show",
    "note",
    "create",
    "older",
    "derive",
    "go refused",
    "refused by",
];

const SECTIONS: [&str; 22] = [
    "rust",
    "rust spec",
    "rust kind",
    "rust types",
    "rust status",
    "go",
    "go spec",
    "go kind",
    "go types",
    "go status",
    "go older",
    "go yaml",
    "project",
    "yaml",
    "before",
    "good",
    "bad",
    "says",
    "stored",
    "over",
    "merged",
    "kubectl",
];

/// What each row needs that is no answer in words.
const NEEDED: [&str; 4] = ["rust", "go", "yaml", "good"];

/// Rows below a heading of the page.
pub(crate) struct Table {
    heading: String,
    pub(crate) rows: Vec<Row>,
}

/// A marker of controller-gen and what Rust has in its place.
#[derive(Default)]
pub(crate) struct Row {
    pub(crate) name: String,
    keys: Vec<(String, String)>,
    sections: BTreeMap<String, String>,
}

impl Row {
    pub(crate) fn keys<'a>(&'a self, wanted: &'a str) -> impl Iterator<Item = &'a str> {
        let found = self.keys.iter().filter(move |(key, _)| key == wanted);
        found.map(|(_, value)| value.as_str())
    }

    pub(crate) fn key(&self, wanted: &str) -> Option<&str> {
        self.keys
            .iter()
            .find(|(key, _)| key == wanted)
            .map(|(_, value)| value.as_str())
    }

    pub(crate) fn has(&self, section: &str) -> bool {
        self.sections.contains_key(section)
    }

    /// The lines of a section, none when it isn't there.
    pub(crate) fn section(&self, name: &str) -> &str {
        self.sections.get(name).map_or("", |text| text.trim_end())
    }

    /// Whether there is something to try.
    pub(crate) fn is_tried(&self) -> bool {
        self.key("answer").is_none()
    }

    fn check(&self) {
        let name = &self.name;
        assert!(self.key("marker").is_some(), "`{name}` names no marker");
        if !self.is_tried() {
            assert!(self.sections.is_empty(), "`{name}` is answered in words");
            return;
        }
        for section in NEEDED {
            assert!(self.has(section), "`{name}` has no `{section}`");
        }
        let pairs = [("bad", "says"), ("over", "merged"), ("project", "go older")];
        for (one, other) in pairs {
            assert_eq!(self.has(one), self.has(other), "`{name}`: `{one}`");
        }
    }
}

/// All tables, in the order of the page.
pub(crate) fn tables() -> Vec<Table> {
    let mut paths: Vec<_> = std::fs::read_dir(FOLDER)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .collect();
    paths.sort();
    paths.iter().map(|path| table(path)).collect()
}

fn table(path: &Path) -> Table {
    let text = std::fs::read_to_string(path).unwrap();
    let mut rows = text.split("\n=== ");
    let heading = rows.next().unwrap().trim_end().to_owned();
    let rows: Vec<Row> = rows.map(row).collect();
    rows.iter().for_each(Row::check);
    Table { heading, rows }
}

fn row(text: &str) -> Row {
    let mut sections = text.split("\n--- ");
    let mut head = sections.next().unwrap().lines();
    let mut row = Row {
        name: head.next().unwrap().to_owned(),
        ..Row::default()
    };
    for line in head {
        let (key, value) = line.split_once(": ").unwrap();
        assert!(KEYS.contains(&key), "`{}` has a key `{key}`", row.name);
        row.keys.push((key.to_owned(), value.to_owned()));
    }
    for section in sections {
        let (name, text) = section.split_once('\n').unwrap_or((section, ""));
        assert!(SECTIONS.contains(&name), "`{}` has `--- {name}`", row.name);
        let earlier = row.sections.insert(name.to_owned(), text.to_owned());
        assert!(
            earlier.is_none(),
            "`{}` has `--- {name}` more than once",
            row.name
        );
    }
    row
}

//! Resources written into PROJECT by hand: one command scaffolds them all.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use rustop::resource::{Kind, Plural};

use crate::sandbox::Sandbox;

/// A version of a kind, as it stands in PROJECT.
pub(crate) struct Entry {
    pub(crate) group: String,
    pub(crate) version: String,
    pub(crate) kind: String,
    /// The names of its controllers; the kind in lower case is its own.
    pub(crate) controllers: Vec<String>,
    /// Whether it is defaulted and validated.
    pub(crate) webhooks: bool,
}

impl Entry {
    /// With the kind's own controller.
    pub(crate) fn new(group: &str, version: &str, kind: &str) -> Self {
        Self {
            group: group.to_owned(),
            version: version.to_owned(),
            kind: kind.to_owned(),
            controllers: vec![kind.to_lowercase()],
            webhooks: false,
        }
    }

    fn write(&self, text: &mut String, domain: &str, plural: &str) {
        let empty = if self.controllers.is_empty() {
            " []"
        } else {
            ""
        };
        write!(
            text,
            "- api:\n    crdVersion: v1\n    namespaced: true\n  controllers:{empty}\n"
        )
        .unwrap();
        for name in &self.controllers {
            writeln!(text, "  - name: '{name}'").unwrap();
        }
        for (key, value) in [
            ("domain", domain),
            ("group", &self.group),
            ("kind", &self.kind),
            ("plural", plural),
            ("version", &self.version),
        ] {
            if !value.is_empty() {
                writeln!(text, "  {key}: '{value}'").unwrap();
            }
        }
        if self.webhooks {
            text.push_str(WEBHOOKS);
        }
    }
}

const WEBHOOKS: &str =
    "  webhooks:\n    defaulting: true\n    validation: true\n    webhookVersion: v1\n";

/// A project with all `entries`, made by `init` and one `create api`.
pub(crate) fn project(init: &str, domain: &str, entries: &[Entry]) -> Sandbox {
    let sandbox = Sandbox::in_memory();
    sandbox.ok(&format!("init --quiet --domain {domain} {init}"));
    let mut text = "resources:\n".to_owned();
    let mut plurals = Plurals::new(entries);
    for entry in entries {
        entry.write(&mut text, domain, &plurals.of(entry));
    }
    sandbox.replace("PROJECT", "version: '3'", &(text + "version: '3'"));
    let first = &entries[0];
    sandbox.ok(&format!(
        "create api --quiet --group '{}' --version {} --kind {} --resource --controller=false",
        first.group, first.version, first.kind
    ));
    sandbox
}

/// The plurals that rustop chooses, or others where they are too long or taken.
struct Plurals {
    singulars: BTreeSet<String>,
    given: BTreeMap<String, String>,
}

impl Plurals {
    fn new(entries: &[Entry]) -> Self {
        let singular = |entry: &Entry| entry.kind.to_lowercase();
        Self {
            singulars: entries.iter().map(singular).collect(),
            given: BTreeMap::new(),
        }
    }

    /// One plural for all versions of a kind.
    fn of(&mut self, entry: &Entry) -> String {
        let singular = entry.kind.to_lowercase();
        let plural = Plural::of(&Kind::new(&entry.kind).unwrap());
        let plural = plural.map_or("longest".to_owned(), |plural| plural.to_string());
        let is_singular = plural != singular && self.singulars.contains(&plural);
        let plural = if is_singular {
            format!("all-{plural}")
        } else {
            plural
        };
        let plurals = &mut self.given;
        let owner = plurals.entry(format!("{plural}.{}", entry.group));
        if *owner.or_insert_with(|| singular.clone()) == singular {
            plural
        } else {
            format!("all-{plural}")
        }
    }
}

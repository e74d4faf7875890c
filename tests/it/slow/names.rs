//! Names that hurt, all in one project: it compiles without a warning, is
//! formatted, kustomizes, and a real API server takes it.

use std::fmt::Write as _;

use rustop::resource::{Kind, Plural};

use super::generated::Generated;
use crate::names::kinds;
use crate::sandbox::Sandbox;

/// A resource as it stands in PROJECT.
fn entry(group: &str, version: &str, kind: &str, plural: &str, controller: bool) -> String {
    let mut entry = "- api:\n    crdVersion: v1\n    namespaced: true\n".to_owned();
    if controller {
        entry += "  controller: true\n";
    }
    for (key, value) in [
        ("domain", "example.com"),
        ("group", group),
        ("kind", kind),
        ("plural", plural),
        ("version", version),
    ] {
        writeln!(entry, "  {key}: '{value}'").unwrap();
    }
    entry
}

#[test]
fn explore() {
    let sandbox = Sandbox::in_memory();
    sandbox.ok("init --quiet --domain example.com --project-name demo --multigroup");
    let mut resources = "resources:\n".to_owned();
    let mut taken = std::collections::BTreeSet::new();
    for kind in kinds() {
        let plural = Plural::of(&Kind::new(&kind).unwrap());
        let mut plural = plural.map_or("longest".to_owned(), |plural| plural.to_string());
        if !taken.insert(plural.clone()) {
            plural = format!("all-{plural}");
        }
        resources += &entry("kinds", "v1", &kind, &plural, true);
    }
    sandbox.replace("PROJECT", "version: '3'", &(resources + "version: '3'"));
    let start = std::time::Instant::now();
    sandbox.ok("create api --quiet --group kinds --version v1 --kind Last --resource --controller");
    println!("{:?}", start.elapsed());
    let _ = Generated::new("names", &sandbox);
}

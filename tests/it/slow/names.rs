//! Names that hurt, all in few projects: they compile without a warning, are
//! formatted, kustomize, and a real API server takes and serves all kinds.

use super::generated::Generated;
use crate::names::{Entry, controllers, groups, kinds, project, versions};

fn multigroup() -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    entries.extend(kinds().iter().map(|kind| Entry::new("kinds", "v1", kind)));
    entries.extend(
        groups()
            .iter()
            .map(|group| Entry::new(group, "v1", "MyApp")),
    );
    entries.extend(versions().iter().map(|version| Entry {
        controllers: Vec::new(),
        ..Entry::new("versions", version, "MyApp")
    }));
    entries.push(Entry {
        controllers: controllers(),
        ..Entry::new("controllers", "v1", "MyApp")
    });
    entries
}

#[test]
fn explore() {
    let sandbox = project(
        "--multigroup --project-name demo",
        "example.com",
        &multigroup(),
    );
    let _ = Generated::new("names", &sandbox);
}

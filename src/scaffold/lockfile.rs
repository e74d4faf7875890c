//! `Cargo.lock` of a new project: the one that the tested snapshot was built
//! with, under the names of the new project's packages.
//!
//! cargo compares texts under `--locked`, so the order of packages and of
//! dependencies must be the one that cargo writes: by name.

use std::collections::BTreeSet;

/// The package that stands for the manager in the tested lock file.
const PLACEHOLDER: &str = "rustop-project";

/// A lock file, cut into its packages.
pub(super) struct Lockfile {
    head: String,
    packages: Vec<String>,
    names: BTreeSet<String>,
}

impl Lockfile {
    pub(super) fn new(text: &str) -> Self {
        let mut parts = text.split("[[package]]\n");
        let head = parts.next().unwrap_or_default().to_owned();
        let packages: Vec<String> = parts.map(|part| part.trim_end().to_owned()).collect();
        let names = packages.iter().map(|package| name_of(package).to_owned());
        let names = names
            .filter(|name| !name.starts_with(PLACEHOLDER))
            .collect();
        Self {
            head,
            packages,
            names,
        }
    }

    /// Whether a package of this name is already part of every project.
    pub(super) fn holds(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    /// The text for a project whose manager is `package`.
    pub(super) fn for_package(&self, package: &str) -> String {
        let mut packages: Vec<String> = self
            .packages
            .iter()
            .map(|text| renamed(text, package))
            .collect();
        packages.sort_by_cached_key(|text| sort_key(text));
        let blocks: Vec<String> = packages
            .iter()
            .map(|text| format!("[[package]]\n{text}\n"))
            .collect();
        self.head.clone() + &blocks.join("\n")
    }
}

fn name_of(package: &str) -> &str {
    field(package, "name")
}

/// The value of a line `key = "value"`.
fn field<'a>(package: &'a str, key: &str) -> &'a str {
    let value = |line: &'a str| {
        line.strip_prefix(key)?
            .strip_prefix(" = \"")?
            .strip_suffix('"')
    };
    package.lines().find_map(value).unwrap_or_default()
}

/// cargo sorts by name, then by version as numbers.
fn sort_key(package: &str) -> (String, Vec<u64>) {
    let numbers = field(package, "version").split(['.', '-', '+']);
    (
        name_of(package).to_owned(),
        numbers.map(|number| number.parse().unwrap_or(0)).collect(),
    )
}

fn renamed(text: &str, package: &str) -> String {
    if !text.contains(PLACEHOLDER) {
        return text.to_owned();
    }
    let text = text.replace(PLACEHOLDER, package);
    let Some((before, list)) = text.split_once("dependencies = [\n") else {
        return text;
    };
    let Some((list, after)) = list.split_once(']') else {
        return text;
    };
    let mut lines: Vec<&str> = list.lines().collect();
    lines.sort_unstable();
    format!("{before}dependencies = [\n{}\n]{after}", lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = r#"# head
version = 4

[[package]]
name = "anyhow"
version = "1.0.0"

[[package]]
name = "rustop-project"
version = "0.1.0"
dependencies = [
 "anyhow",
 "rustop-project-api",
 "zebra",
]

[[package]]
name = "rustop-project-api"
version = "0.1.0"

[[package]]
name = "zebra"
version = "2.0.0"
"#;

    #[test]
    fn the_placeholder_gives_the_same_bytes() {
        assert_eq!(Lockfile::new(LOCK).for_package(PLACEHOLDER), LOCK);
    }

    #[test]
    fn packages_and_dependencies_stay_sorted() {
        let text = Lockfile::new(LOCK).for_package("aaa");
        let names: Vec<&str> = text
            .lines()
            .filter_map(|line| line.strip_prefix("name = "))
            .collect();
        assert_eq!(names, ["\"aaa\"", "\"aaa-api\"", "\"anyhow\"", "\"zebra\""]);
        assert!(text.contains("[\n \"aaa-api\",\n \"anyhow\",\n \"zebra\",\n]"));
    }

    #[test]
    fn it_knows_which_names_are_taken() {
        let lock = Lockfile::new(LOCK);
        assert!(lock.holds("zebra") && !lock.holds("giraffe"));
    }
}

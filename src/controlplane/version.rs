//! Versions of Kubernetes and the selectors that setup-envtest understands.

use std::fmt;
use std::str::FromStr;

use anyhow::{Error, bail};

/// A release of Kubernetes; envtest archives exist for releases only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    major: u32,
    minor: u32,
    patch: u32,
}

impl Version {
    /// Reads `1.35.4` or `v1.35.4`; anything else is `None`.
    pub fn parse(text: &str) -> Option<Self> {
        let [major, minor, patch] = numbers(text.strip_prefix('v').unwrap_or(text))?;
        Some(Self {
            major,
            minor,
            patch,
        })
    }

    /// The minor release, as `1.35`.
    pub fn minor(self) -> String {
        format!("{}.{}", self.major, self.minor)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// Which releases will do, in setup-envtest's notation
/// (<https://pkg.go.dev/sigs.k8s.io/controller-runtime/tools/setup-envtest#readme-more-details>).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selector {
    text: String,
    range: Range,
    newest: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Range {
    Any,
    Exactly(Version),
    Minor(u32, u32),
    PatchFrom(Version),
}

impl Selector {
    /// Whether `version` will do.
    pub fn matches(&self, version: Version) -> bool {
        match self.range {
            Range::Any => true,
            Range::Exactly(wanted) => version == wanted,
            Range::Minor(major, minor) => (version.major, version.minor) == (major, minor),
            Range::PatchFrom(least) => version >= least && version.minor() == least.minor(),
        }
    }

    /// Whether the newest release is wanted even when an older one is installed.
    pub fn wants_newest(&self) -> bool {
        self.newest && !matches!(self.range, Range::Exactly(_))
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

impl FromStr for Selector {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let (plain, newest) = match text.strip_suffix('!') {
            Some(plain) => (plain, true),
            None => (text, text == "latest"),
        };
        let Some(range) = range(plain) else {
            bail!(
                "`{text}` is no version of Kubernetes\n\
                 help: write `1.35.4`, `1.35`, `~1.35.2` or `latest`; a `!` at the end looks for the newest"
            );
        };
        Ok(Self {
            text: text.to_owned(),
            range,
            newest,
        })
    }
}

fn range(text: &str) -> Option<Range> {
    if matches!(text, "latest" | "latest-on-disk" | "*") {
        return Some(Range::Any);
    }
    if let Some(least) = text.strip_prefix('~') {
        return Version::parse(least).map(Range::PatchFrom);
    }
    if let Some(version) = Version::parse(text) {
        return Some(Range::Exactly(version));
    }
    let minor = text
        .strip_suffix(".x")
        .or_else(|| text.strip_suffix(".*"))
        .unwrap_or(text);
    let [major, minor] = numbers(minor.strip_prefix('v').unwrap_or(minor))?;
    Some(Range::Minor(major, minor))
}

/// Exactly `N` numbers with dots between them, without signs or leading zeros.
fn numbers<const N: usize>(text: &str) -> Option<[u32; N]> {
    let numbers: Option<Vec<u32>> = text.split('.').map(number).collect();
    numbers?.try_into().ok()
}

fn number(text: &str) -> Option<u32> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit());
    let padded = text.len() > 1 && text.starts_with('0');
    if plain && !padded {
        text.parse().ok()
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selectors_match_as_setup_envtest_documents() {
        let check = |selector: &str, version: &str, expected: bool| {
            let matches = selector
                .parse::<Selector>()
                .unwrap()
                .matches(Version::parse(version).unwrap());
            assert_eq!(matches, expected, "{selector} {version}");
        };
        check("1.35.4", "1.35.4", true);
        check("1.35.4", "1.35.5", false);
        check("v1.35.4", "v1.35.4", true);
        check("1.35", "1.35.0", true);
        check("1.35", "1.3.5", false);
        check("1.35", "1.36.0", false);
        check("1.35.x", "1.35.9", true);
        check("1.35.*", "1.35.9", true);
        check("1.35.x!", "1.35.9", true);
        check("~1.35.2", "1.35.2", true);
        check("~1.35.2", "1.35.10", true);
        check("~1.35.2", "1.35.1", false);
        check("~1.35.2", "1.36.0", false);
        check("latest", "1.99.0", true);
    }

    #[test]
    fn only_versions_are_versions() {
        for text in [
            "",
            "1",
            "1.35.4.1",
            "1.035",
            "1.x",
            "+1.35",
            "1.35.-1",
            "1.35.4-rc.1",
            "../1.35",
            "~1.35",
            "!",
        ] {
            assert!(text.parse::<Selector>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_newest_is_looked_for_only_where_there_is_a_choice() {
        let check = |text: &str, expected: bool| {
            assert_eq!(
                text.parse::<Selector>().unwrap().wants_newest(),
                expected,
                "{text}"
            );
        };
        check("1.35", false);
        check("1.35!", true);
        check("latest", true);
        check("latest-on-disk", false);
        check("1.35.4!", false);
    }

    #[test]
    fn versions_are_ordered_by_number() {
        assert!(Version::parse("1.35.10") > Version::parse("1.35.9"));
        assert!(Version::parse("1.100.0") > Version::parse("1.35.9"));
    }
}

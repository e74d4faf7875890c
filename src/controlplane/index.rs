//! The list of official envtest archives, the one that setup-envtest reads.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use serde::Deserialize;

use super::platform::Platform;
use super::version::{Selector, Version};

/// Where controller-tools publishes its list.
pub const DEFAULT_INDEX: &str =
    "https://raw.githubusercontent.com/kubernetes-sigs/controller-tools/HEAD/envtest-releases.yaml";

/// An archive with etcd, kube-apiserver and kubectl.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Archive {
    pub(super) version: Version,
    pub(super) url: String,
    pub(super) sha512: String,
}

#[derive(Deserialize)]
struct Index {
    releases: BTreeMap<String, BTreeMap<String, Entry>>,
}

#[derive(Deserialize)]
struct Entry {
    hash: String,
    #[serde(rename = "selfLink")]
    self_link: String,
}

/// The newest archive in the list that will do, if there is one.
pub(super) fn newest(
    text: &str,
    selector: &Selector,
    platform: &Platform,
) -> Result<Option<Archive>> {
    let index: Index =
        serde_yaml::from_str(text).context("the index of envtest archives is not readable")?;
    let entries = index.releases.into_values().flatten();
    let archives = entries.filter_map(|(name, entry)| {
        let version = version_for(&name, platform)?;
        selector.matches(version).then_some(Archive {
            version,
            url: entry.self_link,
            sha512: entry.hash,
        })
    });
    Ok(archives.max_by_key(|archive| archive.version))
}

/// The version in `envtest-v1.35.0-linux-amd64.tar.gz`, when it is for `platform`.
fn version_for(name: &str, platform: &Platform) -> Option<Version> {
    let name = name.strip_prefix("envtest-v")?.strip_suffix(".tar.gz")?;
    Version::parse(name.strip_suffix(&format!("-{platform}"))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const INDEX: &str = "
releases:
  v1.34.0:
    envtest-v1.34.0-linux-amd64.tar.gz: {hash: aa, selfLink: 'https://example.com/34'}
  v1.35.0:
    envtest-v1.35.0-darwin-arm64.tar.gz: {hash: bb, selfLink: 'https://example.com/350d'}
    envtest-v1.35.0-linux-amd64.tar.gz: {hash: cc, selfLink: 'https://example.com/350'}
  v1.35.10:
    envtest-v1.35.10-linux-amd64.tar.gz: {hash: dd, selfLink: 'https://example.com/3510'}
  v1.36.0-beta.0:
    envtest-v1.36.0-beta.0-linux-amd64.tar.gz: {hash: ee, selfLink: 'https://example.com/beta'}
";

    #[test]
    fn the_newest_release_for_the_platform_is_taken() {
        let check = |selector: &str, platform: &str, expected: Option<&str>| {
            let platform = Platform::parse(platform).unwrap();
            let archive = newest(INDEX, &selector.parse().unwrap(), &platform).unwrap();
            assert_eq!(
                archive
                    .map(|archive| archive.url.rsplit_once('/').unwrap().1.to_owned())
                    .as_deref(),
                expected,
                "{selector}"
            );
        };
        check("1.35", "linux-amd64", Some("3510"));
        check("1.35.0", "linux-amd64", Some("350"));
        check("latest", "linux-amd64", Some("3510"));
        check("1.34", "linux-amd64", Some("34"));
        check("1.35", "darwin-arm64", Some("350d"));
        check("1.34", "darwin-arm64", None);
        check("1.36", "linux-amd64", None);
    }

    #[test]
    fn an_answer_that_is_no_index_is_said_to_be_none() {
        let platform = Platform::parse("linux-amd64").unwrap();
        for text in ["<html>sign in</html>", "", "releases: 3"] {
            assert!(
                newest(text, &"1.35".parse().unwrap(), &platform).is_err(),
                "{text}"
            );
        }
    }
}

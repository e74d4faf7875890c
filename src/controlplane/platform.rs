//! Operating systems and processors under the names that Go gives them.

use std::fmt;

/// For which machine the binaries are, as in the names of envtest archives.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Platform {
    /// Go's `GOOS`: `linux`, `darwin`.
    pub os: String,
    /// Go's `GOARCH`: `amd64`, `arm64`.
    pub arch: String,
}

impl Platform {
    /// The machine that rustop runs on.
    pub fn current() -> Self {
        Self {
            os: go_os(std::env::consts::OS).to_owned(),
            arch: go_arch(std::env::consts::ARCH).to_owned(),
        }
    }

    /// Reads `linux-amd64`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (os, arch) = text.split_once('-')?;
        Some(Self {
            os: os.to_owned(),
            arch: arch.to_owned(),
        })
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}-{}", self.os, self.arch)
    }
}

fn go_os(os: &str) -> &str {
    if os == "macos" { "darwin" } else { os }
}

fn go_arch(arch: &str) -> &str {
    match arch {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "powerpc64" => "ppc64le",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn go_has_its_own_names() {
        let names = |os, arch| format!("{}-{}", go_os(os), go_arch(arch));
        assert_eq!(names("linux", "x86_64"), "linux-amd64");
        assert_eq!(names("macos", "aarch64"), "darwin-arm64");
        assert_eq!(names("linux", "s390x"), "linux-s390x");
    }
}

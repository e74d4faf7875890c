//! Builds the binaries from Go modules, for machines that can download nothing else.
//!
//! Kubernetes publishes no module that `go install` accepts, so rustop carries
//! two small ones (`controlplane/` in its repository) whose go.sum fixes every
//! byte. It takes minutes once; the result goes into the store.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

use super::platform::Platform;
use super::version::Version;

/// The release that the module in `controlplane/kubernetes` requires.
pub const KUBERNETES: &str = "1.35.4";

const ETCD_FILES: [(&str, &str); 3] = [
    ("go.mod", include_str!("../../controlplane/etcd/go.mod")),
    ("go.sum", include_str!("../../controlplane/etcd/go.sum")),
    ("main.go", include_str!("../../controlplane/etcd/main.go")),
];

const KUBERNETES_FILES: [(&str, &str); 2] = [
    (
        "go.mod",
        include_str!("../../controlplane/kubernetes/go.mod"),
    ),
    (
        "go.sum",
        include_str!("../../controlplane/kubernetes/go.sum"),
    ),
];

/// A binary that can be built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Binary {
    name: &'static str,
    module: &'static [(&'static str, &'static str)],
    package: &'static str,
    duration: &'static str,
}

pub(super) const ETCD: Binary = Binary {
    name: "etcd",
    module: &ETCD_FILES,
    package: ".",
    duration: "half a minute",
};
pub(super) const API_SERVER: Binary = kubernetes(
    "kube-apiserver",
    "k8s.io/kubernetes/cmd/kube-apiserver",
    "4 minutes",
);
pub(super) const CONTROLLER_MANAGER: Binary = kubernetes(
    "kube-controller-manager",
    "k8s.io/kubernetes/cmd/kube-controller-manager",
    "a minute",
);

const fn kubernetes(name: &'static str, package: &'static str, duration: &'static str) -> Binary {
    Binary {
        name,
        module: &KUBERNETES_FILES,
        package,
        duration,
    }
}

/// The release that can be built.
pub(super) fn version() -> Option<Version> {
    Version::parse(KUBERNETES)
}

/// Builds `binaries` into `staging`.
pub(super) fn build(
    go: &OsStr,
    binaries: &[Binary],
    platform: &Platform,
    staging: &Path,
    progress: &dyn Fn(&str),
) -> Result<()> {
    let sources = tempfile::tempdir().context("failed to create a temporary folder")?;
    check_go(go)?;
    for binary in binaries {
        progress(&format!(
            "building {} from Go modules, about {} on two cores",
            binary.name, binary.duration
        ));
        let module = sources.path().join(binary.name);
        write_module(binary, &module)?;
        build_one(go, binary, platform, &module, staging)?;
    }
    Ok(())
}

fn check_go(go: &OsStr) -> Result<()> {
    let ran = Command::new(go)
        .arg("version")
        .stdin(Stdio::null())
        .output();
    match ran {
        Ok(output) if output.status.success() => Ok(()),
        _ => bail!("`{}` does not run", go.display()),
    }
}

fn write_module(binary: &Binary, folder: &Path) -> Result<()> {
    let failed = || format!("failed to write `{}`", folder.display());
    fs::create_dir(folder).with_context(failed)?;
    for (name, text) in binary.module {
        fs::write(folder.join(name), text).with_context(failed)?;
    }
    Ok(())
}

/// Nothing of the user's Go settings but the proxy and the caches may matter.
fn build_one(
    go: &OsStr,
    binary: &Binary,
    platform: &Platform,
    module: &Path,
    staging: &Path,
) -> Result<()> {
    let mut command = Command::new(go);
    command.args([
        "build",
        "-trimpath",
        "-buildvcs=false",
        "-p",
        "2",
        "-ldflags",
        &linker_flags(),
        "-o",
    ]);
    command
        .arg(staging.join(binary.name))
        .arg(binary.package)
        .current_dir(module);
    command
        .env("CGO_ENABLED", "0")
        .env("GOFLAGS", "-mod=readonly")
        .env("GOWORK", "off");
    command
        .env("GOOS", &platform.os)
        .env("GOARCH", &platform.arch);
    let output = command
        .stdin(Stdio::null())
        .output()
        .context("failed to run `go`")?;
    if !output.status.success() {
        bail!(
            "failed to build {}:\n{}",
            binary.name,
            last_lines(&output.stderr)
        );
    }
    Ok(())
}

/// What `kube-apiserver --version` and `/version` say. etcd ignores these names.
fn linker_flags() -> String {
    let mut parts = KUBERNETES.split('.');
    let (major, minor) = (
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
    );
    let mut flags = String::from("-s -w");
    for package in [
        "k8s.io/component-base/version",
        "k8s.io/client-go/pkg/version",
    ] {
        for (name, value) in [
            ("gitVersion", &*format!("v{KUBERNETES}")),
            ("gitMajor", major),
            ("gitMinor", minor),
            ("gitTreeState", "clean"),
        ] {
            let _ = write!(flags, " -X {package}.{name}={value}");
        }
    }
    flags
}

fn last_lines(output: &[u8]) -> String {
    let text = String::from_utf8_lossy(output);
    let lines: Vec<&str> = text
        .lines()
        .filter(|line| !line.starts_with("go: downloading"))
        .collect();
    lines[lines.len().saturating_sub(10)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each staging module is pinned to the release of the same age, or the build mixes two.
    #[test]
    fn the_module_requires_one_release_throughout() {
        let module = KUBERNETES_FILES[0].1;
        assert!(module.contains(&format!("\tk8s.io/kubernetes v{KUBERNETES} ")));
        let pinned = format!(" v0.{}", KUBERNETES.strip_prefix("1.").unwrap());
        let replaced: Vec<&str> = module
            .lines()
            .filter(|line| line.contains(" => "))
            .collect();
        assert!(replaced.len() > 25, "{replaced:?}");
        for line in replaced {
            let (name, replacement) = line.trim().split_once(" => ").unwrap();
            assert_eq!(replacement, format!("{name}{pinned}"));
        }
    }

    #[test]
    fn the_version_is_stamped_where_the_servers_look() {
        let flags = linker_flags();
        assert!(
            flags.contains("-X k8s.io/component-base/version.gitVersion=v1.35.4"),
            "{flags}"
        );
        assert!(
            flags.contains("-X k8s.io/component-base/version.gitMinor=35"),
            "{flags}"
        );
    }
}

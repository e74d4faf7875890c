//! Runs the project's tests with the audit logs of their API servers switched on.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Result, anyhow, bail};

use super::super::envtest;
use crate::disk;
use crate::report::Reporter;

/// What the runtime crate's `TestEnvironment` reads.
const DIRECTORY: &str = "RUSTOP_AUDIT_DIRECTORY";

/// Runs `cargo test`, and gives the folder of its audit logs. What the tests
/// print goes to standard error: standard output is for the answer.
pub(super) fn tests(arguments: &[OsString], reporter: Reporter) -> Result<PathBuf> {
    let assets = envtest::assets(reporter)?;
    let folder = disk::fresh_logs(&target().join("rustop-audit"))?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["test", "--workspace"]).args(arguments);
    command
        .env("KUBEBUILDER_ASSETS", assets)
        .env(DIRECTORY, &folder)
        .stdin(Stdio::null())
        .stdout(std::io::stderr());
    reporter.progress("cargo test --workspace");
    let status = command.status().map_err(|error| {
        anyhow!("failed to run `cargo`: {error}\nhelp: install Rust: https://rustup.rs")
    })?;
    if !status.success() {
        bail!(
            "the tests failed ({status}), so the record is not whole\nhelp: mend them, or compare what there is with `rustop rbac audit --from '{}'`",
            folder.display()
        );
    }
    Ok(folder)
}

/// cargo's folder, which is no part of the project.
fn target() -> PathBuf {
    let set = std::env::var_os("CARGO_TARGET_DIR").filter(|value| !value.is_empty());
    set.map_or_else(|| Path::new("target").to_owned(), PathBuf::from)
}

//! Runs the project's own generator of CRDs, which compiles the types crate alone.

use std::io::IsTerminal as _;
use std::process::{Command, Output, Stdio};

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use super::super::session::Session;
use super::examined::Examined;
use super::lines;
use crate::project::Project;

/// What the generator prints: a list of CRDs, empty where the project has none.
pub(super) fn list(session: &Session<'_>, project: &Project, examined: &Examined) -> Result<Value> {
    let mut resources = project.resources().iter();
    if resources.all(|resource| resource.api().is_none()) {
        return Ok(json!({"items": []}));
    }
    let package = session.scaffold.package(project)?;
    let output = run(&package)?;
    let said = String::from_utf8_lossy(&output.stderr);
    if output.status.success() {
        session.global.reporter().pass_on(&output.stderr);
        return serde_json::from_slice(&output.stdout)
            .context("failed to read what the CRD generator printed");
    }
    let panics = examined.types.panics(&said);
    if !panics.is_empty() {
        bail!(
            "no CRD can be made of these types: nothing was written\n{}",
            lines(&panics)
        );
    }
    session.global.reporter().pass_on(&output.stderr);
    bail!(
        "the CRD generator failed ({}): nothing was written\nhelp: mend what `cargo run --package {package}-api` names above",
        output.status
    )
}

fn run(package: &str) -> Result<Output> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    let (api, binary) = (format!("{package}-api"), format!("{package}-crdgen"));
    command.args(["run", "--quiet", "--package", &api, "--bin", &binary]);
    command.stdin(Stdio::null());
    let is_set = |name: &str| std::env::var_os(name).is_some();
    if std::io::stderr().is_terminal() && !is_set("CARGO_TERM_COLOR") && !is_set("NO_COLOR") {
        command.env("CARGO_TERM_COLOR", "always");
    }
    command.output().map_err(|error| {
        anyhow::anyhow!("failed to run `cargo`: {error}\nhelp: install Rust: https://rustup.rs")
    })
}

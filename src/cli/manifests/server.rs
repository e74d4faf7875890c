//! Shows the CRDs to an API server, which keeps nothing: a dry run.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use anyhow::{Context as _, Result};
use clap::ValueEnum;

use super::super::envtest;
use crate::controlplane;
use crate::controlplane::control_plane::{ControlPlane, Settings};
use crate::report::Reporter;
use crate::tree::RelativePath;

/// Whom to ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Server {
    /// The cluster of your kubeconfig
    Cluster,
    /// An API server of its own, from the binaries of `rustop envtest`
    Local,
}

/// What the server said.
pub(super) struct Answer {
    /// Why it refuses, in its own words; empty when it does not.
    pub(super) refused: String,
    /// What it warns of.
    pub(super) notes: Vec<String>,
}

/// Asks through `kubectl`, as `make install` does.
pub(super) fn ask(
    server: Server,
    files: &BTreeMap<RelativePath, String>,
    reporter: Reporter,
) -> Result<Answer> {
    let crds: String = files.values().map(String::as_str).collect();
    if crds.is_empty() {
        return Ok(Answer {
            refused: String::new(),
            notes: vec!["there is no CRD to ask about".to_owned()],
        });
    }
    let output = match server {
        Server::Cluster => apply(&crds, None)?,
        Server::Local => {
            let binaries = envtest::installed(reporter)?;
            let plane = ControlPlane::start(&Settings::new(binaries), controlplane::get)
                .context("failed to start the control plane")?;
            apply(&crds, Some(plane.kubeconfig_path()))?
        }
    };
    Ok(answer(&output))
}

fn answer(output: &Output) -> Answer {
    let said = String::from_utf8_lossy(&output.stderr);
    let warnings = said.lines().filter(|line| line.starts_with("Warning: "));
    let notes = warnings
        .map(|line| format!("the API server says: {line}"))
        .collect();
    let refused = match output.status.success() {
        true => String::new(),
        false => said.trim_end().to_owned(),
    };
    Answer { refused, notes }
}

fn apply(crds: &str, kubeconfig: Option<&std::path::Path>) -> Result<Output> {
    let mut command = Command::new("kubectl");
    command.args([
        "apply",
        "--server-side",
        "--dry-run=server",
        "--validate=strict",
    ]);
    command.args(["--request-timeout=30s", "-f", "-"]);
    if let Some(path) = kubeconfig {
        command.env("KUBECONFIG", path);
    }
    command.stdin(Stdio::piped());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| {
        anyhow::anyhow!("failed to run `kubectl`: {error}\nhelp: install kubectl: https://kubernetes.io/docs/tasks/tools/")
    })?;
    if let Some(mut input) = child.stdin.take() {
        // One that does not read says why in its own words.
        let _ = input.write_all(crds.as_bytes());
    }
    child.wait_with_output().context("failed to run `kubectl`")
}

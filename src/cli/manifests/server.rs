//! Shows the CRDs, the roles and the webhook configurations to an API server, which
//! keeps nothing: a dry run.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use anyhow::{Context as _, Result};
use clap::ValueEnum;
use serde::Deserialize as _;
use serde_json::{Value, json};

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

/// What it is asked about.
pub(super) struct Asked<'a> {
    /// The files of the CRDs.
    pub(super) crds: &'a BTreeMap<RelativePath, String>,
    /// The texts of roles and webhook configurations.
    pub(super) others: &'a [String],
}

/// What the server said.
pub(super) struct Answer {
    /// Why it refuses the CRDs, in its own words; empty when it does not.
    pub(super) refused: String,
    /// Why it refuses the rest, likewise.
    pub(super) refused_others: String,
    /// What it warns of.
    pub(super) notes: Vec<String>,
}

/// Asks through `kubectl`, as `make install` and `make deploy` do.
pub(super) fn ask(server: Server, asked: &Asked<'_>, reporter: Reporter) -> Result<Answer> {
    match server {
        Server::Cluster => ask_at(asked, None),
        Server::Local => {
            let binaries = envtest::installed(reporter)?;
            let plane = ControlPlane::start(&Settings::new(binaries), controlplane::get)
                .context("failed to start the control plane")?;
            ask_at(asked, Some(plane.kubeconfig_path()))
        }
    }
}

fn ask_at(asked: &Asked<'_>, kubeconfig: Option<&Path>) -> Result<Answer> {
    let mut answer = Answer {
        refused: String::new(),
        refused_others: String::new(),
        notes: Vec::new(),
    };
    let crds: String = asked.crds.values().map(String::as_str).collect();
    if crds.is_empty() {
        answer.notes.push("there is no CRD to ask about".to_owned());
    } else {
        answer.refused = answer.said(&kubectl(APPLY, &crds, kubeconfig)?);
    }
    let others = unnamed(asked.others);
    if answer.refused.is_empty() && !others.is_empty() {
        let list = json!({"apiVersion": "v1", "kind": "List", "items": others});
        let said = answer.said(&kubectl(CREATE, &list.to_string(), kubeconfig)?);
        answer.other(&said);
    }
    Ok(answer)
}

impl Answer {
    /// Takes the warnings, and gives the refusal.
    fn said(&mut self, output: &Output) -> String {
        let said = String::from_utf8_lossy(&output.stderr);
        let warnings = said.lines().filter(|line| line.starts_with("Warning: "));
        let notes = warnings.map(|line| format!("the API server says: {line}"));
        self.notes.extend(notes);
        match output.status.success() {
            true => String::new(),
            false => said.trim_end().to_owned(),
        }
    }

    /// Who may not give a right is refused before the rule is looked at: that says
    /// nothing of the rule.
    fn other(&mut self, said: &str) {
        let (forbidden, refused): (Vec<&str>, Vec<&str>) =
            said.lines().partition(|line| line.contains("(Forbidden)"));
        let note = |line: &str| format!("the API server lets you ask no more: {line}");
        self.notes.extend(forbidden.into_iter().map(note));
        self.refused_others = refused.join("\n");
    }
}

/// The objects under names that no other has, and in no namespace that might not be
/// there: kustomize gives them theirs.
fn unnamed(texts: &[String]) -> Vec<Value> {
    let documents = texts.iter().flat_map(|text| {
        let documents = serde_yaml::Deserializer::from_str(text);
        documents.filter_map(|document| Value::deserialize(document).ok())
    });
    let objects = documents.filter(Value::is_object);
    let renamed = objects.map(|mut object| {
        let name = object["metadata"]["name"].as_str().unwrap_or_default();
        object["metadata"] = json!({"generateName": format!("{name}-")});
        object
    });
    renamed.collect()
}

const APPLY: &[&str] = &["apply", "--server-side"];
const CREATE: &[&str] = &["create"];

fn kubectl(verb: &[&str], objects: &str, kubeconfig: Option<&Path>) -> Result<Output> {
    let mut command = Command::new("kubectl");
    command.args(verb);
    command.args(["--dry-run=server", "--validate=strict"]);
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
        let _ = input.write_all(objects.as_bytes());
    }
    child.wait_with_output().context("failed to run `kubectl`")
}

//! `rustop manifests`: roles, webhook configurations and CRDs from the project's Rust.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};
use clap::Args as ClapArgs;

use super::exit::Exit;
use super::global::GlobalArgs;
use super::session::Session;
use super::{external, roles};
use crate::change::{Change, ChangeSet};
use crate::manifests::{self, CrdOptions, Problem, webhook};
use crate::project::{Certificates, Project};
use crate::report::Outcome;
use crate::tree::RelativePath;

/// Write CRDs, role and webhook configurations from your Rust
///
/// The files are config/crd/bases, config/rbac/role.yaml and, where there are `+rustop:webhook` markers,
/// config/webhook/manifests.yaml.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  rustop manifests
  rustop manifests --check
  rustop manifests --max-description-length 0")]
pub(super) struct Args {
    /// Write nothing, and exit 4 when something is out of date
    #[arg(long)]
    check: bool,
    /// Cut descriptions in CRDs to so many characters; 0 leaves them out
    #[arg(long, value_name = "CHARACTERS")]
    max_description_length: Option<usize>,
}

pub(super) fn run(args: &Args, global: &GlobalArgs) -> Result<Exit> {
    let session = Session::open(std::path::Path::new("."), global)?;
    let project = session.project()?.project;
    let mut notes = Vec::new();
    let mut changes = ChangeSet::default();
    let sources = roles::sources(&session.root, &changes, &project)?;
    let role = role(&session, &project, &sources, &mut notes)?;
    changes.changes.push(role);
    let configurations = roles::webhooks(&session.root, &project, &sources)?;
    let configurations = configurations.map_err(|problems| unreadable("webhook", &problems))?;
    notes.extend(
        configurations
            .as_ref()
            .and_then(|change| rights_note(&project, change)),
    );
    changes.changes.extend(configurations);
    let types = external::computed(&session.root, &project)?;
    changes.changes.extend(types);
    let options = CrdOptions {
        max_description_length: args.max_description_length,
    };
    for (path, text) in crds(&session, &project, &options)? {
        changes
            .changes
            .push(roles::computed(&session.root, path, text)?);
    }
    if !args.check && !global.dry_run {
        session.root.apply(&changes.operations())?;
    }
    let dry_run = args.check || global.dry_run;
    global.reporter().outcome(&Outcome {
        command: "manifests",
        dry_run,
        changes: &changes,
        notes: &notes,
        next: &[],
    });
    if args.check && !changes.is_empty() {
        Ok(Exit::OutOfDate)
    } else {
        Ok(Exit::Done)
    }
}

/// The role that lets the manager write its CA names the configurations as they are
/// called without a marker that says otherwise.
fn rights_note(project: &Project, change: &Change) -> Option<String> {
    let text = String::from_utf8_lossy(&change.after.as_ref()?.bytes).into_owned();
    let renamed = webhook::renamed(&text);
    let builtin = project.certificates == Certificates::Builtin;
    (builtin && !renamed.is_empty()).then(|| format!(
        "the manager has no right to write its CA into `{}`: take the `+rustop:webhookconfiguration` marker away, or give the right in a role of your own",
        renamed.join("`, `")
    ))
}

/// Runs `make manifests`; the files of the command before are safe already.
pub(super) fn make(global: &GlobalArgs) -> Result<Exit> {
    global.reporter().progress("make manifests");
    let status = Command::new("make")
        .arg("manifests")
        .stdin(Stdio::null())
        .status();
    match status {
        Ok(status) if status.success() => Ok(Exit::Done),
        Ok(status) => bail!(
            "`make manifests` failed ({status}); the files of this command are written\nhelp: mend what it names, then run `make manifests`"
        ),
        Err(error) => bail!(
            "failed to run `make`: {error}; the files of this command are written\nhelp: install make, or run `rustop manifests`"
        ),
    }
}

type Sources = [(RelativePath, String)];

fn role(
    session: &Session<'_>,
    project: &Project,
    sources: &Sources,
    notes: &mut Vec<String>,
) -> Result<Change> {
    let derived = manifests::derive(sources, &roles::options(project));
    let derived = derived.map_err(|problems| unreadable("RBAC", &problems))?;
    notes.extend(derived.warnings.iter().map(ToString::to_string));
    let path = RelativePath::literal(manifests::ROLE);
    roles::computed(&session.root, path, derived.text)
}

pub(super) fn unreadable(markers: &str, problems: &[Problem]) -> anyhow::Error {
    anyhow::anyhow!("the {markers} markers cannot be read\n{}", lines(problems))
}

fn lines(problems: &[impl ToString]) -> String {
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

/// Runs the project's own generator, which compiles the types crate alone.
fn crds(
    session: &Session<'_>,
    project: &Project,
    options: &CrdOptions,
) -> Result<BTreeMap<RelativePath, String>> {
    if project
        .resources()
        .iter()
        .all(|resource| resource.api().is_none())
    {
        return Ok(BTreeMap::new());
    }
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let package = session.scaffold.package(project)?;
    let api = format!("{package}-api");
    let mut command = Command::new(cargo);
    command.args([
        "run",
        "--quiet",
        "--package",
        &api,
        "--bin",
        &format!("{package}-crdgen"),
    ]);
    command.stdin(Stdio::null()).stderr(Stdio::inherit());
    let output = command.output().map_err(|error| {
        anyhow::anyhow!("failed to run `cargo`: {error}\nhelp: install Rust: https://rustup.rs")
    })?;
    if !output.status.success() {
        bail!(
            "the CRD generator failed ({}): nothing was written\nhelp: mend what `cargo run --package {api}` names above",
            output.status
        );
    }
    let list = serde_json::from_slice(&output.stdout)
        .context("failed to read what the CRD generator printed")?;
    manifests::crd_files(&list, *options)
        .map_err(|problems| anyhow::anyhow!("the CRDs cannot be used\n{}", lines(&problems)))
}

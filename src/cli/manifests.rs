//! `rustop manifests`: roles, webhook configurations and CRDs from the project's Rust.

mod examined;
mod generator;
mod server;
mod since;

use std::collections::BTreeMap;
use std::process::{Command, Stdio};

use anyhow::{Result, bail};
use clap::Args as ClapArgs;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use serde_json::Value;

use super::exit::Exit;
use super::global::GlobalArgs;
use super::session::Session;
use super::{external, known, roles};
use crate::change::{Change, ChangeSet};
use crate::manifests::{self, CrdOptions, Finding, Lint, Problem};
use crate::project::Project;
use crate::report::Outcome;
use crate::tree::RelativePath;
use examined::Examined;
use server::{Asked, Server};

/// Write CRDs, role and webhook configurations from your Rust
///
/// The files are config/crd/bases, config/rbac/role.yaml and, where there are `+rustop:webhook` markers,
/// config/webhook/manifests.yaml. What no API server takes is refused with its place in your Rust;
/// what is surely not meant so is noted, see docs/manifests.md.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  rustop manifests
  rustop manifests --check
  rustop manifests --check --allow breaking-change
  rustop manifests --server=local
  rustop manifests --max-description-length 0")]
pub(super) struct Args {
    /// Write nothing, and exit 4 when something is out of date or noted
    #[arg(long)]
    check: bool,
    /// Accept what is noted under this name
    #[arg(long, value_name = "NAME", value_delimiter = ',', value_parser = lints())]
    allow: Vec<Lint>,
    /// Ask an API server as well, in a dry run: the one of your kubeconfig, or one that rustop starts
    #[arg(
        long,
        value_name = "WHICH",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "cluster"
    )]
    server: Option<Server>,
    /// Cut descriptions in CRDs to so many characters; 0 leaves them out
    #[arg(long, value_name = "CHARACTERS")]
    max_description_length: Option<usize>,
}

fn lints() -> impl TypedValueParser<Value = Lint> {
    let named = |name: String| {
        let mut all = Lint::ALL.into_iter();
        all.find(|lint| lint.name() == name)
            .ok_or_else(|| format!("there is no finding `{name}`"))
    };
    PossibleValuesParser::new(Lint::ALL.map(Lint::name)).try_map(named)
}

pub(super) fn run(args: &Args, global: &GlobalArgs) -> Result<Exit> {
    let session = Session::open(std::path::Path::new("."), global)?;
    let project = session.project()?.project;
    let mut notes = Vec::new();
    let mut changes = ChangeSet::default();
    let sources = roles::sources(&session.root, &changes, &project)?;
    notes.extend(roles::left_over(&session.root, &project)?);
    let role = role(&session, &project, &sources, &mut notes)?;
    changes.changes.push(role);
    let configurations = webhooks(&session, &project, &sources)?;
    changes.changes.extend(configurations);
    let examined = Examined::new(&session.root, &project)?;
    let list = generator::list(&session, &project, &examined)?;
    let files = crds(&list, args, &examined)?;
    let asked = Asked {
        crds: &files,
        others: &texts(&changes),
    };
    notes.extend(ask(args, global, &list, &asked, &examined)?);
    changes
        .changes
        .extend(external::computed(&session.root, &project)?);
    for (path, text) in files {
        let change = roles::computed(&session.root, path, text)?;
        changes.changes.push(change);
    }
    let mut findings = examined.findings(&sources, &list);
    findings.extend(known::astray(&sources, &project)?);
    findings.retain(|finding| !args.allow.contains(&finding.lint));
    notes.extend(findings.iter().map(ToString::to_string));
    let dry_run = args.check || global.dry_run;
    if !dry_run {
        session.root.apply(&changes.operations())?;
    }
    global.reporter().outcome(&Outcome {
        command: "manifests",
        dry_run,
        changes: &changes,
        notes: &notes,
        next: &[],
    });
    Ok(exit(args, &changes, &findings))
}

fn exit(args: &Args, changes: &ChangeSet, findings: &[Finding]) -> Exit {
    if args.check && !(changes.is_empty() && findings.is_empty()) {
        Exit::OutOfDate
    } else {
        Exit::Done
    }
}

/// The webhook configurations, where a marker asks for one.
fn webhooks(session: &Session<'_>, project: &Project, sources: &Sources) -> Result<Option<Change>> {
    let change = roles::webhooks(&session.root, project, sources)?;
    change.map_err(|problems| unreadable("webhook", &problems))
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

/// The files of the CRDs, once nothing is wrong with them that can be told here.
fn crds(list: &Value, args: &Args, examined: &Examined) -> Result<BTreeMap<RelativePath, String>> {
    let options = CrdOptions {
        max_description_length: args.max_description_length,
    };
    let (files, mut problems) = match manifests::crd_files(list, options) {
        Ok(files) => (files, Vec::new()),
        Err(problems) => (BTreeMap::new(), problems),
    };
    let examination = manifests::examine(list);
    problems.extend(
        examination
            .into_iter()
            .filter(|problem| problem.lint.is_none()),
    );
    if problems.is_empty() {
        return Ok(files);
    }
    let problems = examined.placed(&problems);
    bail!(
        "no API server takes these CRDs: nothing was written\n{}",
        lines(&problems)
    )
}

/// The texts that the changes lead to.
fn texts(changes: &ChangeSet) -> Vec<String> {
    let after = changes.changes.iter().filter_map(|it| it.after.as_ref());
    after
        .map(|file| String::from_utf8_lossy(&file.bytes).into_owned())
        .collect()
}

/// What an API server says to the CRDs, the roles and the webhook configurations.
fn ask(
    args: &Args,
    global: &GlobalArgs,
    list: &Value,
    asked: &Asked<'_>,
    examined: &Examined,
) -> Result<Vec<String>> {
    let Some(server) = args.server else {
        return Ok(Vec::new());
    };
    let answer = server::ask(server, asked, global.reporter())?;
    let refusals = manifests::verdict::refusals(&answer.refused, list);
    if !refusals.is_empty() {
        let problems = examined.placed(&refusals);
        bail!(
            "the API server refuses these CRDs: nothing was written\n{}",
            lines(&problems)
        );
    }
    if !answer.refused.is_empty() {
        bail!(
            "the API server could not be asked, or refuses: nothing was written\n{}",
            answer.refused
        );
    }
    if !answer.refused_others.is_empty() {
        bail!(
            "the API server refuses the roles or the webhook configurations: nothing was written\n{}",
            answer.refused_others
        );
    }
    Ok(answer.notes)
}

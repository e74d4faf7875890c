//! `rustop rbac audit`: what the operator did in its tests, against its roles.
//!
//! The comparison is `audit`'s; here the tests are run, and what lies on disk is
//! handed over.

mod run;
mod shown;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use clap::{Args as ClapArgs, Subcommand};

use super::exit::Exit;
use super::global::GlobalArgs;
use super::manifests::unreadable;
use super::roles;
use super::session::Session;
use crate::audit::{self, Findings, Home, Inputs, Record};
use crate::change::ChangeSet;
use crate::controlplane::control_plane::{OPERATOR, OPERATOR_NAMESPACE};
use crate::disk::{self, Root};
use crate::manifests::ROLE;
use crate::project::Project;
use crate::tree::RelativePath;

/// The rights of the manager
#[derive(Debug, Subcommand)]
pub(super) enum Rbac {
    Audit(AuditArgs),
}

/// Compare what the operator asked the API server for in its tests with what its roles allow
///
/// Runs `cargo test --workspace` with the audit log of each test's API server switched on, or reads the logs of an
/// earlier run. Names the rights that are missing, with the marker to add, and those that no test needs, with the file
/// and line of the marker.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  rustop rbac audit
  rustop rbac audit --check
  rustop rbac audit -- --test integration
  rustop rbac audit --from target/rustop-audit --output json")]
pub(super) struct AuditArgs {
    /// Read the audit logs (*.log) in this folder, and run no tests
    #[arg(long, value_name = "FOLDER", conflicts_with = "cargo_arguments")]
    from: Option<PathBuf>,
    /// Exit 4 when a right is missing or not needed
    #[arg(long)]
    check: bool,
    /// The user that the operator is in the logs
    #[arg(long, value_name = "NAME", default_value = OPERATOR)]
    user: String,
    /// The namespace in the logs that stands for the manager's own
    #[arg(long, value_name = "NAMESPACE", default_value = OPERATOR_NAMESPACE)]
    namespace: String,
    /// Arguments for `cargo test --workspace`
    #[arg(last = true, value_name = "CARGO ARGUMENTS")]
    cargo_arguments: Vec<OsString>,
}

/// The namespace that the generated tests of a project for one namespace watch.
const WATCHED: &str = "default";

pub(super) fn run(command: &Rbac, global: &GlobalArgs) -> Result<Exit> {
    let Rbac::Audit(args) = command;
    // Tests take minutes: not before it is known that this is a project.
    Session::open(Path::new("."), global)?.project()?;
    let folder = match &args.from {
        Some(folder) => folder.clone(),
        None => run::tests(&args.cargo_arguments, global.reporter())?,
    };
    let record = record(&folder, &args.user)?;
    let findings = compare(args, &record, global)?;
    let reporter = global.reporter();
    if reporter.json {
        reporter.data(&shown::json(&record, &findings));
    } else if !reporter.quiet {
        reporter.data(&shown::text(&record, &findings));
    }
    let is_clean = findings.missing.is_empty() && findings.unneeded.is_empty();
    Ok(if args.check && !is_clean {
        Exit::OutOfDate
    } else {
        Exit::Done
    })
}

fn record(folder: &Path, user: &str) -> Result<Record> {
    let mut record = Record::default();
    for (log, text) in disk::read_logs(folder)? {
        if let Err(line) = record.add(&text, user) {
            bail!("{}:{line}: this is no event of an audit log", log.display());
        }
    }
    if record.requests > 0 {
        return Ok(record);
    }
    let shown = folder.display();
    if record.others.is_empty() {
        bail!(
            "no request is recorded in `{shown}`\nhelp: the logs come from tests that start a `TestEnvironment`; run `rustop rbac audit` without `--from`"
        );
    }
    let others: Vec<String> = record.others.iter().map(|it| format!("`{it}`")).collect();
    bail!(
        "no request of the user `{user}` is recorded in `{shown}`, but of {}\nhelp: start the manager with `environment.operator_kubeconfig_path()` in tests/integration/operator.rs, or name its user with `--user`",
        others.join(", ")
    )
}

fn compare(args: &AuditArgs, record: &Record, global: &GlobalArgs) -> Result<Findings> {
    let session = Session::open(Path::new("."), global)?;
    let project = session.project()?.project;
    let sources = roles::sources(&session.root, &ChangeSet::default(), &project)?;
    let options = roles::options(&project);
    let home = home(&project, &args.namespace);
    let findings = audit::compare(&Inputs {
        record,
        sources: &sources,
        manifests: &manifests(&session.root)?,
        role_name: &options.role_name,
        namespaced: options.namespaced,
        home: &home,
    });
    let mut findings = findings.map_err(|problems| unreadable("RBAC", &problems))?;
    if roles::is_stale(&session.root, &sources, &project)? {
        findings.notes.push(format!(
            "`{ROLE}` is not what the markers say; help: run `rustop manifests`"
        ));
    }
    Ok(findings)
}

/// In a project for one namespace, what the manager watches is its own.
fn home(project: &Project, namespace: &str) -> Home {
    let watched = project.namespaced.then(|| WATCHED.to_owned());
    Home {
        recorded: watched.into_iter().chain([namespace.to_owned()]).collect(),
        deployed: format!("{}-system", project.name.prefix()),
    }
}

/// The YAML below config/, but for the role that the markers give.
fn manifests(root: &Root) -> Result<Vec<(RelativePath, String)>> {
    let mut manifests = Vec::new();
    for path in root.list(Some(&RelativePath::literal("config")))? {
        let is_manifest = path.as_str().ends_with(".yaml") && path.as_str() != ROLE;
        let file = if is_manifest { root.read(&path)? } else { None };
        if let Some(file) = file {
            let text = String::from_utf8(file.bytes)
                .with_context(|| format!("failed to read `{path}`: it is no text"))?;
            manifests.push((path, text));
        }
    }
    Ok(manifests)
}

//! `rustop init`.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::Args as ClapArgs;

use super::certificates::CertificatesArgs;
use super::exit::{Exit, Stop};
use super::global::GlobalArgs;
use super::license::LicenseArgs;
use super::session::{Session, Wish};
use super::{surroundings, toggle};
use crate::disk;
use crate::project::{LAYOUT, Project, SCHEMA_VERSION};
use crate::resource::{Domain, ProjectName};

/// Start a project, here or in a folder that is named
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  rustop init --domain example.com
  rustop init --domain example.com myapp-operator
  rustop init --domain example.com --namespaced --owner 'The Example Authors'
  rustop init --domain example.com --dry-run")]
pub(super) struct Args {
    /// The folder of the project; it is made when it is not there
    #[arg(default_value = ".")]
    folder: PathBuf,
    /// What the groups of the project end with
    #[arg(long, default_value = "my.domain")]
    domain: Domain,
    /// The project's name [default: the folder's]
    #[arg(long)]
    project_name: Option<ProjectName>,
    /// kubebuilder's Go module: recorded in PROJECT, not used
    #[arg(long, default_value = "")]
    repo: String,
    #[command(flatten)]
    license: LicenseArgs,
    /// Lay out files in a folder for each group
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "false", value_parser = toggle::parser())]
    multigroup: bool,
    /// Watch the manager's own namespace, with a Role instead of a ClusterRole
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "false", value_parser = toggle::parser())]
    namespaced: bool,
    #[command(flatten)]
    certificates: CertificatesArgs,
    /// The version of the PROJECT file
    #[arg(long, default_value = SCHEMA_VERSION)]
    project_version: String,
    /// Run `git init` afterwards, unless the folder is in a repository
    #[arg(long)]
    git: bool,
    /// kubebuilder's: only rustop's own layout is known
    #[arg(long, hide = true)]
    plugins: Option<String>,
    /// kubebuilder's: there is nothing to fetch
    #[arg(long, hide = true, num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    fetch_deps: Option<String>,
    /// kubebuilder's: there is no Go here
    #[arg(long, hide = true, num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    skip_go_version_check: Option<String>,
}

/// What makes a folder unfit for a new project.
const TAKEN: [&str; 3] = ["PROJECT", "Makefile", "src/main.rs"];

pub(super) fn run(args: &Args, global: &GlobalArgs) -> Result<Exit> {
    check_flags(args)?;
    let project = project(args)?;
    let folder = disk::ProjectFolder::prepare(&args.folder, global.dry_run)?;
    let session = Session::open(folder.path(), global)?;
    refuse_taken(&session)?;
    let exit = session.fulfil(&Wish {
        command: "init",
        found: None,
        wanted: &project,
        force: false,
        notes: notes(args),
        next: next_steps(args),
    })?;
    folder.keep();
    drop(session);
    if args.git && !global.dry_run {
        surroundings::git_init(&args.folder, global)?;
    }
    Ok(exit)
}

fn check_flags(args: &Args) -> Result<()> {
    if args.project_version != SCHEMA_VERSION {
        return Err(Stop::usage(format!(
            "there is no project version `{}`\nhelp: leave `--project-version` away, or say `3`",
            args.project_version
        )));
    }
    match args.plugins.as_deref() {
        None | Some(LAYOUT) => Ok(()),
        Some(other) => Err(Stop::usage(format!(
            "`{other}` is no plugin of rustop\nhelp: leave `--plugins` away; the layout is `{LAYOUT}`"
        ))),
    }
}

fn project(args: &Args) -> Result<Project> {
    let name = match &args.project_name {
        Some(name) => name.clone(),
        None => name_of_folder(&args.folder)?,
    };
    let header = args.license.header(year())?;
    let mut project = Project::new(name, args.domain.clone(), header, env!("CARGO_PKG_VERSION"));
    project.repo.clone_from(&args.repo);
    project.multigroup = args.multigroup;
    project.namespaced = args.namespaced;
    project.certificates = args.certificates.or(project.certificates);
    Ok(project)
}

/// kubebuilder's default: the folder's name, in lower case.
fn name_of_folder(folder: &Path) -> Result<ProjectName> {
    let folder = std::path::absolute(folder).context("failed to find the folder")?;
    let folder = surroundings::normalized(&folder);
    let name = folder
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    Ok(ProjectName::from_folder(&name)?)
}

/// The year of the copyright line, once: it stands in PROJECT from now on.
/// <https://reproducible-builds.org/docs/source-date-epoch/>
fn year() -> i64 {
    let given = std::env::var("SOURCE_DATE_EPOCH")
        .ok()
        .and_then(|text| text.parse().ok());
    let now = || {
        std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |since| since.as_secs())
    };
    surroundings::year_of(given.unwrap_or_else(now))
}

fn refuse_taken(session: &Session<'_>) -> Result<()> {
    let mut taken = Vec::new();
    for path in TAKEN {
        if let Some(kind) = session
            .root
            .kind(&crate::tree::RelativePath::literal(path))?
        {
            taken.push(format!("`{path}` ({kind})"));
        }
    }
    if surroundings::has_package(&session.root)? {
        taken.push("`Cargo.toml` (with a package)".to_owned());
    }
    if taken.is_empty() {
        return Ok(());
    }
    let help = match taken.as_slice() {
        [first, ..] if first.starts_with("`PROJECT`") => {
            "this folder holds a project; add to it with `rustop create api`"
        }
        [.., last] if last.starts_with("`Cargo.toml`") => {
            "start beside the crate: `rustop init ../my-operator`; the project can use its types and controllers"
        }
        _ => "start in an empty folder: `rustop init my-operator`",
    };
    Err(Stop::in_the_way(format!(
        "already here: {}\nhelp: {help}",
        taken.join(", ")
    )))
}

fn notes(args: &Args) -> Vec<String> {
    let mut notes = Vec::new();
    let go = [
        ("--fetch-deps", &args.fetch_deps),
        ("--skip-go-version-check", &args.skip_go_version_check),
    ];
    for (flag, _) in go.iter().filter(|(_, value)| value.is_some()) {
        notes.push(format!("`{flag}` is about Go and is ignored"));
    }
    if args.domain.as_str() == "my.domain" {
        notes
            .push("the domain is `my.domain`, a placeholder; say yours with `--domain`".to_owned());
    }
    if let Some(workspace) =
        surroundings::enclosing_workspace(&args.folder).filter(|it| !it.excludes)
    {
        notes.push(format!(
            "`{}` is a cargo workspace, and the project is one of its own: add `\"{}\"` to `exclude` there, or cargo may refuse the outer one",
            workspace.manifest.display(),
            workspace.member.display()
        ));
    }
    notes
}

fn next_steps(args: &Args) -> Vec<String> {
    let mut steps = Vec::new();
    if args.folder != Path::new(".") {
        steps.push(format!("cd {}", surroundings::quoted(&args.folder)));
    }
    steps.push(
        "rustop create api --group apps --version v1 --kind MyApp --resource --controller"
            .to_owned(),
    );
    steps
}

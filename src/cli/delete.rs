//! `rustop delete api`.

use anyhow::Result;
use clap::{Args as ClapArgs, Subcommand};

use super::api::KeyArgs;
use super::exit::{Exit, Stop};
use super::global::GlobalArgs;
use super::session::{Session, Wish};
use crate::project::{Controller, Project, Resource};
use crate::resource::{ControllerName, ResourceKey};

/// What can be deleted.
#[derive(Debug, Subcommand)]
pub(super) enum Delete {
    Api(Args),
}

/// Take a kind away: what you did not touch goes, what you changed stays and is named
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  rustop delete api --group apps --version v1 --kind MyApp
  rustop delete api --group apps --version v1 --kind MyApp --dry-run
  rustop delete api --group apps --version v1 --kind MyApp --controller-name myapp-backup
  rustop delete api --group apps --version v1 --kind MyApp --force")]
pub(super) struct Args {
    #[command(flatten)]
    key: KeyArgs,
    /// Take only this controller away; the kind in lower case for the one that has no name
    #[arg(long, value_name = "NAME")]
    controller_name: Option<ControllerName>,
    /// Delete also what you changed
    #[arg(long)]
    force: bool,
}

pub(super) fn run(args: &Args, global: &GlobalArgs) -> Result<Exit> {
    let session = Session::open(std::path::Path::new("."), global)?;
    let found = session.project()?;
    let key = args.key.find(&found.project)?;
    let project = match &args.controller_name {
        Some(name) => without_controller(&found.project, &key, name)?,
        None => found.project.without_resource(&key)?,
    };
    session.fulfil(&Wish {
        command: "delete api",
        found: Some(&found),
        wanted: &project,
        force: args.force,
        notes: match args.controller_name {
            Some(_) => Vec::new(),
            None => notes(&found.project, &key),
        },
        next: vec!["make test".to_owned()],
    })
}

fn without_controller(
    project: &Project,
    key: &ResourceKey,
    name: &ControllerName,
) -> Result<Project> {
    let controller = Controller::of(key, name.clone());
    let resource = project.resource(key);
    let Some(resource) = resource.filter(|one| one.controllers.contains(&controller)) else {
        return Err(Stop::usage(format!(
            "`{key}` has no controller `{name}`\nhelp: its controllers are those in `PROJECT`"
        )));
    };
    let resource = resource.clone().without_controller(&controller);
    // Of a kind from elsewhere nothing would be left.
    if resource.controllers.is_empty() && !resource.is_typed() {
        return Ok(project.without_resource(key)?);
    }
    Ok(project.with_resource(resource)?)
}

fn notes(project: &Project, key: &ResourceKey) -> Vec<String> {
    let stored = project.resource(key).and_then(Resource::api);
    if stored.is_none() {
        return Vec::new(); // the CRD of a kind from elsewhere is not ours to speak of
    }
    let mut notes = vec![format!(
        "objects of `{key}` and its CRD stay in the clusters they were installed in"
    )];
    if stored.is_some_and(|api| api.storage) && project.versions_of(key).count() > 1 {
        notes.push(format!(
            "objects are stored as `{}`; store them in another version before you apply the CRD: {MIGRATION}",
            key.version()
        ));
    }
    notes
}

const MIGRATION: &str = "https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/#upgrade-existing-objects-to-a-new-stored-version";

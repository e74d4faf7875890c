//! `rustop delete api`.

pub(super) mod webhook;

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
    Webhook(webhook::Args),
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
            "`{key}` has no controller `{name}`\nhelp: {}",
            controllers(resource)
        )));
    };
    let resource = resource.clone().without_controller(&controller);
    if resource.says_nothing() {
        return Ok(project.without_resource(key)?);
    }
    Ok(project.with_resource(resource)?)
}

/// The controllers that can be taken away.
fn controllers(resource: Option<&Resource>) -> String {
    let name = |resource: &Resource, controller: &Controller| match controller {
        Controller::Default => format!("`{}`", resource.key.kind().lower()),
        Controller::Named(name) => format!("`{name}`"),
    };
    let names = |resource: &Resource| {
        let names = resource.controllers.iter();
        names
            .map(|one| name(resource, one))
            .collect::<Vec<_>>()
            .join(", ")
    };
    match resource.map(names).unwrap_or_default() {
        names if names.is_empty() => "it has none".to_owned(),
        names => format!("it has {names}"),
    }
}

fn notes(project: &Project, key: &ResourceKey) -> Vec<String> {
    let mut notes = project.resource(key).map(forgotten).unwrap_or_default();
    let stored = project.resource(key).and_then(Resource::api);
    if stored.is_none() {
        return notes; // the CRD of a kind from elsewhere is not ours to speak of
    }
    notes.push(format!(
        "objects of `{key}` and its CRD stay in the clusters they were installed in"
    ));
    if stored.is_some_and(|api| api.storage) && project.versions_of(key).count() > 1 {
        notes.push(format!(
            "objects are stored as `{}`; store them in another version before you apply the CRD: {MIGRATION}",
            key.version()
        ));
    }
    notes
}

/// What goes with the entry in PROJECT, and rustop did not write.
fn forgotten(resource: &Resource) -> Vec<String> {
    let keys = resource.unknown_keys();
    if keys.is_empty() {
        return Vec::new();
    }
    let keys = keys.join("`, `");
    vec![format!(
        "`{keys}` of `{}` goes from `PROJECT` too",
        resource.key
    )]
}

const MIGRATION: &str = "https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/#upgrade-existing-objects-to-a-new-stored-version";

//! `rustop delete webhook`.

use anyhow::Result;
use clap::Args as ClapArgs;

use super::super::api::KeyArgs;
use super::super::exit::{Exit, Stop};
use super::super::global::GlobalArgs;
use super::super::session::{Session, Wish};
use super::super::spoke;
use crate::project::{Project, Resource, Webhooks};
use crate::resource::Version;

/// Take webhooks of a kind away: what you did not touch goes, what you changed stays and is named
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  rustop delete webhook --group apps --version v1 --kind MyApp
  rustop delete webhook --group apps --version v1 --kind MyApp --defaulting
  rustop delete webhook --group apps --version v1 --kind MyApp --spoke v3
  rustop delete webhook --group apps --version v1 --kind MyApp --dry-run")]
pub(in crate::cli) struct Args {
    #[command(flatten)]
    key: KeyArgs,
    /// Only the handler that fills in defaults
    #[arg(long)]
    defaulting: bool,
    /// Only the handler that validates
    #[arg(long)]
    programmatic_validation: bool,
    /// Only the conversions, all of them
    #[arg(long)]
    conversion: bool,
    /// Only the conversions of these versions
    #[arg(long, value_name = "VERSION", value_delimiter = ',', value_parser = spoke::parse)]
    spoke: Vec<Version>,
    /// Delete also what you changed
    #[arg(long)]
    force: bool,
}

pub(in crate::cli) fn run(args: &Args, global: &GlobalArgs) -> Result<Exit> {
    let session = Session::open(std::path::Path::new("."), global)?;
    let found = session.project()?;
    let key = args.key.find(&found.project)?;
    let before = found.project.resource(&key).cloned();
    let Some(before) = before.filter(|one| !one.webhooks.is_empty()) else {
        return Err(Stop::usage(format!("`{key}` has no webhooks")));
    };
    let mut resource = before.clone();
    resource.webhooks = without(args, &before)?;
    let project = changed(&found.project, resource)?;
    session.fulfil(&Wish {
        command: "delete webhook",
        found: Some(&found),
        wanted: &project,
        force: args.force,
        notes: notes(&project, &before),
        next: vec!["make manifests".to_owned(), "make test".to_owned()],
    })
}

/// The webhooks without those that the flags name; without flags there are none.
fn without(args: &Args, before: &Resource) -> Result<Webhooks> {
    let mut left = before.webhooks.clone();
    let names_some = args.defaulting || args.programmatic_validation || args.conversion;
    if !names_some && args.spoke.is_empty() {
        return Ok(Webhooks::default());
    }
    let missing = |what: &str| {
        Stop::usage(format!(
            "`{}` has no {what}\nhelp: leave its flag out",
            before.key
        ))
    };
    if args.defaulting && left.defaulting.take().is_none() {
        return Err(missing("defaulting webhook"));
    }
    if args.programmatic_validation && left.validation.take().is_none() {
        return Err(missing("validating webhook"));
    }
    if args.conversion && !std::mem::take(&mut left.conversion) {
        return Err(missing("conversion"));
    }
    for spoke in &args.spoke {
        if !left.spokes.contains(spoke) {
            return Err(missing(&format!("spoke `{spoke}`")));
        }
        left.spokes.retain(|other| other != spoke);
    }
    if !left.conversion {
        left.spokes.clear();
    }
    Ok(left)
}

fn changed(project: &Project, resource: Resource) -> Result<Project> {
    if resource.says_nothing() {
        return Ok(project.without_resource(&resource.key)?);
    }
    Ok(project.with_resource(resource)?)
}

fn notes(project: &Project, before: &Resource) -> Vec<String> {
    let mut notes = vec![
        "webhook configurations stay in the clusters they were deployed to, and refuse writes once nobody answers: delete them there, or deploy again with `kubectl apply --prune`".to_owned(),
    ];
    let converted = |one: &Resource| one.webhooks.conversion && !one.webhooks.spokes.is_empty();
    let is_converted = project.resource(&before.key).is_some_and(converted);
    if converted(before) && !is_converted && project.versions_of(&before.key).count() > 1 {
        notes.push(format!(
            "the versions of `{}` are no longer converted: the API server only changes `apiVersion`, and drops the fields that a version does not know",
            before.key.kind()
        ));
    }
    notes
}

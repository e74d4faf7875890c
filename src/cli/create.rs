//! `rustop create api`.

use anyhow::Result;
use clap::{Args as ClapArgs, Subcommand};

use super::api::KeyArgs;
use super::exit::{Exit, Stop};
use super::global::GlobalArgs;
use super::session::{Session, Wish};
use super::terminal::Question;
use super::{manifests, toggle};
use crate::project::{Project, Resource};
use crate::resource::{Plural, ResourceKey};

/// What can be created.
#[derive(Debug, Subcommand)]
pub(super) enum Create {
    Api(Args),
}

/// Add a kind: its types, its controller, its sample and its roles
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  rustop create api --group apps --version v1 --kind MyApp --resource --controller
  rustop create api --group apps --version v1 --kind Setting --resource --controller=false --namespaced=false
  rustop create api --group apps --version v1 --kind MyApp --dry-run --diff")]
pub(super) struct Args {
    #[command(flatten)]
    key: KeyArgs,
    /// The plural, where the English rule does not fit
    #[arg(long)]
    plural: Option<Plural>,
    /// Objects live in a namespace; `=false` for cluster-scoped ones
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = toggle::parser())]
    namespaced: Option<bool>,
    /// Write the types and the CRD [default: ask on a terminal]
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = toggle::parser())]
    resource: Option<bool>,
    /// Write a controller [default: ask on a terminal]
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = toggle::parser())]
    controller: Option<bool>,
    /// Change the settings of a kind that is there; files are merged, never overwritten
    #[arg(long)]
    force: bool,
    /// Run `make manifests` afterwards
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "false", value_parser = toggle::parser())]
    make: bool,
}

/// What the user wants of the kind, once questions are answered.
struct Wanted {
    resource: bool,
    controller: bool,
}

pub(super) fn run(args: &Args, global: &GlobalArgs) -> Result<Exit> {
    let folder = std::path::Path::new(".");
    let session = Session::open(folder, global)?;
    let found = session.project()?;
    let key = args.key.resolve(&found.project)?;
    let wanted = questions(args)?;
    let project = with_api(args, &found.project, &key, &wanted)?;
    let exit = session.fulfil(&Wish {
        command: "create api",
        found: Some(&found),
        wanted: &project,
        force: false,
        notes: notes(args, &key),
        next: next_steps(&project, &key, &wanted),
    })?;
    drop(session);
    if args.make && !global.dry_run {
        manifests::make(global)
    } else {
        Ok(exit)
    }
}

/// kubebuilder's two questions, on a terminal only.
fn questions(args: &Args) -> Result<Wanted> {
    let ask = |given: Option<bool>, question: Question<'_>| match given {
        Some(answer) => Ok(answer),
        None => question.yes_or_no(),
    };
    Ok(Wanted {
        resource: ask(args.resource, RESOURCE)?,
        controller: ask(args.controller, CONTROLLER)?,
    })
}

const RESOURCE: Question<'_> = Question {
    words: "Create Resource [y/n]",
    instead: "say it with `--resource` or `--resource=false`",
};

const CONTROLLER: Question<'_> = Question {
    words: "Create Controller [y/n]",
    instead: "say it with `--controller` or `--controller=false`",
};

fn with_api(args: &Args, project: &Project, key: &ResourceKey, wanted: &Wanted) -> Result<Project> {
    let existing = project.resource(key);
    if !wanted.resource && !wanted.controller && existing.is_none() {
        return Err(Stop::usage(
            "neither a resource nor a controller is asked for, so there is nothing to create",
        ));
    }
    if !wanted.resource && existing.is_none_or(|existing| existing.api.is_none()) {
        return Err(Stop::usage(format!(
            "`{key}` is no kind of this project, and a controller for a kind from elsewhere is not supported yet\nhelp: create its types too, with `--resource`"
        )));
    }
    refuse_second_controller(project, key, wanted)?;
    let plural = match (&args.plural, existing, project.versions_of(key).next()) {
        (Some(plural), ..) => plural.clone(),
        (None, Some(known), _) | (None, None, Some(known)) => known.plural.clone(),
        (None, None, None) => Plural::of(key.kind())?,
    };
    key.crd_name(&plural)?;
    let scope = existing
        .or_else(|| project.versions_of(key).next())
        .and_then(|known| known.api.as_ref());
    let namespaced = args
        .namespaced
        .unwrap_or(scope.is_none_or(|api| api.namespaced));
    let controller = wanted.controller || existing.is_some_and(|existing| existing.controller);
    let resource = Resource::new(key.clone(), plural, Some(namespaced), controller);
    let resource = existing.map_or(resource.clone(), |existing| {
        existing.with_settings_of(&resource)
    });
    refuse_silent_change(args, existing, &resource)?;
    Ok(project.with_resource(resource)?)
}

/// A kind has one controller, whatever its versions.
fn refuse_second_controller(project: &Project, key: &ResourceKey, wanted: &Wanted) -> Result<()> {
    let mut others = project.versions_of(key).filter(|other| other.key != *key);
    match others.find(|other| wanted.controller && other.controller) {
        None => Ok(()),
        Some(other) => Err(Stop::usage(format!(
            "`{}` has a controller already, with version `{}`, and a kind has one\nhelp: add the version with `--controller=false`; the controller is yours to move to it",
            key.kind(),
            other.key.version()
        ))),
    }
}

/// Another plural or scope for a kind that is there changes what is deployed: only when told so.
fn refuse_silent_change(args: &Args, existing: Option<&Resource>, wanted: &Resource) -> Result<()> {
    let Some(existing) = existing else {
        return Ok(());
    };
    let scope = |resource: &Resource| resource.api.as_ref().map(|api| api.namespaced);
    let same = existing.plural == wanted.plural && scope(existing) == scope(wanted);
    if same || args.force {
        return Ok(());
    }
    Err(Stop::usage(format!(
        "`{}` is there already, with another plural or scope\nhelp: `--force` changes it; objects that are stored under the old name stay there",
        existing.key
    )))
}

fn notes(args: &Args, key: &ResourceKey) -> Vec<String> {
    let mut notes = Vec::new();
    if args.force {
        notes.push("`--force` overwrites nothing: what you wrote is merged".to_owned());
    }
    if key.is_protected() {
        notes.push(format!(
            "`{}` is one of Kubernetes' own groups: the API server wants the annotation `api-approved.kubernetes.io` on the CRD",
            key.qualified_group()
        ));
    }
    notes
}

fn next_steps(project: &Project, key: &ResourceKey, wanted: &Wanted) -> Vec<String> {
    let mut steps = Vec::new();
    if wanted.resource {
        steps.push(format!(
            "edit {}",
            crate::scaffold::types_path(project, key)
        ));
    }
    if wanted.controller {
        steps.push(format!(
            "edit {}",
            crate::scaffold::controller_path(project, key)
        ));
    }
    steps.push("make manifests".to_owned());
    steps.push("make test".to_owned());
    steps
}

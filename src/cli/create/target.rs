//! The resource that `create api` is about, as it shall be.

use anyhow::Result;

use super::super::exit::Stop;
use super::Args;
use super::wanted::Wanted;
use crate::project::{Api, Controller, Project, Resource, Types};
use crate::resource::{Plural, ResourceKey};

/// The resource of `key` as the flags want it, of what is there already.
pub(super) fn resource(
    args: &Args,
    project: &Project,
    key: &ResourceKey,
    wanted: &Wanted,
) -> Result<Resource> {
    let existing = project.resource(key);
    refuse_nothing(key, existing, wanted)?;
    let resource = match existing {
        Some(existing) if !wanted.resource => existing.clone(),
        _ => own(args, project, key)?,
    };
    match wanted.controller(key) {
        Some(controller) => {
            refuse_collision(project, &resource, &controller, wanted)?;
            Ok(resource.with_controller(controller))
        }
        None => Ok(resource),
    }
}

fn refuse_nothing(key: &ResourceKey, existing: Option<&Resource>, wanted: &Wanted) -> Result<()> {
    if wanted.resource || existing.is_some() {
        return Ok(());
    }
    if !wanted.controller {
        return Err(Stop::usage(
            "neither a resource nor a controller is asked for, so there is nothing to create",
        ));
    }
    Err(Stop::usage(format!(
        "`{key}` is no kind of this project\nhelp: create its types too, with `--resource`"
    )))
}

/// A kind whose types are part of the project.
fn own(args: &Args, project: &Project, key: &ResourceKey) -> Result<Resource> {
    let existing = project.resource(key);
    let relative = existing.or_else(|| project.versions_of(key).next());
    let plural = match (&args.plural, relative) {
        (Some(plural), _) => plural.clone(),
        (None, Some(known)) => known.plural.clone(),
        (None, None) => Plural::of(key.kind())?,
    };
    key.crd_name(&plural)?;
    let scope = relative.and_then(Resource::api).map(|api| api.namespaced);
    let namespaced = args.namespaced.or(scope).unwrap_or(true);
    let types = Types::Own(Api::new(namespaced));
    let Some(existing) = existing else {
        return Ok(Resource::new(key.clone(), plural, types));
    };
    let mut wanted = existing.clone().with_types(types);
    wanted.plural = plural;
    refuse_silent_change(args, existing, &wanted)?;
    Ok(wanted)
}

/// kubebuilder's rules: who has controllers with names says which one is meant,
/// and a kind has one controller that is called after it, whatever its versions.
fn refuse_collision(
    project: &Project,
    resource: &Resource,
    controller: &Controller,
    wanted: &Wanted,
) -> Result<()> {
    let kind = resource.key.kind();
    let lower = kind.lower();
    let has = |controllers: &[Controller]| controllers.contains(&Controller::Default);
    if wanted.name.is_none() && !resource.controllers.is_empty() && !has(&resource.controllers) {
        return Err(Stop::usage(format!(
            "`{kind}` has controllers with names, and this one has none\nhelp: say `--controller-name {lower}` for the kind's own, or another name"
        )));
    }
    let mut others = project.versions_of(&resource.key);
    let other = others.find(|other| other.key != resource.key && has(&other.controllers));
    match other {
        Some(other) if *controller == Controller::Default => Err(Stop::usage(format!(
            "`{kind}` has a controller already, with version `{}`, and a kind has one that is called after it\nhelp: add the version with `--controller=false`; the controller is yours to move to it. Or name another: `--controller-name {lower}-{}`",
            other.key.version(),
            resource.key.version()
        ))),
        _ => Ok(()),
    }
}

/// Another plural or scope for a kind that is there changes what is deployed: only when told so.
fn refuse_silent_change(args: &Args, existing: &Resource, wanted: &Resource) -> Result<()> {
    let scope = |resource: &Resource| resource.api().map(|api| api.namespaced);
    let same = existing.plural == wanted.plural && scope(existing) == scope(wanted);
    if same || args.force {
        return Ok(());
    }
    Err(Stop::usage(format!(
        "`{}` is there already, with another plural or scope\nhelp: `--force` changes it; objects that are stored under the old name stay there",
        existing.key
    )))
}

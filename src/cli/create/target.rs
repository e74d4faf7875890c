//! The resource that `create api` is about, as it shall be.

use anyhow::Result;

use super::super::exit::Stop;
use super::Args;
use super::given_crd::GivenCrd;
use super::wanted::Wanted;
use crate::project::{Api, Controller, Project, Resource, Types};
use crate::resource::{BuiltinKind, Plural, ResourceKey};

/// The resource as the flags want it, of what is there already.
pub(super) fn resource(
    args: &Args,
    crd: Option<&GivenCrd<'_>>,
    project: &Project,
    wanted: &Wanted,
) -> Result<Resource> {
    let resource = match crd {
        Some(crd) => {
            refuse_serving(args, wanted)?;
            crd.resource(&args.key, project, args.force)?
        }
        None => without_controller(args, project, wanted)?,
    };
    let Some(controller) = wanted.controller(&resource.key) else {
        return Ok(resource);
    };
    refuse_collision(project, &resource, &controller, wanted)?;
    Ok(resource.with_controller(controller))
}

fn without_controller(args: &Args, project: &Project, wanted: &Wanted) -> Result<Resource> {
    refuse_serving(args, wanted)?;
    if args.external.is_given() {
        refuse_idle(wanted)?;
        refuse_scope(args)?;
        return args.external.of_crate.resource(
            &args.key,
            args.plural.as_ref(),
            project,
            args.force,
        );
    }
    let key = args.key.resolve(project, wanted.resource)?;
    if wanted.resource {
        return own(args, project, &key);
    }
    if let Some(existing) = project.resource(&key) {
        return Ok(existing.clone());
    }
    refuse_idle(wanted)?;
    let is_known = project.versions_of(&key).next().is_some();
    match args.key.builtin() {
        Ok(Some(builtin)) if is_known => Err(Stop::usage(format!(
            "`{key}` is no version of this project's kind, and `{}` of Kubernetes' own is not what this names\nhelp: create its types with `--resource`; for Kubernetes' own kind add `--domain ''`",
            builtin.kind
        ))),
        Ok(Some(builtin)) if !is_known => {
            refuse_scope(args)?;
            core(args.plural.as_ref(), builtin)
        }
        Err(error) if !is_known => Err(error),
        _ => Err(Stop::usage(format!(
            "`{key}` is no kind of this project, and none of Kubernetes' own\nhelp: create its types too, with `--resource`, or say which crate has them: `--external-api-path`"
        ))),
    }
}

/// A kind from elsewhere is there for the sake of its controller.
fn refuse_idle(wanted: &Wanted) -> Result<()> {
    if wanted.controller {
        return Ok(());
    }
    Err(Stop::usage(
        "neither a resource nor a controller is asked for, so there is nothing to create\nhelp: say `--controller`, or `--resource` for types of your own",
    ))
}

/// Scope is a property of the CRD, and the CRD is somebody else's.
fn refuse_scope(args: &Args) -> Result<()> {
    if args.namespaced.is_none() {
        return Ok(());
    }
    Err(Stop::usage(
        "`--namespaced` is about the CRD, and that of a kind from elsewhere is not made here\nhelp: leave it out",
    ))
}

/// How a version is stored and served is a property of the CRD as well.
fn refuse_serving(args: &Args, wanted: &Wanted) -> Result<()> {
    if wanted.resource || !args.serving.is_given() {
        return Ok(());
    }
    Err(Stop::usage(
        "`--storage`, `--served` and `--deprecated` are about the types and their CRD, and none are asked for\nhelp: say `--resource` for a kind of this project's, or leave them out",
    ))
}

/// A kind of Kubernetes' own.
pub(super) fn core(given: Option<&Plural>, builtin: &BuiltinKind) -> Result<Resource> {
    let plural = Plural::new(builtin.plural)?;
    match given {
        Some(other) if *other != plural => Err(Stop::usage(format!(
            "the plural of Kubernetes' `{}` is `{plural}`, not `{other}`\nhelp: leave `--plural` out",
            builtin.kind
        ))),
        _ => Ok(Resource::new(builtin.key()?, plural, Types::Core)),
    }
}

/// A kind whose types are part of the project.
fn own(args: &Args, project: &Project, key: &ResourceKey) -> Result<Resource> {
    let existing = project.resource(key);
    refuse_elsewhere(project, key)?;
    let relative = existing.or_else(|| project.versions_of(key).next());
    let plural = match (&args.plural, relative) {
        (Some(plural), _) => plural.clone(),
        (None, Some(known)) => known.plural.clone(),
        (None, None) => Plural::of(key.kind())?,
    };
    key.crd_name(&plural)?;
    let scope = relative.and_then(Resource::api).map(|api| api.namespaced);
    let namespaced = args.namespaced.or(scope).unwrap_or(true);
    let mut api = Api::new(namespaced);
    let known = existing
        .and_then(Resource::api)
        .map(|api| api.fields.clone());
    let known_api = existing.and_then(Resource::api);
    args.serving.apply(&mut api, known_api);
    let fields = known.unwrap_or_default().with(&args.field, args.force);
    api.fields = fields.map_err(|error| Stop::usage(error.to_string()))?;
    let types = Types::Own(api);
    let Some(existing) = existing else {
        return Ok(Resource::new(key.clone(), plural, types));
    };
    let mut wanted = existing.clone().with_types(types);
    wanted.plural = plural;
    refuse_silent_change(args, existing, &wanted)?;
    Ok(wanted)
}

/// A kind has its types from one place.
fn refuse_elsewhere(project: &Project, key: &ResourceKey) -> Result<()> {
    let mut versions = project.versions_of(key);
    let Some(known) = versions.find(|version| !version.is_own()) else {
        return Ok(());
    };
    Err(Stop::usage(format!(
        "`{}` is there already, with a type from elsewhere\nhelp: take it away first, with `rustop delete api`, or say `--resource=false`",
        known.key
    )))
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
    // A kind of another spelling is another kind, and clashes on its own account.
    let other = others.find(|other| {
        other.key != resource.key && other.key.kind() == kind && has(&other.controllers)
    });
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
    let deployed = |resource: &Resource| {
        let api = resource.api();
        api.map(|api| (api.namespaced, api.unserved, api.deprecated.clone()))
    };
    let is_moved = args.serving.storage && !existing.api().is_some_and(|api| api.storage);
    let same = existing.plural == wanted.plural && deployed(existing) == deployed(wanted);
    if (same && !is_moved) || args.force {
        return Ok(());
    }
    Err(Stop::usage(format!(
        "`{}` is there already, with another plural or scope, or served or stored in another way\nhelp: `--force` changes it; objects that are stored stay as they are",
        existing.key
    )))
}

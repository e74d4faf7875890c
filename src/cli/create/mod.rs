//! `rustop create api`.

mod external;
mod given_crd;
mod serving;
mod target;
mod wanted;
pub(super) mod webhook;

use anyhow::Result;
use clap::{Args as ClapArgs, Subcommand};

use super::api::KeyArgs;
use super::exit::Exit;
use super::global::GlobalArgs;
use super::session::{Session, Wish};
use super::{manifests, toggle};
use crate::project::{Project, Resource, Types};
use crate::resource::{ControllerName, Field, Plural};
use external::ExternalArgs;
use given_crd::GivenCrd;
use serving::ServingArgs;
use wanted::Wanted;

/// What can be created.
#[derive(Debug, Subcommand)]
pub(super) enum Create {
    Api(Args),
    Webhook(webhook::Args),
}

/// Add a kind: its types, its controller, its sample and its roles
#[derive(Clone, Debug, ClapArgs)]
#[command(mut_args(unless_in_crd))]
#[command(after_help = "\
Examples:
  rustop create api --group apps --version v1 --kind MyApp --resource --controller
  rustop create api --group apps --version v1 --kind Setting --resource --controller=false --namespaced=false
  rustop create api --group apps --version v1 --kind MyApp --controller --field replicas:int32=1,min=0 --field 'image:string,doc=What runs.'
  rustop create api --group apps --version v1 --kind MyApp --resource=false --controller-name myapp-backup
  rustop create api --group apps --version v1 --kind Deployment --resource=false --controller
  rustop create api --group factory --external-api-domain example.org --version v1 --kind Widget \\
    --controller --external-api-path widgets::v1 --external-api-module widgets@path=../widgets
  rustop create api --external-api-crd certificates.yaml --controller
  rustop create api --group apps --version v1 --kind MyApp --dry-run --diff")]
pub(super) struct Args {
    #[command(flatten)]
    key: KeyArgs,
    #[command(flatten)]
    external: ExternalArgs,
    /// The plural, where the English rule does not fit
    #[arg(long)]
    plural: Option<Plural>,
    /// Objects live in a namespace; `=false` for cluster-scoped ones
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = toggle::parser())]
    namespaced: Option<bool>,
    /// Write the types and the CRD [default: ask on a terminal]
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = toggle::parser())]
    resource: Option<bool>,
    /// A field of the spec, repeatable: `replicas:int32=1,min=0`, `tags:[]string?`,
    /// `storage.size:quantity`; implies `--resource`
    ///
    /// Types: string, bool, int32, int64, quantity, int-or-string, duration, date-time,
    /// byte, local-object-reference, object-reference, secret-key-selector,
    /// config-map-key-selector, any, object; `[]` or `map[string]` before one of them.
    /// Names: `a.b` lies in the object `a`, `a[].b` in each item of a list, `a{}.b` in
    /// each entry of a map. `?` makes it optional. Options: min=, max=, pattern=,
    /// enum=a|b, format=, unique, key=, immutable, example=, doc=. A value that holds a
    /// comma stands in double quotes.
    #[arg(long, value_name = "NAME:TYPE[?][=DEFAULT][,OPTION…]")]
    field: Vec<Field>,
    #[command(flatten)]
    serving: ServingArgs,
    /// Write a controller [default: ask on a terminal]
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = toggle::parser())]
    controller: Option<bool>,
    /// The name of the controller, where a kind has several; implies `--controller`
    #[arg(long, value_name = "NAME")]
    controller_name: Option<ControllerName>,
    /// Taken for kubebuilder's sake: server-side apply is how `runtime::apply` writes anyway
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = toggle::parser())]
    ssa: Option<bool>,
    /// Change the settings of a kind that is there; files are merged, never overwritten
    #[arg(long)]
    force: bool,
    /// Run `make manifests` afterwards
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "false", value_parser = toggle::parser())]
    make: bool,
}

pub(super) fn run(args: &Args, global: &GlobalArgs) -> Result<Exit> {
    let mut session = Session::open(std::path::Path::new("."), global)?;
    let found = session.project()?;
    let wanted = Wanted::of(args)?;
    let crd = args.external.crd.as_deref();
    let crd = crd
        .map(|file| GivenCrd::read(file, &args.key))
        .transpose()?;
    let args = &completed(args, crd.as_ref(), &found.project)?;
    let resource = target::resource(args, crd.as_ref(), &found.project, &wanted)?;
    if let Some(crd) = &crd {
        session.brought = crd.copy(&resource)?;
    }
    let mut project = found.project.with_resource(resource.clone())?;
    if args.serving.storage {
        project = project.with_stored(&resource.key)?;
    }
    let exit = session.fulfil(&Wish {
        command: "create api",
        found: Some(&found),
        wanted: &project,
        force: false,
        notes: notes(args, crd.as_ref(), &project, &resource),
        next: next_steps(&project, &resource, &wanted),
    })?;
    drop(session);
    if args.make && !global.dry_run {
        manifests::make(global)
    } else {
        Ok(exit)
    }
}

/// Who gives a CRD need not say what stands in it.
fn unless_in_crd(argument: clap::Arg) -> clap::Arg {
    match argument.get_id().as_str() {
        "api_version" | "kind" => argument
            .required(false)
            .required_unless_present("external_api_crd"),
        _ => argument,
    }
}

/// The arguments, with what a CRD fills in.
fn completed(args: &Args, crd: Option<&GivenCrd<'_>>, project: &Project) -> Result<Args> {
    let mut args = args.clone();
    if let Some(crd) = crd {
        args.key = crd.complete(&args.key, project, args.external.domain())?;
    }
    Ok(args)
}

fn notes(
    args: &Args,
    crd: Option<&GivenCrd<'_>>,
    project: &Project,
    resource: &Resource,
) -> Vec<String> {
    let mut notes = external::notes(resource);
    let key = &resource.key;
    if args.force {
        notes.push("`--force` overwrites nothing: what you wrote is merged".to_owned());
    }
    if args.ssa.is_some() {
        notes.push("`--ssa` changes nothing: `runtime::apply` writes with server-side apply, and needs no generated types".to_owned());
    }
    let by_crd = crd.is_some_and(GivenCrd::is_cluster_scoped);
    if project.namespaced && (by_crd || is_cluster_scoped(resource)) {
        notes.push(format!(
            "`{}` is cluster-scoped, and the manager's rights end at its namespaces: give it a ClusterRole by hand",
            key.kind()
        ));
    }
    if resource.is_own() && key.is_protected() {
        notes.push(format!(
            "`{}` is one of Kubernetes' own groups: the API server wants the annotation `api-approved.kubernetes.io` on the CRD",
            key.qualified_group()
        ));
    }
    notes
}

/// Whether the objects are known to live in no namespace.
fn is_cluster_scoped(resource: &Resource) -> bool {
    match &resource.types {
        Types::Own(api) => !api.namespaced,
        Types::Core => resource
            .builtin()
            .is_some_and(|builtin| !builtin.namespaced),
        Types::Crate(_) | Types::Crd => false,
    }
}

fn next_steps(project: &Project, resource: &Resource, wanted: &Wanted) -> Vec<String> {
    let mut steps = Vec::new();
    let key = &resource.key;
    if wanted.resource {
        steps.push(format!("edit {}", project.types_path(key)));
    }
    if let Some(controller) = wanted.controller(key) {
        let path = project.controller_path(key, &controller);
        steps.push(format!("edit {path}"));
    }
    steps.push("make manifests".to_owned());
    steps.push("make test".to_owned());
    steps
}

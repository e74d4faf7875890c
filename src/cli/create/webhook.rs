//! `rustop create webhook`.

use anyhow::Result;
use clap::Args as ClapArgs;

use super::super::api::KeyArgs;
use super::super::certificates::CertificatesArgs;
use super::super::exit::{Exit, Stop};
use super::super::global::GlobalArgs;
use super::super::session::{Session, Wish};
use super::super::{manifests, spoke, toggle};
use super::external::{self, CrateArgs};
use super::target;
use crate::project::{Admission, Project, Resource, Types, Webhooks};
use crate::resource::{Plural, Version, WebhookPath};

/// Add webhooks to a kind: handlers that default or validate, conversions between its versions
#[derive(Clone, Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  rustop create webhook --group apps --version v1 --kind MyApp --defaulting --programmatic-validation
  rustop create webhook --group apps --version v1 --kind MyApp --conversion --spoke v2,v3
  rustop create webhook --group core --version v1 --kind Pod --defaulting
  rustop create webhook --group apps --version v1 --kind MyApp --defaulting --certificates builtin
  rustop create webhook --group apps --version v1 --kind MyApp --programmatic-validation --dry-run --diff")]
pub(in crate::cli) struct Args {
    #[command(flatten)]
    key: KeyArgs,
    #[command(flatten)]
    external: CrateArgs,
    /// The plural of a kind from elsewhere, where the English rule does not fit
    #[arg(long)]
    plural: Option<Plural>,
    /// A handler that fills in what the user left out
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "false", value_parser = toggle::parser())]
    defaulting: bool,
    /// A handler that refuses what is wrong
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "false", value_parser = toggle::parser())]
    programmatic_validation: bool,
    /// Conversions: this version is the hub, from and to which `--spoke` are converted
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "false", value_parser = toggle::parser())]
    conversion: bool,
    /// The other versions of the kind that are converted, repeatable or with commas
    #[arg(long, value_name = "VERSION", value_delimiter = ',', value_parser = spoke::parse)]
    spoke: Vec<Version>,
    /// Where defaulting is reached [default: kubebuilder's path]
    #[arg(long, value_name = "PATH", requires = "defaulting")]
    defaulting_path: Option<WebhookPath>,
    /// Where validation is reached [default: kubebuilder's path]
    #[arg(long, value_name = "PATH", requires = "programmatic_validation")]
    validation_path: Option<WebhookPath>,
    #[command(flatten)]
    certificates: CertificatesArgs,
    /// Change the path of a webhook that is there; files are merged, never overwritten
    #[arg(long)]
    force: bool,
    /// Run `make manifests` afterwards
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", default_value = "false", value_parser = toggle::parser())]
    make: bool,
}

pub(in crate::cli) fn run(args: &Args, global: &GlobalArgs) -> Result<Exit> {
    let session = Session::open(std::path::Path::new("."), global)?;
    let found = session.project()?;
    let before = resource(args, &found.project)?;
    let wanted = wanted(args, &before)?;
    let mut resource = before.clone();
    resource.webhooks = before.webhooks.with(&wanted);
    let project = changed(args, &found.project, &before, &resource)?;
    let exit = session.fulfil(&Wish {
        command: "create webhook",
        found: Some(&found),
        wanted: &project,
        force: false,
        notes: notes(args, &found.project, &project, &before, &resource),
        next: next_steps(&project, &resource, &wanted),
    })?;
    drop(session);
    if args.make && !global.dry_run {
        manifests::make(global)
    } else {
        Ok(exit)
    }
}

/// The kind that is meant: of this project, Kubernetes' own, or a crate's.
fn resource(args: &Args, project: &Project) -> Result<Resource> {
    if args.external.is_given() {
        let plural = args.plural.as_ref();
        return args
            .external
            .resource(&args.key, plural, project, args.force);
    }
    let key = args.key.resolve(project, false)?;
    if let Some(existing) = project.resource(&key) {
        return match &args.plural {
            Some(plural) if *plural != existing.plural => Err(Stop::usage(format!(
                "the plural of `{key}` is `{}`, not `{plural}`\nhelp: leave `--plural` out, or change it with `rustop create api … --plural {plural} --force`",
                existing.plural
            ))),
            _ => Ok(existing.clone()),
        };
    }
    let is_known = project.versions_of(&key).next().is_some();
    let builtin = match is_known {
        true => None,
        false => args.key.builtin()?,
    };
    match builtin {
        Some(builtin) => target::core(args.plural.as_ref(), builtin),
        None => Err(Stop::usage(format!(
            "`{key}` is no kind of this project, and none of Kubernetes' own\nhelp: create it first: `rustop create api --group {} --version {} --kind {}`; or say which crate has its type: `--external-api-path`",
            key.shown_group(),
            key.version(),
            key.kind()
        ))),
    }
}

/// The webhooks that the flags ask for.
fn wanted(args: &Args, before: &Resource) -> Result<Webhooks> {
    let is_hub = before.webhooks.conversion;
    let asks_for_spokes = !args.spoke.is_empty();
    if asks_for_spokes && !args.conversion && !is_hub {
        return Err(Stop::usage(format!(
            "`--spoke` names versions that are converted, and `{}` is no hub\nhelp: make it one with `--conversion`",
            before.key.version()
        )));
    }
    if !(args.defaulting || args.programmatic_validation || args.conversion || asks_for_spokes) {
        return Err(Stop::usage(
            "no kind of webhook is asked for\nhelp: say at least one of `--defaulting`, `--programmatic-validation` and `--conversion`",
        ));
    }
    let mut spokes = args.spoke.clone();
    spokes.sort();
    let mut pairs = spokes.iter().zip(spokes.iter().skip(1));
    if let Some((twice, _)) = pairs.find(|(one, next)| one == next) {
        return Err(Stop::usage(format!(
            "`--spoke` names `{twice}` twice\nhelp: name each version once"
        )));
    }
    let admission =
        |asked: bool, path: &Option<WebhookPath>| asked.then(|| Admission { path: path.clone() });
    let mut wanted = Webhooks::default();
    wanted.defaulting = admission(args.defaulting, &args.defaulting_path);
    wanted.validation = admission(args.programmatic_validation, &args.validation_path);
    wanted.conversion = args.conversion;
    wanted.spokes = spokes;
    refuse_silent_move(args, before, &wanted)?;
    Ok(wanted)
}

/// Another path for a webhook that is there needs the marker in its file to follow; where
/// it does not, `manifests::unserved` says so.
fn refuse_silent_move(args: &Args, before: &Resource, wanted: &Webhooks) -> Result<()> {
    let here = &before.webhooks;
    for (prefix, here, wanted) in [
        ("mutate", &here.defaulting, &wanted.defaulting),
        ("validate", &here.validation, &wanted.validation),
    ] {
        let (Some(here), Some(wanted)) = (here, wanted) else {
            continue;
        };
        let (old, new) = (
            before.webhook_path(prefix, here),
            before.webhook_path(prefix, wanted),
        );
        if wanted.path.is_some() && old != new && !args.force {
            return Err(Stop::usage(format!(
                "this webhook of `{}` is reached under `{old}`\nhelp: `--force` changes it to `{new}`",
                before.key
            )));
        }
    }
    Ok(())
}

/// A kind has one hub.
fn refuse_second_hub(project: &Project, resource: &Resource) -> Result<()> {
    let mut versions = project.versions_of(&resource.key);
    let hub = versions.find(|one| one.webhooks.conversion && one.key != resource.key);
    match hub {
        Some(hub) if resource.webhooks.conversion => Err(Stop::usage(format!(
            "`{0}` is the hub of this kind\nhelp: give it spokes, with `--version {0} --spoke …`; or take it away first, with `rustop delete webhook --conversion`",
            hub.key.version()
        ))),
        _ => Ok(()),
    }
}

/// The project with the webhooks. Objects are stored as their hub from when there is one.
fn changed(
    args: &Args,
    project: &Project,
    before: &Resource,
    resource: &Resource,
) -> Result<Project> {
    refuse_second_hub(project, resource)?;
    let mut changed = project.with_resource(resource.clone())?;
    if resource.webhooks.conversion && !before.webhooks.conversion {
        changed = changed.with_stored(&resource.key)?;
    }
    changed.certificates = args.certificates.or(project.certificates);
    Ok(changed)
}

fn notes(
    args: &Args,
    found: &Project,
    project: &Project,
    before: &Resource,
    resource: &Resource,
) -> Vec<String> {
    let mut notes = external::notes(resource);
    let (key, webhooks) = (&resource.key, &resource.webhooks);
    if args.force {
        notes.push("`--force` overwrites nothing: what you wrote is merged".to_owned());
    }
    if resource.types == Types::Core && before.webhooks != *webhooks {
        notes.push(format!(
            "the API server asks before it stores any `{}`, those of this operator too, and its Pods cannot start while nobody answers: keep them out with `patch` and a `namespaceSelector` in the marker, or with `failurePolicy=ignore`",
            key.kind()
        ));
    }
    if webhooks.conversion {
        notes.extend(conversion_notes(found, project, resource));
    }
    if project.namespaced && before.webhooks != *webhooks {
        notes.push(
            "the webhooks answer for the objects of all namespaces, whatever the manager watches"
                .to_owned(),
        );
    }
    notes
}

fn conversion_notes(found: &Project, project: &Project, hub: &Resource) -> Vec<String> {
    let key = &hub.key;
    let mut notes = Vec::new();
    let was_stored = |one: &&Resource| one.api().is_some_and(|api| api.storage);
    let stored = found.versions_of(key).find(was_stored);
    if let Some(stored) = stored.filter(|stored| stored.key != *key)
        && project
            .resource(key)
            .and_then(Resource::api)
            .is_some_and(|api| api.storage)
    {
        notes.push(format!(
            "objects are stored as `{}` from now on, the hub; those stored as `{}` stay as they are until they are written again",
            key.version(),
            stored.key.version()
        ));
    }
    if hub.webhooks.spokes.is_empty() {
        notes.push(format!(
            "`{}` has no spokes yet, so nothing is converted: name the other versions with `--spoke`",
            key.version()
        ));
        return notes;
    }
    let left_out = project.unconverted(hub);
    if !left_out.is_empty() {
        let versions: Vec<&str> = left_out.iter().map(|version| version.as_str()).collect();
        notes.push(format!(
            "`{}` of `{}` is neither hub nor spoke, so its objects can't be converted: add it with `--spoke`",
            versions.join("`, `"),
            key.kind()
        ));
    }
    notes
}

fn next_steps(project: &Project, resource: &Resource, wanted: &Webhooks) -> Vec<String> {
    let key = &resource.key;
    let handlers = wanted.handlers();
    let edit = |(_, name, _)| format!("edit {}", project.handler_path(key, name));
    let mut steps: Vec<String> = handlers.map(edit).collect();
    for spoke in &wanted.spokes {
        let mut versions = project.versions_of(key);
        if let Some(spoke) = versions.find(|one| one.key.version() == spoke) {
            steps.push(format!("edit {}", project.conversion_path(&spoke.key)));
        }
    }
    steps.push("make manifests".to_owned());
    steps.push("make test".to_owned());
    steps
}

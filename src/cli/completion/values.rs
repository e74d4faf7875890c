//! Values that no parser knows: the groups, versions and kinds of the project at
//! hand, and releases of Kubernetes.

use std::collections::BTreeSet;
use std::ffi::OsString;

use clap::Command;
use clap_complete::engine::{ArgValueCandidates, CompletionCandidate};

use super::bash;
use crate::controlplane::KUBERNETES;
use crate::disk::Root;
use crate::project::{Controller, Project, ProjectFile, Resource};
use crate::resource::{Kind, Version};

type Values = fn(&Request) -> BTreeSet<String>;

/// The argument of a command, by clap's names, and its values.
const VALUES: [(&[&str], &str, Values); 19] = [
    (&["create", "api"], "group", groups),
    (&["create", "api"], "api_version", new_versions),
    (&["create", "api"], "kind", kinds),
    (&["delete", "api"], "group", groups),
    (&["delete", "api"], "api_version", versions),
    (&["delete", "api"], "kind", kinds),
    (&["delete", "api"], "controller_name", controllers),
    (&["create", "webhook"], "group", groups),
    (&["create", "webhook"], "api_version", versions),
    (&["create", "webhook"], "kind", kinds),
    (&["create", "webhook"], "spoke", versions),
    (&["delete", "webhook"], "group", groups),
    (&["delete", "webhook"], "api_version", versions),
    (&["delete", "webhook"], "kind", kinds),
    (&["delete", "webhook"], "spoke", versions),
    (&["envtest", "use"], "version", releases),
    (&["envtest", "path"], "version", releases),
    (&["envtest", "run"], "version", releases),
    (&["envtest", "cleanup"], "version", releases),
];

/// The command line with completers for those arguments.
pub(super) fn added(mut command: Command, words: &[OsString]) -> Command {
    let words = bash::joined(words);
    for (path, argument, values) in VALUES {
        let words = words.clone();
        let candidates = ArgValueCandidates::new(move || {
            let values = values(&Request::new(words.clone()));
            values.into_iter().map(CompletionCandidate::new).collect()
        });
        command = with(command, path, argument, candidates);
    }
    command
}

fn with(
    command: Command,
    path: &[&str],
    argument: &str,
    candidates: ArgValueCandidates,
) -> Command {
    match path.split_first() {
        None => command.mut_arg(argument, |argument| argument.add(candidates)),
        Some((first, rest)) => {
            command.mut_subcommand(first, |below| with(below, rest, argument, candidates))
        }
    }
}

/// A line that is being typed, in a folder.
struct Request {
    words: Vec<String>,
    project: Option<Project>,
}

impl Request {
    fn new(words: Vec<String>) -> Self {
        Self {
            words,
            project: project(),
        }
    }

    /// What the project has, as far as the flags so far allow.
    fn resources(&self) -> impl Iterator<Item = &Resource> {
        let resources = self.project.iter().flat_map(Project::resources);
        resources.filter(|resource| {
            let key = &resource.key;
            let is = |flag: &str, value: &str| self.value(flag).is_none_or(|given| given == value);
            (is("--group", key.group().as_str()) || is("--group", &key.qualified_group()))
                && is("--version", key.version().as_str())
                && is("--kind", key.kind().as_str())
        })
    }

    /// The value of a flag, when the line has it already: the word at its end is still being typed.
    fn value(&self, flag: &str) -> Option<&str> {
        let (_, complete) = self.words.split_last()?;
        let with_sign = complete
            .iter()
            .find_map(|word| word.strip_prefix(flag)?.strip_prefix('='));
        let apart = complete.iter().position(|word| word == flag);
        with_sign.or_else(|| complete.get(apart? + 1).map(String::as_str))
    }
}

/// A project that can't be read has no kinds to offer.
fn project() -> Option<Project> {
    let root = Root::open(std::path::Path::new(".")).ok()?;
    let file = root.read(&Project::path()).ok()??;
    Some(ProjectFile::parse(&file.bytes).ok()?.project)
}

fn groups(request: &Request) -> BTreeSet<String> {
    let groups = request
        .resources()
        .map(|resource| resource.key.group().to_string());
    groups.filter(|group| !group.is_empty()).collect()
}

fn kinds(request: &Request) -> BTreeSet<String> {
    let kinds = request.resources().map(|resource| resource.key.kind());
    kinds.map(Kind::to_string).collect()
}

fn versions(request: &Request) -> BTreeSet<String> {
    let versions = request.resources().map(|resource| resource.key.version());
    versions.map(Version::to_string).collect()
}

fn controllers(request: &Request) -> BTreeSet<String> {
    let names = |resource: &Resource| {
        let kind = resource.key.kind().lower();
        let name = move |controller: &Controller| match controller {
            Controller::Default => kind.clone(),
            Controller::Named(name) => name.to_string(),
        };
        resource.controllers.iter().map(name).collect::<Vec<_>>()
    };
    request.resources().flat_map(names).collect()
}

/// Those that are there, which may get a controller, and the usual ones.
fn new_versions(request: &Request) -> BTreeSet<String> {
    let usual = ["v1alpha1", "v1beta1", "v1", "v2"];
    versions(request)
        .into_iter()
        .chain(usual.map(str::to_owned))
        .collect()
}

/// The release that projects are built for, and the newest that is installed.
fn releases(_: &Request) -> BTreeSet<String> {
    let minor = KUBERNETES
        .rsplit_once('.')
        .map_or(KUBERNETES, |(minor, _)| minor);
    [minor, KUBERNETES, "latest"].map(str::to_owned).into()
}

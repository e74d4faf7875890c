//! `--group`, `--version` and `--kind`: which API a command is about.

use anyhow::Result;
use clap::Args;

use super::exit::Stop;
use crate::project::{Project, Resource};
use crate::resource::{BuiltinKind, Domain, Group, Kind, ResourceKey, Version};

/// The flags that name an API.
#[derive(Clone, Debug, Args)]
pub(super) struct KeyArgs {
    /// The group: `apps`, or in full `apps.example.com`
    #[arg(long)]
    group: Option<Group>,
    /// The domain of the group, where it is not the project's
    #[arg(long)]
    domain: Option<Domain>,
    /// The version, for example `v1alpha1`
    #[arg(
        id = "api_version",
        long = "version",
        value_name = "VERSION",
        required = true
    )]
    api_version: Option<Version>,
    /// The kind, in CamelCase
    #[arg(long, required = true)]
    pub(super) kind: Option<Kind>,
}

impl KeyArgs {
    /// The key of the API: of one that is there, or of a new one. Types of one's
    /// own are never meant for a kind from elsewhere.
    pub(super) fn resolve(&self, project: &Project, own_types: bool) -> Result<ResourceKey> {
        let meant = |resource: &&Resource| resource.api().is_some() || !own_types;
        if let Some(resource) = self.matching(project).find(meant) {
            return Ok(resource.key.clone());
        }
        self.key_in(self.domain.as_ref().unwrap_or(&project.domain))
    }

    /// The key of a kind from elsewhere: its group is given in full, or its domain beside it.
    pub(super) fn in_domain(
        &self,
        project: &Project,
        domain: Option<&Domain>,
    ) -> Result<ResourceKey> {
        let key = self.key_in(&domain.or(self.domain.as_ref()).cloned().unwrap_or_default())?;
        let same = |one: &&Resource| one.key.same_group_kind(&key);
        let mut known = project.resources().iter().filter(same);
        let known = known.find(|one| one.key.version() == key.version());
        Ok(known.map_or(key, |known| known.key.clone()))
    }

    /// The kind of Kubernetes' own that is meant, when Kubernetes has such a group.
    pub(super) fn builtin(&self) -> Result<Option<&'static BuiltinKind>> {
        let key = self.key_in(&self.domain.clone().unwrap_or_default());
        let group = key.map_or_else(
            |_| Ok(Group::default()),
            |key| Group::new(&key.qualified_group()),
        )?;
        let named = BuiltinKind::named(&group, self.version()?, self.kind()?);
        Ok(named.transpose()?)
    }

    fn key_in(&self, domain: &Domain) -> Result<ResourceKey> {
        Ok(ResourceKey::new(
            self.group_in(domain)?,
            domain.clone(),
            self.version()?.clone(),
            self.kind()?.clone(),
        )?)
    }

    /// These flags, with what a CRD says in place of what they leave out. `group`
    /// is the whole one.
    pub(super) fn completed(
        &self,
        domain: Option<&Domain>,
        group: &str,
        version: &str,
        kind: &str,
    ) -> Result<Self> {
        let domain = domain.or(self.domain.as_ref());
        let (first, rest) = match (&self.group, domain) {
            (Some(first), _) => (first.as_str(), group.strip_prefix(first.as_str())),
            (None, Some(domain)) => {
                let first = group.strip_suffix(domain.as_str()).unwrap_or(group);
                (first.trim_end_matches('.'), None)
            }
            (None, None) => {
                let first = group.split('.').next().unwrap_or(group);
                (first, group.strip_prefix(first))
            }
        };
        let rest = rest.and_then(|rest| rest.strip_prefix('.'));
        let domain = domain
            .cloned()
            .map_or_else(|| Domain::new(rest.unwrap_or_default()), Ok);
        let version = self
            .api_version
            .clone()
            .map_or_else(|| Version::new(version), Ok);
        let kind = self.kind.clone().map_or_else(|| Kind::new(kind), Ok);
        Ok(Self {
            group: Some(Group::new(first)?),
            domain: Some(domain?),
            api_version: Some(version?),
            kind: Some(kind?),
        })
    }

    fn version(&self) -> Result<&Version> {
        let missing = || Stop::usage("the version is missing\nhelp: say it with `--version`");
        self.api_version.as_ref().ok_or_else(missing)
    }

    fn kind(&self) -> Result<&Kind> {
        let missing = || Stop::usage("the kind is missing\nhelp: say it with `--kind`");
        self.kind.as_ref().ok_or_else(missing)
    }

    /// The key of an API that is there; an error names those that are.
    pub(super) fn find(&self, project: &Project) -> Result<ResourceKey> {
        let mut found = self.matching(project);
        match (found.next(), found.next()) {
            (Some(resource), None) => Ok(resource.key.clone()),
            (Some(_), Some(_)) => Err(Stop::usage(format!(
                "`{}` is a kind of several groups\nhelp: say which with `--group`, and `--domain` where that is not enough",
                self.kind()?
            ))),
            (None, _) => Err(Stop::usage(format!(
                "this project has no `{}` in version `{}`{}",
                self.kind()?,
                self.version()?,
                known(project)
            ))),
        }
    }

    /// The group without its domain; it may be given in full, as it stands in manifests.
    fn group_in(&self, domain: &Domain) -> Result<Group> {
        let group = self.group.clone().unwrap_or_default();
        let suffix = format!(".{domain}");
        match group.as_str().strip_suffix(&suffix) {
            Some(short) if !domain.is_empty() => Ok(Group::new(short)?),
            _ if suffix[1..] == *group.as_str() && group.as_str().contains('.') => {
                Ok(Group::default())
            }
            _ => Ok(group),
        }
    }

    fn matching<'a>(&'a self, project: &'a Project) -> impl Iterator<Item = &'a Resource> {
        let group = |key: &ResourceKey| match &self.group {
            Some(group) => group == key.group() || group.as_str() == key.qualified_group(),
            None => true,
        };
        let domain = |key: &ResourceKey| match &self.domain {
            Some(domain) => domain == key.domain(),
            None => true,
        };
        let named = move |key: &ResourceKey| {
            self.kind.as_ref() == Some(key.kind())
                && self.api_version.as_ref() == Some(key.version())
        };
        project.resources().iter().filter(move |resource| {
            named(&resource.key) && group(&resource.key) && domain(&resource.key)
        })
    }
}

fn known(project: &Project) -> String {
    let names: Vec<String> = project
        .resources()
        .iter()
        .map(|resource| format!("`{}`", resource.key))
        .collect();
    if names.is_empty() {
        return "\nhelp: it has no API yet; add one with `rustop create api`".to_owned();
    }
    format!("\nhelp: it has {}", names.join(", "))
}

//! `--group`, `--version` and `--kind`: which API a command is about.

use anyhow::Result;
use clap::Args;

use super::exit::Stop;
use crate::project::{Project, Resource, Types};
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
        let meant = |resource: &&Resource| resource.is_own() || !own_types;
        if let Some(resource) = self.matching(project).into_iter().find(meant) {
            return Ok(resource.key.clone());
        }
        let key = self.key_in(self.domain.as_ref().unwrap_or(&project.domain))?;
        as_known(project, key)
    }

    /// The key of a kind from elsewhere: its group is given in full, or its domain beside it.
    pub(super) fn in_domain(
        &self,
        project: &Project,
        domain: Option<&Domain>,
    ) -> Result<ResourceKey> {
        let domain = domain.or(self.domain.as_ref()).cloned();
        as_known(project, self.key_in(&domain.unwrap_or_default())?)
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
    /// is the whole one; where the project knows it, it is cut as there.
    pub(super) fn completed(
        &self,
        project: &Project,
        domain: Option<&Domain>,
        [group, version, kind]: [&str; 3],
    ) -> Result<Self> {
        let given = domain.or(self.domain.as_ref());
        let mut known = project.resources().iter().map(|resource| &resource.key);
        let known = known.find(|key| key.qualified_group() == group);
        let (first, domain) = match (&self.group, given, known) {
            (Some(first), Some(domain), _) => (first.clone(), domain.clone()),
            (None, Some(domain), _) => (before(group, domain)?, domain.clone()),
            (Some(first), None, _) if first.as_str() != group => {
                (first.clone(), after(group, first)?)
            }
            (_, None, Some(key)) => (key.group().clone(), key.domain().clone()),
            (Some(whole), None, None) => (whole.clone(), Domain::default()),
            (None, None, None) => {
                let first = Group::new(group.split('.').next().unwrap_or(group))?;
                let domain = after(group, &first)?;
                (first, domain)
            }
        };
        let version = self
            .api_version
            .clone()
            .map_or_else(|| Version::new(version), Ok);
        let kind = self.kind.clone().map_or_else(|| Kind::new(kind), Ok);
        Ok(Self {
            group: Some(first),
            domain: Some(domain),
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
        let found = self.matching(project);
        match found.as_slice() {
            [resource] => Ok(resource.key.clone()),
            [_, ..] => Err(Stop::usage(format!(
                "`{}` is a kind of several groups\nhelp: say the whole group, with `--domain`: {}",
                self.kind()?,
                whole_groups(&found)
            ))),
            [] => Err(Stop::usage(format!(
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

    /// The resources that the flags may mean, the project's own first.
    fn matching<'a>(&self, project: &'a Project) -> Vec<&'a Resource> {
        let named = |key: &ResourceKey| {
            self.kind.as_ref() == Some(key.kind())
                && self.api_version.as_ref() == Some(key.version())
        };
        let meant = |one: &&Resource| named(&one.key) && self.means_group(one);
        let mut found: Vec<_> = project.resources().iter().filter(meant).collect();
        found.sort_by_key(|resource| !resource.is_own());
        found
    }

    /// Is it the group of `resource` that `--group` and `--domain` say? With
    /// `--domain` they say it whole; Kubernetes' own may be given as in
    /// kubebuilder, and the one without a name as nothing.
    fn means_group(&self, resource: &Resource) -> bool {
        let key = &resource.key;
        let given = self.group.clone().unwrap_or_default();
        let short = given == *key.group();
        let nameless = given.is_empty() && key.group().as_str() == "core";
        match &self.domain {
            _ if resource.types == Types::Core && nameless => true,
            None => self.group.is_none() || short || given.as_str() == key.qualified_group(),
            Some(domain) if domain.is_empty() && resource.types == Types::Core && short => true,
            Some(domain) => {
                let whole = [given.as_str(), domain.as_str()];
                let whole: Vec<_> = whole.into_iter().filter(|part| !part.is_empty()).collect();
                whole.join(".") == key.qualified_group()
                    || (given.as_str() == key.qualified_group() && domain == key.domain())
            }
        }
    }
}

/// The key as the project has it: a group is cut into group and domain in one way.
fn as_known(project: &Project, key: ResourceKey) -> Result<ResourceKey> {
    let mut known = project.resources().iter().map(|resource| &resource.key);
    let same = |known: &&ResourceKey| known.qualified_group() == key.qualified_group();
    let Some(known) = known.find(same) else {
        return Ok(key);
    };
    let (group, domain) = (known.group().clone(), known.domain().clone());
    Ok(ResourceKey::new(
        group,
        domain,
        key.version().clone(),
        key.kind().clone(),
    )?)
}

/// The flags that tell resources apart.
fn whole_groups(found: &[&Resource]) -> String {
    let flags =
        |resource: &&Resource| format!("`--group {} --domain ''`", resource.key.qualified_group());
    found.iter().map(flags).collect::<Vec<_>>().join(", ")
}

/// What is left of a whole group before a domain.
fn before(group: &str, domain: &Domain) -> Result<Group> {
    let first = group.strip_suffix(domain.as_str()).unwrap_or(group);
    Ok(Group::new(first.trim_end_matches('.'))?)
}

/// What is left of a whole group after its first part.
fn after(group: &str, first: &Group) -> Result<Domain> {
    let rest = group.strip_prefix(first.as_str());
    let rest = rest.and_then(|rest| rest.strip_prefix('.'));
    Ok(Domain::new(rest.unwrap_or_default())?)
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

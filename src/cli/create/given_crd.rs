//! `--external-api-crd`: the CRD of somebody else that `create api` is given.
//!
//! What the flags leave out is filled in from it; what they say must agree.

use std::path::Path;

use anyhow::{Context as _, Result};

use super::super::api::KeyArgs;
use super::super::exit::Stop;
use super::super::external::Brought;
use crate::disk;
use crate::external::{self, Definition};
use crate::project::{Project, Resource, Types};
use crate::resource::{Domain, Plural};

/// One CRD of a file.
pub(super) struct GivenCrd<'a> {
    file: &'a Path,
    definition: Definition,
}

impl<'a> GivenCrd<'a> {
    /// Reads the file, and takes the CRD of the kind that is asked for.
    pub(super) fn read(file: &'a Path, key: &KeyArgs) -> Result<Self> {
        let text = disk::read_outside(file).context("failed to read `--external-api-crd`")?;
        let all = external::definitions(&text);
        let all = all.with_context(|| format!("failed to use `{}`", file.display()))?;
        let definition = chosen(file, all, key)?;
        Ok(Self { file, definition })
    }

    /// The flags that name the API, with what they leave out.
    pub(super) fn complete(&self, key: &KeyArgs, domain: Option<&Domain>) -> Result<KeyArgs> {
        let definition = &self.definition;
        let version = &definition.stored().name;
        let completed = key.completed(domain, &definition.group, version, &definition.kind);
        completed.with_context(|| format!("failed to use `{}`", self.file.display()))
    }

    /// The resource with the types of this CRD, of what is there already.
    pub(super) fn resource(
        &self,
        key: &KeyArgs,
        project: &Project,
        force: bool,
    ) -> Result<Resource> {
        let key = key.in_domain(project, None)?;
        let group = key.qualified_group();
        if group != self.definition.group {
            return Err(self.disagrees("group", &self.definition.group, &group));
        }
        self.definition
            .types(key.version().as_str())
            .with_context(|| format!("failed to use `{}`", self.file.display()))?;
        let plural = Plural::new(&self.definition.plural)?;
        match project.resource(&key) {
            Some(existing) => super::external::changed(existing, Types::Crd, plural, force),
            None => Ok(Resource::new(key, plural, Types::Crd)),
        }
    }

    /// The copy that the project keeps.
    pub(super) fn copy(&self, resource: &Resource) -> Result<Brought> {
        let path = super::super::external::kept_path(resource)?;
        Ok(Brought::from([(path, self.definition.text.clone())]))
    }

    /// Whether objects live in no namespace.
    pub(super) fn is_cluster_scoped(&self) -> bool {
        !self.definition.namespaced
    }

    fn disagrees(&self, what: &str, has: &str, wanted: &str) -> anyhow::Error {
        Stop::usage(format!(
            "the {what} in `{}` is `{has}`, not `{wanted}`\nhelp: leave it out, and it is taken from the file",
            self.file.display()
        ))
    }
}

/// The CRD of the kind that the flags name; the only one, where they name none.
fn chosen(file: &Path, all: Vec<Definition>, key: &KeyArgs) -> Result<Definition> {
    let file = file.display();
    let listed: Vec<String> = all.iter().map(|one| format!("`{}`", one.kind)).collect();
    let listed = listed.join(", ");
    let is_meant = |one: &Definition| {
        key.kind
            .as_ref()
            .is_none_or(|kind| kind.as_str() == one.kind)
    };
    let mut meant = all.into_iter().filter(is_meant);
    match (meant.next(), meant.next(), &key.kind) {
        (Some(one), None, _) => Ok(one),
        (None, _, Some(kind)) => Err(Stop::usage(format!(
            "`{file}` has no CRD of the kind `{kind}`\nhelp: it has {listed}"
        ))),
        (Some(_), Some(_), None) => Err(Stop::usage(format!(
            "`{file}` has several CRDs\nhelp: say which with `--kind`: {listed}"
        ))),
        _ => Err(Stop::usage(format!(
            "`{file}` has several CRDs of one kind\nhelp: give a file with the one that is meant"
        ))),
    }
}

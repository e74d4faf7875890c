//! What must hold among the resources of a project.

use std::collections::BTreeMap;

use super::{Controller, ExternalCrate, Project, ProjectError, Resource, Types};
use crate::resource::BuiltinKind;

pub(super) fn check(project: &Project) -> Result<(), ProjectError> {
    check_groups(project)?;
    let resources = project.resources();
    resources
        .windows(2)
        .try_for_each(|pair| check_neighbours(&pair[0], &pair[1]))?;
    check_crd_names(resources)?;
    check_types(project)?;
    check_places(resources)?;
    check_controllers(project)
}

/// kubebuilder's rule: one group in a single-group project, letter case aside.
/// Types from elsewhere do not count.
fn check_groups(project: &Project) -> Result<(), ProjectError> {
    let mut groups = own(project.resources());
    let Some(first) = groups.next() else {
        return Ok(());
    };
    match groups.find(|other| other.key.group() != first.key.group()) {
        Some(second) if !project.multigroup => Err(ProjectError::SecondGroup {
            first: first.key.group().to_string(),
            second: second.key.group().to_string(),
        }),
        _ => Ok(()),
    }
}

fn own(resources: &[Resource]) -> impl Iterator<Item = &Resource> {
    resources.iter().filter(|resource| resource.api().is_some())
}

fn check_neighbours(first: &Resource, second: &Resource) -> Result<(), ProjectError> {
    if first.key == second.key {
        return Err(ProjectError::Twice(format!("`{}`", first.key)));
    }
    if !first.same_kind(second) {
        return Ok(());
    }
    let disagree = |what| {
        Err(ProjectError::Disagree {
            kind: first.key.kind().to_string(),
            what,
        })
    };
    if first.plural != second.plural {
        return disagree("the plural");
    }
    let scope = |resource: &Resource| resource.api().map(|api| api.namespaced);
    match (scope(first), scope(second)) {
        (Some(one), Some(other)) if one != other => disagree("the scope"),
        _ => Ok(()),
    }
}

/// Two kinds cannot share a CRD's name: `<plural>.<group>`.
fn check_crd_names(resources: &[Resource]) -> Result<(), ProjectError> {
    let mut seen = BTreeMap::new();
    for resource in own(resources) {
        let kind = resource.key.kind().to_string();
        let crd = resource.crd_name();
        let first = seen.entry(crd.clone()).or_insert_with(|| kind.clone());
        if *first != kind {
            return Err(ProjectError::SamePlural {
                crd,
                kinds: [first.clone(), kind],
            });
        }
    }
    Ok(())
}

/// Who has which name.
#[derive(Default)]
struct Claims(BTreeMap<String, String>);

impl Claims {
    /// Who had the name before `owner` claimed it, when it was somebody else.
    fn claim(&mut self, name: &str, owner: &str) -> Result<(), [String; 2]> {
        let entry = self.0.entry(name.to_owned());
        let first = entry.or_insert_with(|| owner.to_owned());
        if *first == owner {
            return Ok(());
        }
        Err([first.clone(), owner.to_owned()])
    }
}

/// Two groups, or two kinds of a group, cannot share a module of the types crate.
fn check_types(project: &Project) -> Result<(), ProjectError> {
    let mut claims = Claims::default();
    let mut claim = |module: String, owner: &str| {
        let same = |names| ProjectError::SameModule {
            module: module.clone(),
            names,
        };
        claims.claim(&module, owner).map_err(same)
    };
    for resource in project.resources().iter().filter(|one| one.is_typed()) {
        let key = &resource.key;
        let (group, kind) = (key.group().module(), key.kind());
        claim(group.clone(), &key.qualified_group())?;
        claim(format!("{group}::{}", kind.module()), kind.as_str())?;
        // `pub use` brings the types of all kinds of a version together.
        for end in ["", "Spec", "Status"] {
            claim(format!("{group}::{kind}{end}"), kind.as_str())?;
        }
        claim(project.types_path(key), &key.to_string())?;
    }
    Ok(())
}

/// What is said to be Kubernetes' own is, and a crate is depended on in one way.
fn check_places(resources: &[Resource]) -> Result<(), ProjectError> {
    let mut claims = Claims::default();
    for resource in resources {
        match &resource.types {
            Types::Core if BuiltinKind::of(&resource.key).is_none() => {
                return Err(ProjectError::NotBuiltin(resource.key.to_string()));
            }
            Types::Crate(external) => check_dependency(external, &mut claims)?,
            _ => (),
        }
    }
    Ok(())
}

fn check_dependency(external: &ExternalCrate, claims: &mut Claims) -> Result<(), ProjectError> {
    let Some(module) = &external.module else {
        return Ok(());
    };
    if external.path.begins_in_ours() {
        return Err(ProjectError::TakenDependency(
            external.path.root().to_owned(),
        ));
    }
    let key = module.key(&external.path);
    let claimed = claims.claim(&key.replace('-', "_"), module.as_str());
    claimed.map_err(|modules| ProjectError::SameDependency { key, modules })
}

/// Two controllers cannot share a file, nor a name in the metrics.
fn check_controllers(project: &Project) -> Result<(), ProjectError> {
    let mut claims = Claims::default();
    for resource in project.resources() {
        for controller in &resource.controllers {
            let key = &resource.key;
            let owner = owner(resource, controller);
            let name = project.controller_name(key, controller);
            for name in [name, project.controller_path(key, controller)] {
                let same = |owners| ProjectError::SameController {
                    name: name.clone(),
                    owners,
                };
                claims.claim(&name, &owner).map_err(same)?;
            }
        }
    }
    Ok(())
}

/// Each version of a kind may say that it has the kind's own controller.
fn owner(resource: &Resource, controller: &Controller) -> String {
    let key = &resource.key;
    match controller {
        Controller::Default => format!("{} {}", key.qualified_group(), key.kind()),
        Controller::Named(name) => format!("{key} {name}"),
    }
}

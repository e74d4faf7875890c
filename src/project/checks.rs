//! What must hold among the resources of a project.

use std::collections::BTreeMap;

use super::{
    Api, Controller, ExternalCrate, Project, ProjectError, Resource, Types, webhook_checks,
};
use crate::resource::BuiltinKind;

pub(super) fn check(project: &Project) -> Result<(), ProjectError> {
    let resources = project.resources();
    if let Some(first) = own(resources).next() {
        own(resources).try_for_each(|other| check_group(project, first, other))?;
    }
    resources
        .windows(2)
        .try_for_each(|pair| check_neighbours(&pair[0], &pair[1]))?;
    check_cuts(resources)?;
    check_names_on_the_server(resources)?;
    check_types(project)?;
    check_places(resources)?;
    check_controllers(project)?;
    check_versions(resources)?;
    webhook_checks::check(project)
}

/// What is stored can be read.
fn check_versions(resources: &[Resource]) -> Result<(), ProjectError> {
    let hides = |api: &Api| api.storage && api.unserved;
    let hidden = own(resources).filter(|one| one.api().is_some_and(hides));
    // The API server allows it where another version is served.
    let mut lost = hidden.filter(|hidden| !own(resources).any(|one| serves(one, hidden)));
    match lost.next() {
        Some(lost) => Err(ProjectError::Unserved(lost.key.kind().to_string())),
        None => Ok(()),
    }
}

/// Is it a served version of the kind?
fn serves(resource: &Resource, kind: &Resource) -> bool {
    resource.same_kind(kind) && resource.api().is_some_and(|api| !api.unserved)
}

/// A resource that is added to those that are there: the error about a second
/// group names the one that is there first, whichever sorts first.
pub(super) fn check_wish(project: &Project, wanted: &Resource) -> Result<(), ProjectError> {
    let mut others = own(project.resources()).filter(|other| other.key != wanted.key);
    match others.next() {
        Some(there) if wanted.api().is_some() => check_group(project, there, wanted),
        _ => Ok(()),
    }
}

/// kubebuilder's rule: one group in a single-group project. Types from elsewhere do not count.
fn check_group(project: &Project, there: &Resource, other: &Resource) -> Result<(), ProjectError> {
    if project.multigroup || there.key.group() == other.key.group() {
        return Ok(());
    }
    Err(ProjectError::SecondGroup {
        first: there.key.shown_group(),
        second: other.key.shown_group(),
    })
}

fn own(resources: &[Resource]) -> impl Iterator<Item = &Resource> {
    resources.iter().filter(|resource| resource.api().is_some())
}

/// A group is cut into group and domain in one way, which makes the versions of a
/// kind neighbours, and the types of a kind are all in one place.
fn check_cuts(resources: &[Resource]) -> Result<(), ProjectError> {
    let mut cuts = Claims::default();
    let mut places = Claims::default();
    for resource in resources {
        let key = &resource.key;
        let cut = format!("group `{}`, domain `{}`", key.group(), key.domain());
        let group = key.qualified_group();
        let twice = |cuts| ProjectError::CutTwice {
            group: group.clone(),
            cuts,
        };
        cuts.claim(&group, &cut).map_err(twice)?;
        let kind = format!("{group} {}", key.kind());
        let place = if resource.is_own() {
            "own"
        } else {
            "elsewhere"
        };
        let disagree = |_| ProjectError::Disagree {
            kind: key.kind().to_string(),
            what: "where its types are",
        };
        places.claim(&kind, place).map_err(disagree)?;
    }
    Ok(())
}

fn check_neighbours(first: &Resource, second: &Resource) -> Result<(), ProjectError> {
    if first.key == second.key {
        return Err(ProjectError::Twice(format!("`{}`", first.key)));
    }
    if !first.same_kind(second) {
        return Ok(());
    }
    let kinds = [first, second].map(|one| one.key.kind().to_string());
    if kinds[0] != kinds[1] {
        return Err(ProjectError::SameName {
            name: first.key.kind().lower(),
            group: first.key.qualified_group(),
            kinds,
        });
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

/// Within a group a kind shares neither its plural nor its singular with another,
/// and neither its kind nor its list kind: the API server takes both CRDs, and
/// then serves one of them only (`NamesAccepted` is false for the other).
/// <https://github.com/kubernetes/apiextensions-apiserver/blob/master/pkg/controller/status/naming_controller.go>
fn check_names_on_the_server(resources: &[Resource]) -> Result<(), ProjectError> {
    let (mut crds, mut claims) = (Claims::default(), Claims::default());
    for resource in own(resources) {
        let (crd, kind) = (resource.crd_name(), resource.key.kind());
        let same = |kinds| ProjectError::SamePlural {
            crd: crd.clone(),
            kinds,
        };
        crds.claim(&crd, kind.as_str()).map_err(same)?;
        let group = resource.key.qualified_group();
        let plural = resource.plural.to_string();
        for name in [plural, kind.lower(), kind.to_string(), kind.list_kind()] {
            let same = |kinds| ProjectError::SameName {
                name: name.clone(),
                group: group.clone(),
                kinds,
            };
            let claim = format!("{name}.{group}");
            claims.claim(&claim, kind.as_str()).map_err(same)?;
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
        let version = format!("{group}::{}", key.version().module());
        claim(version.clone(), key.version().as_str())?;
        claim(format!("{version}::{}", kind.module()), kind.as_str())?;
        // `pub use` brings the types of all kinds of a version together.
        let (spec, status) = (format!("{kind}Spec"), format!("{kind}Status"));
        for name in [kind.type_name(), spec, status] {
            claim(format!("{version}::{name}"), kind.as_str())?;
        }
        claim(project.types_path(key), &key.to_string())?;
        check_fields(resource, |name| {
            claim(format!("{version}::{name}"), kind.as_str())
        })?;
    }
    Ok(())
}

/// Neither the kind nor the types of its fields take a name that these import.
fn check_fields(
    resource: &Resource,
    mut claim: impl FnMut(String) -> Result<(), ProjectError>,
) -> Result<(), ProjectError> {
    let Some(api) = resource.api().filter(|api| !api.fields.is_empty()) else {
        return Ok(());
    };
    let kind = resource.key.kind();
    let imported = api.fields.imported();
    let suffixes = api.fields.type_suffixes();
    let nested = ["Spec", "Status"].into_iter().chain(suffixes);
    let nested = nested.map(|suffix| format!("{kind}{suffix}"));
    for name in [kind.type_name()].into_iter().chain(nested) {
        if imported.contains(&name.as_str()) {
            let kind = kind.to_string();
            return Err(ProjectError::FieldType { kind, name });
        }
        if name.len() > TYPE_LENGTH {
            let kind = kind.to_string();
            return Err(ProjectError::LongFieldType { kind, name });
        }
        claim(name)?;
    }
    Ok(())
}

/// The longest name of a type that has a line of Rust to itself as the items of a map.
const TYPE_LENGTH: usize = 72;

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

/// Two controllers cannot share a file, nor a name in the metrics, nor, on one
/// kind, a condition or a finalizer.
fn check_controllers(project: &Project) -> Result<(), ProjectError> {
    let mut claims = Claims::default();
    for resource in project.resources() {
        for controller in &resource.controllers {
            let key = &resource.key;
            let owner = owner(resource, controller);
            let name = project.controller_name(key, controller);
            let path = project.controller_path(key, controller);
            let condition = controller.condition(key);
            let finalizer = controller.finalizer(key);
            let object = format!(" of {} {}", key.qualified_group(), key.kind());
            let object = object.as_str();
            for (name, of) in [
                (name, ""),
                (path, ""),
                (condition, object),
                (finalizer, object),
            ] {
                let same = |owners| ProjectError::SameController {
                    name: name.clone(),
                    owners,
                };
                let claim = format!("{name}{of}");
                claims.claim(&claim, &owner).map_err(same)?;
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

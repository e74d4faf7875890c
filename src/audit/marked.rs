//! What each marker gives the manager, and where it holds.

use super::Inputs;
use super::access::Access;
use super::bindings::{Bindings, Scope};
use super::findings::Place;
use super::rule::Rule;
use super::wording::Target;
use crate::markers::{self, Marker, Problem, Severity};

/// One marker's right.
#[derive(Clone, Debug)]
pub(super) struct Marked {
    pub(super) marker: Marker,
    pub(super) rule: Rule,
    /// The role that it goes into.
    pub(super) role: String,
    /// The namespace of that role, where the marker names one.
    pub(super) namespace: Option<String>,
    /// Where it holds; empty when nobody bound the manager to its role.
    pub(super) scopes: Vec<Scope>,
}

impl Marked {
    pub(super) fn place(&self) -> Place {
        Place {
            file: self.marker.file.clone(),
            line: self.marker.line,
        }
    }

    /// Whether it holds where this was asked for.
    pub(super) fn holds(&self, access: &Access, inputs: &Inputs<'_>) -> bool {
        let mut scopes = self.scopes.iter();
        scopes.any(|scope| scope.holds(access, inputs.home))
    }

    pub(super) fn allows(&self, access: &Access, inputs: &Inputs<'_>) -> bool {
        self.holds(access, inputs) && self.rule.allows(access)
    }

    /// What a marker in its place has to say about its role.
    pub(super) fn target(&self, inputs: &Inputs<'_>) -> Target<'_> {
        let is_given = self.role != inputs.role_name;
        Target {
            namespace: self.namespace.as_deref(),
            role: is_given.then_some(self.role.as_str()),
        }
    }
}

/// All RBAC markers of the sources.
pub(super) fn read(inputs: &Inputs<'_>, bindings: &Bindings) -> Result<Vec<Marked>, Vec<Problem>> {
    let (mut marked, mut problems) = (Vec::new(), Vec::new());
    for (path, source) in inputs.sources {
        let (found, _) = markers::scan(path, source);
        for marker in found.into_iter().filter(markers::rbac::is_rbac) {
            match markers::rbac::parse(&marker) {
                Ok(rule) => marked.push(of(marker, &rule, inputs, bindings)),
                Err(problem) => problems.push(problem),
            }
        }
    }
    let fails = |problem: &Problem| problem.severity == Severity::Error;
    if problems.iter().any(fails) {
        return Err(problems);
    }
    Ok(marked)
}

fn of(
    marker: Marker,
    rule: &markers::rbac::RbacRule,
    inputs: &Inputs<'_>,
    bindings: &Bindings,
) -> Marked {
    let granted = rule.role_name.as_deref().unwrap_or(inputs.role_name);
    // In a project for one namespace a marker without `namespace` gives a Role in it.
    let own = inputs.namespaced.then_some("");
    let place = rule.namespace.as_deref().or(own);
    Marked {
        scopes: bindings.scopes(place, granted, inputs.home),
        role: granted.to_owned(),
        namespace: rule.namespace.clone(),
        rule: Rule::from(rule),
        marker,
    }
}

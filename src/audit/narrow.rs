//! How little a proposed right may allow: names and a namespace, where the whole
//! record speaks for them.
//!
//! What a test asked for is an example. So a name counts only where the operator
//! never lists, watches or creates the resource, and asked for few objects by name;
//! a namespace, only where all that it asked of the resource lay in its own.

use std::collections::BTreeSet;

use super::Inputs;
use super::access::{Access, What};
use super::bindings::{Bindings, Scope};

/// Verbs of one object, whose name the API server knows when it judges.
const OF_ONE: [&str; 4] = ["delete", "get", "patch", "update"];

/// How many names are few.
const FEW: usize = 3;

/// The names to which the right to do this is kept.
pub(super) fn names(access: &Access, inputs: &Inputs<'_>) -> Vec<String> {
    let What::Resource { name, .. } = &access.what else {
        return Vec::new();
    };
    let is_named = !name.is_empty();
    let speaks_for = access.verb == "impersonate";
    match is_named && (speaks_for || asks_for_few(access, inputs)) {
        true => vec![name.clone()],
        false => Vec::new(),
    }
}

fn asks_for_few(access: &Access, inputs: &Inputs<'_>) -> bool {
    let mut names = BTreeSet::new();
    for other in same_resource(access, inputs) {
        let What::Resource { name, .. } = &other.what else {
            continue;
        };
        if name.is_empty() || !OF_ONE.contains(&other.verb.as_str()) {
            return false;
        }
        names.insert(name);
    }
    names.len() <= FEW
}

/// Whether a Role for the manager's own namespace is enough, and the manager is bound
/// to the one that markers give.
pub(super) fn is_at_home(access: &Access, inputs: &Inputs<'_>, bindings: &Bindings) -> bool {
    let deployed = Some(inputs.home.deployed.as_str());
    let bound = bindings.scopes(deployed, inputs.role_name, inputs.home);
    let mut all = same_resource(access, inputs);
    Scope::Home.holds(access, inputs.home)
        && !inputs.namespaced
        && bound.contains(&Scope::Home)
        && all.all(|other| Scope::Home.holds(other, inputs.home))
}

/// All that was asked of the same resource, with its parts.
fn same_resource<'a>(
    access: &'a Access,
    inputs: &'a Inputs<'_>,
) -> impl Iterator<Item = &'a Access> + 'a {
    let of = |access: &'a Access| match &access.what {
        What::Resource {
            group, resource, ..
        } => Some((group, resource.split('/').next())),
        What::Url(_) => None,
    };
    let wanted = of(access);
    let seen = inputs.record.seen.keys();
    seen.filter(move |other| wanted.is_some() && of(other) == wanted)
}

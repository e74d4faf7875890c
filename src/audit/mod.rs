//! Compares what an operator asked an API server for with what its roles allow.
//!
//! The record is the API server's own: its audit log, one line of JSON for each
//! request, from a test in which the operator may do everything. So one run
//! shows all rights that are missing, and not the first one only. What the roles
//! allow is judged as the API server judges it, by group, resource, verb, name
//! and namespace; the rights of the markers stay apart from those of the fixed
//! roles, because only a marker can be mended at its line.
//!
//! `access` is one thing to be allowed, `log` reads the record, `rule` says what
//! a rule allows, `bindings` which roles the manager has, `marked` what each
//! marker gives, `findings` compares, `wording` writes markers. Pure: text in,
//! findings out.

mod access;
mod bindings;
mod findings;
mod log;
mod marked;
mod narrow;
mod rule;
mod wording;

#[cfg(test)]
mod tests;

pub use access::{Access, What};
pub use bindings::{Bindings, Home};
pub use findings::{Findings, Missing, Place, Unjudged, Unneeded};
pub use log::{Record, Seen};

use crate::markers::Problem;
use crate::tree::RelativePath;

/// What is compared.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'a> {
    /// What the operator asked for.
    pub record: &'a Record,
    /// The manager's sources: its markers stand in them.
    pub sources: &'a [(RelativePath, String)],
    /// The manifests of the project, without the role that the markers give.
    pub manifests: &'a [(RelativePath, String)],
    /// The role that a marker without `roleName` belongs to.
    pub role_name: &'a str,
    /// Whether the manager watches one namespace only, so that it has Roles and
    /// no ClusterRole.
    pub namespaced: bool,
    /// Which namespaces of the record stand for the manager's own.
    pub home: &'a Home,
}

/// Compares the record with the rights.
///
/// # Errors
/// The markers that cannot be read: what they allow is not known.
pub fn compare(inputs: &Inputs<'_>) -> Result<Findings, Vec<Problem>> {
    let bindings = Bindings::read(inputs.manifests);
    let marked = marked::read(inputs, &bindings)?;
    Ok(findings::find(inputs, &bindings, &marked))
}

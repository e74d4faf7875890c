//! Names that hurt, and what becomes of each: it works, or is refused with the reason.
//!
//! The lists are for the fast ring, which asks whether a name is taken, and for
//! the slow ring, which compiles and deploys all that are.

mod entry;
mod groups;
mod kinds;
mod projects;
mod refused;
mod webhooks;

pub(crate) use entry::{Entry, project};
pub(crate) use groups::{controllers, groups, versions};
pub(crate) use kinds::kinds;
pub(crate) use projects::projects;
pub(crate) use webhooks::webhooks;

//! Admission and conversion webhooks: what the API server asks this process before it stores an object, or hands one
//! out in another version.
//!
//! [`Defaulter`] and [`Validator`] are for the objects of one kind, a [`Webhook`] holds them;
//! [`AdmissionHandler`] answers the requests as they come; [`Converter`] knows the versions of a kind. A
//! [`Manager`](crate::Manager) serves them over TLS, on every replica, before it fills its caches: what is listed there
//! may need our own conversion.
//!
//! Limits: a body of an admission has at most 7 MiB (the API server takes 3 MiB per request, and sends the old object
//! and the new one), one of a conversion 64 MiB (a list has no limit of its own). All that are being answered have at
//! most 32 MiB together, and those of conversions 64 MiB of their own, because a handler may read what is converted here
//! first: what comes beside that waits its turn. A handler has the time that the API server allows, less what the answer
//! needs; whoever takes longer is answered with HTTP 504, so that the configuration's `failurePolicy` decides. A panic is
//! an answer with code 500 and is counted.

pub mod field;

mod admission;
mod budget;
pub(crate) mod conversion;
mod defaulter;
mod options;
mod patch;
mod server;
mod service;
mod timeout;
mod typed;
mod validator;

pub use admission::{
    AdmissionHandler, AdmissionRequest, AdmissionResponse, Denied, Operation, Warnings,
};
pub use conversion::{ConversionError, Converter};
pub use defaulter::Defaulter;
pub use options::WebhookOptions;
pub use typed::{Webhook, mutate_path, validate_path};
pub use validator::Validator;

pub(crate) use admission::boxed;
#[cfg(any(test, feature = "testing"))]
pub(crate) use patch::apply as apply_patch;
#[cfg(any(test, feature = "testing"))]
pub(crate) use patch::difference;
#[cfg(any(test, feature = "testing"))]
pub(crate) use server::ListeningService;
pub(crate) use server::{WebhookServer, serve};
#[cfg(any(test, feature = "testing"))]
pub(crate) use typed::kind;

#[cfg(test)]
mod tests;

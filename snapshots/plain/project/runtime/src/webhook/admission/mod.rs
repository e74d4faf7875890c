//! Admission: what the API server asks about an object before it stores it, and what is answered.

mod denied;
mod handler;
mod request;
mod response;
mod review;

pub use denied::{Denied, Warnings};
pub use handler::AdmissionHandler;
pub use request::{AdmissionRequest, Operation};
pub use response::AdmissionResponse;

pub(crate) use handler::{BoxedHandler, boxed};
pub(crate) use review::{answer, read};

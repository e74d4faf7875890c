//! Conversion between the versions of a kind, with one of them as the hub.

mod converter;
mod error;
mod metadata;
mod partial;
mod review;

pub use converter::Converter;
pub use error::ConversionError;

pub(crate) use converter::{Convert, Converters};
pub(crate) use review::{answer, read};

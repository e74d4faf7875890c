//! The tree of a kind's fields, settled: what the scaffold reads.

use super::declaration::Presence;
use super::name::FieldName;
use super::options::Options;
use super::types::{Scalar, Shape};

/// A field with all that lies in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Its name.
    pub name: FieldName,
    /// How many values it holds.
    pub shape: Shape,
    /// What each value is.
    pub content: Content,
    /// Whether it must be given.
    pub presence: Presence,
    /// Its options.
    pub options: Options,
    /// What the kind's name is put in front of to name its Rust type: of an
    /// object with fields, or of an enum.
    pub type_suffix: String,
    /// An object that is known by its fields only.
    pub(super) is_implied: bool,
}

/// What a value is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// A value without fields of the user's.
    Scalar(Scalar),
    /// An object with these.
    Object(Vec<Node>),
}

impl Node {
    /// The fields of its objects.
    pub fn fields(&self) -> Option<&[Node]> {
        match &self.content {
            Content::Object(fields) => Some(fields),
            Content::Scalar(_) => None,
        }
    }

    /// What it is, unless an object with fields.
    pub fn scalar(&self) -> Option<Scalar> {
        match self.content {
            Content::Scalar(scalar) => Some(scalar),
            Content::Object(_) => None,
        }
    }

    /// Whether it is an enum, or a list or map of them.
    pub fn is_enum(&self) -> bool {
        !self.options.values.is_empty()
    }

    /// The default, as it was declared and as JSON.
    pub fn default(&self) -> Option<(&str, serde_json::Value)> {
        let Presence::Default(text) = &self.presence else {
            return None;
        };
        let value = super::value::parse(self.scalar()?, text).ok()?;
        Some((text, value))
    }

    /// Whether `min` and `max` count items.
    pub fn counts(&self) -> bool {
        self.shape != Shape::One
    }

    /// Whether Rust has a type of its own for it.
    pub fn has_own_type(&self) -> bool {
        self.is_enum() || self.fields().is_some()
    }
}

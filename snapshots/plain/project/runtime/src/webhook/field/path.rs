//! Where a field is.

use std::fmt;

/// The way to a field, from the object's root: `spec.containers[0].env[HOME]`.
///
/// ```
/// use rustop_runtime::webhook::field::Path;
///
/// let containers = Path::new("spec").child("containers");
/// assert_eq!(containers.index(1).child("image").to_string(), "spec.containers[1].image");
/// assert_eq!(Path::new("metadata").child("labels").key("app").to_string(), "metadata.labels[app]");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Path(String);

impl Path {
    /// A field of the object itself, `spec` for example.
    pub fn new(name: &str) -> Self {
        Self(name.to_owned())
    }

    /// A field of what is here.
    #[must_use]
    pub fn child(&self, name: &str) -> Self {
        Self(format!("{self}.{name}"))
    }

    /// An item of the list that is here, counted from zero.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        Self(format!("{self}[{index}]"))
    }

    /// A value of the map that is here.
    #[must_use]
    pub fn key(&self, key: &str) -> Self {
        Self(format!("{self}[{key}]"))
    }
}

impl fmt::Display for Path {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

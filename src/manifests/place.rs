//! A place in a CRD: which version, which field, and the text that is meant there.
//!
//! A problem is found in a CRD and mended in Rust, so each carries a place that
//! `types` can find in the sources. Nothing here knows Rust.

use std::fmt;

/// Where in a CRD something is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CrdPlace {
    /// The version; empty for the CRD as a whole.
    pub version: String,
    /// The way from the object to the schema.
    pub path: Vec<Step>,
    /// The text that an attribute holds: a rule, a JSON path, a pattern.
    pub literal: Option<String>,
}

/// One step down in a schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// A property.
    Field(String),
    /// From a list to its items.
    Items,
    /// From a map to its values.
    Values,
}

impl CrdPlace {
    /// The root of a version.
    pub(super) fn version(name: &str) -> Self {
        Self {
            version: name.to_owned(),
            ..Self::default()
        }
    }

    /// One step further down.
    pub(super) fn below(&self, step: Step) -> Self {
        let mut place = self.clone();
        place.path.push(step);
        place
    }

    /// A property of what is here.
    pub(super) fn field(&self, name: &str) -> Self {
        self.below(Step::Field(name.to_owned()))
    }

    /// The same place, of which this text is meant.
    pub(super) fn with_literal(&self, text: &str) -> Self {
        Self {
            literal: Some(text.to_owned()),
            ..self.clone()
        }
    }
}

impl fmt::Display for CrdPlace {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.version)?;
        for step in &self.path {
            match step {
                Step::Field(name) => write!(formatter, ".{name}")?,
                Step::Items => formatter.write_str("[]")?,
                Step::Values => formatter.write_str("[*]")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_as_a_path() {
        let place = CrdPlace::version("v1").field("spec").field("ports");
        let place = place.below(Step::Items).field("labels").below(Step::Values);
        assert_eq!(place.to_string(), "v1.spec.ports[].labels[*]");
    }
}

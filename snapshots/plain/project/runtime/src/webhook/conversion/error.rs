//! Why an object can't be converted.

/// Why an object can't be converted. The API server shows the text to whoever asked for the object; the object stays
/// as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConversionError {
    /// No converter was added for the kind.
    #[error("the kind `{kind}` of `{group}` has no converter; known are: {known}")]
    UnknownKind {
        /// The object's group.
        group: String,
        /// The object's kind.
        kind: String,
        /// The kinds that have one.
        known: String,
    },

    /// The converter of the kind doesn't know this version.
    #[error(
        "{object} can't be converted from `{from}` to `{to}`: `{unknown}` is unknown, known are: {known}; help: add it as a spoke of the converter"
    )]
    UnknownVersion {
        /// Kind, namespace and name.
        object: String,
        /// The object's version.
        from: String,
        /// The version that is wanted.
        to: String,
        /// Which of the two.
        unknown: String,
        /// The versions of the converter.
        known: String,
    },

    /// The object can't be read as the type of its version, or the type's conversion refused.
    #[error("{object} can't be converted from `{from}` to `{to}`: {reason}")]
    Failed {
        /// Kind, namespace and name.
        object: String,
        /// The object's version.
        from: String,
        /// The version that is wanted.
        to: String,
        /// What is wrong.
        reason: String,
    },

    /// Something that isn't an object was to be converted.
    #[error("item {index} has no `{field}`, so it is no object")]
    NoObject {
        /// Which item of the request, counted from zero.
        index: usize,
        /// What is missing.
        field: &'static str,
    },
}

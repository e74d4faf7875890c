//! A version in a list that somebody typed.

use crate::resource::{NameError, Version};

/// A version, whatever is around it: `--spoke 'v2, v3'`.
pub(super) fn parse(text: &str) -> Result<Version, NameError> {
    Version::new(text.trim())
}

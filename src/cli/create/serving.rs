//! How a version is served: stored, not at all, or with a warning.

use clap::Args;

use super::super::toggle;
use crate::project::{Api, Deprecated};

/// The flags for it. kubebuilder has markers in their place; here other versions
/// depend on them, so they stand in `PROJECT`.
#[derive(Clone, Debug, Args)]
pub(super) struct ServingArgs {
    /// Store objects in this version
    #[arg(long)]
    pub(super) storage: bool,
    /// Serve this version; `=false` for one that is only stored, or no longer used
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = toggle::parser())]
    served: Option<bool>,
    /// Warn whoever uses this version, in the API server's words or in these; `=false` ends it
    #[arg(long, value_name = "WARNING", num_args = 0..=1, require_equals = true, default_missing_value = "true", value_parser = deprecated)]
    deprecated: Option<Deprecation>,
}

/// Whether a version is deprecated, and with what words.
#[derive(Clone, Debug)]
struct Deprecation(Option<Deprecated>);

fn deprecated(text: &str) -> Result<Deprecation, String> {
    match text {
        "true" => Ok(Deprecation(Some(Deprecated::Usual))),
        "false" => Ok(Deprecation(None)),
        text => Deprecated::warning(text)
            .map(|warning| Deprecation(Some(warning)))
            .ok_or_else(|| "a warning has 1 to 256 printable characters".to_owned()),
    }
}

impl ServingArgs {
    /// Whether anything is said.
    pub(super) fn is_given(&self) -> bool {
        self.storage || self.served.is_some() || self.deprecated.is_some()
    }

    /// Changes what the flags say, and keeps the rest as it is.
    pub(super) fn apply(&self, api: &mut Api, known: Option<&Api>) {
        if let Some(known) = known {
            api.unserved = known.unserved;
            api.deprecated.clone_from(&known.deprecated);
        }
        if let Some(served) = self.served {
            api.unserved = !served;
        }
        if let Some(Deprecation(deprecated)) = &self.deprecated {
            api.deprecated.clone_from(deprecated);
        }
    }
}

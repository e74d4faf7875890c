//! What an API server takes and an operator's author surely did not mean.
//!
//! Each has a name, by which `rustop manifests --allow` accepts it; `--check`
//! fails on the others. What no API server takes has no name: it is an error.

use std::fmt;

use serde_json::Value;

use super::crd::text;
use super::place::CrdPlace;
use crate::markers::{Marker, Problem, Severity};
use crate::tree::RelativePath;

/// The name of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lint {
    /// Stored objects, or those who use them, do not fit the new CRD.
    BreakingChange,
    /// A print column, a scale path: nothing is there.
    UnknownPath,
    /// A rule runs over something that may have any length.
    UnboundedRule,
    /// A verb or a resource that Kubernetes' own groups do not have.
    UnknownRight,
    /// The code follows a kind that the role does not allow it to see.
    MissingRight,
    /// A webhook marker names a path where no handler is.
    UnservedPath,
    /// What the code or a marker asks for is in a version that nobody serves.
    UnservedVersion,
    /// Nothing that is deployed leads to the webhook of a marker.
    UndeployedWebhook,
}

impl Lint {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::BreakingChange,
        Self::UnknownPath,
        Self::UnboundedRule,
        Self::UnknownRight,
        Self::MissingRight,
        Self::UnservedPath,
        Self::UnservedVersion,
        Self::UndeployedWebhook,
    ];

    /// As `--allow` takes it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::BreakingChange => "breaking-change",
            Self::UnknownPath => "unknown-path",
            Self::UnboundedRule => "unbounded-rule",
            Self::UnknownRight => "unknown-right",
            Self::MissingRight => "missing-right",
            Self::UnservedPath => "unserved-path",
            Self::UnservedVersion => "unserved-version",
            Self::UndeployedWebhook => "undeployed-webhook",
        }
    }
}

/// One thing that is surely not meant so, with its place in the sources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What kind of thing it is.
    pub lint: Lint,
    /// What, where, and what to write instead.
    pub problem: Problem,
}

impl Lint {
    /// What a line of the sources says, and what to write instead.
    pub(super) fn at(
        self,
        file: RelativePath,
        line: usize,
        message: String,
        help: impl Into<String>,
    ) -> Finding {
        let problem = Problem {
            file,
            line,
            severity: Severity::Warning,
            message,
            help: Some(help.into()),
        };
        Finding {
            lint: self,
            problem,
        }
    }

    /// What a marker says, and what to write instead.
    pub(super) fn of(self, marker: &Marker, message: &str, help: impl Into<String>) -> Finding {
        let Problem {
            file,
            line,
            message,
            ..
        } = marker.error(message);
        self.at(file, line, message, help)
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Problem {
            file,
            line,
            message,
            help,
            ..
        } = &self.problem;
        write!(formatter, "{file}:{line}: {message} [{}]", self.lint.name())?;
        match help {
            Some(help) => write!(formatter, "\nhelp: {help}"),
            None => Ok(()),
        }
    }
}

/// A problem of a CRD before anybody knows where it stands in Rust.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CrdProblem {
    /// The CRD's name, `things.example.com`.
    pub crd: String,
    /// Its kind.
    pub kind: String,
    /// Where in it.
    pub place: CrdPlace,
    /// `None`: no API server takes it.
    pub lint: Option<Lint>,
    /// What is wrong, lower case, without a full stop.
    pub message: String,
    /// What to write instead, where that is known.
    pub help: Option<String>,
}

impl CrdProblem {
    /// What no API server takes, in a CRD.
    pub(super) fn refused(crd: &Value, place: &CrdPlace, message: impl Into<String>) -> Self {
        Self {
            crd: text(crd, "/metadata/name").to_owned(),
            kind: text(crd, "/spec/names/kind").to_owned(),
            place: place.clone(),
            lint: None,
            message: message.into(),
            help: None,
        }
    }

    /// With what to write instead.
    pub(super) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The server takes it, and yet.
    pub(super) fn with_lint(mut self, lint: Lint) -> Self {
        self.lint = Some(lint);
        self
    }
}

impl fmt::Display for CrdProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "custom resource definition `{}`: {}",
            self.crd, self.message
        )?;
        match &self.help {
            Some(help) => write!(formatter, "\nhelp: {help}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for CrdProblem {}

//! Why a control plane did not start, in words that help.

use std::path::PathBuf;
use std::{error, fmt, io};

/// Why a control plane did not start.
#[derive(Debug)]
pub enum StartError {
    /// There is no such binary.
    MissingBinary {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The operating system refused something.
    Io {
        /// What was tried.
        action: String,
        /// What it answered.
        source: io::Error,
    },
    /// A key or a certificate could not be made.
    Certificate(rcgen::Error),
    /// A certificate holds at most two groups.
    TooManyGroups {
        /// Whose certificate it is.
        user: String,
    },
    /// A server ended by itself.
    Exited {
        /// Its name.
        program: String,
        /// The end of what it wrote.
        log: String,
    },
    /// A server did not become ready in time.
    NotReady {
        /// Its name.
        program: String,
        /// What it last answered.
        answer: String,
        /// The end of what it wrote.
        log: String,
    },
}

impl StartError {
    /// For `map_err`: what was tried when the operating system refused.
    pub(super) fn io(action: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let action = action.into();
        move |source| Self::Io { action, source }
    }

    /// Whether the server ended because its port was in use.
    pub(super) fn is_taken_port(&self) -> bool {
        matches!(self, Self::Exited { log, .. } if log.contains("address already in use"))
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingBinary { path } => write!(formatter, "there is no `{}`", path.display()),
            Self::Io { action, source } => write!(formatter, "failed to {action}: {source}"),
            Self::Certificate(source) => {
                write!(formatter, "failed to make a certificate: {source}")
            }
            Self::TooManyGroups { user } => {
                write!(formatter, "user `{user}` has more than two groups")
            }
            Self::Exited { program, log } => write!(
                formatter,
                "{program} ended by itself; its last lines:\n{log}"
            ),
            Self::NotReady {
                program,
                answer,
                log,
            } => {
                write!(
                    formatter,
                    "{program} is not ready, {answer}; its last lines:\n{log}"
                )
            }
        }
    }
}

impl error::Error for StartError {}

impl From<rcgen::Error> for StartError {
    fn from(source: rcgen::Error) -> Self {
        Self::Certificate(source)
    }
}

//! The exit codes, and how an error finds its own.

use std::fmt;
use std::process::{ExitCode, ExitStatus, Termination};

use crate::project::ProjectError;
use crate::resource::NameError;

/// What the process ends with. Documented in README.md; a test holds the numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done, or nothing to do.
    Done = 0,
    /// Something went wrong; the tree is as it was.
    Failed = 1,
    /// The command line makes no sense.
    Usage = 2,
    /// The user's own work is in the way; nothing was written.
    InTheWay = 3,
    /// A `--check` found something out of date.
    OutOfDate = 4,
}

/// An error that knows its exit code.
#[derive(Debug)]
pub(super) struct Stop {
    exit: Exit,
    message: String,
}

impl Stop {
    pub(super) fn usage(message: impl Into<String>) -> anyhow::Error {
        Self {
            exit: Exit::Usage,
            message: message.into(),
        }
        .into()
    }

    pub(super) fn in_the_way(message: impl Into<String>) -> anyhow::Error {
        Self {
            exit: Exit::InTheWay,
            message: message.into(),
        }
        .into()
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for Stop {}

impl Exit {
    /// The code of an error: its own, or "failed".
    pub(super) fn of(error: &anyhow::Error) -> Self {
        if let Some(stop) = error.downcast_ref::<Stop>() {
            return stop.exit;
        }
        match error.downcast_ref::<ProjectError>() {
            Some(error) if error.is_about_a_wish() => Self::Usage,
            None if error.downcast_ref::<NameError>().is_some() => Self::Usage,
            _ => Self::Failed,
        }
    }
}

/// Ends this process as a command ended that it ran. Nothing is dropped.
pub(super) fn like(status: ExitStatus) -> anyhow::Result<Exit> {
    if status.success() {
        return Ok(Exit::Done);
    }
    std::process::exit(code(status))
}

/// As a shell has it: 128 and the signal's number for a command that was killed.
fn code(status: ExitStatus) -> i32 {
    use std::os::unix::process::ExitStatusExt as _;
    let signal = || status.signal().map_or(1, |signal| 128 + signal);
    status.code().unwrap_or_else(signal)
}

/// clap has printed help or an error of its own making.
#[expect(clippy::print_stderr, reason = "clap words its own errors")]
pub(super) fn usage(error: &clap::Error) -> Exit {
    if let Err(failure) = error.print() {
        eprintln!("error: {failure}");
    }
    if error.use_stderr() {
        Exit::Usage
    } else {
        Exit::Done
    }
}

impl Termination for Exit {
    fn report(self) -> ExitCode {
        ExitCode::from(self as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_of_the_readme() {
        let codes = [
            Exit::Done,
            Exit::Failed,
            Exit::Usage,
            Exit::InTheWay,
            Exit::OutOfDate,
        ];
        assert_eq!(codes.map(|code| code as u8), [0, 1, 2, 3, 4]);
    }
}

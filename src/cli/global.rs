//! The options that every command takes.

use clap::{Args, ValueEnum};

use super::terminal;
use crate::change::OnConflict;
use crate::report::Reporter;

/// Options of every command.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Options of every command")]
pub(super) struct GlobalArgs {
    /// Say what would happen, and write nothing
    #[arg(long, global = true)]
    pub dry_run: bool,
    /// Show each change as a unified diff
    #[arg(long, global = true)]
    pub diff: bool,
    /// What to do where your changes and the scaffold's meet [default: ask on a terminal, else abort]
    #[arg(long, global = true, value_name = "POLICY")]
    on_conflict: Option<ConflictArg>,
    /// The form of the report
    #[arg(
        short,
        long,
        global = true,
        value_name = "FORM",
        default_value = "text"
    )]
    output: Form,
    /// Say nothing but errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Name also the files that stay as they are
    #[arg(short, long, global = true)]
    verbose: bool,
    /// When to use colours
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    color: When,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ConflictArg {
    /// Stop before anything is written
    Abort,
    /// Keep your side
    Ours,
    /// Take the scaffold's side
    Theirs,
    /// Write both, between git's conflict markers
    Markers,
    /// Ask, file by file
    Ask,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    Text,
    Json,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum When {
    Auto,
    Always,
    Never,
}

impl GlobalArgs {
    pub(super) fn reporter(&self) -> Reporter {
        let json = self.output == Form::Json;
        Reporter {
            json,
            quiet: self.quiet,
            verbose: self.verbose,
            diff: self.diff,
        }
    }

    /// The policy that was given; `None` leaves each owner its own rule.
    pub(super) fn on_conflict(&self) -> Option<OnConflict> {
        match self.on_conflict? {
            ConflictArg::Abort => Some(OnConflict::Abort),
            ConflictArg::Ours => Some(OnConflict::Ours),
            ConflictArg::Theirs => Some(OnConflict::Theirs),
            ConflictArg::Markers => Some(OnConflict::Markers),
            ConflictArg::Ask => None,
        }
    }

    /// Whether to ask about conflicts. Told to, always; by default only where a person reads the report and a file
    /// would be written.
    pub(super) fn asks(&self) -> bool {
        match self.on_conflict {
            Some(ConflictArg::Ask) => true,
            Some(_) => false,
            None => self.output == Form::Text && !self.dry_run && terminal::is_interactive(),
        }
    }

    /// `auto` leaves it to the terminal and to `NO_COLOR`, `CLICOLOR_FORCE` and `TERM`.
    pub(super) fn set_color(&self) {
        let choice = match self.color {
            When::Auto => return,
            When::Always => anstream::ColorChoice::Always,
            When::Never => anstream::ColorChoice::Never,
        };
        choice.write_global();
    }
}

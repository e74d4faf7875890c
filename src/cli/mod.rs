//! The command line: one file for each command, its arguments and a `run` of
//! named steps.
//!
//! The only user of `clap` and of prompts. What a command means for the
//! project is decided in `project`; what happens to files, in `change`.

mod api;
mod certificates;
mod completion;
mod conflicts;
mod create;
mod delete;
mod envtest;
mod exit;
mod external;
mod global;
mod init;
mod known;
mod kubectl;
mod license;
mod manifests;
mod rbac;
mod roles;
mod session;
mod spoke;
mod surroundings;
mod terminal;
mod toggle;
mod webhook;

pub use exit::Exit;

use anyhow::Result;
use clap::{Parser, Subcommand};
use global::GlobalArgs;

/// kubebuilder for Rust: starts, grows and keeps up Kubernetes operator projects on kube-rs.
#[derive(Debug, Parser)]
#[command(name = "rustop", version, disable_help_subcommand = false)]
#[command(after_help = EXAMPLES, arg_required_else_help = true)]
struct Cli {
    #[command(flatten)]
    global: GlobalArgs,
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  rustop init --domain example.com
  rustop create api --group apps --version v1 --kind MyApp --resource --controller
  rustop manifests
  rustop delete api --group apps --version v1 --kind MyApp

Exit codes: 0 done or nothing to do, 1 failed, 2 wrong usage,
3 your work is in the way, 4 a --check found something out of date";

#[derive(Debug, Subcommand)]
enum Command {
    Init(init::Args),
    /// Add to a project
    #[command(subcommand, visible_alias = "new", arg_required_else_help = true)]
    Create(create::Create),
    /// Take away from a project
    #[command(subcommand, arg_required_else_help = true)]
    Delete(delete::Delete),
    Manifests(manifests::Args),
    /// The rights of the manager: which are missing, which are not needed
    #[command(subcommand, arg_required_else_help = true)]
    Rbac(rbac::Rbac),
    /// Run the manager here with its webhooks
    #[command(subcommand, arg_required_else_help = true)]
    Webhook(webhook::Webhook),
    /// A real API server for tests: get the binaries, run them
    #[command(subcommand, arg_required_else_help = true)]
    Envtest(envtest::Envtest),
    Completion(completion::Args),
    /// Print the version
    Version,
}

/// Parses the arguments, runs the command and gives the process's exit code.
pub fn main() -> Exit {
    if let Some(shell) = completion::request() {
        return completion::answer(&shell, <Cli as clap::CommandFactory>::command());
    }
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return exit::usage(&error),
    };
    cli.global.set_color();
    match run(&cli) {
        Ok(exit) => exit,
        Err(error) => {
            crate::report::Reporter::error(&error);
            Exit::of(&error)
        }
    }
}

fn run(cli: &Cli) -> Result<Exit> {
    match &cli.command {
        Command::Init(args) => init::run(args, &cli.global),
        Command::Create(create::Create::Api(args)) => create::run(args, &cli.global),
        Command::Create(create::Create::Webhook(args)) => create::webhook::run(args, &cli.global),
        Command::Delete(delete::Delete::Api(args)) => delete::run(args, &cli.global),
        Command::Delete(delete::Delete::Webhook(args)) => delete::webhook::run(args, &cli.global),
        Command::Manifests(args) => manifests::run(args, &cli.global),
        Command::Rbac(command) => rbac::run(command, &cli.global),
        Command::Webhook(command) => webhook::run(command, &cli.global),
        Command::Envtest(command) => envtest::run(command, &cli.global),
        Command::Completion(args) => completion::run(args, &cli.global),
        Command::Version => {
            cli.global
                .reporter()
                .data(&format!("rustop {}", env!("CARGO_PKG_VERSION")));
            Ok(Exit::Done)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}

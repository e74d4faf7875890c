//! `rustop webhook`: what a project's webhooks need beside their files.

mod local;
mod registration;

use anyhow::Result;
use clap::Subcommand;

use super::exit::Exit;
use super::global::GlobalArgs;

/// What can be done.
#[derive(Debug, Subcommand)]
pub(super) enum Webhook {
    Local(local::Args),
}

pub(super) fn run(command: &Webhook, global: &GlobalArgs) -> Result<Exit> {
    match command {
        Webhook::Local(args) => local::run(args, global),
    }
}

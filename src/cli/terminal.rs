//! Questions to the user: only on a terminal, never in CI.

use std::io::IsTerminal as _;

use anyhow::{Context as _, Result};

/// Whether somebody is there to answer. `CI` says nobody is, whatever the streams look like.
pub(super) fn is_interactive() -> bool {
    std::env::var_os("CI").is_none()
        && std::io::stdin().is_terminal()
        && std::io::stderr().is_terminal()
}

/// Asks until the answer is yes or no.
pub(super) fn yes_or_no(question: &str) -> Result<bool> {
    inquire::Confirm::new(question)
        .prompt()
        .with_context(|| format!("failed to read the answer to `{question}`"))
}

/// Lets the user choose one of `answers`.
pub(super) fn choose(question: &str, answers: Vec<&'static str>) -> Result<&'static str> {
    let select = inquire::Select::new(question, answers);
    select
        .prompt()
        .with_context(|| format!("failed to read the answer to `{question}`"))
}

//! Questions to the user: only on a terminal, never in CI, and on standard error,
//! so that standard output holds the command's answer and nothing else.
//!
//! Each question has a flag. Whoever can't or won't answer is told that flag.

use std::io::IsTerminal as _;

use anyhow::{Context as _, Result};
use inquire::InquireError;
use inquire::ui::RenderConfig;

use super::exit::Stop;

/// A question, and how to answer it beforehand.
#[derive(Clone, Copy, Debug)]
pub(super) struct Question<'a> {
    /// The words of the question.
    pub(super) words: &'a str,
    /// What to say on the command line instead.
    pub(super) instead: &'a str,
}

/// Whether somebody is there to answer. `CI` says nobody is, whatever the streams look like.
pub(super) fn is_interactive() -> bool {
    !in_ci(std::env::var("CI").ok().as_deref())
        && std::io::stdin().is_terminal()
        && std::io::stderr().is_terminal()
}

/// Every CI service sets `CI`; `CI=false` is how people switch that off.
fn in_ci(value: Option<&str>) -> bool {
    !matches!(value, None | Some("" | "0" | "false"))
}

impl Question<'_> {
    /// Asks until the answer is yes or no.
    ///
    /// # Errors
    /// Wrong usage where nobody is there to answer; a failure when the answer is refused.
    pub(super) fn yes_or_no(&self) -> Result<bool> {
        self.require_terminal()?;
        let confirm = inquire::Confirm::new(self.words)
            .with_error_message("Answer with `y` or `n`")
            .with_render_config(appearance());
        self.answered(confirm.prompt())
    }

    /// Lets the user choose one of `answers`; gives its position.
    ///
    /// # Errors
    /// As [`yes_or_no`](Self::yes_or_no).
    pub(super) fn choose(&self, answers: &[&str]) -> Result<usize> {
        self.require_terminal()?;
        let select = inquire::Select::new(self.words, answers.to_vec())
            .with_page_size(answers.len())
            .with_render_config(appearance());
        Ok(self.answered(select.raw_prompt())?.index)
    }

    fn require_terminal(&self) -> Result<()> {
        if is_interactive() {
            return Ok(());
        }
        Err(Stop::usage(format!(
            "there is no terminal to ask `{}`\nhelp: {}",
            self.words, self.instead
        )))
    }

    /// Esc, Ctrl-D and Ctrl-C are no answer: the command ends.
    fn answered<T>(&self, answer: Result<T, InquireError>) -> Result<T> {
        match answer {
            Err(InquireError::OperationCanceled | InquireError::OperationInterrupted) => {
                anyhow::bail!(
                    "`{}` was not answered, so nothing was written\nhelp: {}",
                    self.words,
                    self.instead
                )
            }
            answer => {
                answer.with_context(|| format!("failed to read the answer to `{}`", self.words))
            }
        }
    }
}

/// Colours where all other output has them.
fn appearance() -> RenderConfig<'static> {
    match anstream::AutoStream::choice(&std::io::stderr()) {
        anstream::ColorChoice::Never => RenderConfig::empty(),
        _ => RenderConfig::default_colored(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ci_is_what_ci_services_set() {
        let check = |value, expected| assert_eq!(in_ci(value), expected, "{value:?}");
        check(None, false);
        check(Some(""), false);
        check(Some("0"), false);
        check(Some("false"), false);
        check(Some("1"), true);
        check(Some("true"), true);
        check(Some("woodpecker"), true);
    }
}

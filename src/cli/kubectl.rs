//! kubectl: what acts on a cluster goes through it, so that the cluster and the rights
//! are those that the user's own commands have.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use anyhow::{Context as _, Result, bail};

/// The program and the options that it always gets, `kubectl --context=kind-kind` for example.
#[derive(Debug)]
pub(super) struct Kubectl {
    words: Vec<String>,
}

impl Kubectl {
    /// As a Makefile writes it: words with spaces between.
    pub(super) fn new(text: &str) -> Self {
        let words = text.split_whitespace().map(str::to_owned);
        Self {
            words: words.collect(),
        }
    }

    /// Runs it with `input` on its standard input, and gives what it printed.
    ///
    /// # Errors
    /// When it cannot be run or fails: its own words.
    pub(super) fn run(&self, arguments: &[&str], input: &str) -> Result<String> {
        let shown = format!("{} {}", self.words.join(" "), arguments[..2].join(" "));
        let output = self.output(arguments, input).with_context(|| {
            format!("failed to run `{shown}`\nhelp: install kubectl, or name it with `--kubectl`")
        })?;
        if !output.status.success() {
            bail!(
                "`{shown}` failed: {}",
                String::from_utf8_lossy(&output.stderr).trim_end()
            );
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    fn output(&self, arguments: &[&str], input: &str) -> Result<Output> {
        let (program, options) = self.words.split_first().context("it has no name")?;
        let mut child = Command::new(program)
            .args(options)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        if let Some(mut stdin) = child.stdin.take() {
            // It may end before it has read all; its own words say why.
            let _ = stdin.write_all(input.as_bytes());
        }
        Ok(child.wait_with_output()?)
    }
}

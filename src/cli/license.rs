//! `--license`, `--license-file` and `--owner`.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::{Args, ValueEnum};

use super::exit::Stop;
use crate::disk;
use crate::project::{License, LicenseHeader};

/// The flags about the licence header of Rust files.
#[derive(Debug, Args)]
pub(super) struct LicenseArgs {
    /// The licence header of Rust files
    #[arg(long, value_name = "LICENSE", default_value = "apache2")]
    license: LicenseArg,
    /// A file with the text of the header; stands above `--license`
    #[arg(long, value_name = "FILE")]
    license_file: Option<PathBuf>,
    /// Who holds the copyright
    #[arg(long, default_value = "")]
    owner: String,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum LicenseArg {
    Apache2,
    Mit,
    Copyright,
    None,
}

impl LicenseArgs {
    /// The header, with the year of the copyright line.
    pub(super) fn header(&self, year: i64) -> Result<LicenseHeader> {
        let license = match self.license {
            LicenseArg::Apache2 => License::Apache2,
            LicenseArg::Mit => License::Mit,
            LicenseArg::Copyright => License::Copyright,
            LicenseArg::None => License::None,
        };
        let mut header = LicenseHeader {
            license,
            owner: self.owner.clone(),
            year: year.to_string(),
            text: String::new(),
        };
        if let Some(file) = &self.license_file {
            header.text =
                uncommented(&disk::read_outside(file).context("failed to read `--license-file`")?)?;
            header.license = if header.text.is_empty() {
                License::None
            } else {
                License::File
            };
        }
        Ok(header)
    }
}

/// The text without the comment signs that it may bring: `//` on each line, or `/* … */`.
fn uncommented(text: &str) -> Result<String> {
    let text = text.trim();
    if let Some(inner) = text.strip_prefix("/*") {
        let inner = inner.strip_suffix("*/").ok_or_else(|| {
            Stop::usage("the text of `--license-file` begins with `/*` but does not end with `*/`")
        })?;
        let line = |line: &str| line.trim().trim_start_matches('*').trim().to_owned();
        return Ok(inner
            .lines()
            .map(line)
            .collect::<Vec<_>>()
            .join("\n")
            .trim()
            .to_owned());
    }
    let line = |line: &str| {
        line.trim_end()
            .strip_prefix("//")
            .map_or(line.trim_end(), |rest| rest.trim_start())
            .to_owned()
    };
    Ok(text.lines().map(line).collect::<Vec<_>>().join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comment_signs_are_taken_off() {
        assert_eq!(
            uncommented("/*\n * Mine\n *\n * all\n */\n").unwrap(),
            "Mine\n\nall"
        );
        assert_eq!(uncommented("// Mine\n//\n// all").unwrap(), "Mine\n\nall");
        assert_eq!(uncommented("Mine\n\nall\n").unwrap(), "Mine\n\nall");
        assert_eq!(uncommented(" \n").unwrap(), "");
        assert!(uncommented("/* open").is_err());
    }
}

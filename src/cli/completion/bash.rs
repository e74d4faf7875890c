//! bash: its words end at `=`, so `--license=m` arrives as three, and only what
//! follows the `=` may be replaced. clap's own adapter leaves that to the user.

use std::ffi::OsString;
use std::io::{self, Write};
use std::path::Path;

use clap_complete::engine::complete;
use clap_complete::env::EnvCompleter;

/// The words are those of `COMP_WORDS` up to the cursor; before them stands what
/// bash replaces, which is the end of the last one.
pub(super) struct Bash;

const SCRIPT: &str = r#"_rustop() {
    local IFS=$'\n'
    COMPREPLY=($(VARIABLE=bash COMPLETER -- "$2" "${COMP_WORDS[@]:0:COMP_CWORD+1}" 2>/dev/null))
    if [[ "${COMPREPLY-}" == *[=/] ]]; then
        compopt -o nospace 2>/dev/null
    fi
}
complete -o nosort -F _rustop BINARY 2>/dev/null || complete -F _rustop BINARY"#;

impl EnvCompleter for Bash {
    fn name(&self) -> &'static str {
        "bash"
    }

    fn is(&self, name: &str) -> bool {
        name == self.name()
    }

    fn write_registration(
        &self,
        variable: &str,
        _name: &str,
        binary: &str,
        completer: &str,
        script: &mut dyn Write,
    ) -> io::Result<()> {
        let text = SCRIPT.replace("VARIABLE", variable);
        let text = text.replace("COMPLETER", completer);
        writeln!(script, "{}", text.replace("BINARY", binary))
    }

    fn write_complete(
        &self,
        command: &mut clap::Command,
        mut words: Vec<OsString>,
        folder: Option<&Path>,
        answer: &mut dyn Write,
    ) -> io::Result<()> {
        let replaced = words.remove(0);
        let words = joined(&words);
        let last = words.last().map_or("", String::as_str);
        let kept = last.len().saturating_sub(replaced.len());
        let kept = last.get(..kept).unwrap_or_default().to_owned();
        let index = words.len().saturating_sub(1);
        let words = words.into_iter().map(OsString::from).collect();
        for candidate in complete(command, words, index, folder)? {
            let candidate = candidate.get_value().to_string_lossy();
            let rest = candidate.strip_prefix(&kept).unwrap_or(&candidate);
            writeln!(answer, "{rest}")?;
        }
        Ok(())
    }
}

/// Words as the program will get them: what bash cut at `=` is put together.
pub(super) fn joined(words: &[OsString]) -> Vec<String> {
    let mut joined: Vec<String> = Vec::new();
    let mut open = false;
    for word in words {
        let word = word.to_string_lossy();
        match joined.last_mut() {
            Some(last) if last.starts_with("--") && (word == "=" || open) => last.push_str(&word),
            _ => joined.push(word.clone().into_owned()),
        }
        open = word == "=";
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_put_together_at_the_sign_of_equality() {
        let check = |words: &[&str], expected: &[&str]| {
            let words: Vec<OsString> = words.iter().map(OsString::from).collect();
            assert_eq!(joined(&words), expected);
        };
        check(
            &["rustop", "init", "--license", "=", "m"],
            &["rustop", "init", "--license=m"],
        );
        check(&["rustop", "--license", "="], &["rustop", "--license="]);
        check(
            &["rustop", "--kind", "", "="],
            &["rustop", "--kind", "", "="],
        );
        check(&["a", "=", "b"], &["a", "=", "b"]);
        check(&["a", "--b", "=", "c", "d"], &["a", "--b=c", "d"]);
    }
}

//! `rustop completion`, and the answers to what its scripts ask.
//!
//! A script calls rustop at each TAB, with [`REQUEST`] set to the shell's name and
//! the words so far behind `--`. So the kinds of the project at hand can be
//! offered, and the commands are always those of the rustop that is installed.
//! An answer reads `PROJECT` and nothing else, and whatever goes wrong is silence:
//! a message would land in the middle of the user's line.

mod bash;
mod values;

use std::ffi::OsString;

use anyhow::Result;
use clap::{Args as ClapArgs, Command, ValueEnum};
use clap_complete::env::{EnvCompleter, Shells};

use super::exit::Exit;
use super::global::GlobalArgs;
use crate::report::Reporter;

/// Is set while a script asks; else rustop is run by somebody.
const REQUEST: &str = "RUSTOP_COMPLETE";

/// Print a script that completes rustop's commands, flags and the project's kinds
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  rustop completion bash > ~/.local/share/bash-completion/completions/rustop
  rustop completion zsh > \"${fpath[1]}/_rustop\"
  rustop completion fish > ~/.config/fish/completions/rustop.fish
  source <(rustop completion bash)    # in ~/.bashrc: always that of the rustop at hand

The script calls `rustop`, which has to be in PATH. Write it again after an update of rustop.")]
pub(super) struct Args {
    /// The shell that the script is for
    shell: Shell,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Shell {
    Bash,
    Elvish,
    Fish,
    Powershell,
    Zsh,
}

impl Shell {
    fn name(self) -> &'static str {
        match self {
            Self::Bash => "bash",
            Self::Elvish => "elvish",
            Self::Fish => "fish",
            Self::Powershell => "powershell",
            Self::Zsh => "zsh",
        }
    }
}

pub(super) fn run(args: &Args, global: &GlobalArgs) -> Result<Exit> {
    let mut script = Vec::new();
    if let Some(shell) = completer(args.shell.name()) {
        shell.write_registration(REQUEST, "rustop", "rustop", "rustop", &mut script)?;
    }
    let mut script = String::from_utf8(script)?;
    if let Shell::Zsh = args.shell {
        script += AUTOLOADED;
    }
    global.reporter().data(script.trim());
    Ok(Exit::Done)
}

/// zsh runs a file of `fpath` at the first TAB, as a function: that TAB wants an answer too.
const AUTOLOADED: &str = "
if [[ \"$funcstack[1]\" == _rustop ]]; then
    _clap_dynamic_completer_rustop \"$@\"
fi
";

/// Ours for bash, which splits words at `=`; clap's for the others.
fn completer(shell: &str) -> Option<&'static dyn EnvCompleter> {
    const SHELLS: Shells<'static> = Shells::builtins();
    match shell {
        "bash" => Some(&bash::Bash),
        other => SHELLS.0.iter().copied().find(|shell| shell.is(other)),
    }
}

/// The shell that asks for completions, when one does.
pub(super) fn request() -> Option<OsString> {
    std::env::var_os(REQUEST).filter(|shell| !shell.is_empty())
}

/// Says what could come next on the line.
pub(super) fn answer(shell: &OsString, command: Command) -> Exit {
    let words: Vec<OsString> = std::env::args_os()
        .skip_while(|word| word != "--")
        .skip(1)
        .collect();
    let shell = shell.to_str().and_then(completer);
    if let (Some(shell), false) = (shell, words.is_empty()) {
        let mut command = values::added(command, &words);
        let mut answer = Vec::new();
        let folder = std::env::current_dir().ok();
        let done = shell.write_complete(&mut command, words, folder.as_deref(), &mut answer);
        let answer = String::from_utf8_lossy(&answer);
        if done.is_ok() && !answer.is_empty() {
            Reporter::default().data(answer.trim_end());
        }
    }
    Exit::Done
}

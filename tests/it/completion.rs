//! `rustop completion`: what its scripts ask is answered, and real shells complete with them.

use std::process::{Command, Stdio};

use crate::keyboard::{Piped, Terminal};
use crate::sandbox::{Run, Sandbox};

const SHELLS: [&str; 5] = ["bash", "elvish", "fish", "powershell", "zsh"];

fn project() -> Sandbox {
    let sandbox = Sandbox::in_memory();
    sandbox.ok("init --domain example.com --project-name demo --multigroup");
    for (group, version, kind) in [
        ("apps", "v1", "MyApp"),
        ("apps", "v2beta3", "MyApp"),
        ("apps", "v1", "Setting"),
        ("batch", "v1alpha1", "Job"),
    ] {
        sandbox.ok(&format!(
            "create api --group {group} --version {version} --kind {kind} --resource --controller=false --quiet"
        ));
    }
    let name = "--controller-name job-cleaner --resource=false";
    sandbox.ok(&format!(
        "create api --group batch --version v1alpha1 --kind Job {name}"
    ));
    sandbox
}

/// What a script gets for the line so far; it ends with the word to be completed.
fn asked(sandbox: &Sandbox, line: &str) -> Run {
    let mut command = sandbox.command("");
    command
        .env("RUSTOP_COMPLETE", "fish")
        .args(["--", "rustop"]);
    command.args(line.split(' '));
    Run::of(command.output().unwrap())
}

fn candidates(sandbox: &Sandbox, line: &str) -> Vec<String> {
    let run = asked(sandbox, line);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{line}");
    let value = |line: &str| line.split('\t').next().unwrap().to_owned();
    let values = run.stdout.lines().map(value);
    values
        .filter(|value| !value.starts_with("--") || value.contains('='))
        .collect()
}

#[test]
fn the_values_are_those_of_the_project() {
    let sandbox = project();
    let check =
        |line: &str, expected: &[&str]| assert_eq!(candidates(&sandbox, line), expected, "{line}");
    check("delete api --kind ", &["Job", "MyApp", "Setting"]);
    check("delete api --kind M", &["MyApp"]);
    check("delete api --kind=M", &["--kind=MyApp"]);
    check("delete api --kind m", &[]);
    check("delete api --group ", &["apps", "batch"]);
    check("delete api --group apps --kind ", &["MyApp", "Setting"]);
    check("delete api --group=batch --kind ", &["Job"]);
    check("delete api --group batch.example.com --kind ", &["Job"]);
    check("delete api --group other --kind ", &[]);
    check("delete api --kind Job --group ", &["batch"]);
    check("delete api --kind Job --version ", &["v1alpha1"]);
    check("delete api --kind Job --controller-name ", &["job-cleaner"]);
    check("delete api --version v2beta3 --kind ", &["MyApp"]);
    check(
        "create api --kind MyApp --version ",
        &["v1", "v1alpha1", "v1beta1", "v2", "v2beta3"],
    );
    check("create api --kind Setting --version v2", &["v2"]);
    check("create api --group ", &["apps", "batch"]);
}

#[test]
fn other_values_need_no_project() {
    let sandbox = Sandbox::empty();
    let check =
        |line: &str, expected: &[&str]| assert_eq!(candidates(&sandbox, line), expected, "{line}");
    check("delete api --kind ", &[]);
    check("d", &["delete"]);
    check("init --license ", &["apache2", "mit", "copyright", "none"]);
    check("init --license=m", &["--license=mit"]);
    check(
        "create api --resource=",
        &["--resource=true", "--resource=false"],
    );
    check("create api --on-conflict t", &["theirs"]);
    check("completion ", &SHELLS);
    assert!(candidates(&sandbox, "envtest use ").contains(&"latest".to_owned()));
}

/// A message would land in the line that the user types.
#[test]
fn whatever_is_wrong_nothing_is_said() {
    let check = |text: &[u8]| {
        let sandbox = Sandbox::in_memory();
        sandbox.write("PROJECT", text);
        assert_eq!(candidates(&sandbox, "delete api --kind "), [""; 0]);
        assert_eq!(candidates(&sandbox, "del"), ["delete"]);
    };
    check(b"");
    check(b"version: [");
    check(b"\xff\xfe");
    check(b"version: '9'\n");
    check(b"version: '3'\nresources: 7\n");
    let sandbox = Sandbox::in_memory();
    std::fs::create_dir(sandbox.join("PROJECT")).unwrap();
    assert_eq!(candidates(&sandbox, "delete api --kind "), [""; 0]);
    for (shell, arguments) in [
        ("tcsh", "-- rustop d"),
        ("fish", ""),
        ("zsh", "--"),
        ("bash", "--"),
        ("bash", "-- x"),
    ] {
        let mut command = sandbox.command(arguments);
        let run = Run::of(command.env("RUSTOP_COMPLETE", shell).output().unwrap());
        assert_eq!(
            (run.code, run.stderr.as_str()),
            (0, ""),
            "{shell} {arguments}"
        );
    }
}

#[test]
fn a_fifo_called_project_is_not_waited_for() {
    let sandbox = Sandbox::in_memory();
    let made = Command::new("mkfifo").arg(sandbox.join("PROJECT")).status();
    assert!(made.unwrap().success());
    assert_eq!(candidates(&sandbox, "delete api --kind "), [""; 0]);
}

/// Other files may be missing or broken: they are not looked at, and none is written.
#[test]
fn only_project_is_read() {
    let whole = project();
    let sandbox = Sandbox::in_memory();
    sandbox.write("PROJECT", whole.read("PROJECT"));
    let before = sandbox.files();
    assert_eq!(
        candidates(&sandbox, "delete api --kind "),
        ["Job", "MyApp", "Setting"]
    );
    crate::sandbox::assert_same(&before, &sandbox.files(), "completion");
}

#[test]
fn each_shell_has_a_script() {
    let sandbox = Sandbox::empty();
    for shell in SHELLS {
        let run = sandbox.ok(&format!("completion {shell}"));
        assert!(
            run.stdout.contains("RUSTOP_COMPLETE"),
            "{shell}: {}",
            run.stdout
        );
        assert_eq!(run.stderr, "", "{shell}");
    }
    sandbox.fails("completion tcsh", 2, "tcsh");
    sandbox.fails("completion", 2, "<SHELL>");
}

/// What is typed before TAB, and the line that comes of it.
const TYPED: [(&str, &str); 9] = [
    ("rustop del", "rustop delete"),
    (
        "rustop delete api --kind My",
        "rustop delete api --kind MyApp",
    ),
    (
        "rustop delete api --group batch --kind ",
        "rustop delete api --group batch --kind Job",
    ),
    (
        "rustop delete api --group=batch --kind=",
        "rustop delete api --group=batch --kind=Job",
    ),
    (
        "rustop create api --group b",
        "rustop create api --group batch",
    ),
    (
        "rustop create api --resource=f",
        "rustop create api --resource=false",
    ),
    ("rustop init --license=m", "rustop init --license=mit"),
    ("rustop completion po", "rustop completion powershell"),
    ("rustop envtest use l", "rustop envtest use latest"),
];

const HOME_KEY: &str = "\u{1}";
const TAB: &str = "\t";

/// Types each line and TAB into a shell, then puts `echo` before it: so the shell says what the line has become.
fn completes(shell: &str, arguments: &[&str], prepare: &str) {
    if Command::new(shell)
        .arg("--version")
        .stdout(Stdio::null())
        .status()
        .is_err()
    {
        println!("{shell}: not installed, so its completion is not tried");
        return;
    }
    let sandbox = project();
    sandbox.write("_rustop", sandbox.ok(&format!("completion {shell}")).stdout);
    let mut command = Command::new(shell);
    command.args(arguments).current_dir(sandbox.path());
    let folder = std::path::Path::new(env!("CARGO_BIN_EXE_rustop"))
        .parent()
        .unwrap();
    let path = std::env::var("PATH").unwrap();
    command
        .env("PATH", format!("{}:{path}", folder.display()))
        .env("HOME", sandbox.path())
        .env("XDG_CONFIG_HOME", sandbox.join("config"))
        .env("XDG_DATA_HOME", sandbox.join("data"));
    let mut terminal = Terminal::start(command, 200, Piped::Nothing);
    terminal.types(&format!("{prepare}; echo rea''dy\r"));
    terminal.shows("ready");
    for (typed, line) in TYPED {
        terminal.types(&format!("{typed}{TAB}"));
        terminal.settles();
        terminal.types(&format!("{HOME_KEY}echo '>' \r"));
        terminal.shows(&format!("\n> {line}"));
    }
    // No kind begins so: nothing comes of it, and nothing is said.
    terminal.types(&format!("rustop delete api --kind Q{TAB}"));
    terminal.settles();
    terminal.types(&format!("{HOME_KEY}echo '>' \r"));
    terminal.shows("\n> rustop delete api --kind Q\n");
    terminal.types("exit\r");
    terminal.ends();
}

#[test]
fn bash_completes() {
    completes(
        "bash",
        &["--norc", "--noprofile", "-i"],
        "source ./_rustop; PS1='% '",
    );
}

/// From a folder of `fpath`, as packages install it.
#[test]
fn zsh_completes() {
    let prepare = "PS1='% '; fpath=($PWD $fpath); autoload -U compinit; compinit -u -D";
    completes("zsh", &["-f", "-i"], prepare);
}

#[test]
fn fish_completes() {
    let prepare = "source ./_rustop; function fish_prompt; echo '% '; end";
    completes("fish", &["--no-config", "-i"], prepare);
}

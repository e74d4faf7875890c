//! Questions: asked on a terminal only, answered or refused, and never in the way of a script.

mod conflicts;

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::keyboard::{CONTROL_C, CONTROL_D, ENTER, ESCAPE, Piped, Terminal};
use crate::sandbox::{Run, Sandbox, assert_same};
use conflicts::{CREATE_BOTH, in_the_way};

const CREATE: &str = "create api --group apps --version v1 --kind MyApp";
const RESOURCE: &str = "Create Resource [y/n]";
const CONTROLLER: &str = "Create Controller [y/n]";
const TYPES: &str = "api/src/v1/my_app.rs";
const RECONCILER: &str = "src/controller/my_app.rs";

/// A project in memory: these tests are about keys, not about disks.
fn project() -> Sandbox {
    let sandbox = Sandbox::in_memory();
    sandbox.ok("init --domain example.com --project-name demo");
    sandbox
}

/// A session: each question that is shown, and the keys that answer it.
fn session(sandbox: &Sandbox, arguments: &str, answers: &[(&str, &str)]) -> Run {
    let mut terminal = Terminal::rustop(sandbox, arguments);
    for (question, keys) in answers {
        terminal.shows(question);
        terminal.types(keys);
    }
    terminal.ends()
}

#[test]
fn the_answers_say_what_is_created() {
    let check = |resource: &str, controller: &str, types: bool, reconciler: bool| {
        let sandbox = project();
        let answers = [(RESOURCE, resource), (CONTROLLER, controller)];
        let run = session(&sandbox, CREATE, &answers);
        assert_eq!(run.code, 0, "{}", run.stderr);
        assert_eq!(sandbox.exists(TYPES), types, "{resource:?}");
        assert_eq!(sandbox.exists(RECONCILER), reconciler, "{controller:?}");
    };
    check("y\r", "y\r", true, true);
    check("yes\r", "n\r", true, false);
    check("Y\r", "NO\r", true, false);
    check("y\n", "Yes\n", true, true);
}

#[test]
fn two_times_no_is_nothing_to_create() {
    let sandbox = project();
    let before = sandbox.files();
    let run = session(&sandbox, CREATE, &[(RESOURCE, "n\r"), (CONTROLLER, "n\r")]);
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(run.stderr.contains("nothing to create"), "{}", run.stderr);
    assert_same(&before, &sandbox.files(), "no and no");
}

#[test]
fn what_is_neither_yes_nor_no_is_asked_again() {
    for garbage in ["maybe", "", "1", "ja", "y n", "ÿ"] {
        let sandbox = project();
        let mut terminal = Terminal::rustop(&sandbox, CREATE);
        terminal.shows(RESOURCE);
        terminal.types(garbage);
        terminal.types(ENTER);
        terminal.shows("Answer with `y` or `n`");
        terminal.shows(RESOURCE);
        // Ctrl-U clears nothing here; each letter is taken back.
        terminal.types(&"\u{7f}".repeat(garbage.chars().count()));
        terminal.types("y\r");
        terminal.shows(CONTROLLER);
        terminal.types("n\r");
        let run = terminal.ends();
        assert_eq!(run.code, 0, "{garbage:?}: {}", run.stderr);
        assert!(sandbox.exists(TYPES) && !sandbox.exists(RECONCILER));
    }
}

#[test]
fn who_does_not_answer_ends_the_command() {
    let check = |answers: &[(&str, &str)], flag: &str| {
        let sandbox = project();
        let before = sandbox.files();
        let run = session(&sandbox, CREATE, answers);
        assert_eq!(run.code, 1, "{answers:?}: {}", run.stderr);
        let question = answers.last().unwrap().0;
        let words = format!("`{question}` was not answered, so nothing was written");
        assert!(run.stderr.contains(&words), "{answers:?}: {}", run.stderr);
        let help = format!("help: say it with `{flag}` or `{flag}=false`");
        assert!(run.stderr.contains(&help), "{answers:?}: {}", run.stderr);
        assert_same(
            &before,
            &sandbox.files(),
            "a question that was not answered",
        );
    };
    for key in [CONTROL_C, CONTROL_D, ESCAPE] {
        check(&[(RESOURCE, key)], "--resource");
        check(&[(RESOURCE, "y\r"), (CONTROLLER, key)], "--controller");
    }
    check(&[(RESOURCE, "ye\u{3}")], "--resource");
}

/// The terminal is as it was: a shell that comes next shows what is typed.
#[test]
fn the_terminal_is_left_as_it_was() {
    for keys in ["y\r", CONTROL_C] {
        let sandbox = project();
        let rustop = env!("CARGO_BIN_EXE_rustop");
        let script = format!("{rustop} {CREATE} --controller; echo ended; stty -a");
        let mut terminal = Terminal::start(shell(&sandbox, &script), 200, Piped::Nothing);
        terminal.shows(RESOURCE);
        terminal.types(keys);
        terminal.shows("ended");
        let run = terminal.ends();
        let settings = run.stderr.rsplit("ended").next().unwrap();
        for setting in [" icanon", " echo ", "isig"] {
            assert!(settings.contains(setting), "{keys:?}: {settings}");
        }
        let raw = terminal.raw();
        let last = |code: &str| raw.rfind(code).unwrap_or(0);
        assert!(
            last("\u{1b}[?25h") >= last("\u{1b}[?25l"),
            "the cursor stays hidden: {raw:?}"
        );
        assert!(last("\u{1b}[?2004l") >= last("\u{1b}[?2004h"), "{raw:?}");
    }
}

fn shell(sandbox: &Sandbox, script: &str) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", script]).current_dir(sandbox.path());
    command.env("NO_COLOR", "1").env_remove("CI");
    command
}

#[test]
fn a_flag_that_is_given_is_not_asked_for() {
    let check = |flag: &str, asked: &str, other: &str| {
        let sandbox = project();
        let run = session(&sandbox, &format!("{CREATE} {flag}"), &[(asked, "y\r")]);
        assert_eq!(run.code, 0, "{flag}: {}", run.stderr);
        assert!(!run.stderr.contains(other), "{flag}: {}", run.stderr);
        assert!(sandbox.exists(TYPES), "{flag}");
    };
    check("--resource", CONTROLLER, RESOURCE);
    check("--controller", RESOURCE, CONTROLLER);
    check("--controller=false", RESOURCE, CONTROLLER);
    let sandbox = project();
    let run = session(&sandbox, &format!("{CREATE} --resource --controller"), &[]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(!run.stderr.contains("[y/n]"), "{}", run.stderr);
}

/// What is wrong already is said before anybody is asked.
#[test]
fn nothing_is_asked_in_vain() {
    let sandbox = project();
    let check = |arguments: &str, code: i32| {
        let run = session(&sandbox, arguments, &[]);
        assert_eq!(run.code, code, "{arguments}: {}", run.stderr);
        assert!(!run.stderr.contains("[y/n]"), "{arguments}: {}", run.stderr);
    };
    check("create api --group apps --version 1 --kind MyApp", 2);
    check("create api --group apps --version v1 --kind myApp", 2);
    check("create api --group apps --version v1", 2);
    sandbox.write("PROJECT", "version: [");
    check(CREATE, 1);
}

#[test]
fn colours_are_for_who_wants_them() {
    let check = |no_color: Option<&str>, flag: &str, expected: bool| {
        let sandbox = project();
        let mut command = sandbox.command(&format!("{CREATE} --controller {flag}"));
        command.env_remove("CI").env_remove("NO_COLOR");
        if let Some(value) = no_color {
            command.env("NO_COLOR", value);
        }
        let mut terminal = Terminal::start(command, 80, Piped::Nothing);
        terminal.shows(RESOURCE);
        terminal.types("x\r");
        terminal.shows("Answer with");
        terminal.types("\u{7f}y\r");
        assert_eq!(terminal.ends().code, 0);
        let raw = terminal.raw();
        assert_eq!(is_coloured(&raw), expected, "{no_color:?} {flag}: {raw:?}");
    };
    check(None, "", true);
    check(None, "--color always", true);
    check(None, "--color never", false);
    check(Some("1"), "", false);
    check(Some("1"), "--color always", true);
}

/// Whether a sequence asks for a colour: `ESC [ 3x m`, `ESC [ 9x m`, `ESC [ 38;5;x m`.
fn is_coloured(raw: &str) -> bool {
    let sequences = raw.split("\u{1b}[").skip(1);
    let mut graphics = sequences.filter_map(|rest| rest.split_once('m').map(|(codes, _)| codes));
    graphics.any(|codes| {
        codes.starts_with(['3', '9']) && codes.chars().all(|c| c.is_ascii_digit() || c == ';')
    })
}

#[test]
fn a_narrow_terminal_still_asks() {
    for columns in [1, 8, 20, 500] {
        let sandbox = project();
        let mut command = sandbox.command(&format!("{CREATE} --controller=false"));
        command.env_remove("CI");
        let mut terminal = Terminal::start(command, columns, Piped::Nothing);
        terminal.shows("C");
        terminal.types("y\r");
        let run = terminal.ends();
        assert_eq!(run.code, 0, "{columns} columns: {}", run.stderr);
        assert!(sandbox.exists(TYPES), "{columns} columns");
    }
}

/// A terminal in CI has nobody before it.
#[test]
fn ci_is_never_asked() {
    for ci in ["1", "true", "yes"] {
        refused(|command| _ = command.env("CI", ci), Piped::Nothing);
    }
}

#[test]
fn a_piped_input_is_never_asked() {
    refused(|_| {}, Piped::Input);
}

/// The command ends at once with the flag's name, twice, for each of the questions.
fn refused(prepare: impl Fn(&mut Command), piped: Piped) {
    for (given, flag) in [("", "--resource"), ("--resource", "--controller")] {
        let sandbox = project();
        let before = sandbox.files();
        let mut command = sandbox.command(&format!("{CREATE} {given}"));
        command.env_remove("CI");
        prepare(&mut command);
        let run = Terminal::start(command, 80, piped).ends();
        assert_eq!(run.code, 2, "{flag}: {}", run.stderr);
        let help = format!("help: say it with `{flag}` or `{flag}=false`");
        assert!(run.stderr.contains(&help), "{}", run.stderr);
        assert_same(&before, &sandbox.files(), CREATE);
    }
}

/// Questions and reports go to standard error: a script that reads standard output gets data alone.
#[test]
fn standard_output_holds_the_answer_alone() {
    let check = |flags: &str| {
        let sandbox = project();
        let mut command = sandbox.command(&format!("{CREATE} {flags}"));
        command.env_remove("CI");
        let mut terminal = Terminal::start(command, 80, Piped::Output);
        terminal.shows(RESOURCE);
        terminal.types("y\r");
        terminal.shows(CONTROLLER);
        terminal.types("n\r");
        let run = terminal.ends();
        assert_eq!(run.code, 0, "{flags}: {}", run.stderr);
        assert_eq!(
            run.stderr.contains("create  api/src"),
            flags.is_empty(),
            "{}",
            run.stderr
        );
        run
    };
    assert_eq!(check("").stdout, "");
    assert_eq!(check("--quiet").stdout, "");
    assert_eq!(check("--output json").json()["changed"], true);
    assert_eq!(check("--output json --quiet").json()["dryRun"], false);
}

/// Each command, with what may be left out left out: none waits for anybody.
const COMMANDS: [&str; 33] = [
    "",
    "help",
    "init",
    "init --domain example.com",
    "create",
    "create api",
    CREATE,
    CREATE_BOTH,
    "create api --group apps --version v1 --kind MyApp --resource --controller --force --plural theapps",
    "create api --group apps --version v2 --kind MyApp --resource --controller --on-conflict ask",
    "create webhook",
    "create webhook --group apps --version v1 --kind MyApp --defaulting",
    "delete",
    "delete webhook",
    "delete webhook --group apps --version v1 --kind MyApp",
    "delete api",
    "delete api --group apps --version v1 --kind MyApp",
    "delete api --group apps --version v1 --kind MyApp --force --on-conflict ask",
    "manifests --check",
    "rbac",
    "rbac audit --from nowhere",
    "webhook",
    "webhook local",
    "webhook local --clean",
    "envtest",
    "envtest list",
    "envtest use 1.1 --installed-only",
    "envtest path 1.1 --installed-only",
    "envtest cleanup 1.1",
    "envtest run 1.1 --installed-only",
    "completion",
    "completion bash",
    "version",
];

#[test]
fn no_command_hangs_without_a_terminal() {
    for sandbox in [Sandbox::empty(), project(), in_the_way()] {
        for arguments in COMMANDS {
            ends_by_itself(&sandbox, arguments);
        }
    }
}

#[test]
fn the_list_of_commands_is_whole() {
    let help = Sandbox::empty().ok("--help").stdout;
    let commands = help.split("Commands:\n").nth(1).unwrap();
    let commands = commands.lines().take_while(|line| !line.is_empty());
    for command in commands.map(|line| line.split_whitespace().next().unwrap()) {
        let listed = COMMANDS.iter().any(|listed| listed.starts_with(command));
        assert!(listed, "COMMANDS lacks `{command}`");
    }
}

/// With an input that stays open and never says anything.
fn ends_by_itself(sandbox: &Sandbox, arguments: &str) {
    let mut command = sandbox.command(arguments);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    // Nothing may be looked for outside the sandbox.
    command
        .env("HOME", sandbox.path())
        .env("XDG_CACHE_HOME", sandbox.join("cache"));
    let mut child = command.spawn().unwrap();
    let open = child.stdin.take();
    let start = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if start.elapsed() > Duration::from_secs(20) {
            child.kill().unwrap();
            panic!("`rustop {arguments}` waits for something");
        }
        std::thread::sleep(Duration::from_millis(2));
    }
    drop(open);
}

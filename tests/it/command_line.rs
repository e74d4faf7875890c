//! Flags, exit codes, forms of output.

use crate::sandbox::Sandbox;

#[test]
fn help_and_version_succeed_without_a_project() {
    let sandbox = Sandbox::empty();
    for arguments in [
        "--help",
        "help create api",
        "init --help",
        "create api --help",
        "delete api --help",
        "manifests --help",
        "completion --help",
    ] {
        let run = sandbox.ok(arguments);
        assert!(run.stdout.contains("Usage:"), "{arguments}");
    }
    for arguments in ["version", "--version"] {
        assert!(
            sandbox.ok(arguments).stdout.starts_with("rustop 0."),
            "{arguments}"
        );
    }
}

#[test]
fn each_command_shows_examples() {
    let sandbox = Sandbox::empty();
    for command in [
        "init",
        "create api",
        "delete api",
        "manifests",
        "envtest use",
        "completion",
    ] {
        let help = sandbox.ok(&format!("{command} --help")).stdout;
        assert!(help.contains("Examples:\n  rustop "), "{command}:\n{help}");
    }
}

#[test]
fn wrong_usage_exits_2_and_suggests() {
    let sandbox = Sandbox::project();
    sandbox.fails("creat api", 2, "'create'");
    sandbox.fails("init --domian x", 2, "--domain");
    sandbox.fails(
        "create api --group apps --version v1 --kind myApp --resource --controller",
        2,
        "--kind MyApp",
    );
    sandbox.fails(
        "create api --group Apps --version v1 --kind MyApp --resource --controller",
        2,
        "Apps",
    );
    sandbox.fails(
        "create api --group apps --version 1 --kind MyApp --resource --controller",
        2,
        "`1`",
    );
    sandbox.fails(
        "delete api --group apps --version v1 --kind MyApp",
        2,
        "has no API yet",
    );
}

#[test]
fn without_a_terminal_questions_name_their_flag() {
    let sandbox = Sandbox::project();
    sandbox.fails(
        "create api --group apps --version v1 --kind MyApp",
        2,
        "`--resource`",
    );
    sandbox.fails(
        "create api --group apps --version v1 --kind MyApp --resource",
        2,
        "`--controller`",
    );
}

#[test]
fn json_says_what_text_says() {
    let sandbox = Sandbox::project();
    let arguments = "create api --group apps --version v1 --kind MyApp --resource --controller";
    let dry = sandbox
        .ok(&format!("{arguments} --output json --dry-run"))
        .json();
    assert_eq!(dry["version"], 1);
    assert_eq!(dry["dryRun"], true);
    assert_eq!(dry["changed"], true);
    let real = sandbox.ok(&format!("{arguments} --output json")).json();
    assert_eq!(dry["files"], real["files"], "a dry run is exact");
    let actions: Vec<&str> = real["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| file["action"].as_str().unwrap())
        .collect();
    assert!(
        actions.contains(&"create") && actions.contains(&"update"),
        "{actions:?}"
    );
    let again = sandbox.ok(&format!("{arguments} --output json")).json();
    assert_eq!(again["changed"], false);
}

#[test]
fn quiet_says_nothing_and_verbose_more() {
    let arguments = "create api --group apps --version v1 --kind MyApp --resource --controller";
    let quiet = Sandbox::project().ok(&format!("{arguments} --quiet"));
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("", ""));
    let sandbox = Sandbox::project();
    sandbox.ok(arguments);
    sandbox.write("PROJECT", sandbox.read("PROJECT") + "\n");
    let verbose = sandbox.ok(&format!("{arguments} --verbose"));
    assert!(
        verbose.stderr.contains("nothing to do"),
        "{}",
        verbose.stderr
    );
}

#[test]
fn colour_follows_the_flag_and_no_color() {
    let colour = |flag: &str, set: bool| {
        let sandbox = Sandbox::empty();
        let mut command = sandbox.command(&format!(
            "init --domain example.com --project-name demo {flag}"
        ));
        if !set {
            command.env_remove("NO_COLOR");
        }
        String::from_utf8(command.output().unwrap().stderr)
            .unwrap()
            .contains('\u{1b}')
    };
    assert!(colour("--color always", true));
    assert!(!colour("--color never", false));
    assert!(!colour("", true));
    assert!(!colour("", false), "standard error is no terminal here");
}

#[test]
fn a_diff_is_a_diff() {
    let sandbox = Sandbox::project();
    let run = sandbox.ok("create api --group apps --version v1 --kind MyApp --resource --controller --dry-run --diff");
    assert!(run.stderr.contains("--- /dev/null"), "{}", run.stderr);
    assert!(
        run.stderr.contains("+    kind = \"MyApp\""),
        "{}",
        run.stderr
    );
    assert!(
        run.stderr
            .contains("--- a/src/controller/mod.rs\n+++ b/src/controller/mod.rs"),
        "{}",
        run.stderr
    );
}

/// What the last report said to do next is true.
#[test]
fn next_steps_name_what_is_there() {
    let sandbox = Sandbox::project();
    let run = sandbox.ok("create api --group apps --version v1 --kind MyApp --resource --controller --output json").json();
    let steps: Vec<&str> = run["next"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| step.as_str().unwrap())
        .collect();
    let makefile = sandbox.read("Makefile");
    for step in steps {
        match step.split_once(' ').unwrap() {
            ("edit", path) => assert!(sandbox.exists(path), "{step}"),
            ("make", target) => assert!(makefile.contains(&format!("\n{target}:")), "{step}"),
            _ => panic!("{step}"),
        }
    }
}

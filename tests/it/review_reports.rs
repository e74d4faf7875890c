//! What is said, to whom, and how a reader that goes away is taken.

use std::process::Stdio;

use crate::sandbox::Sandbox;

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    for arguments in ["init --output json", "init --verbose", "version"] {
        let sandbox = Sandbox::empty();
        let mut command = sandbox.command(arguments);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // Both ends are closed before anything is written to them.
        drop((child.stdout.take(), child.stderr.take()));
        assert_eq!(child.wait().unwrap().code(), Some(0), "{arguments}");
    }
}

#[test]
fn a_hopeless_folder_is_told_one_remedy() {
    let sandbox = Sandbox::empty();
    let run = sandbox.run("init \u{1f980}");
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert_eq!(run.stderr.matches("help: ").count(), 1, "{}", run.stderr);
    assert!(sandbox.files().is_empty());
}

#[test]
fn a_missing_cargo_is_named_before_the_remedy() {
    let sandbox = Sandbox::project();
    sandbox.ok("create api --group apps --version v1 --kind MyApp --resource --controller");
    let mut command = sandbox.command("manifests");
    let output = command.env("CARGO", "/nonexistent/cargo").output().unwrap();
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    let last = text.lines().last().unwrap();
    assert_eq!(last, "help: install Rust: https://rustup.rs", "{text}");
}

#[test]
fn a_conflict_is_not_reported_as_a_change() {
    let sandbox = Sandbox::project();
    std::fs::write(sandbox.join("api/src/lib.rs"), "mine\n").unwrap();
    let run = sandbox.run("create api --version v1 --kind A --resource --controller -o json");
    assert_eq!(run.code, 3, "{}", run.stderr);
    let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(report["changed"], false);
    assert_eq!(report["conflicts"], 1);
}

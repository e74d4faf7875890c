//! `make demo`: the main job, on a real API server.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::sandbox::{Run, Sandbox, slow};

/// What the demo saw, in this order.
const SEEN: [&str; 12] = [
    "customresourcedefinition.apiextensions.k8s.io/myapps.apps.example.com serverside-applied",
    "  -> 2 x ",
    "  -> 0 of 2 replicas are ready",
    "  -> 2 of 2 replicas are ready",
    "  -> 3 x example.com/app:2",
    "  -> 2 of 3 replicas are ready",
    "  -> 3 of 3 replicas are ready",
    "  -> 1 of 3 replicas are ready",
    "greater than or equal to 0",
    "  -> MyApp/myapp-sample",
    "  -> the operator ended with 0",
    "  -> the control plane is gone",
];

#[test]
fn the_operator_follows_its_spec_and_its_deployment() {
    if !slow("make demo") {
        return;
    }
    let temporary = Sandbox::empty();
    let run = demo(Path::new(env!("CARGO_BIN_EXE_rustop")), temporary.path());
    assert_eq!(run.code, 0, "{}", run.stdout);
    let mut rest = run.stdout.as_str();
    for line in SEEN {
        let Some((_, after)) = rest.split_once(line) else {
            panic!("the demo did not show `{line}` here:\n{rest}");
        };
        rest = after;
    }
    assert!(temporary.files().is_empty(), "the demo left files behind");
}

/// A rustop that cannot create stands for any step that fails.
#[test]
fn a_step_that_fails_says_what_to_do_and_leaves_nothing() {
    let (tools, temporary) = (Sandbox::empty(), Sandbox::empty());
    let rustop = script(&tools, "[ \"$1\" != create ]");
    let run = demo(&rustop, temporary.path());
    assert_ne!(run.code, 0, "{}", run.stdout);
    for words in ["$ rustop create api ", "the demo failed", "\nhelp: "] {
        assert!(run.stdout.contains(words), "`{words}`:\n{}", run.stdout);
    }
    assert!(
        !run.stdout.contains("fill in"),
        "it went on:\n{}",
        run.stdout
    );
    assert!(temporary.files().is_empty(), "the demo left files behind");
}

/// Both streams in one, as on a terminal.
fn demo(rustop: &Path, temporary: &Path) -> Run {
    let mut command = Command::new("sh");
    command.args(["-c", "exec make --no-print-directory demo 2>&1"]);
    command.env("RUSTOP", rustop).env("TMPDIR", temporary);
    Run::of(command.output().unwrap())
}

fn script(sandbox: &Sandbox, text: &str) -> PathBuf {
    use std::os::unix::fs::PermissionsExt;
    sandbox.write("rustop", format!("#!/bin/sh\n{text}\n"));
    let path = sandbox.join("rustop");
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
    path
}

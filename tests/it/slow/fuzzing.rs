//! A few seconds of each fuzz target, where cargo-fuzz and a nightly compiler are installed.

use std::process::Command;

use crate::sandbox::{Run, slow};

fn has(arguments: &[&str]) -> bool {
    let found = Command::new("cargo").args(arguments).output();
    found.is_ok_and(|output| output.status.success())
}

#[test]
fn a_short_fuzzing_finds_nothing() {
    if !slow("fuzzing") {
        return;
    }
    if !has(&["fuzz", "--version"]) || !has(&["+nightly", "--version"]) {
        println!("fuzzing: cargo-fuzz or a nightly compiler is not installed");
        return;
    }
    let mut command = Command::new("fuzz/run");
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    command.env("FUZZ_SECONDS", "5");
    let run = Run::of(command.output().unwrap());
    let last: Vec<&str> = run.stderr.lines().rev().take(60).collect();
    let last: Vec<&str> = last.into_iter().rev().collect();
    assert_eq!(run.code, 0, "{}", last.join("\n"));
    let executed = run.stderr.matches("stat::number_of_executed_units").count();
    assert_eq!(executed, 5, "each target says how many inputs it ran");
}

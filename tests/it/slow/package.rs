//! What is published: the package that cargo makes builds by itself, and its
//! binary scaffolds what ours does.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::generated::{folder, turn};
use crate::sandbox::{Run, Sandbox, assert_same, slow};

const COMMANDS: [&str; 2] = [
    "init --domain example.com --project-name demo --quiet",
    "create api --group apps --version v1 --kind Foo --resource --controller --quiet",
];

#[test]
fn the_unpacked_package_builds_and_scaffolds_the_same() {
    if !slow("the package") {
        return;
    }
    let _turn = turn();
    let unpacked = Sandbox::empty();
    let archive = package();
    let unpack = format!("tar --strip-components=1 -xf {}", archive.display());
    run(unpacked.path(), &unpack);
    run(unpacked.path(), "cargo build --offline --locked --quiet");
    let binary = folder().join("package/debug/rustop");
    assert_same(
        &scaffold(rustop()),
        &scaffold(&binary),
        "the packaged rustop",
    );
}

/// Makes the package, and says where it lies.
fn package() -> PathBuf {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
    run(
        repository,
        "cargo package --package rustop-cli --no-verify --allow-dirty --offline --quiet",
    );
    let name = format!("rustop-cli-{}.crate", env!("CARGO_PKG_VERSION"));
    folder().join("package/package").join(name)
}

fn rustop() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_rustop"))
}

fn run(place: &Path, line: &str) {
    let words: Vec<&str> = line.split(' ').collect();
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).current_dir(place);
    command.env("CARGO_TARGET_DIR", folder().join("package"));
    let run = Run::of(command.output().unwrap());
    assert_eq!(run.code, 0, "`{line}`: {}{}", run.stdout, run.stderr);
}

fn scaffold(binary: &Path) -> crate::sandbox::Files {
    let sandbox = Sandbox::empty();
    for line in COMMANDS {
        let mut command = Command::new(binary);
        command.args(line.split(' ')).current_dir(sandbox.path());
        command.env("SOURCE_DATE_EPOCH", crate::sandbox::EPOCH);
        let run = Run::of(command.output().unwrap());
        assert_eq!(run.code, 0, "`{line}`: {}", run.stderr);
    }
    sandbox.files()
}

//! `rustop init`: names, licences, folders that are not empty.

use crate::sandbox::{Sandbox, assert_same};

#[test]
fn the_folder_gives_the_name() {
    let sandbox = Sandbox::empty();
    sandbox.ok("init --domain example.com My_Operator");
    assert!(
        sandbox
            .read("My_Operator/PROJECT")
            .contains("projectName: my-operator\n")
    );
}

#[test]
fn a_folder_is_made_and_the_next_step_enters_it() {
    let sandbox = Sandbox::empty();
    let run = sandbox.ok("init --domain example.com 'a b/op'");
    assert!(run.stderr.contains("cd 'a b/op'"), "{}", run.stderr);
    assert!(sandbox.exists("a b/op/PROJECT"));
}

#[test]
fn a_dry_run_makes_no_folder() {
    let sandbox = Sandbox::empty();
    let run = sandbox.ok("init --domain example.com new/op --dry-run");
    assert!(run.stderr.contains("create  Makefile"), "{}", run.stderr);
    assert!(sandbox.files().is_empty());
}

#[test]
fn a_failed_init_leaves_no_folder() {
    let sandbox = Sandbox::empty();
    sandbox.fails("init --domain Example new/op", 2, "Example");
    sandbox.fails(
        "init --domain example.com --license-file none.txt new/op",
        1,
        "none.txt",
    );
}

#[test]
fn it_refuses_a_folder_that_is_taken() {
    for (path, text, word) in [
        ("PROJECT", "version: '3'\n", "`PROJECT`"),
        ("Makefile", "all:\n", "`Makefile`"),
        ("src/main.rs", "fn main() {}\n", "`src/main.rs`"),
        ("Cargo.toml", "[package]\nname = \"x\"\n", "`Cargo.toml`"),
    ] {
        let sandbox = Sandbox::empty();
        sandbox.write(path, text);
        sandbox.fails("init --domain example.com --project-name demo", 3, word);
    }
}

#[test]
fn a_second_init_is_refused() {
    Sandbox::project().fails(
        "init --domain example.com --project-name demo",
        3,
        "rustop create api",
    );
}

#[test]
fn what_was_here_before_stays() {
    let sandbox = Sandbox::empty();
    sandbox.write("README.md", "# Mine\n");
    sandbox.write("LICENSE", "Mine\n");
    sandbox.write(".gitignore", "*.mine\ntarget/\n");
    sandbox.write(".github/workflows/test.yml", "mine: true\n");
    sandbox.write("src/lib.rs", "//! Mine\n");
    sandbox.ok("init --domain example.com --project-name demo");
    assert_eq!(sandbox.read("README.md"), "# Mine\n");
    assert_eq!(sandbox.read("LICENSE"), "Mine\n");
    assert_eq!(sandbox.read(".github/workflows/test.yml"), "mine: true\n");
    assert_eq!(sandbox.read("src/lib.rs"), "//! Mine\n");
    let ignored = sandbox.read(".gitignore");
    assert!(ignored.starts_with("*.mine\ntarget/\n"), "{ignored}");
    assert!(ignored.lines().count() > 2, "{ignored}");
}

#[test]
fn a_virtual_workspace_is_merged_by_key() {
    let sandbox = Sandbox::empty();
    sandbox.write("Cargo.toml", "# ours\n[workspace]\nmembers = [\"tools\"]\n");
    sandbox.ok("init --domain example.com --project-name demo");
    let text = sandbox.read("Cargo.toml");
    assert!(text.starts_with("# ours\n"), "{text}");
    let document: toml_edit::DocumentMut = text.parse().unwrap();
    let members = document["workspace"]["members"].as_array().unwrap();
    let members: Vec<&str> = members
        .iter()
        .map(|member| member.as_str().unwrap())
        .collect();
    assert!(
        members.contains(&"tools") && members.contains(&"api"),
        "{members:?}"
    );
    assert_eq!(document["package"]["name"].as_str(), Some("demo"));
}

/// The note is what cargo wants: with it, both workspaces can be read; without, the outer one cannot.
#[test]
fn inside_a_workspace_it_says_what_cargo_wants() {
    let sandbox = Sandbox::empty();
    let line = |members: &str, exclude: &str| {
        format!("[workspace]\nresolver = \"3\"\nmembers = [{members}]\nexclude = [{exclude}]\n")
    };
    sandbox.write("Cargo.toml", line("\"tools/*\"", ""));
    let run = sandbox.ok("init --domain example.com tools/op");
    assert!(
        run.stderr.contains("add `\"tools/op\"` to `exclude`"),
        "{}",
        run.stderr
    );
    assert!(!is_read_by_cargo(&sandbox, "."));
    assert!(is_read_by_cargo(&sandbox, "tools/op"));
    let nearest = sandbox.ok("init --domain example.com tools/op/inner --dry-run");
    assert!(
        nearest.stderr.contains("op/Cargo.toml"),
        "{}",
        nearest.stderr
    );
    for exclude in ["\"tools/op\"", "\"./tools/op/\"", "\"else\", \"tools\""] {
        std::fs::remove_dir_all(sandbox.join("tools/op")).unwrap();
        sandbox.write("Cargo.toml", line("\"tools/*\"", exclude));
        let silent = sandbox.ok("init --domain example.com tools/op");
        assert!(
            !silent.stderr.contains("`exclude`"),
            "{exclude}: {}",
            silent.stderr
        );
        for folder in [".", "tools/op"] {
            assert!(is_read_by_cargo(&sandbox, folder), "{exclude}: {folder}");
        }
    }
}

fn is_read_by_cargo(sandbox: &Sandbox, folder: &str) -> bool {
    let mut command = std::process::Command::new("cargo");
    command.args([
        "metadata",
        "--no-deps",
        "--offline",
        "--format-version",
        "1",
    ]);
    let output = command.current_dir(sandbox.join(folder)).output().unwrap();
    output.status.success()
}

#[test]
fn beside_a_crate_is_the_place_for_a_project() {
    let sandbox = Sandbox::empty();
    sandbox.write("greeter/Cargo.toml", "[package]\nname = \"greeter\"\n");
    sandbox.write("greeter/src/main.rs", "fn main() {}\n");
    sandbox.fails(
        "init --domain example.com greeter",
        3,
        "`rustop init ../my-operator`",
    );
    sandbox.fails(
        "init --domain example.com greeter",
        3,
        "`Cargo.toml` (with a package)",
    );
}

#[test]
fn licences_reach_the_sources() {
    for (flags, line) in [
        (
            "--owner 'Ada L.'",
            "// Copyright 2026 Ada L.\n//\n// Licensed under the Apache License",
        ),
        (
            "--license mit",
            "// Copyright 2026.\n// SPDX-License-Identifier: MIT\n\n",
        ),
        (
            "--license copyright --owner Ada",
            "// Copyright 2026 Ada.\n\n",
        ),
        ("--license none", "//!"),
        ("--license none --license-file mine.txt", "// All mine\n\n"),
    ] {
        let sandbox = Sandbox::empty();
        sandbox.write("mine.txt", "/*\nAll mine\n*/\n");
        sandbox.ok(&format!(
            "init --domain example.com --project-name demo {flags}"
        ));
        let main = sandbox.read("src/main.rs");
        assert!(main.starts_with(line), "{flags}: {main}");
    }
}

#[test]
fn kubebuilders_flags_are_taken() {
    let sandbox = Sandbox::empty();
    let run = sandbox.ok("init --domain example.com --project-name demo --repo example.com/op --fetch-deps=false --skip-go-version-check --project-version 3");
    assert!(
        run.stderr.contains("`--fetch-deps` is about Go"),
        "{}",
        run.stderr
    );
    assert!(sandbox.read("PROJECT").contains("repo: example.com/op\n"));
    Sandbox::empty().fails("init --domain example.com --project-version 2", 2, "`3`");
    Sandbox::empty().fails("init --domain example.com --plugins go/v4", 2, "go/v4");
}

#[test]
fn the_same_flags_give_the_same_bytes() {
    let tree = || {
        let sandbox = Sandbox::empty();
        sandbox.ok("init --domain example.com --project-name demo --namespaced --multigroup");
        sandbox.files()
    };
    assert_same(&tree(), &tree(), "init");
}

#[test]
fn git_is_begun_only_when_asked() {
    assert!(!Sandbox::project().exists(".git"));
    let sandbox = Sandbox::empty();
    sandbox.ok("init --domain example.com --project-name demo --git");
    assert!(sandbox.exists(".git/HEAD"));
}

/// A clone of a committed project is the project: no ignore rule eats a file.
#[test]
fn a_clone_has_every_file() {
    let sandbox = Sandbox::empty();
    sandbox.ok("init --domain example.com op");
    let op = sandbox.join("op");
    let project = |arguments: &str| {
        let mut command = sandbox.command(arguments);
        assert!(command.current_dir(&op).output().unwrap().status.success());
    };
    project("create api --group apps --version v1 --kind MyApp --resource --controller");
    sandbox.write("ignore", "bin/\n*.local\n.vscode\n");
    let git = |arguments: &[&str]| {
        let mut command = std::process::Command::new("git");
        command.args(["-c", "user.name=t", "-c", "user.email=t@example.com"]);
        command.args([
            "-c",
            "core.excludesFile=../ignore",
            "-c",
            "core.autocrlf=true",
        ]);
        assert!(
            command
                .args(arguments)
                .current_dir(&op)
                .output()
                .unwrap()
                .status
                .success(),
            "{arguments:?}"
        );
    };
    git(&["init", "--quiet"]);
    git(&["add", "--all"]);
    git(&["commit", "--quiet", "--message", "op"]);
    git(&["clone", "--quiet", ".", "../clone"]);
    let without_git = |folder: &str| {
        let mut files = crate::sandbox::files_below(&sandbox.join(folder));
        files.retain(|path, _| !path.starts_with(".git/"));
        files.into_keys().collect::<Vec<_>>()
    };
    assert_eq!(without_git("op"), without_git("clone"));
    let mut again = sandbox
        .command("create api --group apps --version v1 --kind MyApp --resource --controller");
    let output = again.current_dir(sandbox.join("clone")).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("nothing to do"), "{said}");
}

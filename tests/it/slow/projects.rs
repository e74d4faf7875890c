//! Every snapshot compiles without a warning, is formatted, passes its own
//! tests, and its first `make manifests` changes nothing.

use std::time::Instant;

use super::generated::{Generated, turn};
use crate::sandbox::{Files, assert_same, slow};

/// The one case whose runtime is tested too; it is the same in all.
const WHOLE: &str = "myapp";
const TYPES: &str = "api/src/v1/my_app.rs";
const CRD: &str = "config/crd/bases/apps.example.com_myapps.yaml";

/// Runs a step and prints its seconds.
pub(super) fn timed<T>(project: &Generated, step: &str, run: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = run();
    println!("{:>8.1?}  {} {step}", start.elapsed(), project.case);
    result
}

#[track_caller]
fn leaves_the_tree_alone(project: &Generated, program: &str, arguments: &str) {
    let before = project.files();
    timed(project, &format!("{program} {arguments}"), || {
        project.ok(program, arguments)
    });
    assert_same(&before, &project.files(), arguments);
}

#[test]
fn snapshots_compile_without_a_warning_and_are_formatted() {
    if !slow("snapshots") {
        return;
    }
    let _turn = turn();
    for project in Generated::all() {
        leaves_the_tree_alone(&project, "cargo", "fmt --all --check");
        let clippy = "clippy --workspace --all-targets --locked -- -D warnings";
        leaves_the_tree_alone(&project, "cargo", clippy);
    }
}

#[test]
fn snapshots_pass_their_own_tests() {
    if !slow("tests of snapshots") {
        return;
    }
    let _turn = turn();
    for project in Generated::all() {
        if project.case == WHOLE {
            continue;
        }
        let runtime = format!("{}-runtime", project.package());
        let test = format!("test --workspace --locked --exclude {runtime}");
        leaves_the_tree_alone(&project, "sh", &assets(&format!("cargo {test}")));
    }
}

/// A command line that knows where the API server is.
fn assets(command: &str) -> String {
    format!("-c 'export KUBEBUILDER_ASSETS=\"$(\"$RUSTOP\" envtest use -p path)\" && {command}'")
}

#[test]
fn the_first_manifests_change_nothing() {
    if !slow("manifests of snapshots") {
        return;
    }
    let _turn = turn();
    for project in Generated::all() {
        let before = project.files();
        for arguments in ["manifests --check", "manifests"] {
            let run = timed(&project, arguments, || project.rustop(arguments));
            let said = format!("{}{}", run.stdout, run.stderr);
            assert_eq!(run.code, 0, "{arguments} in {}: {said}", project.case);
            assert_same(&before, &project.files(), arguments);
        }
    }
}

#[test]
fn a_changed_field_changes_its_crd_and_nothing_else() {
    if !slow("a changed field") {
        return;
    }
    let _turn = turn();
    let project = Generated::named(WHOLE);
    project.replace(TYPES, "max = 63", "max = 64");
    let before = project.files();
    let check = project.rustop("manifests --check");
    assert_eq!(check.code, 4, "{}", check.stderr);
    assert!(check.stderr.contains(CRD), "{}", check.stderr);
    assert_same(&before, &project.files(), "manifests --check");

    project.ok(super::generated::rustop(), "manifests");
    assert_eq!(changed(&before, &project.files()), [CRD]);
    let crd = String::from_utf8(project.files()[CRD].0.clone()).unwrap();
    assert!(crd.contains("maxLength: 64"), "{crd}");
    assert_eq!(project.rustop("manifests --check").code, 0);
}

fn changed<'a>(before: &'a Files, after: &'a Files) -> Vec<&'a str> {
    let both = before.keys().chain(after.keys());
    let mut paths: Vec<&str> = both
        .filter(|path| before.get(*path) != after.get(*path))
        .map(String::as_str)
        .collect();
    paths.sort_unstable();
    paths.dedup();
    paths
}

/// The targets that need neither a cluster nor a container; `test` runs the
/// tests of the whole workspace, the runtime's too, against a real API server.
#[test]
fn make_targets_do_what_they_say_and_leave_the_sources_alone() {
    if !slow("make") {
        return;
    }
    let _turn = turn();
    let project = Generated::named(WHOLE);
    let help = project.ok("make", "help").stdout;
    for target in [
        "manifests",
        "generate",
        "fmt",
        "vet",
        "lint",
        "lint-config",
        "setup-envtest",
        "test",
    ] {
        assert!(help.contains(target), "`make help` lacks {target}:\n{help}");
        leaves_the_tree_alone(&project, "make", target);
    }
    check_installer(&project);
}

/// `make build-installer` writes one file, which holds the image that was asked for.
fn check_installer(project: &Generated) {
    let before = project.files();
    let image = "registry.example.com:5000/team/operator:v1.2.3";
    project.ok("make", &format!("build-installer IMG={image}"));
    let after = project.files();
    let outside: Vec<&str> = changed(&before, &after);
    let expected = [
        "dist/",
        "dist/install.yaml",
        "target/",
        "target/deploy/",
        "target/deploy/kustomization.yaml",
    ];
    assert_eq!(outside, expected);
    let installer = String::from_utf8(after["dist/install.yaml"].0.clone()).unwrap();
    assert!(
        installer.contains(&format!("image: {image}\n")),
        "{installer}"
    );
    assert!(installer.contains("kind: CustomResourceDefinition"));
}

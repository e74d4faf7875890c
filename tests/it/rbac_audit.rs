//! `rustop rbac audit` on logs that a real API server wrote, and with a stand-in for cargo.
//!
//! `tests/data/audit/operator.log` is from the integration test of a project
//! whose reconciler also creates a ConfigMap; `UPDATE_AUDIT=1` in the slow ring
//! writes it anew (`slow/rbac_audit.rs`).

use std::path::Path;

use crate::sandbox::{Run, Sandbox};

const CONTROLLER: &str = "src/controller/my_app.rs";

/// Again, it brings the role up to date.
const CREATE: &str = "create api --group apps --version v1 --kind MyApp --resource --controller";

/// A marker for which the recorded operator has no use.
const TOO_MUCH: &str = "// +rustop:rbac:groups=apps,resources=deployments,verbs=list;watch";

fn project() -> Sandbox {
    let sandbox = Sandbox::project();
    sandbox.ok(CREATE);
    let text = sandbox.read(CONTROLLER);
    let first = "// +rustop:rbac:";
    assert!(text.contains(first));
    let text = text.replacen(first, &format!("{TOO_MUCH}\n{first}"), 1);
    sandbox.write(CONTROLLER, text);
    sandbox.ok(CREATE);
    sandbox
}

fn recorded() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/audit");
    format!("rbac audit --from {}", path.display())
}

fn line_of(sandbox: &Sandbox, marker: &str) -> usize {
    let text = sandbox.read(CONTROLLER);
    let position = text.lines().position(|line| line == marker);
    position.unwrap() + 1
}

#[test]
fn what_is_missing_and_what_is_too_much_are_named() {
    let sandbox = project();
    let before = sandbox.files();
    let run = sandbox.ok(&recorded());
    let line = line_of(&sandbox, TOO_MUCH);
    for said in [
        "missing: `create` of `configmaps`\n",
        "// +rustop:rbac:groups=core,resources=configmaps,verbs=create`\n",
        &format!(
            "not needed: {CONTROLLER}:{line}: `list`, `watch` of `deployments.apps`\n  help: take the marker away\n"
        ),
        &format!(
            "not judged: {CONTROLLER}:{}: `update` of `myapps.apps.example.com/finalizers`\n",
            line + 3
        ),
    ] {
        assert!(run.stdout.contains(said), "no `{said}` in:\n{}", run.stdout);
    }
    // What the fixed roles allow, and what everybody may, is not missing.
    assert_eq!(run.stdout.matches("missing: ").count(), 1, "{}", run.stdout);
    // The scaffold's own markers are what its reconciler needs.
    let unneeded = run.stdout.matches("not needed: ").count();
    assert_eq!(unneeded, 1, "{}", run.stdout);
    assert!(before == sandbox.files(), "an audit writes nothing");
}

#[test]
fn the_same_is_said_as_data() {
    let sandbox = project();
    let json = sandbox.ok(&format!("{} --output json", recorded())).json();
    assert_eq!(json["command"], "rbac audit");
    assert!(json["requests"].as_u64().unwrap() > 5, "{json}");
    let missing = &json["missing"][0];
    let marker = "// +rustop:rbac:groups=core,resources=configmaps,verbs=create";
    assert_eq!(missing["marker"], marker);
    assert!(
        missing["seen"][0]
            .as_str()
            .unwrap()
            .ends_with("/configmaps")
    );
    let unneeded = &json["unneeded"][0];
    assert_eq!(unneeded["file"], CONTROLLER);
    assert_eq!(unneeded["line"], line_of(&sandbox, TOO_MUCH));
    assert_eq!(unneeded["replacement"], serde_json::json!([]));
}

#[test]
fn a_check_fails_until_the_markers_are_what_was_proposed() {
    let sandbox = project();
    let check = format!("{} --check", recorded());
    assert_eq!(sandbox.run(&check).code, 4);
    let json = sandbox.ok(&format!("{} --output json", recorded())).json();
    let mut lines: Vec<String> = sandbox
        .read(CONTROLLER)
        .lines()
        .map(str::to_owned)
        .collect();
    for unneeded in json["unneeded"].as_array().unwrap().iter().rev() {
        let line = usize::try_from(unneeded["line"].as_u64().unwrap()).unwrap();
        let instead = unneeded["replacement"].as_array().unwrap();
        let instead = instead.iter().map(|line| line.as_str().unwrap().to_owned());
        lines.splice(line - 1..line, instead);
    }
    let missing = json["missing"].as_array().unwrap();
    let missing = missing
        .iter()
        .map(|it| it["marker"].as_str().unwrap().to_owned());
    lines.extend(missing);
    sandbox.write(CONTROLLER, lines.join("\n"));
    let stale = sandbox.run(&check);
    assert_eq!(stale.code, 0, "{}", stale.stdout);
    assert!(
        stale
            .stdout
            .contains("`config/rbac/role.yaml` is not what the markers say")
    );
    sandbox.ok(CREATE);
    let clean = sandbox.ok(&check).stdout;
    assert!(
        clean.ends_with("0 rights missing, 0 markers with more than is needed\n"),
        "{clean}"
    );
    assert!(!clean.contains("note"), "{clean}");
}

#[test]
fn a_record_that_says_nothing_is_an_error() {
    let sandbox = project();
    sandbox.fails(
        "rbac audit --from nowhere",
        1,
        "failed to read the folder `nowhere`",
    );
    std::fs::create_dir(sandbox.join("logs")).unwrap();
    sandbox.fails(
        "rbac audit --from logs",
        1,
        "no request is recorded in `logs`",
    );
    sandbox.write("logs/a.log", "{\"verb\": \"get\"}\n");
    sandbox.fails(
        "rbac audit --from logs",
        1,
        "logs/a.log:1: this is no event",
    );
    std::fs::remove_dir_all(sandbox.join("logs")).unwrap();
    let other = format!("{} --user somebody", recorded());
    sandbox.fails(&other, 1, "no request of the user `somebody`");
    sandbox.fails(&other, 1, "environment.operator_kubeconfig_path()");
    let both = format!("{} -- --lib", recorded());
    sandbox.fails(&both, 2, "cannot be used with");
    Sandbox::empty().fails(&recorded(), 1, "PROJECT");
}

#[test]
fn a_marker_that_cannot_be_read_stops_the_comparison() {
    let sandbox = project();
    sandbox.replace(CONTROLLER, "verbs=list;watch", "verb=list");
    sandbox.fails(&recorded(), 1, &format!("{CONTROLLER}:"));
}

/// Plays cargo: checks what it is given, and leaves the recorded log behind.
const CARGO: &str = "#!/bin/sh
echo 'running 1 test'
[ \"$*\" = 'test --workspace --test integration' ] || exit 7
[ -x \"$KUBEBUILDER_ASSETS/etcd\" ] || exit 8
cp \"$RECORDED\" \"$RUSTOP_AUDIT_DIRECTORY/1-0.log\"
exit $CODE
";

fn with_cargo(sandbox: &Sandbox, code: &str) -> Run {
    use std::os::unix::fs::PermissionsExt as _;
    for program in ["cargo", "etcd", "kube-apiserver"] {
        let path = format!("tools/{program}");
        sandbox.write(&path, CARGO);
        let executable = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(sandbox.join(&path), executable).unwrap();
    }
    let log = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/audit/operator.log");
    let mut command = sandbox.command("rbac audit --output json -- --test integration");
    command
        .env("CARGO", sandbox.join("tools/cargo"))
        .env("KUBEBUILDER_ASSETS", sandbox.join("tools"))
        .env("RECORDED", log)
        .env("CODE", code)
        .env_remove("CARGO_TARGET_DIR");
    Run::of(command.output().unwrap())
}

#[test]
fn the_tests_are_run_and_what_they_print_is_no_part_of_the_answer() {
    let sandbox = project();
    sandbox.write("target/rustop-audit/old.log", "an earlier run");
    let run = with_cargo(&sandbox, "0");
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(run.json()["missing"].as_array().unwrap().len(), 1);
    assert!(run.stderr.contains("running 1 test"), "{}", run.stderr);
}

#[test]
fn failed_tests_are_no_whole_record() {
    let sandbox = project();
    let run = with_cargo(&sandbox, "1");
    assert_eq!((run.code, run.stdout.as_str()), (1, ""));
    let help = "rustop rbac audit --from '";
    assert!(run.stderr.contains(help), "{}", run.stderr);
}

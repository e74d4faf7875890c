//! `rustop manifests` on `+rustop:webhook` markers.

use crate::sandbox::Sandbox;

const FILE: &str = "config/webhook/manifests.yaml";
const GUARD: &str = "src/webhook/guard.rs";
const MARKER: &str = "// +rustop:webhook:mutating=false,failurePolicy=fail,sideEffects=None,groups=core,resources=pods,\
    verbs=create,versions=v1,name=vpod.example.com,path=/validate--v1-pod,admissionReviewVersions=v1\n";

#[test]
fn webhook_configurations_follow_the_markers() {
    let sandbox = Sandbox::project();
    sandbox.ok("manifests");
    assert!(!sandbox.exists(FILE));
    sandbox.write(GUARD, MARKER);
    sandbox.fails("manifests --check", 4, FILE);
    assert!(!sandbox.exists(FILE));
    sandbox.ok("manifests");
    assert!(sandbox.read(FILE).contains("path: /validate--v1-pod"));
    sandbox.ok("manifests --check --allow undeployed-webhook");
}

/// `config/` has what webhooks need where PROJECT has a webhook, and for the marker by hand then too.
#[test]
fn a_webhook_that_nothing_deploys_is_noted_until_project_has_one() {
    let sandbox = Sandbox::project();
    sandbox.write(GUARD, MARKER);
    sandbox.ok("manifests");
    let words = "src/webhook/guard.rs:1: marker `+rustop:webhook`: PROJECT has no webhook, so `make deploy` leaves this one out";
    sandbox.fails("manifests --check", 4, words);
    let elsewhere = MARKER.replace("path=/validate--v1-pod", "url=\"https://a.example.com\"");
    sandbox.write(GUARD, elsewhere);
    sandbox.ok("manifests");
    sandbox.ok("manifests --check");
    sandbox.write(GUARD, MARKER);
    sandbox.ok("create webhook --group core --version v1 --kind Pod --defaulting");
    assert!(sandbox.read(FILE).contains("path: /validate--v1-pod"));
    sandbox.ok("manifests --check");
}

/// What lies where the scaffold puts controllers, and no list names, is not compiled.
#[test]
fn markers_of_a_file_that_is_passed_over_are_said_not_to_count() {
    let sandbox = Sandbox::project();
    let text = "\n// +rustop:rbac:groups=core,resources=pods,verbs=get\n";
    for file in ["src/controller/mine.rs", "src/webhook/v1/pod/validator.rs"] {
        sandbox.write(file, text);
        let run = sandbox.ok("manifests");
        let words = format!("{file}:2: PROJECT has no such controller or handler, so the markers");
        assert!(run.stderr.contains(&words), "{}", run.stderr);
        assert!(!sandbox.read("config/rbac/role.yaml").contains("pods"));
        sandbox.write(file, "// Mine.\n");
        assert!(!sandbox.ok("manifests").stderr.contains("PROJECT has no"));
    }
    sandbox.write("src/mine/here.rs", text);
    assert!(!sandbox.ok("manifests").stderr.contains("PROJECT has no"));
    assert!(sandbox.read("config/rbac/role.yaml").contains("pods"));
}

#[test]
fn a_configuration_into_which_the_manager_may_not_write_its_ca_is_noted() {
    let sandbox = Sandbox::project();
    sandbox.ok(
        "create webhook --group core --version v1 --kind Pod --defaulting --certificates builtin",
    );
    sandbox.ok("manifests --check");
    let marker = "// +rustop:webhookconfiguration:mutating=true,name=mine\n";
    sandbox.write(GUARD, marker);
    sandbox.ok("manifests");
    let right = "// +rustop:rbac:groups=admissionregistration.k8s.io,resources=mutatingwebhookconfigurations,resourceNames=mine,verbs=patch";
    let words = format!(
        "src/webhook/guard.rs:1: marker `+rustop:webhookconfiguration`: the manager has no right to write its CA into `mine` [missing-right]\nhelp: add `{right}`"
    );
    sandbox.fails("manifests --check", 4, &words);
    sandbox.write(GUARD, format!("{marker}{right}\n"));
    sandbox.ok("manifests");
    sandbox.ok("manifests --check");
}

#[test]
fn a_marker_that_no_api_server_takes_is_named_with_its_line() {
    let sandbox = Sandbox::project();
    sandbox.write(GUARD, format!("\n{}", MARKER.replace("=fail", "=retry")));
    let before = sandbox.files();
    sandbox.fails(
        "manifests",
        1,
        "src/webhook/guard.rs:2: marker `+rustop:webhook`: `failurePolicy` is `retry`",
    );
    assert!(before == sandbox.files());
}

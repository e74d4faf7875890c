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

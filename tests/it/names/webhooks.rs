//! Every kind with webhooks: the markers of the scaffold are ones that rustop takes itself.

use super::{Entry, kinds, project};
use crate::sandbox::Sandbox;

const FILE: &str = "config/webhook/manifests.yaml";

/// A project in which each kind is defaulted and validated.
pub(crate) fn webhooks() -> Sandbox {
    let entry = |kind: &String| Entry {
        controllers: Vec::new(),
        webhooks: true,
        ..Entry::new("kinds", "v1beta1", kind)
    };
    let entries: Vec<_> = kinds().iter().map(entry).collect();
    project("--multigroup --project-name names", "example.com", &entries)
}

#[test]
fn each_kind_has_its_webhooks() {
    let project = webhooks();
    let text = project.read(FILE);
    for kind in kinds() {
        let kind = kind.to_lowercase();
        for letter in ["m", "v"] {
            let name = format!("  name: {letter}{kind}-v1beta1.kinds.example.com\n");
            assert!(text.contains(&name), "{name}");
        }
    }
}

#[test]
fn markers_that_cannot_be_read_are_named_by_each_command() {
    let sandbox = Sandbox::project();
    let create = "create webhook --group core --version v1 --kind Pod --defaulting";
    sandbox.ok(create);
    let file = "src/webhook/v1/pod/defaulter.rs";
    let before = sandbox.read(FILE);
    sandbox.replace(file, "failurePolicy=fail", "failurePolicy=retry");
    let run = sandbox.ok(&create.replace("Pod", "Node"));
    let text = sandbox.read(file);
    let line = 1 + text
        .lines()
        .position(|line| line.contains("=retry"))
        .unwrap();
    let words = format!(
        "`{FILE}` is left as it is, for markers that cannot be read\n\
         {file}:{line}: marker `+rustop:webhook`: `failurePolicy` is `retry`\n"
    );
    assert!(run.stderr.contains(&words), "{}", run.stderr);
    assert_eq!(sandbox.read(FILE), before);
    sandbox.replace(file, "failurePolicy=retry", "failurePolicy=fail");
    sandbox.write("src/rights.rs", "// +rustop:rbac:groups=apps\n");
    let run = sandbox.ok(create);
    let words = "`config/rbac/role.yaml` is left as it is, for markers that cannot be read\nsrc/rights.rs:1: ";
    assert!(run.stderr.contains(words), "{}", run.stderr);
}

//! A second version of a kind, a file that waits for a decision, a list that is gone.

use std::fs;

use crate::sandbox::Sandbox;

const CREATE: &str = "create api --group apps --kind MyApp --resource";

#[test]
fn a_kind_has_one_controller() {
    let sandbox = Sandbox::project();
    sandbox.ok(&format!("{CREATE} --version v1alpha1 --controller"));
    let controller = fs::read(sandbox.join("src/controller/my_app.rs")).unwrap();
    let words = "help: add the version with `--controller=false`";
    sandbox.fails(&format!("{CREATE} --version v1 --controller"), 2, words);
    sandbox.ok(&format!("{CREATE} --version v1 --controller=false"));
    let text = fs::read_to_string(sandbox.join("PROJECT")).unwrap();
    // By hand: both versions ask for it.
    let both = text.replace("  controller: true\n", "").replace(
        "  domain: example.com\n",
        "  controller: true\n  domain: example.com\n",
    );
    assert_eq!(both.matches("controller: true").count(), 2, "{both}");
    fs::write(sandbox.join("PROJECT"), both).unwrap();
    sandbox.ok("create api --group apps --version v1 --kind Other --resource --controller");
    assert_eq!(
        fs::read(sandbox.join("src/controller/my_app.rs")).unwrap(),
        controller
    );
}

#[test]
fn a_file_with_markers_is_refused_by_name() {
    let sandbox = Sandbox::project();
    sandbox.ok(&format!("{CREATE} --version v1 --controller"));
    let path = sandbox.join("src/controller/my_app.rs");
    let text = fs::read_to_string(&path).unwrap();
    let edited = text.replace("request.namespace_or_default()", "\"mine\"");
    fs::write(&path, edited).unwrap();
    sandbox.ok(&format!(
        "{CREATE} --version v1 --controller --force --namespaced=false --on-conflict markers"
    ));
    let other = "create api --group apps --version v1 --kind Other --resource --controller";
    sandbox.fails(
        other,
        3,
        "conflict markers are left in `src/controller/my_app.rs`",
    );
    fs::write(&path, text).unwrap();
    sandbox.ok(other);
}

#[test]
fn a_list_that_was_deleted_comes_back() {
    let sandbox = Sandbox::project();
    let create = format!("{CREATE} --version v1 --controller");
    sandbox.ok(&create);
    let before = sandbox.files();
    fs::remove_file(sandbox.join("src/controller/mod.rs")).unwrap();
    sandbox.ok(&create);
    assert_eq!(sandbox.files(), before);
}

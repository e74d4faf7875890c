//! `create api` and `delete api`.

use crate::sandbox::{Sandbox, assert_same};

const CREATE: &str = "create api --group apps --version v1 --kind MyApp --resource --controller";
const DELETE: &str = "delete api --group apps --version v1 --kind MyApp";

#[test]
fn create_then_delete_gives_the_tree_back() {
    for flags in ["", "--multigroup", "--namespaced", "--license none"] {
        let sandbox = Sandbox::empty();
        sandbox.ok(&format!(
            "init --domain example.com --project-name demo {flags}"
        ));
        let before = sandbox.files();
        sandbox.ok(CREATE);
        sandbox.ok(DELETE);
        assert_same(&before, &sandbox.files(), flags);
    }
}

#[test]
fn a_second_kind_comes_and_goes_alone() {
    let sandbox = Sandbox::project();
    sandbox.ok(CREATE);
    let before = sandbox.files();
    sandbox.ok("create api --group apps --version v1 --kind Zebra --resource --controller");
    let touched: Vec<String> = changed(&before, &sandbox.files());
    let shared = [
        "Cargo.toml",
        "api/Cargo.toml",
        "Makefile",
        "Dockerfile",
        "src/main.rs",
    ];
    assert!(
        touched.iter().all(|path| !shared.contains(&path.as_str())),
        "{touched:?}"
    );
    assert!(
        touched
            .iter()
            .all(|path| !path.contains("my_app") && !path.contains("myapp")),
        "{touched:?}"
    );
    sandbox.ok("delete api --group apps --version v1 --kind Zebra");
    assert_same(&before, &sandbox.files(), "delete");
}

/// Users own or share these; a kind of its own is no reason to touch them.
#[test]
fn a_first_kind_changes_only_what_is_rustops() {
    for flags in ["", "--multigroup", "--namespaced"] {
        let sandbox = Sandbox::empty();
        sandbox.ok(&format!(
            "init --domain example.com --project-name demo {flags}"
        ));
        let report = sandbox.ok(&format!("{CREATE} --output json")).json();
        for file in report["files"].as_array().unwrap() {
            let owner = file["owner"].as_str().unwrap();
            let spared = file["action"] == "create" || ["rustop", "derived"].contains(&owner);
            assert!(spared, "{flags}: {file}");
        }
    }
}

fn changed(before: &crate::sandbox::Files, after: &crate::sandbox::Files) -> Vec<String> {
    after
        .iter()
        .filter(|(path, file)| before.get(*path) != Some(file))
        .map(|(path, _)| path.clone())
        .collect()
}

#[test]
fn a_second_run_changes_nothing_and_says_so() {
    let sandbox = Sandbox::project();
    sandbox.ok(CREATE);
    let before = sandbox.files();
    let run = sandbox.ok(CREATE);
    assert!(run.stderr.contains("nothing to do"), "{}", run.stderr);
    assert_same(&before, &sandbox.files(), CREATE);
}

/// Until `make manifests` has made it anew, a CRD is the scaffold's: it follows.
#[test]
fn a_second_version_comes_and_goes() {
    let sandbox = Sandbox::project();
    sandbox.ok(CREATE);
    let before = sandbox.files();
    let second = "api --group apps --version v2 --kind MyApp";
    sandbox.ok(&format!("create {second} --resource --controller=false"));
    let crd = sandbox.read("config/crd/bases/apps.example.com_myapps.yaml");
    assert!(
        crd.contains("name: v1\n") && crd.contains("name: v2\n"),
        "{crd}"
    );
    sandbox.ok(&format!("delete {second}"));
    assert_same(&before, &sandbox.files(), "a second version");
}

#[test]
fn deleting_the_stored_version_is_warned_of() {
    let sandbox = Sandbox::project();
    sandbox.ok(CREATE);
    sandbox.ok("create api --group apps --version v2 --kind MyApp --resource --controller=false");
    let says = |version: &str| {
        let delete = format!("delete api --group apps --version {version} --kind MyApp --dry-run");
        sandbox
            .ok(&delete)
            .stderr
            .contains("objects are stored as `v1`")
    };
    assert!(says("v1") && !says("v2"));
}

#[test]
fn a_crd_that_was_computed_is_left_to_manifests() {
    let sandbox = Sandbox::project();
    sandbox.ok(CREATE);
    let path = "config/crd/bases/apps.example.com_myapps.yaml";
    sandbox.replace(path, "An example.", "Computed from your types.");
    let computed = sandbox.read(path);
    sandbox.ok("create api --group apps --version v2 --kind MyApp --resource --controller=false");
    assert_eq!(sandbox.read(path), computed);
}

#[test]
fn a_stop_shows_what_is_in_the_way_and_nothing_else() {
    let sandbox = Sandbox::project();
    sandbox.ok(CREATE);
    sandbox.write("src/controller/mod.rs", "// mine\n");
    let run =
        sandbox.run("create api --group apps --version v1 --kind Zebra --resource --controller");
    assert!(
        run.stderr.contains("conflict  src/controller/mod.rs"),
        "{}",
        run.stderr
    );
    assert!(
        run.stderr.contains("| pub(crate) fn register"),
        "{}",
        run.stderr
    );
    assert!(!run.stderr.contains("create  "), "{}", run.stderr);
}

#[test]
fn the_order_of_creation_does_not_matter() {
    let tree = |kinds: [&str; 3]| {
        let sandbox = Sandbox::project();
        for kind in kinds {
            sandbox.ok(&format!(
                "create api --group apps --version v1 --kind {kind} --resource --controller"
            ));
        }
        sandbox.files()
    };
    assert_same(
        &tree(["Alpha", "Beta", "Gamma"]),
        &tree(["Gamma", "Alpha", "Beta"]),
        "order",
    );
}

#[test]
fn what_you_changed_survives_a_deletion() {
    let sandbox = Sandbox::project();
    sandbox.ok(CREATE);
    sandbox.replace("src/controller/my_app.rs", "\n", "\n// my own line\n");
    let run = sandbox.ok(DELETE);
    assert!(
        run.stderr.contains("keep  src/controller/my_app.rs"),
        "{}",
        run.stderr
    );
    assert!(sandbox.exists("src/controller/my_app.rs"));
    assert!(!sandbox.exists("api/src/v1/my_app.rs"));
    let role = sandbox.read("config/rbac/role.yaml");
    assert!(
        !role.contains("myapps"),
        "what is not compiled needs no rights: {role}"
    );
    let sandbox = Sandbox::project();
    sandbox.ok(CREATE);
    sandbox.replace("src/controller/my_app.rs", "\n", "\n// my own line\n");
    sandbox.ok(&format!("{DELETE} --force"));
    assert!(!sandbox.exists("src/controller/my_app.rs"));
}

#[test]
fn what_is_merely_reformatted_counts_as_untouched() {
    let sandbox = Sandbox::project();
    sandbox.ok(CREATE);
    let text = sandbox
        .read("api/src/v1/my_app.rs")
        .replace("    pub ", "\tpub   ");
    sandbox.write("api/src/v1/my_app.rs", text);
    sandbox.ok(DELETE);
    assert!(!sandbox.exists("api/src/v1/my_app.rs"));
}

#[test]
fn your_types_are_merged_when_the_scaffold_changes() {
    let sandbox = Sandbox::project();
    sandbox.ok(CREATE);
    let mine = "    /// How many.\n    pub replicas: Option<i32>,\n}\n";
    let text = sandbox
        .read("api/src/v1/my_app.rs")
        .replacen("}\n", mine, 1);
    sandbox.write("api/src/v1/my_app.rs", text);
    sandbox.fails(&format!("{CREATE} --plural applications"), 2, "--force");
    sandbox.ok(&format!("{CREATE} --plural applications --force"));
    let text = sandbox.read("api/src/v1/my_app.rs");
    assert!(
        text.contains("plural = \"applications\"") && text.contains(mine),
        "{text}"
    );
}

#[test]
fn a_list_you_edited_stops_the_command() {
    let sandbox = Sandbox::project();
    sandbox.ok(CREATE);
    sandbox.write("src/controller/mod.rs", "// mine\n");
    let other = "create api --group apps --version v1 --kind Zebra --resource --controller";
    sandbox.fails(other, 3, "--on-conflict");
    sandbox.ok(&format!("{other} --on-conflict theirs"));
    assert!(sandbox.read("src/controller/mod.rs").contains("zebra"));
}

#[test]
fn a_listed_file_that_is_gone_stops_the_command() {
    let sandbox = Sandbox::project();
    sandbox.ok(CREATE);
    std::fs::remove_file(sandbox.join("src/controller/my_app.rs")).unwrap();
    let other = "create api --group apps --version v1 --kind Zebra --resource --controller";
    sandbox.fails(other, 3, "src/controller/my_app.rs");
    sandbox.ok(DELETE);
}

#[test]
fn a_shared_file_you_deleted_stays_deleted() {
    let sandbox = Sandbox::project();
    std::fs::remove_file(sandbox.join("Dockerfile")).unwrap();
    sandbox.ok(CREATE);
    assert!(!sandbox.exists("Dockerfile"));
}

#[test]
fn the_role_follows_the_markers() {
    let sandbox = Sandbox::project();
    sandbox.ok(CREATE);
    assert!(
        sandbox
            .read("config/rbac/role.yaml")
            .contains("myapps/status")
    );
    sandbox.ok(DELETE);
    assert!(!sandbox.read("config/rbac/role.yaml").contains("myapps"));
}

#[test]
fn a_second_group_wants_a_multi_group_project() {
    let sandbox = Sandbox::project();
    sandbox.ok(CREATE);
    let other = "create api --group batch2 --version v1 --kind Job --resource --controller";
    sandbox.fails(other, 2, "--multigroup");
    let sandbox = Sandbox::empty();
    sandbox.ok("init --domain example.com --project-name demo --multigroup");
    sandbox.ok(CREATE);
    sandbox.ok(other);
    assert!(
        sandbox.exists("api/src/batch2/v1/job.rs")
            && sandbox.exists("src/controller/apps/my_app.rs")
    );
}

#[test]
fn the_full_group_may_be_given() {
    let sandbox = Sandbox::project();
    sandbox.ok(CREATE);
    let run = sandbox.ok(
        "create api --group apps.example.com --version v1 --kind MyApp --resource --controller",
    );
    assert!(run.stderr.contains("nothing to do"), "{}", run.stderr);
}

#[test]
fn a_controller_can_come_later() {
    let sandbox = Sandbox::project();
    sandbox.ok("create api --group apps --version v1 --kind MyApp --resource --controller=false");
    assert!(!sandbox.exists("src/controller/my_app.rs"));
    sandbox.ok("create api --group apps --version v1 --kind MyApp --resource=false --controller");
    assert!(sandbox.exists("src/controller/my_app.rs"));
}

#[test]
fn line_ends_of_yours_are_kept() {
    let sandbox = Sandbox::project();
    sandbox.ok(CREATE);
    let text = sandbox
        .read("api/src/v1/my_app.rs")
        .replace('\n', "\r\n")
        .replacen("foo", "bar", 1);
    sandbox.write("api/src/v1/my_app.rs", &text);
    sandbox.ok(&format!("{CREATE} --plural applications --force"));
    let merged = sandbox.read("api/src/v1/my_app.rs");
    assert_eq!(merged, text.replace("myapps", "applications"));
}

#[test]
fn a_file_that_is_where_a_list_looks_stops_the_command() {
    let sandbox = Sandbox::project();
    sandbox.write("src/controller/my_app.rs", "// mine\n");
    sandbox.fails(CREATE, 3, "in the way in 1 file");
    let run = sandbox.ok(&format!("{CREATE} --on-conflict ours"));
    assert_eq!(sandbox.read("src/controller/my_app.rs"), "// mine\n");
    assert!(
        run.stderr.contains("keep  src/controller/my_app.rs"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_kind_that_is_anothers_spec_or_status_is_refused() {
    let sandbox = Sandbox::project();
    sandbox.ok(CREATE);
    for kind in ["MyAppSpec", "MyAppStatus"] {
        let create =
            format!("create api --group apps --version v1 --kind {kind} --resource --controller");
        sandbox.fails(&create, 2, kind);
    }
}

//! `create api --external-api-crd`: the copy of somebody else's CRD, and the
//! types that follow from it.

use crate::sandbox::{Run, Sandbox, assert_same};

const GADGET: &str = "config/crd/external/example.org_gadgets.yaml";
const TYPES: &str = "api/src/v1/gadget.rs";

/// The command for a CRD of ours.
fn create(file: &str, flags: &str) -> String {
    let data = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/external");
    format!("create api --external-api-crd {data}/{file} {flags}")
}

fn with_gadget(flags: &str) -> Sandbox {
    let sandbox = Sandbox::empty();
    sandbox.ok(&format!(
        "init --domain example.com --project-name demo {flags}"
    ));
    sandbox.ok(&create("gadgets.yaml", "--controller"));
    sandbox
}

fn says(run: &Run, words: &str) {
    assert!(run.stderr.contains(words), "{}", run.stderr);
}

#[test]
fn create_then_delete_gives_the_tree_back() {
    for flags in ["", "--multigroup", "--namespaced", "--license none"] {
        let sandbox = Sandbox::empty();
        sandbox.ok(&format!(
            "init --domain example.com --project-name demo {flags}"
        ));
        sandbox.ok("create api --group apps --version v1 --kind MyApp --resource --controller");
        let before = sandbox.files();
        let command = create("gadgets.yaml", "--controller");
        sandbox.ok(&format!("{command} --dry-run"));
        assert_same(&before, &sandbox.files(), "a dry run");
        sandbox.ok(&command);
        let after = sandbox.files();
        says(&sandbox.ok(&command), "nothing to do");
        assert_same(&after, &sandbox.files(), "a second run");
        sandbox.ok(&create("ratings.yaml", "--controller=false"));
        sandbox.ok("delete api --group example.org --version v1alpha1 --kind Rating");
        assert_same(&after, &sandbox.files(), "another kind came and went");
        sandbox.ok("delete api --group example.org --version v1 --kind Gadget");
        assert_same(&before, &sandbox.files(), flags);
    }
}

#[test]
fn what_the_file_says_need_not_be_said() {
    let check = |flags: &str, entry: &str| {
        let sandbox = Sandbox::project();
        sandbox.ok(&create("gadgets.yaml", &format!("--controller {flags}")));
        let project = sandbox.read("PROJECT");
        assert!(project.contains(entry), "{flags}: {project}");
        assert_eq!(
            sandbox.read(GADGET),
            include_str!("../data/external/gadgets.yaml")
        );
    };
    let stored = "- controller: true\n  domain: org\n  external: true\n  group: example\n  kind: Gadget\n  plural: gadgets\n  version: v1\n";
    check("", stored);
    check("--resource=false --kind Gadget --version v1", stored);
    check("--group example --external-api-domain org", stored);
    check("--group example", stored);
    check("--external-api-domain org", stored);
    let whole = "  external: true\n  group: example.org\n";
    check("--group example.org", whole);
    check("--version v1beta1", "  version: v1beta1\n");
}

#[test]
fn a_group_is_cut_in_one_way() {
    let check = |first: &str, second: &str| {
        let sandbox = Sandbox::project();
        sandbox.ok(&create("gadgets.yaml", &format!("--controller {first}")));
        sandbox.ok(&create(
            "ratings.yaml",
            &format!("--controller=false {second}"),
        ));
        let types = sandbox.read("api/src/lib.rs");
        assert_eq!(types.matches("/// The group").count(), 1, "{types}");
    };
    check("", "");
    check("--group example.org", "");
    check("", "--group example.org");
    check("--group example", "");
}

#[test]
fn what_the_flags_say_must_be_so() {
    let check = |file: &str, flags: &str, code: i32, words: &str| {
        let sandbox = Sandbox::project();
        let before = sandbox.files();
        sandbox.fails(&create(file, flags), code, words);
        assert_same(&before, &sandbox.files(), flags);
    };
    check(
        "gadgets.yaml",
        "--controller --kind Widget",
        2,
        "it has `Gadget`",
    );
    check(
        "gadgets.yaml",
        "--controller --group other",
        2,
        "is `example.org`, not `other`",
    );
    check(
        "gadgets.yaml",
        "--controller --external-api-domain io",
        2,
        "not `example.org.io`",
    );
    check(
        "gadgets.yaml",
        "--controller --version v3",
        1,
        "it has no version `v3`",
    );
    check(
        "gadgets.yaml",
        "--controller --plural things",
        2,
        "cannot be used with",
    );
    check(
        "gadgets.yaml",
        "--controller --resource",
        2,
        "say `--resource=false`",
    );
    check("gadgets.yaml", "", 2, "--controller=false");
    check(
        "list.json",
        "--controller",
        2,
        "say which with `--kind`: `Wheel`, `Axle`",
    );
    check(
        "list.json",
        "--controller --kind Axle",
        1,
        "names no property",
    );
    check("old.yaml", "--controller", 1, "no more since 1.22");
    check(
        "none.yaml",
        "--controller",
        1,
        "failed to read `--external-api-crd`",
    );
    let sandbox = Sandbox::project();
    sandbox.fails(
        "create api --kind A --controller --resource",
        2,
        "--version <VERSION>",
    );
}

#[test]
fn a_list_in_json_is_kept_as_yaml() {
    let sandbox = Sandbox::project();
    sandbox.ok(&create("list.json", "--controller --kind Wheel"));
    let copy = sandbox.read("config/crd/external/example.org_wheels.yaml");
    assert!(
        copy.starts_with("apiVersion: apiextensions.k8s.io/v1\n"),
        "{copy}"
    );
    assert!(
        sandbox
            .read("api/src/v1/wheel.rs")
            .contains("#[serde(rename = \"on\")]")
    );
}

#[test]
fn a_newer_crd_in_place_of_the_copy_changes_the_types() {
    let newer = |sandbox: &Sandbox| {
        sandbox.replace(GADGET, "              isCA:", "              isCADecided:");
    };
    let check = |command: &str, code: i32, done: bool| {
        let sandbox = with_gadget("");
        newer(&sandbox);
        assert_eq!(sandbox.run(command).code, code, "{command}");
        let types = sandbox.read(TYPES);
        assert_eq!(types.contains("pub is_ca_decided:"), done, "{command}");
        assert!(sandbox.read(GADGET).contains("isCADecided"), "{command}");
    };
    check("manifests --check", 4, false);
    check("manifests", 0, true);
    check(
        "create api --group apps --version v1 --kind MyApp --resource --controller",
        0,
        true,
    );
    check(&create("ratings.yaml", "--controller=false"), 0, true);
    // The flags bring the copy back to what it was, but for what the user changed.
    check(&create("gadgets.yaml", "--controller"), 0, true);
}

#[test]
fn types_that_somebody_changed_are_computed_again() {
    let check = |command: &str| {
        let sandbox = with_gadget("");
        let types = sandbox.read(TYPES);
        sandbox.write(TYPES, types.replace("Gadget", "Gizmo"));
        sandbox.ok(command);
        assert_eq!(sandbox.read(TYPES), types, "{command}");
        std::fs::remove_file(sandbox.join(TYPES)).unwrap();
        sandbox.ok(command);
        assert_eq!(sandbox.read(TYPES), types, "{command}");
        // Twice changed: by a command first, then by a newer CRD.
        sandbox.replace(GADGET, "              isCA:", "              isA:");
        sandbox.ok("manifests");
        sandbox.replace(GADGET, "              isA:", "              isB:");
        sandbox.ok(command);
        assert!(sandbox.read(TYPES).contains("pub is_b:"), "{command}");
    };
    check("manifests");
    check(&create("ratings.yaml", "--controller=false"));
}

#[test]
fn a_copy_that_the_user_changed_stays() {
    let sandbox = with_gadget("");
    sandbox.replace(GADGET, "isCA:", "isCADecided:");
    // A command in between must not take the change for the scaffold's.
    sandbox.ok(&create("ratings.yaml", "--controller=false"));
    let run = sandbox.ok("delete api --group example.org --version v1 --kind Gadget");
    says(&run, &format!("keep  {GADGET}"));
    assert!(sandbox.exists(GADGET));
    assert!(!sandbox.exists(TYPES), "the types are computed: they go");
}

#[test]
fn a_copy_that_is_gone_is_said_and_stops_nothing_else() {
    let sandbox = with_gadget("");
    std::fs::remove_file(sandbox.join(GADGET)).unwrap();
    sandbox.fails("manifests", 3, &format!("git checkout -- {GADGET}"));
    sandbox.ok("create api --group apps --version v1 --kind MyApp --resource --controller=false");
    std::fs::remove_file(sandbox.join(TYPES)).unwrap();
    sandbox.fails(
        "create api --group apps --version v1 --kind Other --resource --controller=false",
        3,
        &format!("git checkout -- {GADGET}"),
    );
    sandbox.ok("delete api --group example.org --version v1 --kind Gadget");
    assert!(!sandbox.read("PROJECT").contains("Gadget"));
}

#[test]
fn a_copy_that_cannot_be_used_is_said() {
    let check = |from: &str, to: &str, words: &str| {
        let sandbox = with_gadget("");
        sandbox.replace(GADGET, from, to);
        sandbox.fails("manifests", 1, words);
        sandbox.fails("manifests", 1, &format!("failed to use `{GADGET}`"));
    };
    check("  - name: v1\n", "  - name: v2\n", "it has no version `v1`");
    check(
        "    kind: Gadget\n",
        "    kind: Gizmo\n",
        "it has no `Gadget` of the group",
    );
    check("spec:\n  group", "spec: [\n  group", "it is no YAML");
}

#[test]
fn two_versions_share_one_copy() {
    let sandbox = with_gadget("");
    let before = sandbox.files();
    sandbox.ok(&create(
        "gadgets.yaml",
        "--controller=false --version v1beta1",
    ));
    assert!(sandbox.exists("api/src/v1beta1/gadget.rs"));
    sandbox.ok("delete api --group example.org --version v1beta1 --kind Gadget");
    assert_same(&before, &sandbox.files(), "the copy is still needed");
}

#[test]
fn a_strangers_file_is_not_overwritten() {
    let sandbox = Sandbox::project();
    sandbox.write(TYPES, "// mine\n");
    let command = create("gadgets.yaml", "--controller");
    sandbox.fails(&command, 3, "nothing was written");
    assert_eq!(sandbox.read(TYPES), "// mine\n");
}

/// Installing the CRDs of others is for those who run them.
#[test]
fn the_copy_is_not_among_what_is_installed() {
    let sandbox = with_gadget("");
    let kustomization = sandbox.read("config/crd/kustomization.yaml");
    assert!(!kustomization.contains("gadgets"), "{kustomization}");
    assert!(!sandbox.read("api/crdgen/main.rs").contains("Gadget"));
}

#[test]
fn the_layout_moves_the_types_and_not_the_copy() {
    let sandbox = with_gadget("");
    sandbox.replace("PROJECT", "layout:\n", "multigroup: true\nlayout:\n");
    sandbox.ok(&create("ratings.yaml", "--controller=false"));
    assert!(sandbox.exists("api/src/example/v1/gadget.rs"));
    assert!(!sandbox.exists(TYPES));
    assert!(sandbox.exists(GADGET));
}

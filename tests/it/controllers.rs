//! Several controllers of one kind, several versions, domains of one's own.

use crate::sandbox::{Sandbox, assert_same};

const CREATE: &str = "create api --group crew --version v1 --kind Captain --resource --controller";
const BACKUP: &str = "create api --group crew --version v1 --kind Captain --resource=false --controller-name captain-backup";

#[test]
fn a_second_controller_comes_and_goes() {
    for flags in ["", "--multigroup", "--namespaced"] {
        let sandbox = Sandbox::empty();
        sandbox.ok(&format!(
            "init --domain example.com --project-name demo {flags}"
        ));
        sandbox.ok(CREATE);
        let before = sandbox.files();
        sandbox.ok(BACKUP);
        let after = sandbox.files();
        let run = sandbox.ok(BACKUP);
        assert!(run.stderr.contains("nothing to do"), "{}", run.stderr);
        assert_same(&after, &sandbox.files(), "a second run");
        sandbox.ok(
            "delete api --group crew --version v1 --kind Captain --controller-name captain-backup",
        );
        assert_same(&before, &sandbox.files(), flags);
    }
}

/// Two controllers that shared a finalizer, a condition or a name in the metrics
/// would fight over each object.
#[test]
fn controllers_of_one_kind_do_not_meet() {
    let sandbox = Sandbox::project();
    sandbox.ok(CREATE);
    sandbox.ok(BACKUP);
    let own = sandbox.read("src/controller/captain.rs");
    let backup = sandbox.read("src/controller/captain_backup.rs");
    for (text, name, finalizer, condition) in [
        (
            &own,
            "captain",
            "crew.example.com/finalizer",
            "condition(\"Ready\"",
        ),
        (
            &backup,
            "captain-backup",
            "crew.example.com/captain-backup",
            "\"CaptainBackupReady\"",
        ),
    ] {
        assert!(
            text.contains(&format!("CONTROLLER: &str = \"{name}\"")),
            "{text}"
        );
        assert!(
            text.contains(&format!("FINALIZER: &str = \"{finalizer}\"")),
            "{text}"
        );
        assert!(text.contains(condition), "{text}");
    }
}

#[test]
fn a_name_means_a_controller() {
    let sandbox = Sandbox::project();
    sandbox.ok(
        "create api --group crew --version v1 --kind Captain --resource --controller-name bridge",
    );
    assert!(sandbox.exists("src/controller/bridge.rs"));
    assert!(!sandbox.exists("src/controller/captain.rs"));
    assert!(
        sandbox
            .read("PROJECT")
            .contains("controllers:\n  - name: bridge\n")
    );
    let no = "create api --group crew --version v1 --kind Captain --resource --controller=false --controller-name x";
    sandbox.fails(no, 2, "`--controller-name` names a controller");
}

/// kubebuilder: the kind in lower case is its own controller, named or not.
#[test]
fn the_kind_in_lower_case_is_its_own_controller() {
    let named = Sandbox::project();
    named.ok(
        "create api --group crew --version v1 --kind Captain --resource --controller-name captain",
    );
    let unnamed = Sandbox::project();
    unnamed.ok(CREATE);
    assert_same(
        &unnamed.files(),
        &named.files(),
        "--controller-name captain",
    );
}

#[test]
fn names_that_collide_are_refused() {
    let check = |command: &str, words: &str| {
        let sandbox = Sandbox::project();
        sandbox.ok(CREATE);
        sandbox.ok(BACKUP);
        sandbox.ok("create api --group crew --version v1 --kind FirstMate --resource --controller");
        sandbox.ok(
            "create api --group crew --version v1 --kind Sailor --resource --controller-name deck",
        );
        let before = sandbox.files();
        sandbox.fails(&format!("create api --group crew {command}"), 2, words);
        assert_same(&before, &sandbox.files(), command);
    };
    let other = "--resource=false --controller-name";
    check(
        &format!("--version v1 --kind FirstMate {other} captain"),
        "would both be `captain`",
    );
    check(
        &format!("--version v1 --kind FirstMate {other} captain-backup"),
        "would both be `captain-backup`",
    );
    check(
        &format!("--version v1 --kind Captain {other} captain--backup"),
        "src/controller/captain_backup.rs",
    );
    check(
        &format!("--version v1 --kind Captain {other} first-mate"),
        "src/controller/first_mate.rs",
    );
    check(
        &format!("--version v1 --kind Captain {other} Captain_2"),
        "try `--controller-name captain-2`",
    );
    check(
        "--version v2 --kind Captain --resource --controller",
        "--controller-name captain-v2",
    );
    check(
        "--version v1 --kind Sailor --resource=false --controller",
        "--controller-name sailor",
    );
    check(
        "--version v1 --kind Cook --resource=false --controller",
        "no kind of this project",
    );
}

#[test]
fn a_controller_that_is_not_there_cannot_go() {
    let sandbox = Sandbox::project();
    sandbox.ok(CREATE);
    sandbox.fails(
        "delete api --group crew --version v1 --kind Captain --controller-name x",
        2,
        "has no controller `x`",
    );
    sandbox.ok("delete api --group crew --version v1 --kind Captain --controller-name captain");
    assert!(!sandbox.exists("src/controller/captain.rs"));
    assert!(sandbox.exists("api/src/v1/captain.rs"));
    assert!(!sandbox.read("PROJECT").contains("controller"));
}

/// What somebody changed in a controller stays when the controller goes.
#[test]
fn a_changed_controller_is_kept_and_asks_for_no_rights() {
    let sandbox = Sandbox::project();
    sandbox.ok(CREATE);
    sandbox.ok(BACKUP);
    let marker = "// +rustop:rbac:groups=apps,resources=deployments,verbs=get\n";
    let file = "src/controller/captain_backup.rs";
    sandbox.write(file, sandbox.read(file) + marker);
    let run = sandbox
        .ok("delete api --group crew --version v1 --kind Captain --controller-name captain-backup");
    assert!(
        run.stderr
            .contains("keep  src/controller/captain_backup.rs"),
        "{}",
        run.stderr
    );
    assert!(
        !sandbox
            .read("config/rbac/role.yaml")
            .contains("deployments")
    );
}

#[test]
fn kubebuilders_two_spellings_are_read() {
    let check = |spelling: &str, files: [bool; 2]| {
        let sandbox = Sandbox::project();
        sandbox.ok(CREATE);
        sandbox.replace("PROJECT", "  controller: true\n", spelling);
        sandbox.ok("create api --group crew --version v1 --kind Cook --resource --controller");
        let there =
            ["captain", "backup"].map(|name| sandbox.exists(&format!("src/controller/{name}.rs")));
        assert_eq!(there, files, "{spelling}");
    };
    check("  controller: true\n", [true, false]);
    check("  controllers: [{name: captain}]\n", [true, false]);
    check(
        "  controllers: [{name: captain}, {name: backup}]\n",
        [true, true],
    );
    check("  controllers: [{name: backup}]\n", [false, true]);
    // Where both are set, the list wins.
    check(
        "  controller: true\n  controllers: [{name: backup}]\n",
        [false, true],
    );
}

#[test]
fn a_type_comes_from_one_place() {
    let check = |spelling: &str| {
        let sandbox = Sandbox::project();
        sandbox.ok(CREATE);
        sandbox.replace(
            "PROJECT",
            "- api:\n    crdVersion: v1\n    namespaced: true\n",
            spelling,
        );
        sandbox.fails(BACKUP, 1, "with one of `api`, `core` and `external`");
    };
    check("- zebra: 1\n");
    check("- api: {crdVersion: v1}\n  core: true\n");
    check("- api: {crdVersion: v1}\n  external: true\n");
    check("- core: true\n  external: true\n");
}

#[test]
fn three_versions_of_a_kind_live_in_one_crd() {
    let sandbox = Sandbox::project();
    for version in ["v1alpha1", "v1", "v10"] {
        let controller = version == "v1alpha1";
        sandbox.ok(&format!(
            "create api --group crew --version {version} --kind Captain --resource --controller={controller}"
        ));
    }
    let crd = sandbox.read("config/crd/bases/crew.example.com_captains.yaml");
    let versions: Vec<&str> = crd
        .lines()
        .filter_map(|line| line.strip_prefix("    name: v"))
        .collect();
    assert_eq!(versions, ["10", "1", "1alpha1"], "{crd}");
    assert_eq!(crd.matches("storage: true").count(), 1);
    assert!(
        sandbox
            .read("src/controller/captain.rs")
            .contains("crew::v1alpha1::Captain")
    );
}

#[test]
fn a_resource_may_have_a_domain_of_its_own() {
    let sandbox = Sandbox::empty();
    sandbox.ok("init --domain example.com --project-name demo --multigroup");
    let api = |rest: &str| sandbox.ok(&format!("create api {rest} --resource --controller=false"));
    api("--group crew --domain other.io --version v1 --kind Captain");
    api("--group ships.other.io --domain other.io --version v1 --kind Ship");
    api("--domain third.org --version v1 --kind Port");
    api("--group third.org --domain third.org --version v1 --kind Pier");
    // Two groups without a name of their own would be one Rust module.
    let second = "create api --version v1 --kind Harbour --resource --controller=false";
    sandbox.fails(
        second,
        2,
        "`example.com` and `third.org` would both be `ungrouped`",
    );
    for crd in [
        "crew.other.io_captains",
        "ships.other.io_ships",
        "third.org_ports",
        "third.org_piers",
    ] {
        assert!(
            sandbox.exists(&format!("config/crd/bases/{crd}.yaml")),
            "{crd}"
        );
    }
}

#[test]
fn server_side_apply_is_said_to_be_the_default() {
    let sandbox = Sandbox::project();
    let run = sandbox.ok(&format!("{CREATE} --ssa"));
    assert!(
        run.stderr.contains("writes with server-side apply"),
        "{}",
        run.stderr
    );
    let with = sandbox.files();
    let without = Sandbox::project();
    without.ok(CREATE);
    assert_same(&without.files(), &with, "--ssa");
    let no =
        "create api --group crew --version v1 --kind Captain --resource=false --controller --ssa";
    sandbox.fails(no, 2, "`--ssa` is about the types");
}

#[test]
fn one_kind_in_two_groups_has_two_of_everything() {
    let sandbox = Sandbox::empty();
    sandbox.ok("init --domain example.com --project-name demo --multigroup");
    for group in ["foo", "fiz.policy"] {
        sandbox.ok(&format!(
            "create api --group {group} --version v1 --kind Bar --resource --controller"
        ));
    }
    for (file, name) in [
        ("src/controller/foo/bar.rs", "\"foo-bar\""),
        ("src/controller/fiz_policy/bar.rs", "\"fiz.policy-bar\""),
        ("config/rbac/foo_bar_admin_role.yaml", "foo-bar-admin-role"),
        (
            "config/rbac/fiz.policy_bar_admin_role.yaml",
            "fiz.policy-bar-admin-role",
        ),
        ("config/samples/foo_v1_bar.yaml", "foo.example.com/v1"),
        (
            "config/samples/fiz.policy_v1_bar.yaml",
            "fiz.policy.example.com/v1",
        ),
    ] {
        assert!(sandbox.read(file).contains(name), "{file}");
    }
}

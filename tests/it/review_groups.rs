//! Which kind is meant, where names alone do not say it: found by a review.

use crate::sandbox::{Sandbox, assert_same};

const GADGETS: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/data/external/gadgets.yaml"
);

fn multigroup() -> Sandbox {
    let sandbox = Sandbox::in_memory();
    sandbox.ok("init --domain example.com --project-name demo --multigroup --quiet");
    sandbox
}

fn refused(sandbox: &Sandbox, command: &str, words: &str) {
    let before = sandbox.files();
    sandbox.fails(command, 2, words);
    assert_same(&before, &sandbox.files(), command);
}

#[test]
fn a_kind_has_its_types_from_one_place_however_its_group_is_cut() {
    let sandbox = multigroup();
    sandbox.ok(&format!(
        "create api --external-api-crd {GADGETS} --controller"
    ));
    for version in ["v1", "v2"] {
        let own = format!(
            "create api --group example.org --domain '' --version {version} --kind Gadget --resource --controller=false"
        );
        refused(&sandbox, &own, "with a type from elsewhere");
    }
}

#[test]
fn a_group_that_is_cut_in_another_way_is_the_same_group() {
    for group in [
        "--group crew.example.com --domain ''",
        "--group '' --domain crew.example.com",
        "--group crew.example --domain com",
    ] {
        let sandbox = multigroup();
        sandbox.ok("create api --group crew --version v1 --kind Captain --resource --controller");
        let before = sandbox.files();
        sandbox.ok(&format!(
            "create api {group} --version v1 --kind Captain --resource --controller"
        ));
        assert_same(&before, &sandbox.files(), group);
        sandbox.ok(&format!(
            "create api {group} --version v2 --kind Captain --resource --controller=false"
        ));
        assert!(sandbox.exists("api/src/crew/v2/captain.rs"), "{group}");
        sandbox.ok(&format!("delete api {group} --version v2 --kind Captain"));
        assert_same(&before, &sandbox.files(), group);
    }
}

#[test]
fn a_group_in_two_ways_in_project_is_refused() {
    let sandbox = multigroup();
    sandbox.ok("create api --group crew --version v1 --kind Captain --resource --controller");
    let entry = "- {api: {crdVersion: v1}, domain: com, group: crew.example, kind: Cook, version: v1}\nversion: '3'";
    sandbox.replace("PROJECT", "\nversion: '3'", &format!("\n{entry}"));
    sandbox.fails(
        "create api --group crew --version v1 --kind Mate --resource --controller",
        1,
        "in two ways",
    );
}

#[test]
fn what_create_understood_delete_understands() {
    let check = |create: &str, delete: &str| {
        let sandbox = multigroup();
        let before = sandbox.files();
        sandbox.ok(&format!(
            "create api {create} --resource=false --controller"
        ));
        sandbox.ok(&format!("delete api {delete}"));
        assert_same(&before, &sandbox.files(), create);
    };
    let same = |names: &str| check(names, names);
    same("--group events.k8s.io --domain '' --version v1 --kind Event");
    same("--group rbac.authorization --domain '' --version v1 --kind Role");
    same("--group rbac.authorization.k8s.io --version v1 --kind Role");
    same("--group core --version v1 --kind Pod");
    same("--version v1 --kind Pod");
    check(
        "--version v1 --kind Pod",
        "--group '' --version v1 --kind Pod",
    );
}

#[test]
fn the_projects_own_kind_wins() {
    let sandbox = multigroup();
    let names = "--group apps --version v1 --kind Deployment";
    let core = "--group apps --domain '' --version v1 --kind Deployment";
    sandbox.ok(&format!("create api {core} --resource=false --controller"));
    sandbox.ok(&format!("create api {names} --resource --controller=false"));
    sandbox.ok(&format!(
        "create api {names} --resource=false --controller-name second"
    ));
    let text = sandbox.read("src/controller/apps/second.rs");
    assert!(text.contains("use api::apps::v1::Deployment;"), "{text}");
    // What is taken away is not guessed.
    let own = "--group apps.example.com --domain ''";
    refused(&sandbox, &format!("delete api {names}"), own);
    sandbox.ok(&format!("delete api {own} --version v1 --kind Deployment"));
    assert!(!sandbox.exists("api/src/apps/v1/deployment.rs"));
    assert!(sandbox.read("PROJECT").contains("core: true"));
    sandbox.ok(&format!("delete api {core}"));
    assert!(!sandbox.read("PROJECT").contains("core: true"));
}

#[test]
fn another_version_of_ones_own_kind_says_how_to_get_kubernetes() {
    let sandbox = multigroup();
    sandbox
        .ok("create api --group apps --version v2 --kind Deployment --resource --controller=false");
    let names = "--group apps --version v1 --kind Deployment --resource=false --controller";
    refused(
        &sandbox,
        &format!("create api {names}"),
        "add `--domain ''`",
    );
    sandbox.ok(&format!("create api {names} --domain ''"));
}

/// What somebody else wrote into an entry of PROJECT is not ours to drop.
#[test]
fn a_controller_goes_and_the_rest_of_its_entry_stays() {
    let sandbox = multigroup();
    let entry = "resources:\n- {core: true, group: core, kind: Pod, path: k8s.io/api/core/v1, version: v1, audited: {by: us}}\nversion: '3'";
    sandbox.replace("PROJECT", "version: '3'", entry);
    sandbox.ok("create api --group core --version v1 --kind Pod --resource=false --controller");
    sandbox.ok("delete api --group core --version v1 --kind Pod --controller-name pod");
    assert!(sandbox.read("PROJECT").contains("audited:"));
    let run = sandbox.ok("delete api --group core --version v1 --kind Pod");
    assert!(
        run.stderr.contains("`audited` of `core/v1 Pod` goes"),
        "{}",
        run.stderr
    );
}

#[test]
fn words_lead_somewhere() {
    let sandbox = Sandbox::in_memory();
    sandbox.ok("init --domain example.com --project-name demo --quiet");
    let external =
        "create api --group ship.io --version v1 --kind Oar --controller --external-api-path";
    for path in ["std::v1", "tokio", "runtime::v1"] {
        refused(&sandbox, &format!("{external} {path}"), "holds no kinds");
    }
    let half = external.replace("ship.io", "ship");
    let words = "`ship` is not the whole group";
    refused(&sandbox, &format!("{half} api::ship::v1"), words);
    sandbox.ok("create api --version v1 --kind Ocean --resource --controller");
    refused(
        &sandbox,
        "create api --group crew --version v1 --kind Cook --resource --controller",
        "second group beside `example.com`",
    );
    refused(
        &sandbox,
        "delete api --version v1 --kind Ocean --controller-name nope",
        "it has `ocean`",
    );
}

/// Types that could not be computed again are named, or they would grow old unseen.
#[test]
fn a_copy_that_cannot_be_used_is_named_by_each_command() {
    let kept = "config/crd/external/example.org_gadgets.yaml";
    let sandbox = multigroup();
    sandbox.ok(&format!(
        "create api --external-api-crd {GADGETS} --controller"
    ));
    let types = sandbox.read("api/src/example/v1/gadget.rs");
    sandbox.write(kept, "garbage: [");
    let run =
        sandbox.ok("create api --group crew --version v1 --kind Cook --resource --controller");
    let note = "note: `api/src/example/v1/gadget.rs` stays as it is: failed to use";
    assert!(run.stderr.contains(note), "{}", run.stderr);
    assert_eq!(sandbox.read("api/src/example/v1/gadget.rs"), types);
}

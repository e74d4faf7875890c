//! `create api` for kinds from elsewhere: Kubernetes' own, and those of a crate.

use crate::sandbox::{Sandbox, assert_same};

const CORE: &str = "create api --version v1 --resource=false --controller";
const CRATE: &str = "create api --group cert-manager --external-api-domain io --version v1 --kind Certificate --controller --external-api-path cert_manager::v1 --external-api-module cert-manager@1.2";

#[test]
fn create_then_delete_gives_the_tree_back() {
    let check = |flags: &str, create: &str, delete: &str| {
        let sandbox = Sandbox::empty();
        sandbox.ok(&format!("init --domain example.com {flags} --quiet"));
        sandbox.ok("create api --group crew --version v1 --kind Captain --resource --controller");
        let before = sandbox.files();
        let dry = sandbox
            .ok(&format!("{create} --dry-run --output json"))
            .json();
        assert_same(&before, &sandbox.files(), "--dry-run");
        let real = sandbox.ok(&format!("{create} --output json")).json();
        assert_eq!(dry["files"], real["files"]);
        let after = sandbox.files();
        let again = sandbox.ok(create);
        assert!(again.stderr.contains("nothing to do"), "{}", again.stderr);
        assert_same(&after, &sandbox.files(), "again");
        sandbox.ok(&format!("delete api --version v1 {delete}"));
        assert_same(&before, &sandbox.files(), delete);
    };
    for flags in ["--project-name demo", "--project-name demo --multigroup"] {
        let core = |group, kind| format!("{CORE} --group {group} --kind {kind}");
        check(flags, &core("apps", "Deployment"), "--kind Deployment");
        check(flags, &core("core", "Pod"), "--group core --kind Pod");
        let role = core("rbac.authorization.k8s.io", "Role");
        check(flags, &role, "--group rbac.authorization --kind Role");
        let named = format!("{} --controller-name pod-watchdog", core("core", "Pod"));
        check(flags, &named, "--kind Pod --controller-name pod-watchdog");
        check(flags, CRATE, "--group cert-manager.io --kind Certificate");
    }
}

#[test]
fn project_says_what_kubebuilder_says() {
    let check = |create: &str, expected: &str| {
        let sandbox = Sandbox::project();
        sandbox.ok(create);
        let project = sandbox.read("PROJECT");
        let (_, resources) = project.split_once("resources:\n").unwrap();
        let entry = resources.split_once("version: '3'").unwrap().0;
        assert_eq!(entry, expected);
    };
    check(
        &format!("{CORE} --kind Pod"),
        "- controller: true\n  core: true\n  group: core\n  kind: Pod\n  plural: pods\n  version: v1\n",
    );
    check(
        &format!("{CORE} --group apps --kind Deployment"),
        "- controller: true\n  core: true\n  group: apps\n  kind: Deployment\n  plural: deployments\n  version: v1\n",
    );
    check(
        &format!("{CORE} --group rbac.authorization --kind Role"),
        "- controller: true\n  core: true\n  domain: k8s.io\n  group: rbac.authorization\n  kind: Role\n  plural: roles\n  version: v1\n",
    );
    check(
        CRATE,
        "- controller: true\n  domain: io\n  external: true\n  group: cert-manager\n  kind: Certificate\n  module: cert-manager@1.2\n  path: cert_manager::v1\n  plural: certificates\n  version: v1\n",
    );
}

#[test]
fn a_kind_of_the_project_wins() {
    let sandbox = Sandbox::project();
    let own = "create api --group apps --version v1 --kind Deployment --resource";
    sandbox.ok(&format!("{own} --controller=false"));
    sandbox.ok(&format!("{CORE} --group apps --kind Deployment"));
    let controller = sandbox.read("src/controller/deployment.rs");
    assert!(
        controller.contains("use api::apps::v1::Deployment;"),
        "{controller}"
    );
}

#[test]
fn what_cannot_be_followed_is_refused_with_the_reason() {
    let sandbox = Sandbox::project();
    let check = |arguments: &str, words: &str| {
        sandbox.fails(&format!("create api --version v1 {arguments}"), 2, words);
    };
    let core = "--resource=false --controller";
    check(
        &format!("{core} --group apps --kind Deploymnt"),
        "those that can be watched are `ControllerRevision`, `DaemonSet`",
    );
    check(
        &format!("{core} --kind Binding"),
        "keeps no objects of `v1`",
    );
    check(
        &format!("{core} --group authentication --kind TokenReview"),
        "only: create",
    );
    check(
        &format!("{core} --group apps --kind Pod"),
        "Kubernetes' group `apps` has none",
    );
    check(
        &format!("{core} --group crew --kind Captain"),
        "none of Kubernetes' own",
    );
    check(
        &format!("{core} --group apps --kind Deployment --plural deploys"),
        "is `deployments`",
    );
    check(
        &format!("{core} --group apps --kind Deployment --namespaced"),
        "leave it out",
    );
    check(
        "--resource=false --controller=false --group apps --kind Deployment",
        "nothing to create",
    );
    sandbox.fails(
        "create api --group autoscaling --version v3 --kind HorizontalPodAutoscaler --resource=false --controller",
        2,
        "it is served in `v1` and `v2`",
    );
}

#[test]
fn a_crate_that_cannot_be_depended_on_is_refused_with_the_reason() {
    let sandbox = Sandbox::project();
    let check = |from: &str, to: &str, words: &str| {
        assert!(CRATE.contains(from));
        sandbox.fails(&CRATE.replace(from, to), 2, words);
    };
    check(
        "--controller ",
        "--controller --resource ",
        "say `--resource=false`",
    );
    check(
        "--external-api-path cert_manager::v1 ",
        "",
        "--external-api-path cert_manager::v1",
    );
    check(
        "cert_manager::v1",
        "cert_manager::v1@1",
        "belong to `--external-api-module`",
    );
    check("cert_manager::v1", "cert-manager/v1", "no Rust identifier");
    check(
        "cert_manager::v1",
        "kube::v1",
        "leave `--external-api-module` out",
    );
    check(
        "cert-manager@1.2",
        "cert-manager@latest",
        "no requirement of a version",
    );
    check(
        "cert-manager@1.2",
        "serde_json@1",
        "every project has `serde_json` already",
    );
    check("--external-api-domain io", "", "`--external-api-domain`");
    check("--controller ", "--controller=false ", "nothing to create");
    let path = "--external-api-path cert_manager::v1 --external-api-module cert-manager@1.2";
    check(
        path,
        "",
        "where is the type of `cert-manager.io/v1 Certificate`?",
    );

    sandbox.ok(CRATE);
    let issuer = CRATE.replace("Certificate", "Issuer");
    check(
        "Certificate",
        "Certificate --plural certs",
        "`--force` changes it",
    );
    sandbox.fails(
        &issuer.replace("@1.2", "@1.3"),
        2,
        "cannot be both `cert-manager@1.2` and `cert-manager@1.3`",
    );
    sandbox.ok(&issuer.replace("--external-api-module cert-manager@1.2", ""));
    sandbox.ok("delete api --version v1 --kind Certificate");
    assert!(
        sandbox
            .read("Cargo.toml")
            .contains("cert-manager = \"1.2\"")
    );
    sandbox.ok("delete api --version v1 --kind Issuer");
    assert!(!sandbox.read("Cargo.toml").contains("cert-manager"));
}

#[test]
fn two_kinds_that_would_share_a_file_are_refused_until_one_has_a_name() {
    let sandbox = Sandbox::project();
    sandbox.ok("create api --group crew --version v1 --kind Deployment --resource --controller");
    let core = format!("{CORE} --group apps --kind Deployment");
    sandbox.fails(&core, 2, "choose another name with `--controller-name`");
    sandbox.ok(&format!("{core} --controller-name apps-deployment"));
}

/// One group, as the user types it: Kubernetes' `apps`, and `apps.example.com`.
#[test]
fn a_group_of_ones_own_may_be_called_like_one_of_kubernetes() {
    let sandbox = Sandbox::empty();
    sandbox.ok("init --domain example.com --project-name demo --multigroup");
    sandbox.ok("create api --group apps --version v1 --kind MyApp --resource --controller");
    sandbox.ok(&format!("{CORE} --group apps --kind Deployment"));
    let list = sandbox.read("src/controller/mod.rs");
    let module = "mod apps {\n    pub(super) mod deployment;\n\n    pub(super) mod my_app;\n}";
    assert!(list.contains(module), "{list}");
    let own = "create api --group apps --version v1 --kind Deployment --resource --controller";
    sandbox.fails(own, 2, "choose another name with `--controller-name`");
    sandbox.ok(&own.replace("--controller", "--controller-name own-deployment"));
    let delete = "delete api --group apps --version v1 --kind Deployment";
    sandbox.fails(delete, 2, "`--domain`");
    sandbox.ok(&format!("{delete} --domain example.com"));
    let run = sandbox.ok(&format!("{delete} --output json"));
    assert_eq!(run.json()["notes"].as_array().map(Vec::len), Some(0));
}

#[test]
fn a_role_of_one_namespace_does_not_reach_what_has_none() {
    let sandbox = Sandbox::empty();
    sandbox.ok("init --domain example.com --project-name demo --namespaced");
    let notes = |group: &str, kind: &str| {
        let run = sandbox.run(&format!(
            "{CORE} --group {group} --kind {kind} --output json"
        ));
        run.json()["notes"].as_array().unwrap().len()
    };
    assert_eq!(notes("core", "Node"), 1);
    assert_eq!(notes("core", "Pod"), 0);
}

/// Of a crate it is said what cargo and the image's build would find out late.
#[test]
fn a_crate_of_any_version_or_on_disk_comes_with_a_note() {
    let check = |module: &str, words: &[&str]| {
        let sandbox = Sandbox::project();
        let command = CRATE.replace("cert-manager@1.2", module);
        let run = sandbox.ok(&format!("{command} --output json"));
        let notes = run.json()["notes"].to_string();
        let all = ["in any version", "make docker-build"];
        for one in all {
            assert_eq!(notes.contains(one), words.contains(&one), "{one}: {notes}");
        }
    };
    check("cert-manager@1.2", &[]);
    check("cert-manager", &["in any version"]);
    check("cert-manager@*", &["in any version"]);
    check("cert-manager@path=../cert-manager", &["make docker-build"]);
}

/// What you add to Cargo.toml stays when a crate comes and goes.
#[test]
fn a_crate_is_a_key_among_yours() {
    let sandbox = Sandbox::project();
    sandbox.replace(
        "Cargo.toml",
        "\nanyhow = ",
        "\n# mine\nregex = \"1\"\nanyhow = ",
    );
    let before = sandbox.read("Cargo.toml");
    sandbox.ok(CRATE);
    let with = sandbox.read("Cargo.toml");
    assert!(with.contains("\ncert-manager = \"1.2\"\n"), "{with}");
    assert!(with.contains("\ncert-manager.workspace = true\n"), "{with}");
    sandbox.ok("delete api --version v1 --kind Certificate");
    assert_eq!(sandbox.read("Cargo.toml"), before);
}

/// A name that a type's crate cannot have is one that the scaffold uses, and the other way round.
#[test]
fn the_taken_names_are_those_of_the_scaffold() {
    let text = Sandbox::project().read("Cargo.toml");
    let document: toml_edit::DocumentMut = text.parse().unwrap();
    let keys = |table: &toml_edit::Item| {
        let keys = table.as_table().unwrap().iter();
        keys.map(|(key, _)| key.to_owned()).collect::<Vec<_>>()
    };
    let mut ours = keys(&document["workspace"]["dependencies"]);
    ours.extend(keys(&document["dependencies"]));
    ours.extend(["alloc", "core", "std", "tests"].map(str::to_owned));
    ours.sort();
    ours.dedup();
    assert_eq!(ours, rustop::resource::Dependency::taken());
}

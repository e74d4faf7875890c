//! Each way in which PROJECT can be unusable, and what may be edited by hand.

use crate::sandbox::Sandbox;

const CREATE: &str = "create api --group apps --version v1 --kind MyApp --resource --controller";

#[test]
fn each_way_to_be_unusable_has_its_own_words() {
    let with = |text: &str, words: &str| {
        let sandbox = Sandbox::project();
        sandbox.write("PROJECT", text);
        sandbox.fails(CREATE, 1, words);
    };
    let good = Sandbox::project().read("PROJECT");
    let resource =
        "- {api: {crdVersion: v1}, domain: example.com, group: apps, kind: A, version: v1}\n";
    let resources =
        |lines: &str| good.replace("version: '3'", &format!("resources:\n{lines}version: '3'"));
    with("a: [", "is not YAML");
    with("just text", "is not YAML");
    with("", "is not YAML");
    with(&good.replace("version: '3'", "version: '4'"), "version `4`");
    with(
        &good.replace("rust.rustop.dev/v1\n", "go.kubebuilder.io/v4\n"),
        "go.kubebuilder.io/v4",
    );
    with(
        &good.replace("cliVersion: ", "cliVersion: 9"),
        "written by rustop 9",
    );
    with(
        &format!("<<<<<<< HEAD\n{good}"),
        "conflict markers, from line 1",
    );
    with(&resources(&resource.repeat(2)), "twice");
    with(
        &resources(&resource.replace("kind: A", "kind: a")),
        "`resources[0].kind`",
    );
    with(
        &resources(&resource.replace("crdVersion: v1", "crdVersion: v1beta1")),
        "crdVersion",
    );
    with(
        &good.replace("projectName: demo", "projectName: De mo"),
        "projectName",
    );
    with(
        &good.replace("domain: example.com", "domain: [x]"),
        "`domain`",
    );
    let other = resource
        .replace("kind: A", "kind: B")
        .replace("version: v1}", "plural: as, version: v1}");
    with(
        &resources(&(resource.replace("version: v1}", "plural: as, version: v1}") + &other)),
        "as.apps.example.com",
    );
}

/// A kind from elsewhere by hand: the same rules as for a flag.
#[test]
fn a_kind_from_elsewhere_is_checked() {
    let check = |entry: &str, words: &str| {
        let sandbox = Sandbox::project();
        let entry = format!("resources:\n- {{controller: true, {entry}, version: v1}}\nversion:");
        sandbox.replace("PROJECT", "version: '3'", &format!("{entry} '3'"));
        match words {
            "" => drop(sandbox.ok("manifests --dry-run")),
            words => sandbox.fails(CREATE, 1, words),
        }
    };
    let external = "external: true, group: a.b, kind: C";
    check("core: true, group: apps, kind: Deployment", "");
    check("core: true, group: core, kind: Endpoints", "");
    check("core: true, group: apps, kind: Pod", "no such kind");
    check(
        "core: true, group: apps.k8s.io, kind: Deployment",
        "no such kind",
    );
    check(&format!("{external}, path: d::v1"), "");
    check(&format!("{external}, path: 'd::v1', module: 'e@1'"), "");
    check(&format!("{external}, path: d-e"), "resources[0].path");
    check(
        &format!("{external}, path: d, module: d@y"),
        "resources[0].module",
    );
    check(
        &format!("{external}, path: kube, module: d@1"),
        "`kube` already",
    );
}

#[test]
fn no_project_is_said_so() {
    Sandbox::empty().fails(CREATE, 1, "rustop init");
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    let sandbox = Sandbox::project();
    sandbox.write("PROJECT", b"\xff\xfe");
    sandbox.fails(CREATE, 1, "not UTF-8");
}

#[cfg(unix)]
#[test]
fn something_else_in_its_place_is_named() {
    let put = |make: &dyn Fn(&std::path::Path), words: &str| {
        let sandbox = Sandbox::project();
        std::fs::remove_file(sandbox.join("PROJECT")).unwrap();
        make(&sandbox.join("PROJECT"));
        sandbox.fails(CREATE, 1, words);
    };
    put(&|path| std::fs::create_dir(path).unwrap(), "folder");
    put(
        &|path| std::os::unix::fs::symlink("/etc/hostname", path).unwrap(),
        "link",
    );
    put(
        &|path| std::os::unix::fs::symlink("nowhere", path).unwrap(),
        "link",
    );
    put(
        &|path| {
            assert!(
                std::process::Command::new("mkfifo")
                    .arg(path)
                    .status()
                    .unwrap()
                    .success()
            );
        },
        "FIFO",
    );
}

#[test]
fn an_edit_by_hand_is_taken_up() {
    let sandbox = Sandbox::project();
    sandbox.ok(CREATE);
    sandbox.replace("PROJECT", "plural: myapps", "plural: applications");
    sandbox.ok(CREATE);
    assert!(
        sandbox
            .read("api/src/v1/my_app.rs")
            .contains("plural = \"applications\"")
    );
    assert!(sandbox.exists("config/crd/bases/apps.example.com_applications.yaml"));
    assert!(!sandbox.exists("config/crd/bases/apps.example.com_myapps.yaml"));
}

#[test]
fn unknown_keys_and_the_comment_stay() {
    let sandbox = Sandbox::project();
    let text = sandbox.read("PROJECT");
    let text = text.replace("version: '3'", "zebra: {stripes: 7}\nversion: '3'") + "alpha: 1\n";
    sandbox.write("PROJECT", format!("# our own words\n{text}"));
    sandbox.ok(CREATE);
    let text = sandbox.read("PROJECT");
    assert!(text.starts_with("# our own words\n# This file"), "{text}");
    assert!(
        text.contains("alpha: 1\n") && text.contains("stripes: 7"),
        "{text}"
    );
    let before = text.clone();
    sandbox.ok(CREATE);
    assert_eq!(
        sandbox.read("PROJECT"),
        before,
        "a second run keeps every byte"
    );
}

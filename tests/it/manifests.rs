//! What `rustop manifests` finds, and where: with a generator that prints what
//! the test says. `slow/manifests.rs` does it with the real one.

use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};

use crate::sandbox::{Run, Sandbox};

const TYPES: &str = "api/src/v1/my_app.rs";
const CONTROLLER: &str = "src/controller/my_app.rs";
const CRD: &str = "config/crd/bases/apps.example.com_myapps.yaml";

/// A project with one kind, and in place of cargo a script.
pub(crate) struct Project {
    pub(crate) sandbox: Sandbox,
    tools: Sandbox,
    crd: Value,
}

impl Project {
    pub(crate) fn new() -> Self {
        let sandbox = Sandbox::project();
        sandbox.ok("create api --group apps --version v1 --kind MyApp --resource --controller");
        let crd = serde_yaml::from_str(&sandbox.read(CRD)).unwrap();
        let tools = Sandbox::empty();
        tools.write("cargo", "#!/bin/sh\ncd \"$(dirname \"$0\")\" || exit 1\ncat said >&2\ncat printed\nexit \"$(cat code)\"\n");
        make_executable(&tools.join("cargo"));
        let project = Self {
            sandbox,
            tools,
            crd,
        };
        project.prints(&project.crd);
        project
    }

    fn prints(&self, crd: &Value) {
        let list = json!({"apiVersion": "v1", "kind": "List", "items": [crd]});
        self.tools.write("printed", list.to_string());
        self.tools.write("said", "");
        self.tools.write("code", "0");
    }

    fn fails_with(&self, said: &str) {
        self.tools.write("said", said);
        self.tools.write("code", "101");
    }

    /// The CRD with `value` at `pointer` below the schema of the spec.
    fn with(&self, pointer: &str, value: Value) -> Value {
        let mut crd = self.crd.clone();
        let spec = "/spec/versions/0/schema/openAPIV3Schema/properties/spec";
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        let parent = crd.pointer_mut(&format!("{spec}{parent}")).unwrap();
        parent[key] = value;
        crd
    }

    pub(crate) fn run(&self, arguments: &str) -> Run {
        let mut command = self.sandbox.command(arguments);
        command.env("CARGO", self.tools.join("cargo"));
        Run::of(command.output().unwrap())
    }

    /// Runs, expects the code and the words, and that nothing was written.
    #[track_caller]
    pub(crate) fn check(&self, arguments: &str, code: i32, words: &str) {
        let before = self.sandbox.files();
        let run = self.run(arguments);
        assert_eq!(run.code, code, "{}", run.stderr);
        assert!(
            run.stderr.contains(words),
            "no `{words}` in:\n{}",
            run.stderr
        );
        assert!(
            before == self.sandbox.files(),
            "{arguments} wrote something"
        );
    }

    /// The line of the first text like this in a file, counted from 1.
    fn line(&self, path: &str, text: &str) -> usize {
        let file = self.sandbox.read(path);
        let found = file.lines().position(|line| line.contains(text));
        found.unwrap_or_else(|| panic!("no `{text}` in {path}")) + 1
    }

    /// `path:line` of the first text like this.
    pub(crate) fn place(&self, path: &str, text: &str) -> String {
        format!("{path}:{}", self.line(path, text))
    }

    fn git(&self, arguments: &str) {
        let mut command = Command::new("git");
        command.args([
            "-c",
            "user.name=a",
            "-c",
            "user.email=a@b.c",
            "-c",
            "tag.gpgSign=false",
        ]);
        command
            .args(arguments.split_whitespace())
            .current_dir(self.sandbox.path());
        let run = Run::of(command.output().unwrap());
        assert_eq!(run.code, 0, "git {arguments}: {}", run.stderr);
    }
}

#[cfg(unix)]
fn make_executable(path: &PathBuf) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn a_fresh_project_has_nothing_to_find() {
    let project = Project::new();
    project.check("manifests --check", 0, "nothing to do");
    project.check("manifests", 0, "nothing to do");
}

#[test]
fn what_no_api_server_takes_is_refused_where_it_is_written() {
    let project = Project::new();
    let field = project.place(TYPES, "pub foo");
    let foo = |key: &str, value: Value| project.with(&format!("/properties/foo/{key}"), value);
    let rules = |rule: &str| json!([{"rule": rule}]);
    let rows = [
        (
            project.with("/properties/foo", json!({})),
            "`v1.spec.foo` has no type",
        ),
        (
            foo("pattern", json!("a(?=b)")),
            "`v1.spec.foo`: the pattern `a(?=b)` is not RE2",
        ),
        (
            foo("default", json!(1)),
            "the default of `v1.spec.foo` does not fit: `1` is no string",
        ),
        (
            foo("x-kubernetes-list-type", json!("set")),
            "`v1.spec.foo` has an `x-kubernetes-list-type`",
        ),
        (
            foo("x-kubernetes-validations", rules("self <")),
            "the rule `self <` of `v1.spec.foo` is no CEL: expected a value, found the end",
        ),
        (
            foo("x-kubernetes-validations", rules("slef != ''")),
            "the rule `slef != ''` of `v1.spec.foo` names `slef`, which is nothing here",
        ),
    ];
    for (crd, words) in rows {
        project.prints(&crd);
        let words = format!("{field}: {words}");
        project.check("manifests", 1, &words);
        project.check("manifests --check", 1, &words);
    }
    // At the attribute, where that is found.
    project.sandbox.replace(
        TYPES,
        "    pub foo",
        "    #[x_kube(validation = \"self.fo == 1\")]\n    pub foo",
    );
    project.prints(&project.with("/x-kubernetes-validations", rules("self.fo == 1")));
    let field = project.place(TYPES, "pub struct MyAppSpec");
    project.check(
        "manifests",
        1,
        &format!("{field}: the rule `self.fo == 1` of `v1.spec` asks for `self.fo`"),
    );
    project.prints(&foo("x-kubernetes-validations", rules("self.fo == 1")));
    let attribute = project.place(TYPES, "validation =");
    project.check(
        "manifests",
        1,
        &format!("{attribute}: the rule `self.fo == 1`"),
    );
}

#[test]
fn names_that_two_kinds_share_are_refused() {
    let project = Project::new();
    project
        .sandbox
        .ok("create api --group apps --version v1 --kind Other --resource --controller=false");
    let mut other = project.crd.clone();
    other["spec"]["names"]["kind"] = json!("Other");
    let list = json!({"items": [project.crd, other]});
    project.tools.write("printed", list.to_string());
    let place = project.place("api/src/v1/other.rs", "pub struct OtherSpec");
    project
        .sandbox
        .replace("api/src/v1/other.rs", "\"others\"", "\"myapps\"");
    let attribute = project.place("api/src/v1/other.rs", "plural =");
    assert_ne!(place, attribute);
    // The file is the CRD's: both kinds are named.
    project.check(
        "manifests",
        1,
        "`MyApp` and `Other` have the same plural, `myapps`",
    );
    project.check("manifests", 1, &attribute);
}

#[test]
fn a_column_that_shows_nothing_is_noted_and_fails_a_check() {
    let project = Project::new();
    project
        .sandbox
        .replace(TYPES, ".metadata.creationTimestamp", ".spec.fo");
    let mut crd = project.crd.clone();
    crd["spec"]["versions"][0]["additionalPrinterColumns"][1]["jsonPath"] = json!(".spec.fo");
    project.prints(&crd);
    assert_eq!(project.run("manifests").code, 0);
    let words = format!(
        "{}: the print column `Age` shows `.spec.fo`, where nothing is: there is no `fo` [unknown-path]",
        project.place(TYPES, ".spec.fo")
    );
    project.check("manifests", 0, &words);
    project.check("manifests --check", 4, &words);
    project.check("manifests --check --allow unknown-path", 0, "nothing to do");
    project.check("manifests --check --allow breaking-change", 4, &words);
    project.check("manifests --allow what", 2, "unknown-path");
}

#[test]
fn a_rule_over_a_list_without_a_limit_is_noted() {
    let project = Project::new();
    let list = json!({"type": "array", "items": {"type": "string"},
        "x-kubernetes-validations": [{"rule": "self.all(x, x != '')"}]});
    project.prints(&project.with("/properties/foo", list));
    assert_eq!(project.run("manifests").code, 0);
    let words = format!(
        "{}: the rule `self.all(x, x != '')` of `v1.spec.foo` runs over `self`, which has no `maxItems` [unbounded-rule]",
        project.place(TYPES, "pub foo")
    );
    project.check("manifests --check", 4, &words);
    project.check("manifests --check --allow unbounded-rule", 0, "");
}

#[test]
fn a_panic_of_the_generator_leads_to_the_enum() {
    let project = Project::new();
    let source = project.sandbox.read(TYPES);
    project.sandbox.write(
        TYPES,
        source + "\npub enum Mode {\n    Off,\n    On { speed: i32 },\n}\n",
    );
    project.fails_with(
        "thread 'main' panicked at kube-core/src/schema.rs:482:29:\nEnum variant set [String(\"Off\")] has type \
         Single(String) but was already defined as Some(Single(Object)). The instance type must be equal for all \
         subschema variants.\n",
    );
    let words = format!(
        "{}: `Mode` has variants that hold something",
        project.place(TYPES, "enum Mode")
    );
    project.check("manifests", 1, &words);
    // Anything else is passed on as it is.
    project.fails_with("error[E0433]: what?\n");
    project.check(
        "manifests",
        1,
        "error[E0433]: what?\nerror: the CRD generator failed",
    );
}

#[test]
fn a_change_that_breaks_stored_objects_is_noted_against_the_last_tag() {
    let project = Project::new();
    let required = || project.with("/required", json!(["foo"]));
    // No repository, no commit, no tag: nothing to compare with.
    project.prints(&required());
    assert_eq!(project.run("manifests").code, 0);
    project.check("manifests --check", 0, "nothing to do");
    project.git("init --quiet");
    project.check("manifests --check", 0, "nothing to do");
    project.prints(&project.crd);
    assert_eq!(project.run("manifests").code, 0);
    project.git("add --all");
    project.git("commit --quiet --message first");
    project.check("manifests --check", 0, "nothing to do");
    project.git("tag v1.0.0");
    project.check("manifests --check", 0, "nothing to do");

    project.prints(&required());
    let words = format!(
        "{}: `v1.spec.foo` must be there, and has no default, since `v1.0.0` [breaking-change]",
        project.place(TYPES, "pub foo")
    );
    let run = project.run("manifests");
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stderr.contains(&words), "{}", run.stderr);
    project.check("manifests --check", 4, &words);
    project.check(
        "manifests --check --allow breaking-change",
        0,
        "nothing to do",
    );
    // A release later it is what is there.
    project.git("commit --quiet --all --message second");
    project.git("tag v2.0.0");
    project.check("manifests --check", 0, "nothing to do");
}

#[test]
fn a_git_that_hangs_is_not_waited_for() {
    let project = Project::new();
    project.tools.write("git", "#!/bin/sh\nexec sleep 600\n");
    make_executable(&project.tools.join("git"));
    let path = std::env::var("PATH").unwrap();
    let mut command = project.sandbox.command("manifests --check");
    command.env("CARGO", project.tools.join("cargo"));
    command.env("PATH", format!("{}:{path}", project.tools.path().display()));
    let start = std::time::Instant::now();
    let run = Run::of(command.output().unwrap());
    assert_eq!(run.code, 0, "{}", run.stderr);
    let taken = start.elapsed().as_secs();
    assert!((4..60).contains(&taken), "{taken} s");
}

#[test]
fn a_right_that_kubernetes_does_not_have_is_noted() {
    let project = Project::new();
    let marker = "// +rustop:rbac:groups=apps,resources=deploymnets,verbs=get\n";
    let source = project.sandbox.read(CONTROLLER);
    project.sandbox.write(CONTROLLER, source + marker);
    assert_eq!(project.run("manifests").code, 0);
    let words = format!(
        "{}: marker `+rustop:rbac`: the group `apps` has no resource `deploymnets` [unknown-right]\nhelp: did you mean `deployments`?",
        project.place(CONTROLLER, "deploymnets")
    );
    project.check("manifests --check", 4, &words);
    project.check("manifests --check --allow unknown-right", 0, "");
}

#[test]
fn a_kind_that_is_followed_without_a_right_is_noted() {
    let project = Project::new();
    let place = |text: &str| project.place(CONTROLLER, text);
    project.sandbox.replace(
        CONTROLLER,
        "Controller::new(CONTROLLER, reconciler)",
        "Controller::new(CONTROLLER, reconciler).owns::<k8s_openapi::api::apps::v1::Deployment>()",
    );
    let words = format!(
        "{}: `Deployment` is followed here, and no marker lets the manager list and watch it [missing-right]\n\
         help: add `// +rustop:rbac:groups=apps,resources=deployments,verbs=list;watch`",
        place("owns::<k8s")
    );
    project.check("manifests", 0, &words);
    project.check("manifests --check", 4, &words);
    let marker = "// +rustop:rbac:groups=apps,resources=deployments,verbs=list;watch\n";
    let source = project.sandbox.read(CONTROLLER);
    project.sandbox.write(CONTROLLER, source + marker);
    assert_eq!(project.run("manifests").code, 0);
    project.check("manifests --check", 0, "nothing to do");
    // The kind's own marker is gone; the role that is still there counts for nothing.
    let own = "// +rustop:rbac:groups=apps.example.com,resources=myapps,";
    project.sandbox.replace(
        CONTROLLER,
        own,
        "// groups=apps.example.com,resources=myapps,",
    );
    project.check("manifests --check", 4, "`MyApp` is followed here");
    assert_eq!(project.run("manifests").code, 0);
    project.check("manifests --check", 4, "`MyApp` is followed here");
}

/// What the manager needs for itself gives its controllers nothing: the roles for its
/// certificate and its Lease are for one namespace, and one name.
#[test]
fn the_managers_own_rights_are_none_of_a_controllers() {
    let project = Project::new();
    let webhook = "--group apps --version v1 --kind MyApp --defaulting --certificates builtin";
    project.sandbox.ok(&format!("create webhook {webhook}"));
    let before = project.sandbox.read(CONTROLLER);
    for (kind, path) in [
        ("Secret", "core::v1::Secret"),
        ("Lease", "coordination::v1::Lease"),
    ] {
        let owns =
            format!("Controller::new(CONTROLLER, reconciler).owns::<k8s_openapi::api::{path}>()");
        let text = before.replace("Controller::new(CONTROLLER, reconciler)", &owns);
        project.sandbox.write(CONTROLLER, text);
        assert_eq!(project.run("manifests").code, 0);
        let words = format!("`{kind}` is followed here, and no marker lets the manager");
        project.check("manifests --check", 4, &words);
    }
}

#[test]
fn every_kind_of_project_has_nothing_to_find() {
    for case in crate::snapshots::cases() {
        let sandbox = crate::snapshots::run(&case);
        let tools = Sandbox::empty();
        let crds: Vec<Value> = sandbox
            .files()
            .iter()
            .filter(|(path, _)| path.starts_with("config/crd/bases/") && path.ends_with(".yaml"))
            .map(|(_, (bytes, _))| serde_yaml::from_slice(bytes).unwrap())
            .collect();
        tools.write("list", json!({"items": crds}).to_string());
        tools.write("cargo", "#!/bin/sh\ncat \"$(dirname \"$0\")/list\"\n");
        make_executable(&tools.join("cargo"));
        let mut command = sandbox.command("manifests --check");
        command.env("CARGO", tools.join("cargo"));
        let run = Run::of(command.output().unwrap());
        let is_quiet = !run.stderr.contains("note:");
        assert!(
            run.code == 0 && is_quiet,
            "{}: {}",
            case.display(),
            run.stderr
        );
    }
}

use super::*;

fn sources(text: &str) -> Vec<(RelativePath, String)> {
    vec![(
        RelativePath::new("src/controller/ship.rs").unwrap(),
        text.to_owned(),
    )]
}

fn shown(findings: &[Finding]) -> Vec<String> {
    findings.iter().map(ToString::to_string).collect()
}

fn check_unknown(marker: &str, expected: &[(&str, &str)]) {
    let found = shown(&unknown(&sources(&format!("// +rustop:rbac:{marker}"))));
    let expected: Vec<_> = expected
        .iter()
        .map(|(message, help)| {
            format!("src/controller/ship.rs:1: marker `+rustop:rbac`: {message} [unknown-right]\nhelp: {help}")
        })
        .collect();
    assert_eq!(found, expected, "{marker}");
}

#[test]
fn names_that_kubernetes_groups_do_not_have_are_named() {
    check_unknown(
        "groups=apps,resources=deployments;deployments/scale,verbs=get;*",
        &[],
    );
    check_unknown(
        "groups=crew.example.com,resources=captins,verbs=salute",
        &[],
    );
    check_unknown("groups=\"*\",resources=anything,verbs=get", &[]);
    check_unknown("groups=\"\";apps,resources=pods;deployments,verbs=get", &[]);
    check_unknown(
        "groups=authentication.k8s.io,resources=userextras/scopes,verbs=impersonate",
        &[],
    );
    check_unknown("urls=/metrics,verbs=get", &[]);
    check_unknown(
        "groups=apps,resources=deploymnets,verbs=get",
        &[(
            "the group `apps` has no resource `deploymnets`",
            "did you mean `deployments`?",
        )],
    );
    check_unknown(
        "groups=core,resources=deployments,verbs=get",
        &[(
            "the group `core` has no resource `deployments`",
            "`deployments` is one of `apps`",
        )],
    );
    check_unknown(
        "groups=core,resources=pods,verbs=lst",
        &[("there is no verb `lst`", "did you mean `list`?")],
    );
    check_unknown(
        "groups=core,resources=pods/logs,verbs=get",
        &[(
            "the group `core` has no resource `pods/logs`",
            "did you mean `pods/log`?",
        )],
    );
}

fn kinds() -> Vec<KnownKind> {
    let kind = |rust_path: &str, group: &str, plural: &str| KnownKind {
        rust_path: rust_path.to_owned(),
        group: group.to_owned(),
        plural: plural.to_owned(),
        kind: rust_path.rsplit("::").next().unwrap().to_owned(),
    };
    vec![
        kind(
            "k8s_openapi::api::apps::v1::Deployment",
            "apps",
            "deployments",
        ),
        kind("k8s_openapi::api::core::v1::Node", "", "nodes"),
        kind("k8s_openapi::api::core::v1::Secret", "", "secrets"),
        kind("api::crew::v1::Ship", "crew.example.com", "ships"),
    ]
}

fn check_missing(text: &str, expected: &[(usize, &str)]) {
    let found = missing(&sources(text), &kinds(), &[]);
    let found: Vec<_> = found
        .iter()
        .map(|it| (it.problem.line, it.problem.message.as_str()))
        .collect();
    assert_eq!(found, expected, "{text}");
}

const FOLLOWED: &str =
    "`Deployment` is followed here, and no marker lets the manager list and watch it";

#[test]
fn a_kind_that_is_followed_needs_a_right() {
    let used = "use k8s_openapi::api::{apps::v1::Deployment, core::v1 as core};\n";
    let body = |line: &str| format!("{used}fn register() {{\n    {line};\n}}\n");
    check_missing(&body("controller.owns::<Deployment>()"), &[(3, FOLLOWED)]);
    check_missing(
        &body("controller.watches::<Deployment, _>(map)"),
        &[(3, FOLLOWED)],
    );
    check_missing(
        &body("controller.watches(|it: &Deployment| none(it))"),
        &[(3, FOLLOWED)],
    );
    check_missing(&body("manager.store::<Deployment>()"), &[(3, FOLLOWED)]);
    check_missing(
        &body("manager.store::<k8s_openapi::api::apps::v1::Deployment>()"),
        &[(3, FOLLOWED)],
    );
    let node = "`Node` is followed here, and no marker lets the manager list and watch it";
    check_missing(&body("manager.store::<core::Node>()"), &[(3, node)]);
    let half = "// +rustop:rbac:groups=apps,resources=deployments,verbs=get;list\n";
    check_missing(
        &(half.to_owned() + &body("controller.owns::<Deployment>()")),
        &[(4, FOLLOWED)],
    );
    for verbs in ["list;watch", "*"] {
        let marker = format!("// +rustop:rbac:groups=apps,resources=deployments,verbs={verbs}\n");
        check_missing(&(marker + &body("controller.owns::<Deployment>()")), &[]);
    }
    let all = "// +rustop:rbac:groups=\"*\",resources=\"*\",verbs=\"*\"\n";
    check_missing(
        &(all.to_owned() + &body("controller.owns::<Deployment>()")),
        &[],
    );
}

#[test]
fn types_that_hold_a_kind_say_so() {
    let used = "use kube::Api;\nuse runtime::{Reconciler, Store};\nuse k8s_openapi::api::core::v1::Secret;\n\
        use api::crew::v1::Ship;\n";
    let touched = "`Secret` is used here, and no marker lets the manager touch it";
    let check = |line: &str, expected: &[(usize, &str)]| {
        check_missing(&format!("{used}{line}\n"), expected);
    };
    check("struct A { api: Api<Secret> }", &[(5, touched)]);
    check("fn a() { Api::<Secret>::all(client); }", &[(5, touched)]);
    let followed = "`Secret` is followed here, and no marker lets the manager list and watch it";
    check(
        "struct A { api: Api<Secret>, cache: Store<Secret> }",
        &[(5, followed)],
    );
    let own = "`Ship` is followed here, and no marker lets the manager list and watch it";
    check("impl Reconciler for A { type Object = Ship; }", &[(5, own)]);
    check(
        "// +rustop:rbac:groups=core,resources=secrets/status,verbs=get\nstruct A { api: Api<Secret> }",
        &[],
    );
}

#[test]
fn what_is_in_doubt_is_passed_over() {
    // Another `Deployment`, another `Api`, a type parameter, a test, no Rust.
    check_missing(
        "use other::Deployment;\nfn a() { c.owns::<Deployment>(); }",
        &[],
    );
    check_missing(
        "struct Deployment;\nfn a() { c.owns::<Deployment>(); }",
        &[],
    );
    check_missing(
        "use k8s_openapi::api::core::v1::Secret;\nstruct A { api: Api<Secret> }",
        &[],
    );
    check_missing("fn a<Node>() { c.owns::<Node>(); }", &[]);
    let import = "use k8s_openapi::api::core::v1::Node;";
    check_missing(
        &format!("#[cfg(test)]\nmod tests {{ {import}\n fn a() {{ c.owns::<Node>(); }} }}"),
        &[],
    );
    check_missing("fn a( { owns::<Node> }", &[]);
    check_missing(&format!("{import}\nfn a() {{ c.other::<Node>(); }}"), &[]);
    // A module of its own sees its own imports, and with `super::*` those above.
    check_missing(
        &format!("{import}\nmod b {{ fn a() {{ c.owns::<Node>(); }} }}"),
        &[],
    );
    let followed = "`Node` is followed here, and no marker lets the manager list and watch it";
    check_missing(
        &format!("{import}\nmod b {{ use super::*; fn a() {{ c.owns::<Node>(); }} }}"),
        &[(2, followed)],
    );
}

#[test]
fn roles_by_hand_give_rights_too() {
    let text = "use k8s_openapi::api::core::v1::Node;\nfn a() { c.owns::<Node>(); }";
    let role = "kind: ServiceAccount\n---\nkind: ClusterRole\nrules:\n- apiGroups: ['']\n  resources: [nodes]\n  verbs: [list, watch]\n";
    assert_eq!(missing(&sources(text), &kinds(), &rules_of_yaml(role)), []);
    assert_eq!(
        missing(&sources(text), &kinds(), &rules_of_yaml("a: [")).len(),
        1
    );
}

/// The files in which a kind is used without a right, when `parent` declares
/// modules and each of `others` uses one.
fn check_files(parent: (&str, &str), others: &[&str], expected: &[&str]) {
    let (name, declared) = parent;
    let uses = |kind: &str| {
        format!("use kube::Api;\nuse k8s_openapi::api::core::v1::{kind};\nstruct A(Api<{kind}>);")
    };
    for (file, is_found) in others.iter().map(|file| (file, expected.contains(file))) {
        let all = [(name, declared.to_owned()), (*file, uses("Secret"))];
        let all = all.map(|(path, text)| (RelativePath::new(path).unwrap(), text));
        let found = missing(&all, &kinds(), &[]).len();
        assert_eq!(found, usize::from(is_found), "{declared} in {name}: {file}");
    }
}

#[test]
fn files_of_modules_for_tests_are_passed_over() {
    let own = [
        "src/controller/my_app/tests.rs",
        "src/controller/my_app/tests/mod.rs",
        "src/controller/my_app/tests/deep/er.rs",
    ];
    let tests = "#[cfg(test)]\nmod tests;";
    check_files(("src/controller/my_app.rs", tests), &own, &[]);
    check_files(("src/controller/my_app/mod.rs", tests), &own, &[]);
    check_files(("src/controller/my_app.rs", "mod tests;"), &own, &own);
    let others = [
        "src/controller/tests.rs",
        "src/controller/my_app/tests_too.rs",
        "src/controller/my_app/mine.rs",
    ];
    check_files(("src/controller/my_app.rs", tests), &others, &others);
    for root in ["src/main.rs", "src/lib.rs"] {
        check_files((root, tests), &["src/tests.rs", "src/tests/a.rs"], &[]);
    }
    // Modules within modules, and one whose file has another name.
    let inner = ["src/a/b/tests.rs", "src/a/b/tests/deep.rs"];
    check_files(
        ("src/a.rs", "mod b { #[cfg(test)] mod tests; }"),
        &inner,
        &[],
    );
    check_files(
        ("src/a/b.rs", "#[cfg(test)] mod tests { mod deep; }"),
        &inner[1..],
        &[],
    );
    let named = "#[cfg(test)] #[path = \"a_tests.rs\"] mod tests;";
    check_files(("src/x/a.rs", named), &["src/x/a_tests.rs"], &[]);
}

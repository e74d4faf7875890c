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
    let found = shown(&unknown(
        &sources(&format!("// +rustop:rbac:{marker}")),
        &kinds(),
    ));
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
    let found = missing(&sources(text), &kinds(), &markers_only());
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

fn markers_only() -> Granted<'static> {
    Granted {
        manifests: &[],
        role_name: "manager-role",
        namespaced: false,
    }
}

/// How many kinds lack a right where one is followed, or only used, and these roles are there.
fn lacking(how: &str, marker: &str, manifests: &[&str], namespaced: bool) -> usize {
    let text = format!(
        "use k8s_openapi::api::core::v1::Secret;\n// +rustop:rbac:{marker}\nfn a() {{ {how}; }}"
    );
    let manifests: Vec<String> = manifests.iter().map(|it| (*it).to_owned()).collect();
    let granted = Granted {
        manifests: &manifests,
        namespaced,
        ..markers_only()
    };
    missing(&sources(&text), &kinds(), &granted).len()
}

const FOLLOWS: &str = "c.owns::<Secret>()";
const USES: &str = "kube::Api::<Secret>::all(c)";
const NONE: &str = "urls=/a,verbs=get";

fn role(kind: &str, rule: &str) -> String {
    format!(
        "kind: {kind}\nmetadata: {{name: mine}}\nrules:\n- {{apiGroups: [''], resources: [secrets], verbs: [list, watch]{rule}}}\n"
    )
}

fn binding(kind: &str, role: &str) -> String {
    format!(
        "kind: {kind}\nroleRef: {{kind: {role}, name: mine}}\nsubjects: [{{kind: ServiceAccount, name: controller-manager}}]\n"
    )
}

#[test]
fn roles_by_hand_give_rights_where_they_are_bound_and_whole() {
    let check = |manifests: &[&str], namespaced: bool, follows: usize, uses: usize| {
        let found = [FOLLOWS, USES].map(|how| lacking(how, NONE, manifests, namespaced));
        assert_eq!(found, [follows, uses], "{namespaced}: {manifests:?}");
    };
    let (all, bound) = (
        role("ClusterRole", ""),
        binding("ClusterRoleBinding", "ClusterRole"),
    );
    check(&[&all, &bound], false, 0, 0);
    check(&[&format!("{bound}---\n{all}")], false, 0, 0);
    check(&["a: ["], false, 1, 1);
    check(&[&all], false, 1, 1);
    check(
        &[&all, &bound.replace("ServiceAccount", "Group")],
        false,
        1,
        1,
    );
    check(
        &[&all, &bound.replace("name: mine", "name: other")],
        false,
        1,
        1,
    );
    let named = role("ClusterRole", ", resourceNames: [a]");
    check(&[&named, &bound], false, 1, 0);
    let (one, here) = (role("Role", ""), binding("RoleBinding", "Role"));
    check(&[&one, &here], false, 1, 0);
    check(&[&one, &here], true, 0, 0);
    check(&[&all, &binding("RoleBinding", "ClusterRole")], false, 1, 0);
}

#[test]
fn markers_for_some_objects_do_not_let_a_kind_be_followed() {
    let rule = "groups=core,resources=secrets,verbs=list;watch";
    let check = |more: &str, manifests: &[&str], follows: usize, uses: usize| {
        let marker = format!("{rule}{more}");
        let found = [FOLLOWS, USES].map(|how| lacking(how, &marker, manifests, false));
        assert_eq!(found, [follows, uses], "{marker}: {manifests:?}");
    };
    check("", &[], 0, 0);
    check(",roleName=manager-role", &[], 0, 0);
    check(",resourceNames=a", &[], 1, 0);
    check(",namespace=system", &[], 1, 1);
    let here = "kind: RoleBinding\nroleRef: {kind: Role, name: manager-role}\nsubjects: [{kind: ServiceAccount}]\n";
    check(",namespace=system", &[here], 1, 0);
    check(",roleName=mine", &[], 1, 1);
    check(
        ",roleName=mine",
        &[&binding("ClusterRoleBinding", "ClusterRole")],
        0,
        0,
    );
}

#[test]
fn a_slip_in_a_group_of_the_project_is_found() {
    let group = "groups=crew.example.com,verbs=get";
    let found = |resource: &str, meant: &str| {
        check_unknown(
            &format!("{group},resources={resource}"),
            &[(
                &format!("the group `crew.example.com` has no resource `{resource}` in PROJECT"),
                &format!("did you mean `{meant}`?"),
            )],
        );
    };
    found("ship", "ships");
    found("shps", "ships");
    found("ships/stauts", "ships/status");
    for right in ["ships", "ships/status", "ships/finalizers", "*", "harbours"] {
        check_unknown(&format!("{group},resources={right}"), &[]);
    }
}

#[test]
fn only_what_needs_a_test_is_one() {
    let body = "mod a { use k8s_openapi::api::core::v1::Node; fn a() { c.owns::<Node>(); } }";
    let check = |condition: &str, is_test: bool| {
        let text = format!("#[cfg({condition})]\n{body}");
        let found = missing(&sources(&text), &kinds(), &markers_only());
        assert_eq!(found.is_empty(), is_test, "{condition}");
    };
    for condition in ["test", "all(test, unix)", "any(test, all(unix, test))"] {
        check(condition, true);
    }
    for condition in [
        "not(test)",
        "feature = \"latest\"",
        "feature = \"test\"",
        "any(test, unix)",
        "unix",
    ] {
        check(condition, false);
    }
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
        let found = missing(&all, &kinds(), &markers_only()).len();
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

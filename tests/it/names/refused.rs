//! Names that are refused before anything is written, each with its reason.

use super::{controllers, groups, kinds, projects, versions};
use crate::sandbox::Sandbox;
use rustop::resource::{ControllerName, Group, Kind, ProjectName, Version};

const API: &str = "create api --resource --controller";

#[test]
fn the_names_of_the_lists_are_taken() {
    fn check<T, E: std::fmt::Display>(names: Vec<String>, new: impl Fn(&str) -> Result<T, E>) {
        for name in names {
            assert_eq!(new(&name).err().map(|error| error.to_string()), None);
        }
    }
    check(kinds(), Kind::new);
    check(groups(), Group::new);
    check(versions(), Version::new);
    check(controllers(), ControllerName::new);
    check(projects(), ProjectName::new);
}

#[test]
fn a_name_that_cannot_be_is_refused_with_the_reason() {
    let sandbox = Sandbox::project();
    let long = |length: usize| "k".repeat(length);
    let rows = [
        ("kind", String::new(), "it is empty"),
        ("kind", "myApp".into(), "try `--kind MyApp`"),
        ("kind", "3Scale".into(), "try `--kind Scale`"),
        ("kind", "My-App".into(), "it holds `-`"),
        ("kind", "My_App".into(), "it holds `_`"),
        ("kind", "Größe".into(), "it holds `ö`"),
        ("kind", "List".into(), "kubectl takes it for a list"),
        ("kind", format!("K{}", long(63)), "it has 64 characters"),
        (
            "kind",
            format!("K{}", long(62)),
            "choose a shorter one with `--plural`",
        ),
        ("group", "Apps".into(), "try `--group apps`"),
        ("group", "a_b".into(), "it holds `_`"),
        ("group", "a-".into(), "it must begin and end"),
        ("group", "a..b".into(), "nor hold two in a row"),
        ("group", "a.".into(), "nor hold two in a row"),
        ("group", long(254), "it has 254 characters"),
        ("group", long(245), "it has 257 characters"),
        ("group", long(230), "choose a shorter group"),
        ("version", String::new(), "it is empty"),
        ("version", "1".into(), "it must begin with a letter"),
        ("version", "V1".into(), "try `--version v1`"),
        ("version", "v1.0".into(), "it holds `.`"),
        ("version", long(64), "it has 64 characters"),
        ("plural", "Foos".into(), "try `--plural foos`"),
        ("plural", "3s".into(), "it must begin with a letter"),
        ("plural", long(64), "it has 64 characters"),
        ("domain", "Example".into(), "try `--domain example`"),
        ("domain", "local".into(), "it must hold a dot"),
        (
            "controller-name",
            "2nd".into(),
            "it must begin with a letter",
        ),
        (
            "controller-name",
            "Foo".into(),
            "try `--controller-name foo`",
        ),
        ("controller-name", long(64), "it has 64 characters"),
    ];
    for (flag, name, reason) in rows {
        let group = if reason.contains("dot") { "" } else { "apps" };
        let others = [("group", group), ("version", "v1"), ("kind", "MyApp")];
        let given = others.iter().filter(|(other, _)| *other != flag);
        let given: String = given
            .map(|(other, value)| format!(" --{other} '{value}'"))
            .collect();
        let line = format!("{API}{given}");
        let code = if reason == "choose a shorter group" {
            1
        } else {
            2
        };
        sandbox.fails(&format!("{line} --{flag} '{name}'"), code, reason);
    }
}

/// Two names that are good alone; the second is refused.
#[test]
fn names_that_clash_are_refused_with_both() {
    let longest = |last: char| format!("K{}{last}", "k".repeat(60));
    let rows = [
        // The API server would serve one of the two only.
        (
            "MyApp",
            "Myapp",
            "`MyApp` and `Myapp` would both have the name `myapp`",
        ),
        ("Foo", "FooList", "the name `FooList`"),
        ("Foo", "Foos --plural all-foos", "the name `foos`"),
        ("Foo", "Bar --plural foo", "the name `foo`"),
        (
            "Foo",
            "Bar --plural foos",
            "give one of them another plural",
        ),
        ("A", "As", "the CRD `as.apps.example.com`"),
        (&longest('a'), &longest('b'), "List`"),
        // Rust has one of the two names already.
        (
            "App",
            "AppSpec",
            "would both be `apps::v1::AppSpec` in Rust",
        ),
        (
            "AppStatus",
            "App",
            "would both be `apps::v1::AppStatus` in Rust",
        ),
        (
            "Option",
            "OptionResource",
            "would both be `apps::v1::OptionResource` in Rust",
        ),
    ];
    for (first, second, reason) in rows {
        let sandbox = Sandbox::project();
        sandbox.ok(&format!(
            "{API} --quiet --group apps --version v1 --kind {first}"
        ));
        sandbox.fails(
            &format!("{API} --group apps --version v1 --kind {second}"),
            2,
            reason,
        );
    }
}

#[test]
fn types_of_other_versions_do_not_clash() {
    let sandbox = Sandbox::project();
    sandbox.ok(&format!(
        "{API} --quiet --group apps --version v1 --kind App"
    ));
    sandbox.ok(&format!(
        "{API} --quiet --group apps --version v2 --kind AppSpec"
    ));
    let second = "--group apps --version v2 --kind App --controller=false";
    let reason = "would both be `apps::v2::AppSpec` in Rust";
    sandbox.fails(&format!("create api --resource {second}"), 2, reason);
}

#[test]
fn groups_and_versions_that_share_a_module_are_refused() {
    let sandbox = Sandbox::empty();
    sandbox.ok("init --domain example.com --project-name demo --multigroup");
    sandbox.ok(&format!(
        "{API} --quiet --group a-b --version v-1 --kind MyApp"
    ));
    for (group, version, module) in [
        ("a.b", "v1", "`a_b`"),
        ("a--b", "v1", "`a_b`"),
        ("a-b", "v--1", "`a_b::v_1`"),
    ] {
        let line = format!("create api --resource --controller=false --group {group}");
        sandbox.fails(
            &format!("{line} --version {version} --kind MyApp"),
            2,
            module,
        );
    }
}

#[test]
fn a_second_group_is_refused_and_both_are_named() {
    for (first, second) in [("apps", "zoo"), ("zoo", "apps")] {
        let sandbox = Sandbox::project();
        sandbox.ok(&format!(
            "{API} --quiet --group {first} --version v1 --kind A"
        ));
        let line = format!("{API} --group {second} --version v1 --kind B");
        let reason = format!("`{second}` would be a second group beside `{first}`");
        sandbox.fails(&line, 2, &reason);
        // What the help says works.
        sandbox.replace("PROJECT", "projectName", "multigroup: true\nprojectName");
        sandbox.ok(&line);
        assert!(sandbox.exists(&format!("api/src/{second}/v1/b.rs")));
        assert!(sandbox.exists(&format!("api/src/{first}/v1/a.rs")));
    }
}

#[test]
fn names_of_controllers_that_clash_are_refused() {
    let sandbox = Sandbox::project();
    sandbox.ok(&format!(
        "{API} --quiet --group apps --version v1 --kind MyApp"
    ));
    let line = "create api --resource=false --group apps --version v1 --kind MyApp";
    for name in ["foo-1", "a"] {
        sandbox.ok(&format!("{line} --quiet --controller-name {name}"));
    }
    for (name, reason) in [
        ("my-app", "`src/controller/my_app.rs`"),
        ("foo--1", "`src/controller/foo_1.rs`"),
        ("foo1", "`Foo1Ready`"),
        ("finalizer", "`apps.example.com/finalizer`"),
    ] {
        sandbox.fails(&format!("{line} --controller-name {name}"), 2, reason);
    }
    let other = "create api --resource --group apps --version v1 --kind Other";
    sandbox.fails(
        &format!("{other} --controller-name a"),
        2,
        "would both be `a`",
    );
}

#[test]
fn names_of_projects_are_refused_with_the_flag() {
    let sandbox = Sandbox::empty();
    let long = "n".repeat(64);
    for (name, reason) in [
        ("", "it is empty"),
        ("My-App", "try `--project-name my-app`"),
        ("my app", "try `--project-name my-app`"),
        ("my.app", "try `--project-name my-app`"),
        ("a-", "try `--project-name a`"),
        (&long, "it has 64 characters"),
    ] {
        let init = format!("init --domain example.com --project-name '{name}'");
        sandbox.fails(&init, 2, reason);
    }
    sandbox.fails(
        "init --domain example.com '\u{1f980}'",
        2,
        "`--project-name`",
    );
}

#[test]
fn folders_of_any_name_give_a_name() {
    let long = "Long".repeat(50);
    for (folder, name) in [
        ("My Operator", "my-operator"),
        ("my_op.v2", "my-op-v2"),
        ("2048", "2048"),
        ("Café", "caf"),
        ("con", "con"),
        ("a--b", "a--b"),
        ("..b..", "b"),
        (&long, &long.to_lowercase()[..63]),
    ] {
        let sandbox = Sandbox::empty();
        sandbox.ok(&format!("init --quiet --domain example.com '{folder}'"));
        let project = sandbox.read(&format!("{folder}/PROJECT"));
        let line = project
            .lines()
            .find(|line| line.starts_with("projectName:"));
        let found = line.unwrap().trim_start_matches("projectName: ");
        assert_eq!(found.trim_matches('\''), name, "{folder}");
    }
}

//! The scaffold is what rustfmt would make of it, whatever the names.
//!
//! rustfmt's layout depends on the length and on the order of names, and rustop
//! does not run it; so the names here are short, long, and sorted both ways.

use std::process::Command;

use super::generated::{Generated, turn};
use crate::sandbox::{Run, Sandbox, slow};

const INIT: &str = "init --domain example.com --project-name demo --quiet";

/// A kind of so many letters that begins with `first`.
fn kind(first: char, length: usize) -> String {
    let rest = "Abcdefghij".chars().cycle().take(length - 1);
    std::iter::once(first).chain(rest).collect()
}

/// The arguments of `create api`; long kinds get a plural that is short enough.
fn api(group: &str, version: &str, kind: &str) -> String {
    let plural = if kind.len() > 60 {
        "--plural things"
    } else {
        ""
    };
    format!(
        "create api --quiet --group {group} --version {version} --kind {kind} {plural} --resource --controller"
    )
}

/// A project of these commands.
fn project(commands: &[String]) -> Sandbox {
    let sandbox = Sandbox::in_memory();
    for command in commands {
        sandbox.ok(command);
    }
    sandbox
}

/// Runs rustfmt over all Rust that depends on PROJECT.
#[track_caller]
fn check(commands: &[String]) {
    let sandbox = project(commands);
    let files = sandbox.files();
    let sources = files
        .keys()
        .filter(|path| path.ends_with(".rs") && !path.starts_with("runtime/"));
    let mut rustfmt = Command::new("rustfmt");
    rustfmt.args(["--check", "--edition", "2024"]).args(sources);
    let run = Run::of(rustfmt.current_dir(sandbox.path()).output().unwrap());
    assert_eq!(run.code, 0, "{commands:#?}\n{}{}", run.stdout, run.stderr);
}

fn single(init: &str, group: &str, version: &str, kind: &str) {
    check(&[init.to_owned(), api(group, version, kind)]);
}

#[test]
fn kinds_of_all_lengths_are_formatted() {
    if !slow("formatting of kinds") {
        return;
    }
    for length in [1, 2, 3, 10, 20, 30, 38, 45, 55, 62, 63] {
        for first in ['A', 'M', 'Z'] {
            single(INIT, "apps", "v1", &kind(first, length));
        }
    }
}

/// Kinds and paths whose lengths are around the places where rustfmt breaks.
#[test]
fn webhooks_and_conversions_are_formatted() {
    if !slow("formatting of webhooks") {
        return;
    }
    let letter = |position: usize| match position.is_multiple_of(20) {
        true => '/',
        false => 'p',
    };
    let path = |length: usize| (0..length).map(letter).chain(['p']).collect::<String>();
    for (number, length) in [1, 20, 44, 60, 61, 62, 63].into_iter().enumerate() {
        for (layout, group) in [("", "apps"), ("--multigroup", "sea-creatures")] {
            let kind = kind('M', length);
            let webhook = format!("create webhook --quiet --group {group} --kind {kind} --version");
            let paths = format!(
                "--defaulting-path {} --validation-path {}",
                path(number * 16 + 1),
                path(number * 16 + 9)
            );
            let another =
                |version| api(group, version, &kind).replace("--controller", "--controller=false");
            check(&[
                format!("{INIT} {layout} --certificates builtin"),
                api(group, "v2", &kind),
                another("v10"),
                another("v1alpha1"),
                format!("{webhook} v2 --defaulting --programmatic-validation"),
                format!("{webhook} v10 --defaulting --programmatic-validation {paths}"),
                format!("{webhook} v2 --conversion --spoke v10,v1alpha1"),
            ]);
        }
    }
}

#[test]
fn groups_versions_and_layouts_are_formatted() {
    if !slow("formatting of groups") {
        return;
    }
    let multigroup = format!("{INIT} --multigroup");
    let groups = [
        "a".to_owned(),
        "sea-creatures".to_owned(),
        "g".repeat(60),
        "z9".repeat(20),
    ];
    for init in [INIT, &multigroup] {
        for group in &groups {
            for version in ["v1", "v10", "v1alpha1", "v10beta10"] {
                for kind in ["A".to_owned(), kind('M', 30), kind('Z', 63)] {
                    single(init, group, version, &kind);
                }
            }
        }
    }
}

#[test]
fn domains_names_and_licences_are_formatted() {
    if !slow("formatting of licences") {
        return;
    }
    let long = format!("{}.{}.example.com", "d".repeat(60), "e".repeat(60));
    for domain in ["a.io", "example.com", &long] {
        for name in ["a", "demo", &"n".repeat(28)] {
            for more in [
                "--license apache2 --owner 'The Example Authors'",
                "--license mit --multigroup",
                "--license copyright --namespaced",
                "--license none",
            ] {
                let init = format!("init --quiet --domain {domain} --project-name {name} {more}");
                check(std::slice::from_ref(&init));
                single(&init, "apps", "v1", &kind('B', 45));
            }
        }
    }
}

/// The lists are sorted as rustfmt sorts, which is not as bytes sort.
#[test]
fn several_kinds_are_formatted() {
    if !slow("formatting of lists") {
        return;
    }
    let kinds = [
        "Foo2",
        "Foo10",
        "Zeta",
        "Alpha",
        "Foo",
        "FooBar",
        "HTTPRoute",
        "A",
        "V1",
        "Foo1B",
    ];
    let long = kind('L', 62);
    for more in ["", "--multigroup", "--namespaced"] {
        let mut commands = vec![format!("{INIT} {more}")];
        for (number, kind) in kinds.into_iter().chain([long.as_str()]).enumerate() {
            let version = ["v1", "v2", "v10", "v1beta1"][number % 4];
            let group = match more {
                "--multigroup" => ["apps", "b-2", "b-10", "zoo"][number % 4],
                _ => "apps",
            };
            commands.push(api(group, version, kind));
            check(&commands);
        }
        for version in ["v2", "v10"] {
            let another = api("apps", version, "Foo2");
            commands.push(another.replace("--controller", "--controller=false"));
        }
        check(&commands);
    }
}

/// What the scaffold imports, and what Rust's prelude holds: as kinds they are legal.
const FAMILIAR: [&str; 35] = [
    "Action",
    "Answer",
    "Api",
    "Box",
    "Client",
    "Clone",
    "Controller",
    "Copy",
    "Debug",
    "Drop",
    "Duration",
    "Err",
    "Error",
    "Event",
    "Fn",
    "From",
    "Iterator",
    "Main",
    "Manager",
    "None",
    "Object",
    "ObjectMeta",
    "Ok",
    "Operator",
    "PartialEq",
    "Reconciler",
    "Request",
    "Result",
    "Send",
    "Some",
    "Spec",
    "Status",
    "Store",
    "Time",
    "Type",
];

#[test]
fn familiar_names_are_formatted_and_compile_without_a_warning() {
    if !slow("familiar names") {
        return;
    }
    let mut commands = vec![INIT.to_owned()];
    commands.extend(FAMILIAR.map(|kind| api("schema", "v1", kind)));
    check(&commands);
    let _turn = turn();
    let project = Generated::new("familiar", &project(&commands));
    let clippy = "clippy --workspace --all-targets --locked -- -D warnings";
    project.ok("cargo", clippy);
}

/// The shortest and the longest names are also Rust that compiles.
#[test]
fn extreme_names_compile() {
    if !slow("compiling extreme names") {
        return;
    }
    let _turn = turn();
    let shortest = [INIT.to_owned(), api("a", "v1", "A")];
    let longest = [
        format!(
            "init --quiet --domain {0}.{0}.io --project-name {1} --multigroup",
            "d".repeat(60),
            "n".repeat(28)
        ),
        api(&"g".repeat(60), "v10beta10", &kind('Z', 62)),
    ];
    for (name, commands) in [("shortest", shortest), ("longest", longest)] {
        let project = Generated::new(name, &project(&commands));
        project.ok(
            "cargo",
            &format!("check --locked -p {}-api --all-targets", project.package()),
        );
    }
}

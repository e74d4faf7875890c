//! Groups, versions and names of controllers that could hurt, and that work.

/// Groups, each different from the others in Rust too.
pub(crate) fn groups() -> Vec<String> {
    let long = "g".repeat(63);
    let longest = format!("{0}.{0}.{0}", "h".repeat(60));
    let fixed = GROUPS.iter().map(|group| (*group).to_owned());
    fixed.chain([long, longest]).collect()
}

const GROUPS: &[&str] = &[
    // Nothing before the domain.
    "",
    // Kubernetes' own.
    "apps",
    "batch",
    "core",
    "rbac.authorization",
    // Words and crates of Rust.
    "alloc",
    "async",
    "crate",
    "gen",
    "kube",
    "proc-macro",
    "self",
    "serde",
    "std",
    "super",
    "test",
    "true",
    "type",
    // Modules and folders of the scaffold.
    "api",
    "controller",
    "integration",
    "lib",
    "main",
    "mod",
    "operator",
    "runtime",
    "schema",
    "tests",
    "ungrouped",
    "webhook",
    // Called like a version, a kind, or what is in config/.
    "leader-election",
    "manager",
    "metrics-auth",
    "my-app",
    "v1",
    // Digits, dashes, dots.
    "1",
    "1a",
    "1e3",
    "a--b",
    "b-c",
    "d.e",
    "foo.policy",
    "x1-2.y3",
    // No text in YAML; no file on Windows.
    "aux",
    "con",
    "no",
    "null",
];

/// Versions of one kind; the API server takes any label.
pub(crate) fn versions() -> Vec<String> {
    let fixed = VERSIONS.iter().map(|version| (*version).to_owned());
    fixed.chain(["v".repeat(63)]).collect()
}

const VERSIONS: &[&str] = &[
    "a--b",
    "a-c",
    "api",
    "crate",
    "on",
    "preview",
    "schema",
    "self",
    "stable",
    "type",
    "v1",
    "v10",
    "v1alpha1",
    "v1beta12",
    "v2",
    "v2alpha10",
];

/// Names of controllers of one kind.
pub(crate) fn controllers() -> Vec<String> {
    let fixed = CONTROLLERS.iter().map(|name| (*name).to_owned());
    fixed.chain(["c".repeat(63)]).collect()
}

const CONTROLLERS: &[&str] = &[
    "a",
    "api",
    "async",
    "con",
    "controller",
    "finalizers",
    "foo-bar",
    "foobar",
    "kube",
    "manager",
    "mod",
    "my-app-2",
    "operator",
    "option",
    "ready",
    "reconciler",
    "runtime",
    "self",
    "std",
    "type",
    "v1",
    "webhook",
    "yes",
];

//! Names of projects and of their folders that could hurt.

/// Names that work, as they are.
pub(crate) fn projects() -> Vec<String> {
    let fixed = PROJECTS.iter().map(|name| (*name).to_owned());
    let lengths = [2, 28, 29, 62, 63].map(|length| "n".repeat(length));
    let digits = format!("9{}", "d".repeat(62));
    fixed.chain(lengths).chain([digits]).collect()
}

const PROJECTS: &[&str] = &[
    "0",
    "1e3",
    "2048",
    "3scale",
    "a",
    "a--b",
    "alloc",
    "api",
    "async",
    "build",
    "com1",
    "con",
    "core",
    "crdgen",
    "deps",
    "e2e",
    "examples",
    "integration",
    "k8s-openapi",
    "kube",
    "main",
    "manager",
    "no",
    "null",
    "nul",
    "on",
    "operator",
    "proc-macro",
    "runtime",
    "self",
    "serde",
    "std",
    "test",
    "tokio",
    "true",
    "type",
    "y",
];

//! controller-gen itself: built once from the pin in `tests/controller-gen` into the user's cache.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize as _;
use serde_json::Value;

const VERSION: &str = "v0.21.0";
const TOOL: &str = "sigs.k8s.io/controller-tools/cmd/controller-gen";

/// The documents of a set of markers, or the refusal.
pub(crate) type Verdict = Result<Vec<Value>, String>;

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The wording of refusals is each tool's own.
pub(crate) fn agree(theirs: &Verdict, ours: &Verdict) -> bool {
    match (theirs, ours) {
        (Ok(theirs), Ok(ours)) => theirs == ours,
        (Err(_), Err(_)) => true,
        _ => false,
    }
}

/// What the generator prints for a Go package with these comments, or its refusal of a marker.
pub(crate) fn run(tool: &Path, arguments: &[&str], comments: &str) -> Result<String, String> {
    let folder = tempfile::tempdir().unwrap();
    let module = "module example.com/a\n\ngo 1.24\n";
    fs::write(folder.path().join("go.mod"), module).unwrap();
    let source = format!("package a\n\n{comments}");
    fs::write(folder.path().join("a.go"), source).unwrap();
    let output = Command::new(tool)
        .args(arguments)
        .arg("paths=./...")
        .current_dir(folder.path())
        .output()
        .unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    // Only a refusal counts, not a Go source that cannot be read.
    let read = !errors.contains("expected ") || errors.contains("(at <input>");
    match output.status.success() {
        true => Ok(String::from_utf8(output.stdout).unwrap()),
        false if read => Err(errors),
        false => panic!("controller-gen failed: {errors}"),
    }
}

/// All documents of a text but the empty ones.
pub(crate) fn documents(text: &str) -> Vec<Value> {
    let documents = serde_yaml::Deserializer::from_str(text);
    let documents = documents.map(|document| Value::deserialize(document).unwrap());
    documents.filter(|document| !document.is_null()).collect()
}

/// The tool, or `None` outside the slow ring.
#[expect(clippy::print_stderr, reason = "a skipped test says so")]
pub(crate) fn controller_gen() -> Option<PathBuf> {
    if std::env::var_os("RUSTOP_SLOW").is_none_or(|value| value.is_empty() || value == "0") {
        eprintln!("skipped: compares with controller-gen when RUSTOP_SLOW=1 is set");
        return None;
    }
    let tool = cache().join(VERSION).join("controller-gen");
    if !tool.exists() {
        build(&tool);
    }
    Some(tool)
}

fn cache() -> PathBuf {
    let set = |name| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    let cache = set("XDG_CACHE_HOME").or_else(|| set("HOME").map(|home| home.join(".cache")));
    cache
        .unwrap_or_else(std::env::temp_dir)
        .join("rustop/controller-gen")
}

/// Builds beside the goal and renames, so that two tests may build at once.
fn build(tool: &Path) {
    let pin = root().join("tests/controller-gen");
    let pinned = fs::read_to_string(pin.join("go.mod")).unwrap();
    assert!(
        pinned.contains(&format!("controller-tools {VERSION} ")),
        "go.mod pins {VERSION}"
    );
    fs::create_dir_all(tool.parent().unwrap()).unwrap();
    let folder = tempfile::tempdir_in(tool.parent().unwrap()).unwrap();
    let built = folder.path().join("controller-gen");
    let status = Command::new("go")
        .args(["build", "-mod=readonly", "-trimpath", "-o"])
        .args([built.as_os_str(), TOOL.as_ref()])
        .current_dir(pin)
        .status()
        .expect("failed to start `go`\nhelp: install Go, the slow ring needs it");
    assert!(status.success(), "failed to build controller-gen");
    fs::rename(built, tool).unwrap();
}

//! `snapshots/history/<version>/<case>`: projects as earlier versions of rustop
//! left them. This one must be able to take each of them up.

use std::path::{Path, PathBuf};

use crate::sandbox::{Sandbox, files_below};

fn projects() -> Vec<PathBuf> {
    let versions = std::fs::read_dir("snapshots/history").unwrap();
    let cases = versions.flat_map(|version| std::fs::read_dir(version.unwrap().path()).unwrap());
    cases.map(|case| case.unwrap().path()).collect()
}

fn sandbox_with(project: &Path) -> Sandbox {
    let sandbox = Sandbox::empty();
    for (path, (bytes, _)) in files_below(project) {
        if !path.ends_with('/') {
            sandbox.write(&path, bytes);
        }
    }
    sandbox
}

/// Nobody touched these projects, so no change of ours may be in the way of another.
#[test]
fn an_old_project_grows_without_a_conflict() {
    let projects = projects();
    assert!(!projects.is_empty());
    for project in projects {
        let sandbox = sandbox_with(&project);
        let create = "create api --group apps --version v1 --kind Newcomer --resource --controller";
        let report = sandbox.ok(&format!("{create} --output json")).json();
        assert_eq!(report["conflicts"], 0, "{}: {report}", project.display());
        assert!(sandbox.read("src/controller/mod.rs").contains("newcomer"));
        let again = sandbox.ok(&format!("{create} --output json")).json();
        assert_eq!(again["changed"], false, "{}: {again}", project.display());
    }
}

//! Upgrades, driven through the engine with a second template set: a renamed
//! file, moved lines, a reworded stub, a bumped dependency, a removed file, a
//! new folder. The command comes later; the engine can do it from the first day.

use rustop::change::{OnConflict, Policy, RECORD, Record, Situation, Verdict, plan};
use rustop::disk::Root;
use rustop::project::ProjectFile;
use rustop::render::{Templates, embedded_files};
use rustop::scaffold::Scaffold;
use rustop::scaffold::table::{Row, Table};
use rustop::tree::{Owner, RelativePath};

use crate::sandbox::Sandbox;

const MANAGER: &str = "project/config/manager/manager.yaml.tera";
const RENAMED: &str = "project/config/manager/deployment.yaml.tera";
const REMOVED: &str = "project/config/network-policy/allow-metrics-traffic.yaml.tera";
const NEW: &str = "project/config/extra/new.yaml";
const STUB: &str = "controller/src/controller/__controller_folder__/__module__.rs.tera";

/// The scaffold of a rustop to come.
fn next_scaffold() -> Scaffold {
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    for (name, bytes) in embedded_files() {
        let text = || String::from_utf8(bytes.to_vec()).unwrap();
        match name.as_str() {
            REMOVED => {}
            MANAGER => files.push((RENAMED.to_owned(), bytes.to_vec())),
            STUB => files.push((
                name,
                (text() + "\n// a stub of the next rustop\n").into_bytes(),
            )),
            "project/Cargo.toml.tera" => {
                let text = text();
                assert!(text.contains("anyhow = \"1."));
                files.push((
                    name,
                    text.replacen("anyhow = \"1.", "anyhow = \"99.", 1)
                        .into_bytes(),
                ));
            }
            "project/Makefile.tera" | "project/Makefile" => {
                files.push((
                    name,
                    format!("# moved by the next rustop\n{}", text()).into_bytes(),
                ));
            }
            _ => files.push((name, bytes.to_vec())),
        }
    }
    files.push((NEW.to_owned(), b"new: true\n".to_vec()));
    Scaffold::new(Templates::new(files).unwrap(), next_table())
}

fn next_table() -> Table {
    let current = Table::current();
    let rows = current
        .project
        .iter()
        .filter(|row| row.template != REMOVED)
        .map(|row| match row.template {
            MANAGER => Row {
                template: RENAMED,
                formerly: &["config/manager/manager.yaml"],
                ..*row
            },
            _ => *row,
        });
    let new = Row {
        template: NEW,
        owner: Owner::Shared,
        executable: false,
        formerly: &[],
        when: None,
    };
    let rows: Vec<Row> = rows.chain([new]).collect();
    Table {
        project: rows.leak(),
        ..current
    }
}

/// Brings the project in `sandbox` to the next scaffold, as `rustop update` will.
fn update(sandbox: &Sandbox, on_conflict: Option<OnConflict>) -> Vec<(String, Verdict)> {
    let root = Root::open(sandbox.path()).unwrap();
    let read = |path: &RelativePath| root.read(path);
    let found = ProjectFile::parse(sandbox.read("PROJECT").as_bytes()).unwrap();
    let next = next_scaffold().render(&found.project).unwrap();
    let previous = || Ok(next.clone());
    let record = read(&RelativePath::literal(RECORD)).unwrap().unwrap().bytes;
    let record = Record::parse(std::str::from_utf8(&record).unwrap());
    let situation = Situation {
        record: &record,
        previous: &previous,
        next: &next,
        read: &read,
    };
    let changes = plan(
        &situation,
        &Policy {
            on_conflict,
            ..Policy::default()
        },
    )
    .unwrap();
    if changes.conflicts().is_empty() {
        root.apply(&changes.operations()).unwrap();
    }
    changes
        .changes
        .iter()
        .map(|change| (change.path.to_string(), change.verdict))
        .collect()
}

fn project() -> Sandbox {
    let sandbox = Sandbox::project();
    sandbox.ok("create api --group apps --version v1 --kind MyApp --resource --controller");
    sandbox
}

fn verdict(changes: &[(String, Verdict)], path: &str) -> Option<Verdict> {
    changes
        .iter()
        .find(|(changed, _)| changed == path)
        .map(|(_, verdict)| *verdict)
}

#[test]
fn an_untouched_project_becomes_the_new_scaffold() {
    let sandbox = project();
    let changes = update(&sandbox, None);
    assert_eq!(
        verdict(&changes, "config/extra/new.yaml"),
        Some(Verdict::Create)
    );
    assert_eq!(
        verdict(&changes, "config/network-policy/allow-metrics-traffic.yaml"),
        Some(Verdict::Delete)
    );
    assert_eq!(verdict(&changes, "Makefile"), Some(Verdict::Update));
    let found = ProjectFile::parse(sandbox.read("PROJECT").as_bytes()).unwrap();
    for (path, output) in next_scaffold().render(&found.project).unwrap() {
        if output.owner != Owner::Derived {
            assert_eq!(
                sandbox.read(path.as_str()).as_bytes(),
                output.file.bytes,
                "{path}"
            );
        }
    }
    assert!(!sandbox.exists("config/manager/manager.yaml"));
    assert_eq!(
        update(&sandbox, None),
        [],
        "a second update has nothing to do"
    );
}

#[test]
fn a_renamed_file_takes_your_changes_along() {
    let sandbox = project();
    sandbox.replace("config/manager/manager.yaml", "replicas: 1", "replicas: 3");
    update(&sandbox, None);
    assert!(
        sandbox
            .read("config/manager/deployment.yaml")
            .contains("replicas: 3")
    );
    assert!(!sandbox.exists("config/manager/manager.yaml"));
}

#[test]
fn a_removed_file_that_you_changed_stays() {
    let sandbox = project();
    let path = "config/network-policy/allow-metrics-traffic.yaml";
    sandbox.write(path, sandbox.read(path) + "# mine\n");
    assert_eq!(verdict(&update(&sandbox, None), path), Some(Verdict::Keep));
    assert!(sandbox.read(path).ends_with("# mine\n"));
}

#[test]
fn a_bumped_dependency_meets_yours() {
    let sandbox = project();
    sandbox.replace(
        "Cargo.toml",
        "[dependencies]\n",
        "[dependencies]\nrand = \"0.9\" # mine\n",
    );
    assert_eq!(
        verdict(&update(&sandbox, None), "Cargo.toml"),
        Some(Verdict::Merge)
    );
    let text = sandbox.read("Cargo.toml");
    assert!(
        text.contains("rand = \"0.9\" # mine\n") && text.contains("anyhow = \"99."),
        "{text}"
    );
}

#[test]
fn a_reworded_stub_reaches_code_that_you_filled_in() {
    let sandbox = project();
    let path = "src/controller/my_app.rs";
    sandbox.write(path, format!("// mine\n{}", sandbox.read(path)));
    assert_eq!(verdict(&update(&sandbox, None), path), Some(Verdict::Merge));
    let text = sandbox.read(path);
    assert!(
        text.starts_with("// mine\n") && text.ends_with("// a stub of the next rustop\n"),
        "{text}"
    );
}

#[test]
fn a_conflict_stops_everything_until_you_choose() {
    let sandbox = project();
    let first = sandbox.read("Makefile").lines().next().unwrap().to_owned();
    sandbox.write(
        "Makefile",
        sandbox
            .read("Makefile")
            .replacen(&first, "# my first line", 1),
    );
    let before = sandbox.files();
    assert_eq!(
        verdict(&update(&sandbox, None), "Makefile"),
        Some(Verdict::Conflict)
    );
    crate::sandbox::assert_same(&before, &sandbox.files(), "an update with a conflict");
    update(&sandbox, Some(OnConflict::Markers));
    assert!(sandbox.read("Makefile").contains("<<<<<<< "));
    assert_eq!(
        update(&sandbox, None),
        [],
        "the conflict does not come back"
    );
}

#[test]
fn a_lost_mirror_loses_nothing() {
    let sandbox = project();
    sandbox.write(".rustop/base/Makefile.base", "not what was scaffolded\n");
    sandbox.write("Makefile", "mine\n");
    assert_eq!(
        verdict(&update(&sandbox, None), "Makefile"),
        Some(Verdict::Keep)
    );
    assert_eq!(sandbox.read("Makefile"), "mine\n");
}

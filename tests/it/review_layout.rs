//! PROJECT switched to another layout by hand: files move, and take along what is in them.

use std::fs;

use crate::sandbox::Sandbox;

const CREATE: &str = "create api --version v1 --resource --controller";

fn edit_project(sandbox: &Sandbox, from: &str, to: &str) {
    let path = sandbox.join("PROJECT");
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{text}");
    fs::write(path, text.replacen(from, to, 1)).unwrap();
}

fn append(sandbox: &Sandbox, path: &str, line: &str) {
    let text = fs::read_to_string(sandbox.join(path)).unwrap();
    fs::write(sandbox.join(path), text + line).unwrap();
}

#[test]
fn what_the_user_wrote_moves_along_there_and_back() {
    let sandbox = Sandbox::project();
    sandbox.ok(&format!("{CREATE} --group apps --kind MyApp"));
    append(&sandbox, "src/controller/my_app.rs", "// mine\n");
    append(&sandbox, "api/src/v1/my_app.rs", "// my types\n");
    let before = sandbox.files();

    edit_project(&sandbox, "layout:", "multigroup: true\nlayout:");
    sandbox.ok(&format!("{CREATE} --group apps --kind MyApp"));
    let files = sandbox.files();
    let holds = |path: &str, line: &str| {
        let (bytes, _) = files.get(path).unwrap_or_else(|| panic!("no `{path}`"));
        assert!(String::from_utf8_lossy(bytes).contains(line), "{path}");
    };
    holds("src/controller/apps/my_app.rs", "// mine\n");
    holds("api/src/apps/v1/my_app.rs", "// my types\n");
    assert!(!files.contains_key("src/controller/my_app.rs"));
    assert!(!files.contains_key("api/src/v1/my_app.rs"));

    edit_project(&sandbox, "multigroup: true\n", "");
    sandbox.ok(&format!("{CREATE} --group apps --kind MyApp"));
    assert_eq!(sandbox.files(), before);
}

#[test]
fn a_file_that_moves_is_said_to_move() {
    let sandbox = Sandbox::project();
    sandbox.ok(&format!("{CREATE} --group ship --kind Frigate"));
    append(&sandbox, "api/src/v1/frigate.rs", "// my types\n");
    edit_project(&sandbox, "layout:", "multigroup: true\nlayout:");
    let create = format!("{CREATE} --group crew --kind Captain");
    let dry = sandbox
        .ok(&format!("{create} --dry-run --output json"))
        .json();
    let file = |path: &str| {
        let mut files = dry["files"].as_array().unwrap().iter();
        files.find(|file| file["path"] == path).unwrap()
    };
    let moved = file("api/src/ship/v1/frigate.rs");
    assert_eq!(
        (&moved["action"], &moved["from"]),
        (&"keep".into(), &"api/src/v1/frigate.rs".into())
    );
    assert_eq!(file("api/src/v1/frigate.rs")["action"], "delete");
    for command in [format!("{create} --verbose --dry-run"), create] {
        let said = sandbox.ok(&command).stderr;
        let line = "     move  api/src/v1/frigate.rs -> api/src/ship/v1/frigate.rs\n";
        assert!(said.contains(line), "{said}");
        let changed = "src/controller/ship/frigate.rs (was src/controller/frigate.rs)\n";
        assert!(said.contains(changed), "{said}");
        assert!(!said.contains("delete"), "{said}");
    }
}

#[test]
fn a_kind_of_the_same_name_in_a_new_group_gets_nothing_of_it() {
    let sandbox = Sandbox::project();
    sandbox.ok(&format!("{CREATE} --group apps --kind MyApp"));
    append(&sandbox, "src/controller/my_app.rs", "// mine\n");
    edit_project(&sandbox, "layout:", "multigroup: true\nlayout:");
    sandbox.ok(&format!("{CREATE} --group web --kind MyApp"));
    let text = |path: &str| fs::read_to_string(sandbox.join(path)).unwrap();
    assert!(text("src/controller/apps/my_app.rs").ends_with("// mine\n"));
    assert!(!text("src/controller/web/my_app.rs").contains("// mine"));
}

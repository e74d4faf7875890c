//! PROJECT: what can be read can be written, says the same again, and has a scaffold.

use std::sync::OnceLock;

use rustop::project::{Project, ProjectFile};
use rustop::scaffold::Scaffold;

/// Reads `data` as a PROJECT file.
pub fn check(data: &[u8]) {
    let file = match ProjectFile::parse(data) {
        Ok(file) => file,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    let project = &file.project;
    assert_eq!(file.updated(project).as_bytes(), data, "nobody changed it");
    let text = project.to_text();
    let again = read(&text);
    assert_eq!(&again, project, "{text}");
    assert_eq!(again.to_text(), text, "written twice");
    let mut changed = project.clone();
    changed.multigroup = true;
    "example.com/another".clone_into(&mut changed.repo);
    let text = file.updated(&changed);
    assert_eq!(read(&text), changed, "{text}");
    check_scaffold(project);
}

fn read(text: &str) -> Project {
    match ProjectFile::parse(text.as_bytes()) {
        Ok(file) => file.project,
        Err(error) => panic!("what was written cannot be read: {error}\n{text}"),
    }
}

/// Whatever PROJECT is taken can be scaffolded, the same each time.
fn check_scaffold(project: &Project) {
    static SCAFFOLD: OnceLock<Scaffold> = OnceLock::new();
    let scaffold = SCAFFOLD.get_or_init(|| Scaffold::embedded().expect("our own templates"));
    let tree = scaffold.render(project);
    let tree = tree.unwrap_or_else(|error| panic!("no scaffold: {error:#}\n{}", project.to_text()));
    assert!(!tree.is_empty());
}

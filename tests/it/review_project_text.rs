//! The form of a PROJECT file that other editors wrote: line ends, byte order mark, comments.

use std::fs;

use crate::sandbox::Sandbox;

const KIND: &str = "--group apps --version v1 --kind";

/// A project whose PROJECT went through `edit`.
fn project(edit: impl Fn(String) -> String) -> Sandbox {
    let sandbox = Sandbox::project();
    sandbox.ok(&format!("create api {KIND} MyApp --resource --controller"));
    let text = fs::read_to_string(sandbox.join("PROJECT")).unwrap();
    fs::write(sandbox.join("PROJECT"), edit(text)).unwrap();
    sandbox
}

#[test]
fn create_then_delete_gives_project_back_in_any_form() {
    let forms: [fn(String) -> String; 4] = [
        |text| text,
        |text| text.replace('\n', "\r\n"),
        |text| format!("\u{feff}{text}"),
        |text| format!("\u{feff}{}", text.replace('\n', "\r\n")),
    ];
    for form in forms {
        let sandbox = project(form);
        let before = sandbox.files();
        sandbox.ok(&format!("create api {KIND} Other --resource --controller"));
        sandbox.ok(&format!("delete api {KIND} Other"));
        assert_eq!(sandbox.files(), before);
    }
}

#[test]
fn a_lost_comment_is_named() {
    let sandbox = project(|text| text.replace("kind: MyApp", "kind: MyApp # mine"));
    let create = format!("create api {KIND} Other --resource --controller");
    let words = "of its comments only the leading one is kept";
    assert!(sandbox.ok(&create).stderr.contains(words));
    assert!(!sandbox.ok(&create).stderr.contains(words));
}

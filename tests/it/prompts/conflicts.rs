//! Questions about files in which the changes of the user and of the scaffold meet.

use super::{TYPES, project, session};
use crate::keyboard::{CONTROL_C, CONTROL_D, DOWN, ENTER, ESCAPE, Piped, Terminal};
use crate::sandbox::{Sandbox, assert_same};

/// A project in which the next kind meets a change of the user's in two files.
pub(super) fn in_the_way() -> Sandbox {
    let sandbox = project();
    for path in IN_THE_WAY {
        sandbox.write(path, format!("// mine\n{}", sandbox.read(path)));
    }
    sandbox
}

/// Lists: rustop renders them whole, so any change is in the way.
const IN_THE_WAY: [&str; 2] = ["api/src/lib.rs", "src/controller/mod.rs"];
pub(super) const CREATE_BOTH: &str =
    "create api --group apps --version v1 --kind MyApp --resource --controller";
const CONFLICT: &str = "What shall stand in";

/// The key presses that choose the answer at a position.
fn answer(position: usize) -> String {
    DOWN.repeat(position) + ENTER
}

#[test]
fn a_conflict_is_asked_about_on_a_terminal() {
    let sandbox = in_the_way();
    let before = sandbox.files();
    for key in [ENTER, CONTROL_C, CONTROL_D, ESCAPE] {
        let run = session(&sandbox, CREATE_BOTH, &[(CONFLICT, key)]);
        let code = if key == ENTER { 3 } else { 1 };
        assert_eq!(run.code, code, "{key:?}: {}", run.stderr);
        assert!(run.stderr.contains("`theirs`"), "{}", run.stderr);
        let words = "your changes and the scaffold's meet in 2 files";
        assert!(run.stderr.contains(words), "{}", run.stderr);
        assert_same(&before, &sandbox.files(), "a conflict");
    }
    let second = session(
        &sandbox,
        CREATE_BOTH,
        &[(CONFLICT, &answer(1)), (CONFLICT, ENTER)],
    );
    assert_eq!(second.code, 3, "{}", second.stderr);
    assert_same(&before, &sandbox.files(), "aborted at the second file");
}

#[test]
fn each_file_has_an_answer_of_its_own() {
    let check = |answers: &[usize], mine: [bool; 2]| {
        let sandbox = in_the_way();
        let questions = IN_THE_WAY.map(|path| format!("{CONFLICT} {path}?"));
        let keys: Vec<String> = answers.iter().map(|position| answer(*position)).collect();
        let answers: Vec<(&str, &str)> = questions
            .iter()
            .zip(&keys)
            .map(|(question, keys)| (question.as_str(), keys.as_str()))
            .collect();
        let run = session(&sandbox, CREATE_BOTH, &answers);
        assert_eq!(run.code, 0, "{}", run.stderr);
        assert_eq!(
            IN_THE_WAY.map(|path| sandbox.read(path).contains("// mine")),
            mine,
            "{keys:?}"
        );
    };
    // abort, ours, theirs; then ours and theirs for all that are left: markers are not for lists.
    check(&[1, 2], [true, false]);
    check(&[2, 1], [false, true]);
    check(&[3], [true, true]);
    check(&[4], [false, false]);
}

/// A project in which another plural meets a change of the user's in a shared file and in one of his own.
fn another_plural() -> (Sandbox, &'static str) {
    let sandbox = project();
    sandbox.ok(CREATE_BOTH);
    sandbox.replace(TYPES, "plural = \"myapps\"", "plural = \"mine\"");
    sandbox.replace(ROLE, "  - myapps\n", "  - mine\n");
    (
        sandbox,
        "create api --group apps --version v1 --kind MyApp --resource --controller --force --plural theapps",
    )
}

const ROLE: &str = "config/rbac/myapp_editor_role.yaml";

/// Whoever answers for one file has said nothing about the others.
#[test]
fn an_answer_is_for_the_file_that_it_is_about() {
    let (sandbox, arguments) = another_plural();
    let question = format!("{CONFLICT} {ROLE}?");
    let run = session(&sandbox, arguments, &[(&question, &answer(2))]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(
        sandbox.read(ROLE).contains("  - theapps\n"),
        "{}",
        sandbox.read(ROLE)
    );
    assert!(
        sandbox.read(TYPES).contains("plural = \"mine\""),
        "{}",
        sandbox.read(TYPES)
    );
}

#[test]
fn markers_are_an_answer_for_a_text() {
    let (sandbox, arguments) = another_plural();
    let run = session(&sandbox, arguments, &[(CONFLICT, &answer(3))]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(
        sandbox.read(ROLE).contains("<<<<<<<"),
        "{}",
        sandbox.read(ROLE)
    );
    assert!(
        !sandbox.read(TYPES).contains("<<<<<<<"),
        "{}",
        sandbox.read(TYPES)
    );
}

#[test]
fn a_conflict_is_not_asked_about_where_a_flag_or_ci_decides() {
    let check = |flags: &str, ci: bool, code: i32| {
        let sandbox = in_the_way();
        let mut command = sandbox.command(&format!("{CREATE_BOTH} {flags}"));
        command.env_remove("CI");
        if ci {
            command.env("CI", "true");
        }
        let run = Terminal::start(command, 80, Piped::Nothing).ends();
        assert_eq!(run.code, code, "{flags}: {}", run.stderr);
        assert!(
            !run.stderr.contains(&format!("? {CONFLICT}")),
            "{flags}: {}",
            run.stderr
        );
    };
    check("--on-conflict abort", false, 3);
    check("--on-conflict ours", false, 0);
    check("--output json", false, 3);
    check("--dry-run", false, 3);
    check("", true, 3);
    check("--on-conflict ask", true, 2);
}

#[test]
fn who_insists_on_being_asked_is_asked() {
    for flags in ["", "--dry-run", "--output json", "--quiet"] {
        let sandbox = in_the_way();
        let arguments = format!("{CREATE_BOTH} --on-conflict ask {flags}");
        let run = session(&sandbox, &arguments, &[(CONFLICT, &answer(3))]);
        assert_eq!(run.code, 0, "{flags}: {}", run.stderr);
        assert_eq!(sandbox.exists(TYPES), flags != "--dry-run", "{flags}");
    }
}

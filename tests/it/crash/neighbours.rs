//! Others at work in the same folder: rustops, and people with an editor.

use std::fs::File;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use super::{CREATE, INIT, SIGABRT, Story, create};
use crate::sandbox::{Run, Sandbox, assert_same};

const KINDS: [&str; 8] = [
    "Alpha", "Bravo", "Charlie", "Delta", "Echo", "Foxtrot", "Golf", "Hotel",
];

fn create_kind(kind: &str) -> String {
    format!("create api --group apps --version v1 --kind {kind} --resource --controller --quiet")
}

fn project() -> Sandbox {
    let sandbox = Sandbox::in_memory();
    sandbox.ok(INIT);
    sandbox
}

fn spawn(sandbox: &Sandbox, arguments: &str) -> Child {
    let mut command = sandbox.command(arguments);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

#[track_caller]
fn ends_well(child: Child) {
    let run = Run::of(child.wait_with_output().unwrap());
    assert_eq!(run.code, 0, "{}", run.stderr);
}

#[test]
fn eight_rustops_at_once_take_turns() {
    let (together, in_turn) = (project(), project());
    let running = KINDS.map(|kind| spawn(&together, &create_kind(kind)));
    running.into_iter().for_each(ends_well);
    for kind in KINDS {
        in_turn.ok(&create_kind(kind));
    }
    assert_same(
        &in_turn.files(),
        &together.files(),
        "eight commands at once",
    );
}

/// A command that waited for its turn works on the PROJECT of that moment.
#[test]
fn a_project_that_changed_while_waiting_is_read_anew() {
    let (sandbox, expected) = (project(), project());
    expected.ok(&create_kind("Alpha"));
    let alone = expected.files();
    expected.ok(CREATE);

    let lock = File::open(sandbox.path()).unwrap();
    lock.lock().unwrap();
    let mut waiting = spawn(&sandbox, CREATE);
    std::thread::sleep(Duration::from_millis(300));
    assert!(waiting.try_wait().unwrap().is_none(), "it did not wait");
    sandbox.restore(&alone);
    lock.unlock().unwrap();
    ends_well(waiting);
    assert_same(&expected.files(), &sandbox.files(), "a changed PROJECT");
}

/// A command may be in any state when somebody saves PROJECT; the edit stays.
#[test]
fn a_project_edited_between_crash_and_next_run_keeps_the_edit() {
    let story = create();
    let mut edited = 0;
    for at in (1..super::LIMIT).step_by(13) {
        let sandbox = story.sandbox();
        if !story.faulty(&sandbox, &format!("abort:{at}")).0 {
            break;
        }
        let text = format!("# Ours since 2019.\n{}", sandbox.read("PROJECT"));
        sandbox.write("PROJECT", text);
        let run = sandbox.run(story.command);
        let found = sandbox.read("PROJECT");
        assert_eq!(run.code, 0, "killed at {at}: {}", run.stderr);
        assert!(found.starts_with("# Ours since 2019.\n"), "{at}: {found}");
        assert!(found.contains("kind: Foo"), "killed at {at}: {found}");
        edited += 1;
    }
    assert!(edited > 3, "{edited} edits");
}

/// A killed command holds no lock, and two that follow it take turns to clear up.
#[test]
fn two_rustops_after_a_crash_clear_up_once() {
    let story: Story = create();
    let expected = project();
    expected.ok(CREATE);
    expected.ok(&create_kind("Alpha"));
    for at in [40, 70, 100] {
        let sandbox = story.sandbox();
        let (killed, _) = story.faulty(&sandbox, &format!("abort:{at}"));
        assert!(killed, "signal {SIGABRT} is expected at {at}");
        let both = [CREATE.to_owned(), create_kind("Alpha")].map(|line| spawn(&sandbox, &line));
        both.into_iter().for_each(ends_well);
        assert_same(
            &expected.files(),
            &sandbox.files(),
            &format!("killed at {at}"),
        );
    }
}

#[test]
fn a_lock_that_is_held_for_long_is_only_waited_for() {
    let sandbox = project();
    let lock = File::open(sandbox.path()).unwrap();
    lock.lock().unwrap();
    let started = Instant::now();
    let waiting = spawn(&sandbox, &create_kind("Alpha"));
    std::thread::sleep(Duration::from_millis(500));
    lock.unlock().unwrap();
    ends_well(waiting);
    assert!(started.elapsed() >= Duration::from_millis(500));
    assert!(sandbox.exists("api/src/v1/alpha.rs"));
}

//! Two rustops at once.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use super::sandbox::{command, empty, picture};
use crate::disk::Root;

/// In the other process: holds the lock until its standard input ends.
pub(super) fn hold(root: &Root) {
    let _lock = root.lock(|| {}).unwrap();
    let mut out = std::io::stdout();
    out.write_all(b"\nlocked\n").unwrap();
    out.flush().unwrap();
    let _ = std::io::stdin().read_to_end(&mut Vec::new());
}

fn holder(root: &std::path::Path) -> Child {
    let mut child = command(root, "hold")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let locked = lines.map_while(Result::ok).any(|line| line == "locked");
    assert!(locked);
    child
}

#[test]
fn a_free_project_is_locked_without_waiting_and_without_a_trace() {
    let (_folder, folder) = empty();
    let root = Root::open(&folder).unwrap();
    for _ in 0..2 {
        drop(root.lock(|| panic!("nobody holds it")).unwrap());
    }
    assert!(picture(&folder).is_empty());
}

/// Waits for the other process, which `end` brings to its end.
fn check_waits(end: fn(&mut Child)) {
    let (_folder, folder) = empty();
    let mut child = holder(&folder);
    let root = Root::open(&folder).unwrap();
    let (waits, waiting) = mpsc::channel();
    let (gets, got) = mpsc::channel();
    std::thread::spawn(move || {
        let lock = root.lock(|| waits.send(()).unwrap());
        gets.send(lock).unwrap();
    });
    waiting
        .recv_timeout(Duration::from_secs(10))
        .expect("must say that it waits");
    assert!(
        got.recv_timeout(Duration::from_millis(100)).is_err(),
        "must wait"
    );
    end(&mut child);
    got.recv_timeout(Duration::from_secs(10)).unwrap().unwrap();
    child.wait().unwrap();
}

#[test]
fn the_second_waits_until_the_first_is_done() {
    check_waits(|child| drop(child.stdin.take()));
}

#[test]
fn a_killed_process_holds_no_lock() {
    check_waits(|child| child.kill().unwrap());
}

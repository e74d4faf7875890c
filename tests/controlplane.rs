//! The control plane of tests: started, asked, stopped, and never left behind.
//!
//! The fast tests run shell scripts in the place of the servers, because what is
//! tested is who gets rid of whom. The slow ones (`RUSTOP_SLOW=1`) run the servers.
#![allow(
    clippy::disallowed_methods,
    reason = "tests look at what is left behind"
)]
#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "this whole file is tests; what was measured is printed for `--nocapture`"
)]

#[path = "controlplane/acquire.rs"]
mod acquire;
#[path = "controlplane/command.rs"]
mod command;
#[path = "controlplane/http.rs"]
mod http;
#[path = "controlplane/machine.rs"]
mod machine;
#[path = "controlplane/servers.rs"]
mod servers;

use std::cell::RefCell;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustop::controlplane::control_plane::{Access, ControlPlane, Settings, StartError};
use rustop::controlplane::{agent, get};

use servers::{Scripts, binaries};

/// Whether a process of the group runs. One that ended and waits to be reaped
/// by init does not.
fn is_alive(group: u32) -> bool {
    !members(group).is_empty()
}

/// The states and command lines of the processes in a group.
fn members(group: u32) -> Vec<String> {
    let group = group.to_string();
    let running =
        |(id, rest): (String, String)| (id == group && !rest.starts_with('Z')).then_some(rest);
    processes("pgid=,stat=,args=")
        .into_iter()
        .filter_map(running)
        .collect()
}

/// Whether nothing at all is left of a child of ours.
fn is_reaped(process: u32) -> bool {
    let process = process.to_string();
    processes("pid=,stat=").iter().all(|(id, _)| *id != process)
}

fn processes(columns: &str) -> Vec<(String, String)> {
    let list = Command::new("ps").args(["-eo", columns]).output().unwrap();
    let list = String::from_utf8(list.stdout).unwrap();
    let pair = |line: &str| {
        let (id, state) = line.trim().split_once(' ')?;
        Some((id.to_owned(), state.trim().to_owned()))
    };
    list.lines().filter_map(pair).collect()
}

/// What "gone when the call returns" allows a loaded machine.
const AT_ONCE: Duration = Duration::from_millis(200);

fn assert_gone(groups: &[u32], folder: &Path, within: Duration) {
    let deadline = Instant::now() + within;
    loop {
        let members: Vec<String> = groups.iter().flat_map(|group| members(*group)).collect();
        if members.is_empty() && !folder.exists() {
            return;
        }
        let (now, path) = (Instant::now(), folder.display());
        assert!(
            now < deadline,
            "still there: {members:#?} or {path}: {}",
            folder.exists()
        );
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[expect(clippy::unnecessary_wraps, reason = "it stands in for `get`")]
fn answers_at_once(_: &Access, _: &str) -> Result<(), String> {
    Ok(())
}

fn settings(scripts: &Scripts) -> Settings {
    Settings {
        start_timeout: Duration::from_secs(5),
        ..Settings::new(scripts.path())
    }
}

fn start_error(settings: &Settings) -> StartError {
    ControlPlane::start(settings, |_, _| Err("nobody answers".to_owned())).unwrap_err()
}

#[test]
fn stop_leaves_neither_process_nor_file() {
    let scripts = Scripts::new();
    let plane = ControlPlane::start(&settings(&scripts), answers_at_once).unwrap();
    let (groups, folder) = (plane.process_groups(), plane.data_folder().to_owned());
    assert!(groups.iter().all(|group| is_alive(*group)));
    plane.stop();
    assert!(!folder.exists());
    assert!(
        groups.iter().all(|group| is_reaped(*group)),
        "`stop` did not wait"
    );
    assert_gone(&groups, &folder, AT_ONCE);
}

/// Else what clears away the first would take the second with it.
#[test]
fn a_folder_is_never_used_twice() {
    let scripts = Scripts::new();
    let folder = || {
        let plane = ControlPlane::start(&settings(&scripts), answers_at_once).unwrap();
        plane.data_folder().to_owned()
    };
    assert_ne!(folder(), folder());
}

#[test]
fn a_panic_leaves_neither_process_nor_file() {
    let scripts = Scripts::new();
    let (send, receive) = std::sync::mpsc::channel();
    let panicked = std::thread::spawn(move || {
        let plane = ControlPlane::start(&settings(&scripts), answers_at_once).unwrap();
        send.send((plane.process_groups(), plane.data_folder().to_owned()))
            .unwrap();
        panic!("a test failed");
    })
    .join();
    assert!(panicked.is_err());
    let (groups, folder) = receive.recv().unwrap();
    assert_gone(&groups, &folder, AT_ONCE);
}

/// Not a test: the parent that the next tests kill. It tells what it started and waits.
#[test]
#[ignore = "run by other tests, in a process of its own"]
fn parent_that_will_be_killed() {
    let Some(folder) = std::env::var_os("TEST_BINARIES") else {
        return;
    };
    let real = std::env::var_os("TEST_REAL").is_some();
    let settings = Settings::new(folder);
    let get = if real { get } else { answers_at_once };
    let plane = ControlPlane::start(&settings, get);
    let plane = plane.unwrap();
    let groups: Vec<String> = plane.process_groups().iter().map(u32::to_string).collect();
    println!(
        "\nstarted:{}:{}",
        groups.join(","),
        plane.data_folder().display()
    );
    std::thread::sleep(Duration::from_secs(600));
}

fn kill_the_parent(binaries: &Path, real: bool) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args([
        "--exact",
        "parent_that_will_be_killed",
        "--ignored",
        "--nocapture",
    ]);
    command.env("TEST_BINARIES", binaries);
    if real {
        command.env("TEST_REAL", "1");
    }
    let mut parent = command.stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(parent.stdout.take().unwrap()).lines();
    let line = lines
        .map(Result::unwrap)
        .find(|line| line.starts_with("started:"))
        .unwrap();
    let parts: Vec<&str> = line.split(':').collect();
    let groups: Vec<u32> = parts[1]
        .split(',')
        .map(|group| group.parse().unwrap())
        .collect();
    assert!(groups.iter().all(|group| is_alive(*group)));
    parent.kill().unwrap();
    let began = Instant::now();
    assert_gone(&groups, Path::new(parts[2]), Duration::from_secs(2));
    eprintln!("gone {:?} after SIGKILL", began.elapsed());
    parent.wait().unwrap();
}

#[test]
fn a_killed_parent_leaves_neither_process_nor_file() {
    kill_the_parent(Scripts::new().path(), false);
}

#[test]
fn real_servers_go_with_a_killed_parent() {
    let Some(binaries) = binaries() else { return };
    kill_the_parent(&binaries, true);
}

#[test]
fn a_server_that_ends_is_shown_with_its_last_lines() {
    let scripts = Scripts::new();
    scripts.api_server("echo reading flags; echo 'Error: unknown flag: --nonsense' >&2; exit 1");
    let began = Instant::now();
    let error = start_error(&settings(&scripts)).to_string();
    let expected = "kube-apiserver ended by itself; its last lines:\nreading flags\nError: unknown flag: --nonsense";
    assert_eq!(error, expected);
    assert!(began.elapsed() < Duration::from_secs(3));
}

#[test]
fn a_server_that_never_gets_ready_is_shown_with_its_answer() {
    let scripts = Scripts::new();
    let settings = Settings {
        start_timeout: Duration::from_millis(200),
        ..settings(&scripts)
    };
    let error = start_error(&settings).to_string();
    assert!(
        error.starts_with("kube-apiserver is not ready, `/readyz`: nobody answers"),
        "{error}"
    );
    scripts.etcd("echo waiting for a disk; exec sleep 100");
    let error = start_error(&settings).to_string();
    assert!(error.contains("etcd is not ready"), "{error}");
    assert!(error.ends_with("waiting for a disk"), "{error}");
}

/// The server says it is ready before the namespace `default` exists, and a
/// test's first object would be refused.
#[test]
fn ready_means_that_the_first_namespace_is_there() {
    let scripts = Scripts::new();
    let asked = RefCell::new(Vec::new());
    let third_time = |_: &Access, path: &str| {
        asked.borrow_mut().push(path.to_owned());
        let same = asked.borrow().iter().filter(|one| *one == path).count();
        if same < 3 {
            Err("not yet".to_owned())
        } else {
            Ok(())
        }
    };
    ControlPlane::start(&settings(&scripts), third_time).unwrap();
    let (ready, namespace) = ("/readyz", "/api/v1/namespaces/default");
    assert_eq!(
        asked.into_inner(),
        [ready, ready, ready, namespace, namespace, namespace]
    );
}

#[test]
fn a_taken_port_is_replaced_by_another() {
    let scripts = Scripts::new();
    scripts.api_server(
        r#"echo "$@" | tr ' ' '\n' | grep secure-port >>"$(dirname "$0")/ports"
           [ "$(wc -l <"$(dirname "$0")/ports")" -gt 2 ] && exec sleep 100
           echo 'failed to listen on 127.0.0.1: bind: address already in use'; exit 1"#,
    );
    let ports = scripts.path().join("ports");
    let tried = || {
        std::fs::read_to_string(&ports)
            .unwrap_or_default()
            .lines()
            .count()
    };
    let ready = |_: &Access, _: &str| {
        if tried() > 2 {
            Ok(())
        } else {
            Err("refused".to_owned())
        }
    };
    ControlPlane::start(&settings(&scripts), ready).unwrap();
    let text = std::fs::read_to_string(&ports).unwrap();
    let different: std::collections::BTreeSet<&str> = text.lines().collect();
    assert_eq!(different.len(), 3, "{text}");
}

#[test]
fn ports_that_are_always_taken_end_the_search() {
    let scripts = Scripts::new();
    scripts.api_server("echo 'bind: address already in use'; exit 1");
    assert!(matches!(
        start_error(&settings(&scripts)),
        StartError::Exited { .. }
    ));
}

#[test]
fn a_missing_binary_is_named() {
    let scripts = Scripts::new();
    std::fs::remove_file(scripts.path().join("etcd")).unwrap();
    let expected = format!("there is no `{}`", scripts.path().join("etcd").display());
    assert_eq!(start_error(&settings(&scripts)).to_string(), expected);
}

#[test]
fn secrets_are_readable_by_their_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;
    let scripts = Scripts::new();
    let plane = ControlPlane::start(&settings(&scripts), answers_at_once).unwrap();
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(plane.data_folder()), 0o700);
    assert_eq!(mode(plane.kubeconfig_path()), 0o600);
    assert_eq!(mode(&plane.data_folder().join("apiserver.key")), 0o600);
}

#[test]
fn real_servers_start_fast_and_guard_themselves() {
    let Some(binaries) = binaries() else { return };
    let audit = tempfile::tempdir().unwrap();
    let log = audit.path().join("audit.log");
    let settings = Settings {
        audit_log: Some(log.clone()),
        ..Settings::new(binaries)
    };
    let began = Instant::now();
    let plane = ControlPlane::start(&settings, get).unwrap();
    eprintln!("ready after {:?}", began.elapsed());
    servers::says_its_version(plane.access());
    servers::refuses_what_is_not_granted(&plane);
    servers::pod_security_is_enforced(plane.access());
    servers::strangers_are_refused(plane.access());
    let began = Instant::now();
    plane.stop();
    eprintln!("gone after {:?}", began.elapsed());
    assert!(began.elapsed() < Duration::from_secs(2));
    let audited = std::fs::read_to_string(log).unwrap();
    assert!(
        audited.contains(r#""username":"rustop-admin""#),
        "{audited}"
    );
}

#[test]
fn five_real_control_planes_at_once() {
    let Some(binaries) = binaries() else { return };
    let start = || ControlPlane::start(&Settings::new(&binaries), get).unwrap();
    let planes: Vec<ControlPlane> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..5).map(|_| scope.spawn(start)).collect();
        running
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    let servers: std::collections::BTreeSet<&str> = planes
        .iter()
        .map(|plane| plane.access().server.as_str())
        .collect();
    assert_eq!(servers.len(), 5);
    for plane in planes {
        assert!(agent(plane.access(), Duration::from_secs(5)).is_ok());
        let (groups, folder) = (plane.process_groups(), plane.data_folder().to_owned());
        plane.stop();
        assert_gone(&groups, &folder, AT_ONCE);
    }
}

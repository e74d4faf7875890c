//! `rustop envtest` as it is typed.

use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use crate::servers::binaries;

fn rustop(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rustop"));
    command.arg("envtest").args(arguments);
    command
        .env_remove("KUBEBUILDER_ASSETS")
        .env_remove("ENVTEST_INSTALLED_ONLY");
    command.env("ENVTEST_INDEX", "http://127.0.0.1:1/index.yaml");
    command
}

fn install(bin_dir: &Path, version: &str) -> String {
    let folder = bin_dir.join(format!("k8s/{version}-linux-amd64"));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("etcd"), "").unwrap();
    std::fs::write(folder.join("kube-apiserver"), "").unwrap();
    folder.to_str().unwrap().to_owned()
}

fn text(output: &Output) -> (i32, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (
        output.status.code().unwrap(),
        text(&output.stdout),
        text(&output.stderr),
    )
}

#[test]
fn use_prints_what_a_makefile_takes() {
    let bin_dir = tempfile::tempdir().unwrap();
    let folder = install(bin_dir.path(), "1.35.0");
    let check = |arguments: &[&str], expected: &str| {
        let platform = ["--os", "linux", "--arch", "amd64", "--bin-dir"];
        let bin_dir = bin_dir.path().to_str().unwrap();
        let output = rustop(arguments)
            .args(platform)
            .arg(bin_dir)
            .output()
            .unwrap();
        assert_eq!(
            text(&output),
            (0, expected.to_owned(), String::new()),
            "{arguments:?}"
        );
    };
    check(&["use", "-p", "path"], &format!("{folder}\n"));
    check(
        &["use", "1.35.x", "--print", "path", "-i"],
        &format!("{folder}\n"),
    );
    check(&["path"], &format!("{folder}\n"));
    check(
        &["use", "-p", "env"],
        &format!("export KUBEBUILDER_ASSETS='{folder}'\n"),
    );
    check(
        &["use"],
        &format!("Version: 1.35.0\nOS/Arch: linux/amd64\nPath: {folder}\n"),
    );
    check(&["list"], "(installed)  v1.35.0  linux/amd64\n");
}

#[test]
fn what_cannot_be_is_an_error_with_its_exit_code() {
    let bin_dir = tempfile::tempdir().unwrap();
    let check = |arguments: &[&str], code: i32, expected: &str| {
        let output = rustop(arguments)
            .arg("--bin-dir")
            .arg(bin_dir.path())
            .output()
            .unwrap();
        let (found, stdout, stderr) = text(&output);
        assert_eq!((found, stdout.as_str()), (code, ""), "{stderr}");
        assert!(stderr.contains(expected), "{stderr}");
    };
    check(
        &["use", "-i"],
        1,
        "help: run `rustop envtest use 1.35` without `--installed-only`",
    );
    check(
        &["use", "1.34"],
        1,
        "help: name a mirror of the index with `--index`",
    );
    check(&["use", "new"], 2, "`new` is no version of Kubernetes");
    check(&["use", "-i", "--force"], 2, "cannot be used with");
}

#[test]
fn cleanup_removes_what_is_named() {
    let bin_dir = tempfile::tempdir().unwrap();
    let (old, new) = (
        install(bin_dir.path(), "1.34.1"),
        install(bin_dir.path(), "1.35.0"),
    );
    let output = rustop(&["cleanup", "1.34", "--bin-dir"])
        .arg(bin_dir.path())
        .output()
        .unwrap();
    assert_eq!(text(&output).1, format!("removed {old}\n"));
    assert!(!Path::new(&old).exists() && Path::new(&new).exists());
}

#[test]
fn run_gives_a_command_the_server_and_its_exit_code_back() {
    let Some(binaries) = binaries() else { return };
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("kubeconfig");
    let script = r#"set -e; stat -c %a "$1" || stat -f %Lp "$1"; cmp "$1" "$KUBECONFIG"
        kubectl get --raw /readyz; echo; kubectl auth whoami -o jsonpath='{.status.userInfo.username}'; exit 7"#;
    let mut command = rustop(&["run", "--kubeconfig"]);
    command.arg(&config).env("KUBEBUILDER_ASSETS", binaries);
    let output = command
        .args(["--", "sh", "-c", script, "sh"])
        .arg(&config)
        .output()
        .unwrap();
    assert_eq!(
        text(&output),
        (7, "600\nok\nrustop-admin".to_owned(), String::new())
    );
    assert!(!config.exists());
}

#[test]
fn run_does_not_touch_a_kubeconfig_that_is_there() {
    let Some(binaries) = binaries() else { return };
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config");
    std::fs::write(&config, "precious").unwrap();
    let mut command = rustop(&["run", "--kubeconfig"]);
    command.arg(&config).env("KUBEBUILDER_ASSETS", binaries);
    let (code, _, stderr) = text(&command.args(["--", "true"]).output().unwrap());
    assert_eq!(code, 1);
    assert!(stderr.contains("File exists"), "{stderr}");
    assert_eq!(std::fs::read_to_string(config).unwrap(), "precious");
}

/// Starts `rustop envtest run …`, waits for `file`, sends `signal` to it as
/// Ctrl-C would, to the whole group, or as `kill` would, and gives the exit code.
fn signalled(arguments: &[&str], file: &Path, signal: &str, group: bool) -> i32 {
    let mut command = rustop(&["run"]);
    command
        .args(arguments)
        .env("KUBEBUILDER_ASSETS", binaries().unwrap())
        .process_group(0);
    let mut child = command.stdout(Stdio::null()).spawn().unwrap();
    let deadline = Instant::now() + Duration::from_secs(30);
    while !file.metadata().is_ok_and(|file| file.len() > 0) {
        assert!(Instant::now() < deadline, "it did not start");
        std::thread::sleep(Duration::from_millis(20));
    }
    std::thread::sleep(Duration::from_millis(300));
    let target = format!("{}{}", if group { "-" } else { "" }, child.id());
    Command::new("kill")
        .args([signal, "--", &target])
        .status()
        .unwrap();
    child.wait().unwrap().code().unwrap()
}

#[test]
fn ctrl_c_and_sigterm_end_a_control_plane_in_the_foreground() {
    if binaries().is_none() {
        return;
    }
    for signal in ["-INT", "-TERM"] {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("kubeconfig");
        let code = signalled(
            &["--kubeconfig", config.to_str().unwrap()],
            &config,
            signal,
            true,
        );
        assert_eq!((code, config.exists()), (0, false), "{signal}");
    }
}

/// A command may clean up after Ctrl-C, and needs the server for it.
#[test]
fn a_command_ends_before_the_control_plane_does() {
    if binaries().is_none() {
        return;
    }
    for (signal, group) in [("-INT", true), ("-TERM", false)] {
        let folder = tempfile::tempdir().unwrap();
        let (started, ended) = (folder.path().join("started"), folder.path().join("ended"));
        let script = format!(
            "trap 'sleep 0.3; kubectl get --raw /readyz >{}; exit 3' INT TERM; echo >{}; while :; do sleep 0.1; done",
            ended.display(),
            started.display()
        );
        let code = signalled(&["--", "sh", "-c", &script], &started, signal, group);
        assert_eq!(std::fs::read_to_string(ended).unwrap(), "ok", "{signal}");
        assert_eq!(code, 3, "{signal}");
    }
}

/// With kube-controller-manager a Deployment gets its Pod, which then waits for a scheduler.
#[test]
fn the_controller_manager_brings_a_deployment_to_life() {
    let Some(binaries) = binaries() else { return };
    let script = r#"set -e; kubectl create deployment web --image=web >/dev/null
        for _ in $(seq 100); do
          pods=$(kubectl get pods -l app=web -o name | wc -l); [ "$pods" -gt 0 ] && break; sleep 0.1
        done
        kubectl delete deployment web --wait=false >/dev/null
        for _ in $(seq 200); do
          left=$(kubectl get replicasets -l app=web -o name | wc -l); [ "$left" -eq 0 ] && break; sleep 0.1
        done
        echo "$pods pods, then $left replicasets""#;
    let mut command = rustop(&["run", "--controller-manager", "--", "sh", "-c", script]);
    let output = command
        .env("KUBEBUILDER_ASSETS", binaries)
        .output()
        .unwrap();
    let (code, stdout, stderr) = text(&output);
    assert_eq!(
        (code, stdout.as_str()),
        (0, "1 pods, then 0 replicasets\n"),
        "{stderr}"
    );
}

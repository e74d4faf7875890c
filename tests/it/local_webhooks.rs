//! `rustop webhook local` with a kubectl that only writes down what it is asked, and a
//! manager that only sleeps. The slow ring has real ones.

use std::net::TcpListener;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::sandbox::{Run, Sandbox};

const CRD: &str = "captains.crew.example.com";
const PATIENCE: Duration = Duration::from_secs(20);
const CONFIGURATION: &str = "demo-local-validating-webhook-configuration";

/// What `kubectl get crd` prints.
fn crd(client: &Value) -> Value {
    let webhook = json!({"clientConfig": client, "conversionReviewVersions": ["v1"]});
    json!({
        "metadata": {"name": CRD, "managedFields": [{"manager": "kubectl"}]},
        "spec": {"conversion": {"strategy": "Webhook", "webhook": webhook}}})
}

fn service() -> Value {
    json!({"service": {"name": "webhook-service", "namespace": "system", "path": "/convert"}})
}

/// A project with admission and conversion, and a kubectl beside it; `fails` is the
/// verb that it fails at.
fn project(client: &Value, fails: &str) -> Sandbox {
    let project = Sandbox::project();
    for version in ["v1", "v2"] {
        let kind = format!("--group crew --version {version} --kind Captain");
        project.ok(&format!("create api {kind} --resource --controller=false"));
    }
    let kind = "--group crew --version v1 --kind Captain";
    let webhooks = "--programmatic-validation --conversion --spoke v2";
    project.ok(&format!("create webhook {kind} {webhooks}"));
    project.write(
        "kubectl",
        format!(
            "#!/bin/sh\n\
        echo \"$@\" >>log\ncat >>log\necho >>log\n\
        if [ \"$1\" = get ]; then cat crd.json; fi\n\
        if [ \"$1\" = '{fails}' ]; then echo 'no such luck' >&2; exit 1; fi\n"
        ),
    );
    project.write("crd.json", crd(client).to_string());
    project.write("log", "");
    project
}

/// It ends when it is dropped, at the latest.
struct Running<'a> {
    project: &'a Sandbox,
    child: Option<Child>,
    _port: TcpListener,
}

impl<'a> Running<'a> {
    /// Begins, and lets something listen once the manager has started.
    fn start(project: &'a Sandbox) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap();
        let number = port.local_addr().unwrap().port();
        drop(port);
        let manager = "echo \"$@\" >flags; trap 'exit 7' TERM; while :; do sleep 0.1; done";
        let local = format!("webhook local --kubectl 'sh kubectl' --port {number} --host here");
        let mut command = project.command(&local);
        command.args(["--", "sh", "-c", manager, "manager"]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().unwrap();
        until("the manager", || project.exists("flags"));
        let port = TcpListener::bind(("127.0.0.1", number)).unwrap();
        Self {
            project,
            child: Some(child),
            _port: port,
        }
    }

    /// Waits until it ends by itself.
    fn wait(mut self) -> Run {
        let mut child = self.child.take().unwrap();
        let began = Instant::now();
        while child.try_wait().unwrap().is_none() {
            if began.elapsed() > PATIENCE {
                terminate(&child);
                panic!("it does not end: {:?}", child.wait_with_output());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Run::of(child.wait_with_output().unwrap())
    }

    fn stop(self) -> Run {
        terminate(self.child.as_ref().unwrap());
        self.wait()
    }

    fn asked(&self) -> String {
        self.project.read("log")
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        if let Some(child) = &self.child {
            terminate(child);
        }
    }
}

fn terminate(child: &Child) {
    let id = child.id().to_string();
    let kill = std::process::Command::new("kill")
        .args(["-TERM", &id])
        .status();
    assert!(kill.unwrap().success());
}

#[track_caller]
fn until(what: &str, question: impl Fn() -> bool) {
    let began = Instant::now();
    while !question() {
        assert!(began.elapsed() < PATIENCE, "{what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// The first words of each call.
fn calls(log: &str) -> Vec<&str> {
    let verbs = ["get ", "patch ", "apply ", "delete "];
    let lines = log.lines();
    lines
        .filter(|line| verbs.iter().any(|verb| line.starts_with(verb)))
        .collect()
}

#[test]
fn what_is_registered_is_taken_back_when_the_manager_ends() {
    let project = project(&service(), "");
    let running = Running::start(&project);
    until("the registration", || {
        running.asked().contains(CONFIGURATION)
    });
    let flags = project.read("flags");
    assert!(flags.starts_with("--webhook-port="), "{flags}");
    assert!(flags.contains(" --webhook-cert-path=/"), "{flags}");
    let log = running.asked();
    let registered = calls(&log);
    assert_eq!(registered.len(), 3, "{log}");
    assert!(registered[1].contains("https://here:"), "{log}");
    assert!(log.contains(CONFIGURATION), "{log}");

    let run = running.stop();
    assert_eq!(run.code, 7, "the manager's own code: {}", run.stderr);
    let log = project.read("log");
    let taken_back = &calls(&log)[3..];
    let conversion = crd(&service())["spec"]["conversion"].to_string();
    assert!(taken_back[1].contains(&conversion), "{log}");
    let last = taken_back.last().unwrap();
    assert!(last.contains("/metadata/managedFields"), "{log}");
    assert!(
        taken_back[0].ends_with("--selector=rustop.dev/local=demo"),
        "{log}"
    );
    let folder = flags.split("--webhook-cert-path=").nth(1).unwrap().trim();
    assert!(
        !std::path::Path::new(folder).exists(),
        "the key is still there"
    );
}

#[test]
fn where_something_cannot_be_registered_the_manager_ends_and_all_is_taken_back() {
    let project = project(&service(), "apply");
    let run = Running::start(&project).wait();
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("no such luck"), "{}", run.stderr);
    let log = project.read("log");
    assert_eq!(calls(&log).len(), 7, "{log}");
}

#[test]
fn a_crd_that_a_deployed_manager_converts_is_left_alone() {
    let mut client = service();
    client["caBundle"] = json!("Q0E=");
    let project = project(&client, "");
    let run = Running::start(&project).wait();
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("make undeploy"), "{}", run.stderr);
    let log = project.read("log");
    assert!(!log.contains("patch "), "{log}");
    assert!(!log.contains("apply "), "{log}");
}

#[test]
fn what_a_killed_run_left_is_cleaned_up() {
    let project = project(&json!({"url": "https://here:9443/convert"}), "");
    let run = project.ok("webhook local --clean --kubectl 'sh kubectl'");
    assert!(run.stderr.contains("make install"), "{}", run.stderr);
    let log = project.read("log");
    let calls = calls(&log);
    assert!(calls[0].starts_with("delete "), "{log}");
    assert!(calls[2].contains("{\"strategy\":\"None\"}"), "{log}");
}

#[test]
fn a_dry_run_shows_what_would_be_registered() {
    let project = project(&service(), "");
    let run = project.ok("webhook local --host 2001:db8::1 --dry-run -- true");
    let url = "url: https://[2001:db8::1]:9443/";
    assert_eq!(run.stdout.matches(url).count(), 2, "{}", run.stdout);
    assert!(
        run.stdout.contains(&format!("name: {CONFIGURATION}\n")),
        "{}",
        run.stdout
    );
    assert!(!run.stdout.contains("service:"), "{}", run.stdout);
    assert_eq!(project.read("log"), "");
}

#[test]
fn what_cannot_work_is_refused_before_anything_runs() {
    let project = project(&service(), "");
    let check = |arguments: &str, code: i32, words: &str| {
        project.fails(&format!("webhook local {arguments}"), code, words);
    };
    check("--host https://here -- true", 2, "without `https://`");
    check("--port 0 -- true", 2, "0 is not in 1..=65535");
    check("", 2, "COMMAND");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    check(&format!("--port {port} -- true"), 1, "--port");
    check("--port 1 -- ./no-such-manager", 1, "no-such-manager");
}

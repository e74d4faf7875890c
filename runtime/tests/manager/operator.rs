//! The operator under test: this very binary, started again with its orders in the environment.

use std::io::{BufRead, BufReader, Lines};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use clap::Parser as _;
use k8s_openapi::api::core::v1::ConfigMap;
use kube::api::{Patch, PatchParams};
use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Api, Client, Config};
use rustop_runtime::leader_election::Timings;
use rustop_runtime::{BoxError, Manager, ManagerBuilder, ManagerOptions};
use serde_json::json;

/// The name of the lease.
pub(crate) const LEASE: &str = "operator";

/// Shorter than the defaults, with seconds between one leader's end and the next one's start.
pub(crate) const TIMINGS: Timings = Timings {
    lease_duration: Duration::from_secs(8),
    renew_deadline: Duration::from_secs(4),
    retry_period: Duration::from_secs(1),
};

/// A process, which is killed when it is dropped.
pub(crate) struct Operator {
    process: Child,
    says: Option<Lines<BufReader<ChildStdout>>>,
}

/// What an operator is told.
pub(crate) struct Orders(Command);

impl Orders {
    /// An operator that does `what`, see [`operator`].
    pub(crate) fn new(what: &str) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "operator::operator", "--nocapture"]);
        command.env("OPERATOR", what);
        Self(command)
    }

    /// `name` is what the audit log calls it.
    pub(crate) fn leader(name: &str, kubeconfig: &Path) -> Self {
        let mut orders = Self::new("write").set("OPERATOR_NAME", name);
        orders.0.env("OPERATOR_KUBECONFIG", kubeconfig);
        orders
    }

    pub(crate) fn set(mut self, name: &str, value: &str) -> Self {
        self.0.env(name, value);
        self
    }

    pub(crate) fn start(self) -> Operator {
        Operator::start(self.0)
    }
}

impl Operator {
    pub(crate) fn start(mut command: Command) -> Self {
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let stdout = process.stdout.take().map(BufReader::new);
        let says = stdout.map(BufRead::lines);
        Self { process, says }
    }

    /// Waits until it says `expected` at the end of a line.
    pub(crate) fn says(&mut self, expected: &str) {
        let mut lines = self.says.iter_mut().flatten().map(Result::unwrap);
        let said = lines.any(|line| line.ends_with(expected));
        assert!(said, "it never says `{expected}`");
    }

    pub(crate) fn signal(&self, signal: &str) {
        let process = self.process.id().to_string();
        let sent = Command::new("kill").args(["-s", signal, &process]).status();
        assert!(sent.unwrap().success(), "{signal}");
    }

    /// How it ended. One that doesn't end is a failure, not a hang.
    pub(crate) async fn ended(&mut self) -> ExitStatus {
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            if let Some(status) = self.process.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < deadline, "the operator doesn't end");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

impl Drop for Operator {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[derive(clap::Parser)]
struct Options {
    #[command(flatten)]
    manager: ManagerOptions,
}

fn builder(flags: &[&str]) -> ManagerBuilder {
    let always = ["operator", "--health-probe-bind-address=0"];
    Manager::builder(Options::parse_from(always.iter().chain(flags)).manager)
}

/// Not a test by itself: the process that the others start.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn operator() {
    let Ok(what) = std::env::var("OPERATOR") else {
        return;
    };
    let manager = match what.as_str() {
        "write" => writer().await,
        _ => worker(&what).await,
    };
    let result = manager.run().await;
    eprintln!("{what}: {result:?}");
    // As a `main` ends: whoever came back from here would wait for the runtime's threads.
    rustop_runtime::exit_code(result);
}

/// Competes for the lease, and writes all the time once it leads: also when it was told to stop, so that nothing but the
/// fence and the process's end keep it from that.
async fn writer() -> Manager {
    let builder = builder(&["--leader-elect"])
        .leader_election_id(LEASE)
        .leader_election_namespace("default")
        .leader_election_timings(TIMINGS)
        .graceful_shutdown_timeout(Duration::from_secs(5));
    let mut manager = builder.config(config().await).build().await.unwrap();
    let (client, shutdown) = (manager.client(), manager.shutdown_token());
    manager.add_leader_runnable("writer", async move {
        for _ in 0..3 {
            tokio::spawn(write_for_ever(client.clone()));
        }
        shutdown.cancelled().await;
        Ok::<(), BoxError>(())
    });
    manager
}

async fn config() -> Config {
    let kubeconfig = Kubeconfig::read_from(std::env::var("OPERATOR_KUBECONFIG").unwrap()).unwrap();
    let options = KubeConfigOptions::default();
    let mut config = Config::from_custom_kubeconfig(kubeconfig, &options)
        .await
        .unwrap();
    config.proxy_url = None;
    let name = std::env::var("OPERATOR_NAME").unwrap();
    let name = http::HeaderValue::from_str(&name).unwrap();
    config.headers.push((http::header::USER_AGENT, name));
    if let Ok(server) = std::env::var("OPERATOR_SERVER") {
        config.cluster_url = server.parse().unwrap();
    }
    config.auth_info.impersonate = std::env::var("OPERATOR_USER").ok();
    config
}

async fn write_for_ever(client: Client) {
    let config_maps: Api<ConfigMap> = Api::default_namespaced(client);
    let parameters = PatchParams::default();
    for number in 0_u64.. {
        let patch = Patch::Merge(json!({"data": {"number": number.to_string()}}));
        let written = config_maps.patch("work", &parameters, &patch).await;
        if written.is_err() {
            // Tries again, as a reconciler would, without taking a whole core for it.
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }
}

/// Has a runnable and no API server.
async fn worker(what: &str) -> Manager {
    let nowhere = Config::new(http::Uri::from_static("http://127.0.0.1:1"));
    let patience = if what == "hang" { 1 } else { 600 };
    let builder = builder(&[]).graceful_shutdown_timeout(Duration::from_secs(patience));
    let mut manager = builder.config(nowhere).build().await.unwrap();
    let (what, shutdown) = (what.to_owned(), manager.shutdown_token());
    manager.add_runnable("it", async move {
        if ["block", "leave"].contains(&what.as_str()) {
            // A call of the user's that never comes back, on a thread of its own.
            tokio::task::spawn_blocking(|| std::thread::sleep(Duration::from_secs(600)));
        }
        println!("running");
        match what.as_str() {
            "end" => return Ok(()),
            "fail" => return Err("no".into()),
            "panic" | "block" => panic!("oh"),
            _ => shutdown.cancelled().await,
        }
        println!("stopping");
        if what == "linger" || what == "hang" {
            // Holds its thread, as a call that blocks does.
            std::thread::sleep(Duration::from_secs(600));
        }
        Ok::<(), BoxError>(())
    });
    manager
}

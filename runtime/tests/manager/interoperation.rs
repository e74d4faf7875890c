//! One lease, a manager written with client-go and one of ours: each waits for the other, and takes over when it may.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use crate::environment::Environment;
use crate::operator::{LEASE, Operator, Orders, TIMINGS};

/// Sooner than a lease that isn't given back expires.
const AT_ONCE: Duration = Duration::from_secs(6);

/// Builds the program once; Go keeps what it compiled.
fn build() -> PathBuf {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/manager/go");
    let binary = Path::new(env!("CARGO_TARGET_TMPDIR")).join("go-manager");
    let mut build = Command::new("go");
    build.args(["build", "-o"]).arg(&binary).arg(".");
    let status = build.current_dir(source).status();
    assert!(status.unwrap().success(), "go build");
    binary
}

fn go(binary: &Path, environment: &Environment, identity: &str) -> Operator {
    let mut command = Command::new(binary);
    command
        .arg(environment.kubeconfig())
        .args([LEASE, identity]);
    Operator::start(command)
}

#[tokio::test(flavor = "multi_thread")]
async fn managers_in_go_and_in_rust_share_a_lease() {
    let Some(environment) = Environment::start("go").await else {
        return;
    };
    let binary = build();
    let mut in_go = go(&binary, &environment, "go-1");
    in_go.says("leading");
    let in_rust = Orders::leader("rust-1", environment.kubeconfig()).start();
    // Longer than the lease lasts unless it is renewed.
    tokio::time::sleep(TIMINGS.lease_duration * 2).await;
    assert_eq!(environment.holder().await, "go-1");
    assert_eq!(environment.writes_by("rust-1").len(), 0, "it waits");

    in_go.signal("TERM");
    assert_eq!(in_go.ended().await.code(), Some(0));
    let released = Instant::now();
    let rust_1 = environment.next_holder("go-1").await;
    assert!(released.elapsed() < AT_ONCE);
    assert_eq!(environment.lease().await.lease_transitions, Some(1));

    let mut in_go = go(&binary, &environment, "go-2");
    in_go.says(&format!("sees {rust_1}"));
    environment.wrote("rust-1", 50).await;
    drop(in_rust); // killed: nothing is given back
    let killed = Instant::now();
    in_go.says("leading");
    assert!(
        killed.elapsed() > TIMINGS.renew_deadline,
        "the lease had to expire"
    );
    assert_eq!(environment.holder().await, "go-2");

    let mut in_rust = Orders::leader("rust-2", environment.kubeconfig()).start();
    in_go.signal("TERM");
    let rust_2 = environment.next_holder("go-2").await;
    let mut in_go = go(&binary, &environment, "go-3");
    in_go.says(&format!("sees {rust_2}"));
    in_rust.signal("TERM");
    assert_eq!(in_rust.ended().await.code(), Some(0));
    let released = Instant::now();
    in_go.says("leading");
    assert!(released.elapsed() < AT_ONCE);
    assert_eq!(environment.lease().await.lease_transitions, Some(4));
    environment.stop().await;
}

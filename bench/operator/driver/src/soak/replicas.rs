//! Two replicas of the operator, of which the leader is killed again and again.

use std::fmt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use k8s_openapi::api::coordination::v1::Lease;

use crate::Result;
use crate::cluster::Cluster;
use crate::operator::{Named, Operator};

/// Two replicas, each with a user of its own for the audit log.
pub(crate) struct Replicas {
    named: Named,
    concurrency: usize,
    running: Vec<Operator>,
    started: usize,
    killed: usize,
    stopped: usize,
}

impl Replicas {
    pub(crate) async fn start(
        cluster: &Cluster,
        named: &Named,
        concurrency: usize,
    ) -> Result<Self> {
        let running = Vec::new();
        let mut replicas = Self {
            named: named.clone(),
            concurrency,
            running,
            started: 0,
            killed: 0,
            stopped: 0,
        };
        replicas.add(cluster).await?;
        leader(cluster, None).await?;
        replicas.add(cluster).await?;
        Ok(replicas)
    }

    async fn add(&mut self, cluster: &Cluster) -> Result<()> {
        self.started += 1;
        let kubeconfig = kubeconfig(cluster, self.started)?;
        self.running.push(
            Operator::start(
                &self.named,
                &kubeconfig,
                self.concurrency,
                &["--leader-elect"],
            )
            .await?,
        );
        Ok(())
    }

    /// Ends the leader, the older of the two: by SIGKILL, or by SIGTERM as a rollout does, and starts another.
    pub(crate) async fn kill_leader(&mut self, cluster: &Cluster) -> Result<()> {
        let before = holder(cluster).await;
        let mut leader_process = self.running.remove(0);
        if !leader_process.is_running() {
            // It ended by itself: it lost the lease while the API server was away.
            drop(leader_process);
        } else if fastrand::bool() {
            leader_process.signal("-KILL").await?;
            drop(leader_process);
            self.killed += 1;
        } else {
            leader_process.stop().await?;
            self.stopped += 1;
        }
        if !self.running[0].is_running() {
            self.running.remove(0);
            self.add(cluster).await?;
        }
        leader(cluster, before).await?;
        self.add(cluster).await
    }

    pub(crate) async fn stop(self) -> Result<()> {
        for operator in self.running {
            operator.stop().await?;
        }
        Ok(())
    }
}

impl fmt::Display for Replicas {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} replicas, {} leaders killed and {} ended by SIGTERM",
            self.started, self.killed, self.stopped
        )
    }
}

/// The administrator's kubeconfig, acting as a user that only this replica is.
pub(crate) fn kubeconfig(cluster: &Cluster, number: usize) -> Result<PathBuf> {
    let text = std::fs::read_to_string(cluster.kubeconfig())?;
    let user = format!(
        "  user:\n    as: replica-{number}\n    as-groups: [system:masters]\n    client-certificate-data"
    );
    let path = std::env::temp_dir().join(format!("bench-replica-{}-{number}", std::process::id()));
    std::fs::write(
        &path,
        text.replace("  user:\n    client-certificate-data", &user),
    )?;
    Ok(path)
}

/// Waits until somebody else than `before` leads.
async fn leader(cluster: &Cluster, before: Option<String>) -> Result<()> {
    let began = Instant::now();
    loop {
        let now = holder(cluster).await;
        if now.is_some() && now != before {
            return Ok(());
        }
        if began.elapsed() > Duration::from_secs(90) {
            return Err(format!("nobody leads 90 s after {before:?} was ended").into());
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

async fn holder(cluster: &Cluster) -> Option<String> {
    let leases: kube::Api<Lease> = cluster.leases();
    let leases = leases.list(&kube::api::ListParams::default()).await.ok()?;
    let lease = leases.items.into_iter().next()?;
    lease
        .spec?
        .holder_identity
        .filter(|holder| !holder.is_empty())
}

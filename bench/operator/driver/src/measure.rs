//! One operator, one number of objects: idle, converging, and started again when nothing changed.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde::Serialize;

use crate::Result;
use crate::audit::Audit;
use crate::cluster::{Cluster, Place};
use crate::operator::{Named, Operator};

/// What was measured.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Row {
    pub(crate) operator: String,
    pub(crate) binary_mb: f64,
    pub(crate) ready_ms: f64,
    pub(crate) idle_mb: f64,
    pub(crate) idle_pss_mb: f64,
    pub(crate) converged_s: f64,
    pub(crate) cpu_s: f64,
    pub(crate) peak_mb: f64,
    pub(crate) after_mb: f64,
    pub(crate) after_pss_mb: f64,
    pub(crate) threads: u64,
    pub(crate) writes: usize,
    pub(crate) requests: BTreeMap<String, usize>,
    pub(crate) sent_mb: f64,
    pub(crate) received_mb: f64,
    pub(crate) restart_writes: usize,
    pub(crate) restart_reads: usize,
    pub(crate) restart_cpu_s: f64,
    pub(crate) restart_peak_mb: f64,
    pub(crate) stop_ms: f64,
}

pub(crate) async fn measure(
    place: &Place,
    named: &Named,
    objects: usize,
    concurrency: usize,
) -> Result<Row> {
    let mut row = Row {
        operator: named.name.clone(),
        binary_mb: megabytes(std::fs::metadata(&named.binary)?.len() / 1024),
        ..Row::default()
    };
    let cluster = Cluster::start(place).await?;
    idle(&cluster, named, concurrency, &mut row).await?;
    cluster.create(objects).await?;
    converge(&cluster, named, objects, concurrency, &mut row).await?;
    restart(&cluster, named, concurrency, &mut row).await?;
    cluster.stop().await;
    Ok(row)
}

/// Nothing to do. The first of three starts warms the binary's pages; the median counts.
async fn idle(cluster: &Cluster, named: &Named, concurrency: usize, row: &mut Row) -> Result<()> {
    let mut ready = Vec::new();
    for attempt in 0..3 {
        let operator = Operator::start(named, &cluster.kubeconfig(), concurrency, &[]).await?;
        ready.push(operator.ready_after.as_secs_f64() * 1000.0);
        if attempt == 2 {
            tokio::time::sleep(Duration::from_secs(5)).await;
            let weight = operator.weight()?;
            (row.idle_mb, row.idle_pss_mb) = (megabytes(weight.rss), megabytes(weight.pss));
        }
        operator.stop().await?;
    }
    ready.sort_by(f64::total_cmp);
    row.ready_ms = ready[1];
    Ok(())
}

/// The objects are there, the operator starts.
async fn converge(
    cluster: &Cluster,
    named: &Named,
    objects: usize,
    concurrency: usize,
    row: &mut Row,
) -> Result<()> {
    let mut audit = Audit::from_now(cluster.audit_log())?;
    let began = Instant::now();
    let operator = Operator::start(named, &cluster.kubeconfig(), concurrency, &[]).await?;
    audit.wait_for(objects, Duration::from_secs(600)).await?;
    row.converged_s = began.elapsed().as_secs_f64();
    operator.settle().await?;
    audit.read()?;
    let ready = cluster.ready().await?;
    if ready != objects {
        return Err(format!(
            "{ready} of {objects} objects are ready: {:?}",
            audit.requests
        )
        .into());
    }
    let weight = operator.weight()?;
    (row.cpu_s, row.peak_mb) = (weight.cpu, megabytes(weight.peak));
    (row.after_mb, row.after_pss_mb) = (megabytes(weight.rss), megabytes(weight.pss));
    row.threads = weight.threads;
    let (sent, received) = operator.traffic().await?;
    (row.sent_mb, row.received_mb) = (sent as f64 / 1e6, received as f64 / 1e6);
    row.writes = audit.total();
    row.requests = audit.requests;
    let (took, status) = operator.stop().await?;
    row.stop_ms = took.as_secs_f64() * 1000.0;
    if status.success() {
        Ok(())
    } else {
        Err(format!("{} ended with {status}", named.name).into())
    }
}

/// All is as it should be, and the operator looks at each object again.
async fn restart(
    cluster: &Cluster,
    named: &Named,
    concurrency: usize,
    row: &mut Row,
) -> Result<()> {
    let mut audit = Audit::from_now(cluster.audit_log())?;
    let operator = Operator::start(named, &cluster.kubeconfig(), concurrency, &[]).await?;
    operator.settle().await?;
    audit.read()?;
    let weight = operator.weight()?;
    row.restart_writes = audit.total();
    row.restart_reads = audit.lists_and_watches();
    (row.restart_cpu_s, row.restart_peak_mb) = (weight.cpu, megabytes(weight.peak));
    operator.stop().await?;
    Ok(())
}

/// Of kB, as the kernel counts.
fn megabytes(kilobytes: u64) -> f64 {
    kilobytes as f64 * 1024.0 / 1e6
}

//! Wears an operator out: objects change at random, the API server is killed and started, the leader is killed.
//!
//! Afterwards it must be so: each object is as its spec says, what was deleted is gone, no replica wrote while another
//! held the lease, and the memory of a process that lived through most of it did not grow.

mod api_server;
mod changes;
mod memory;
mod replicas;
mod writers;

use std::time::{Duration, Instant};

use kube::ResourceExt as _;
use kube::api::ListParams;

use crate::Result;
use crate::cluster::{Cluster, Place, is_ready};
use crate::operator::{Named, Operator};
use api_server::ApiServer;
use changes::Changes;
use memory::Memory;
use replicas::Replicas;
use writers::Writers;

/// What is done, and for how long.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// The operator, as <name>=<binary>
    #[arg(long)]
    operator: Named,
    /// How many objects
    #[arg(long, default_value_t = 5000)]
    objects: usize,
    /// How long leaders are killed, in minutes
    #[arg(long, default_value_t = 6.0)]
    minutes: f64,
    /// How long one process then works, with the API server still restarted, in minutes
    #[arg(long, default_value_t = 6.0)]
    memory_minutes: f64,
    /// How many changes a second
    #[arg(long, default_value_t = 20)]
    changes: u32,
    /// How many reconciles at a time; 0 is the operator's default
    #[arg(long, default_value_t = 0)]
    concurrency: usize,
    /// The memory may grow by this much in an hour, in MB
    #[arg(long, default_value_t = 12.0)]
    growth: f64,
}

/// Between two kills of a leader.
const LEADER_LIVES: Duration = Duration::from_secs(6);
/// Between two stops of the API server.
const API_SERVER_LIVES: Duration = Duration::from_secs(60);
/// How long the API server is away.
const API_SERVER_AWAY: Duration = Duration::from_secs(4);
/// How long all may take to be as it should once nothing happens any more.
const CONVERGES_WITHIN: Duration = Duration::from_secs(300);

pub(crate) async fn run(place: &Place, options: &Options) -> Result<()> {
    let cluster = Cluster::start(place).await?;
    let writers = Writers::follow(cluster.audit_log());
    cluster.create(options.objects).await?;
    println!("{} objects are there", options.objects);
    let mut changes = Changes::new(&cluster, options.objects, options.changes);
    let mut api_server = ApiServer::of(cluster.server())?;

    let mut replicas = Replicas::start(&cluster, &options.operator, options.concurrency).await?;
    let ends = Instant::now() + Duration::from_secs_f64(options.minutes * 60.0);
    let mut restart_at = Instant::now() + API_SERVER_LIVES;
    while Instant::now() < ends {
        changes.make_for(LEADER_LIVES).await;
        replicas.kill_leader(&cluster).await?;
        if Instant::now() > restart_at {
            api_server.restart(API_SERVER_AWAY).await?;
            restart_at = Instant::now() + API_SERVER_LIVES;
        }
    }
    println!(
        "{replicas}; the API server was restarted {} times; {changes}",
        api_server.restarts()
    );
    converged(&cluster, &changes).await?;
    replicas.stop().await?;
    println!("{}", writers.verdict()?);

    let memory = steady(&cluster, options, &mut changes, &mut api_server).await?;
    println!("{memory}; {changes}");
    converged(&cluster, &changes).await?;
    cluster.stop().await;
    memory.verdict(options.growth)
}

/// One replica that isn't killed, so that what it holds can be followed.
async fn steady(
    cluster: &Cluster,
    options: &Options,
    changes: &mut Changes,
    api_server: &mut ApiServer,
) -> Result<Memory> {
    // Without a lease, which a leader rightly loses when the API server is away for long.
    let operator = Operator::start(
        &options.operator,
        &cluster.kubeconfig(),
        options.concurrency,
        &[],
    )
    .await?;
    let ends = Instant::now() + Duration::from_secs_f64(options.memory_minutes * 60.0);
    let mut memory = Memory::default();
    let mut restart_at = Instant::now() + API_SERVER_LIVES;
    while Instant::now() < ends {
        changes.make_for(Duration::from_secs(5)).await;
        memory.add(operator.weight()?.rss);
        if Instant::now() > restart_at {
            api_server.restart(API_SERVER_AWAY).await?;
            restart_at = Instant::now() + API_SERVER_LIVES;
        }
    }
    converged(cluster, changes).await?;
    memory.add(operator.weight()?.rss);
    let (_, status) = operator.stop().await?;
    if status.success() {
        Ok(memory)
    } else {
        Err(format!("the operator ended with {status}").into())
    }
}

/// Waits until each object is as its spec says, and what was deleted is gone.
async fn converged(cluster: &Cluster, changes: &Changes) -> Result<()> {
    let began = Instant::now();
    loop {
        // It may be away for a moment more.
        let wrong = wrong(cluster, changes)
            .await
            .unwrap_or_else(|error| vec![error.to_string()]);
        if wrong.is_empty() {
            println!(
                "{} objects are as they should be, after {:.0?}",
                changes.expected().len(),
                began.elapsed()
            );
            return Ok(());
        }
        if began.elapsed() > CONVERGES_WITHIN {
            let some = wrong.iter().take(5).cloned().collect::<Vec<_>>().join("\n");
            return Err(format!(
                "{} are not as they should be after {CONVERGES_WITHIN:?}:\n{some}",
                wrong.len()
            )
            .into());
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

async fn wrong(cluster: &Cluster, changes: &Changes) -> Result<Vec<String>> {
    let sites = cluster.sites().list(&ListParams::default()).await?.items;
    let deployments = cluster
        .deployments()
        .list(&ListParams::default())
        .await?
        .items;
    let deployments: std::collections::HashMap<_, _> = deployments
        .iter()
        .map(|each| (each.name_any(), each))
        .collect();
    let mut wrong = Vec::new();
    let (expected, found) = (
        changes.expected(),
        sites.iter().map(|site| site.name_any()).collect(),
    );
    for name in expected
        .symmetric_difference(&found)
        .filter(|name| !changes.is_uncertain(name))
    {
        wrong.push(format!("{name}: it is there: {}", found.contains(name)));
    }
    for site in &sites {
        let spec = deployments
            .get(&site.name_any())
            .and_then(|found| found.spec.as_ref());
        let replicas = spec.and_then(|spec| spec.replicas);
        let image = spec.and_then(|spec| {
            spec.template
                .spec
                .as_ref()?
                .containers
                .first()?
                .image
                .clone()
        });
        let wanted = &site.data["spec"];
        if !is_ready(site)
            || replicas.map(i64::from) != wanted["replicas"].as_i64()
            || image.as_deref() != wanted["image"].as_str()
        {
            wrong.push(format!(
                "{}: wants {wanted}, has {replicas:?} of {image:?}, status {}",
                site.name_any(),
                site.data["status"]
            ));
        }
    }
    Ok(wrong)
}

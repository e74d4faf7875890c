//! The writes that the work needs, and nothing else: how quick an operator could be on this machine.
//!
//! No watch, no cache, no queue: for each object the finalizer, the Deployment and the condition, one after the other,
//! with so many objects at a time. What an operator takes longer than this is its own doing; the rest is the API
//! server's and etcd's.

use std::time::Instant;

use futures::{StreamExt as _, TryStreamExt as _, stream};
use k8s_openapi::api::apps::v1::Deployment;
use kube::api::{DynamicObject, Patch, PatchParams, PostParams};
use kube::{Api, ResourceExt as _};
use serde_json::json;

use crate::Result;
use crate::cluster::{Cluster, Place, name};
use crate::measure::Row;

/// As many at a time as operators do when they aren't told.
const DEFAULT: usize = 1;

pub(crate) async fn measure(place: &Place, objects: usize, concurrency: usize) -> Result<Row> {
    let cluster = Cluster::start(place).await?;
    cluster.create(objects).await?;
    let at_a_time = if concurrency == 0 { DEFAULT } else { concurrency };
    let began = Instant::now();
    stream::iter(0..objects)
        .map(|index| writes(cluster.sites(), cluster.deployments(), index))
        .buffer_unordered(at_a_time)
        .try_collect::<()>()
        .await?;
    let row = Row {
        operator: "the writes alone".to_owned(),
        converged_s: began.elapsed().as_secs_f64(),
        writes: 3 * objects,
        ..Row::default()
    };
    cluster.stop().await;
    Ok(row)
}

async fn writes(
    sites: Api<DynamicObject>,
    deployments: Api<Deployment>,
    index: usize,
) -> Result<()> {
    let (name, patch) = (name(index), PatchParams::default());
    let finalizer = json!({"metadata": {"finalizers": ["bench.example.com/cleanup"]}});
    let site = sites.patch(&name, &patch, &Patch::Merge(finalizer)).await?;
    let wanted = serde_json::from_value(deployment(&site))?;
    deployments.create(&PostParams::default(), &wanted).await?;
    let status = json!({"status": {"conditions": [{
        "type": "Ready",
        "status": "True",
        "reason": "Reconciled",
        "message": "the Deployment is as asked for",
        "observedGeneration": site.metadata.generation,
        "lastTransitionTime": "2025-01-01T00:00:00Z",
    }]}});
    sites
        .patch_status(&name, &patch, &Patch::Merge(status))
        .await?;
    Ok(())
}

/// As both operators ask for it.
fn deployment(site: &DynamicObject) -> serde_json::Value {
    let name = site.name_any();
    let labels = json!({"app.kubernetes.io/name": "site", "app.kubernetes.io/instance": name});
    let container = json!({
        "name": "site",
        "image": site.data["spec"]["image"],
        "ports": [{"name": "http", "containerPort": 8080}],
    });
    let owner = json!({
        "apiVersion": "bench.example.com/v1",
        "kind": "Site",
        "name": name,
        "uid": site.uid(),
        "controller": true,
        "blockOwnerDeletion": true,
    });
    json!({
        "metadata": {"name": name, "ownerReferences": [owner]},
        "spec": {
            "replicas": site.data["spec"]["replicas"],
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
        },
    })
}

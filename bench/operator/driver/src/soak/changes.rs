//! Random changes: of specs, of what the operator made of them, new objects and deleted ones.

use std::fmt;
use std::time::{Duration, Instant};

use k8s_openapi::api::apps::v1::Deployment;
use kube::Api;
use kube::api::{DeleteParams, DynamicObject, Patch, PatchParams, PostParams};
use serde_json::json;

use crate::cluster::{Cluster, name, site};

/// Makes changes, and knows which objects there must be in the end.
pub(crate) struct Changes {
    sites: Api<DynamicObject>,
    deployments: Api<Deployment>,
    /// The numbers of those that are there.
    present: Vec<usize>,
    next: usize,
    pause: Duration,
    made: usize,
    failed: usize,
}

impl Changes {
    pub(crate) fn new(cluster: &Cluster, objects: usize, each_second: u32) -> Self {
        Self {
            sites: cluster.sites(),
            deployments: cluster.deployments(),
            present: (0..objects).collect(),
            next: objects,
            pause: Duration::from_secs(1) / each_second.max(1),
            made: 0,
            failed: 0,
        }
    }

    pub(crate) fn expected(&self) -> usize {
        self.present.len()
    }

    pub(crate) async fn make_for(&mut self, time: Duration) {
        let ends = Instant::now() + time;
        while Instant::now() < ends {
            match self.make_one().await {
                Ok(()) => self.made += 1,
                Err(_) => self.failed += 1, // the API server is away, or the Deployment isn't there yet
            }
            tokio::time::sleep(self.pause).await;
        }
    }

    async fn make_one(&mut self) -> Result<(), kube::Error> {
        let place = fastrand::usize(..self.present.len());
        let name = name(self.present[place]);
        let replicas = fastrand::i32(0..9);
        let merge = PatchParams::default();
        match fastrand::u8(..10) {
            0 => self.replace(place, &name).await,
            1 => self.deployments.delete(&name, &DeleteParams::default()).await.map(drop),
            2 | 3 => {
                let drift = Patch::Merge(json!({"spec": {"replicas": 100}}));
                self.deployments.patch(&name, &merge, &drift).await.map(drop)
            }
            _ => {
                let image = format!("registry.example.com/site:{}", fastrand::u16(..));
                let change = Patch::Merge(json!({"spec": {"replicas": replicas, "image": image}}));
                self.sites.patch(&name, &merge, &change).await.map(drop)
            }
        }
    }

    /// Deletes one and creates another: nothing collects garbage here, so that no name comes twice.
    async fn replace(&mut self, place: usize, name: &str) -> Result<(), kube::Error> {
        self.sites.create(&PostParams::default(), &site(self.next)).await?;
        self.present.push(self.next);
        self.next += 1;
        match self.sites.delete(name, &DeleteParams::default()).await {
            Ok(_) => drop(self.present.swap_remove(place)),
            // It may have been deleted all the same: the answer was lost.
            Err(kube::Error::Api(status)) if status.code == 404 => drop(self.present.swap_remove(place)),
            Err(error) => return Err(error),
        }
        Ok(())
    }
}

impl fmt::Display for Changes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} changes, {} tried in vain", self.made, self.failed)
    }
}

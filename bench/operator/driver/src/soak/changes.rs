//! Random changes: of specs, of what the operator made of them, new objects and deleted ones.

use std::collections::HashSet;
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
    /// The names of those whose creation or deletion nobody answered.
    uncertain: HashSet<String>,
    /// The names of those that were deleted, and whose Deployments may still be there.
    garbage: Vec<String>,
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
            uncertain: HashSet::new(),
            garbage: Vec::new(),
            next: objects,
            pause: Duration::from_secs(1) / each_second.max(1),
            made: 0,
            failed: 0,
        }
    }

    /// The names that must be there, without those that may be.
    pub(crate) fn expected(&self) -> HashSet<String> {
        self.present.iter().map(|number| name(*number)).collect()
    }

    pub(crate) fn is_uncertain(&self, name: &str) -> bool {
        self.uncertain.contains(name)
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
        self.collect_garbage().await;
    }

    /// What Kubernetes' garbage collector does, which isn't part of an API server: a Deployment goes after its owner.
    /// Otherwise there would be more and more of them, and the operator would hold them all.
    async fn collect_garbage(&mut self) {
        for name in std::mem::take(&mut self.garbage) {
            let is_gone = matches!(self.sites.get_metadata_opt(&name).await, Ok(None));
            let deleted = match is_gone {
                true => self
                    .deployments
                    .delete(&name, &DeleteParams::default())
                    .await
                    .map(drop),
                false => {
                    self.garbage.push(name);
                    continue;
                }
            };
            match deleted {
                Ok(()) => {}
                Err(kube::Error::Api(status)) if status.code == 404 => {}
                Err(_) => self.garbage.push(name),
            }
        }
    }

    async fn make_one(&mut self) -> Result<(), kube::Error> {
        let place = fastrand::usize(..self.present.len());
        let name = name(self.present[place]);
        let replicas = fastrand::i32(0..9);
        let merge = PatchParams::default();
        match fastrand::u8(..10) {
            0 => self.replace(place, &name).await,
            1 => self
                .deployments
                .delete(&name, &DeleteParams::default())
                .await
                .map(drop),
            2 | 3 => {
                let drift = Patch::Merge(json!({"spec": {"replicas": 100}}));
                self.deployments
                    .patch(&name, &merge, &drift)
                    .await
                    .map(drop)
            }
            _ => {
                let image = format!("registry.example.com/site:{}", fastrand::u16(..));
                let change = Patch::Merge(json!({"spec": {"replicas": replicas, "image": image}}));
                self.sites.patch(&name, &merge, &change).await.map(drop)
            }
        }
    }

    /// Deletes one and creates another, under a name that was never there.
    async fn replace(&mut self, place: usize, name: &str) -> Result<(), kube::Error> {
        let (new, old) = (self.next, self.present[place]);
        self.next += 1;
        let created = self.sites.create(&PostParams::default(), &site(new)).await;
        match &created {
            Ok(_) => self.present.push(new),
            Err(error) => self.doubt(error, new),
        }
        created?;
        let deleted = self.sites.delete(name, &DeleteParams::default()).await;
        match &deleted {
            Ok(_) => {}
            Err(error) => self.doubt(error, old),
        }
        if !matches!(deleted, Err(kube::Error::Api(_))) {
            self.present.swap_remove(place);
            self.garbage.push(name.to_owned());
        }
        deleted.map(drop)
    }

    /// Without an answer nobody knows whether it was done.
    fn doubt(&mut self, error: &kube::Error, number: usize) {
        if !matches!(error, kube::Error::Api(_)) {
            self.uncertain.insert(name(number));
        }
    }
}

impl fmt::Display for Changes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{} changes, {} tried in vain",
            self.made, self.failed
        )
    }
}

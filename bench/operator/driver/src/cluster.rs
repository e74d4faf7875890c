//! A control plane of its own for each measurement, and the objects in it.

use std::path::PathBuf;

use futures::{StreamExt as _, TryStreamExt as _, stream};
use kube::api::{ApiResource, DynamicObject, GroupVersionKind, ListParams, PostParams};
use kube::{Api, Client};
use rustop_runtime::testing::environment::TestEnvironment;
use serde_json::json;

use crate::Result;

/// Where the binaries and the CRD are.
pub(crate) struct Place {
    pub(crate) assets: PathBuf,
    pub(crate) crds: PathBuf,
}

/// A running control plane with the CRD.
pub(crate) struct Cluster {
    environment: TestEnvironment,
    client: Client,
    audit_log: PathBuf,
}

impl Cluster {
    pub(crate) async fn start(place: &Place) -> Result<Self> {
        let audit_log =
            std::env::temp_dir().join(format!("bench-audit-{}.log", std::process::id()));
        let _ = std::fs::remove_file(&audit_log);
        let environment = TestEnvironment::builder()
            .assets(&place.assets)
            .crd_directory(&place.crds)
            .audit_log(&audit_log)
            .start()
            .await?;
        // Another user than the operator's, so that the audit log keeps them apart.
        let client = environment.client_as("bench", &["system:masters"]).await?;
        Ok(Self {
            environment,
            client,
            audit_log,
        })
    }

    pub(crate) fn kubeconfig(&self) -> PathBuf {
        self.environment.kubeconfig_path().to_owned()
    }

    pub(crate) fn server(&self) -> &str {
        self.environment.server()
    }

    pub(crate) fn audit_log(&self) -> &PathBuf {
        &self.audit_log
    }

    pub(crate) fn sites(&self) -> Api<DynamicObject> {
        Api::namespaced_with(self.client.clone(), "default", &resource())
    }

    pub(crate) fn deployments(&self) -> Api<k8s_openapi::api::apps::v1::Deployment> {
        Api::namespaced(self.client.clone(), "default")
    }

    pub(crate) fn leases(&self) -> Api<k8s_openapi::api::coordination::v1::Lease> {
        Api::namespaced(self.client.clone(), "default")
    }

    /// Creates this many objects, some at a time.
    pub(crate) async fn create(&self, number: usize) -> Result<()> {
        let sites = self.sites();
        let create = |index: usize| {
            let sites = sites.clone();
            async move {
                sites
                    .create(&PostParams::default(), &site(index))
                    .await
                    .map(drop)
            }
        };
        stream::iter(0..number)
            .map(create)
            .buffer_unordered(16)
            .try_collect::<()>()
            .await?;
        Ok(())
    }

    /// How many objects are ready.
    pub(crate) async fn ready(&self) -> Result<usize> {
        let sites = self.sites().list(&ListParams::default()).await?;
        Ok(sites.items.iter().filter(|site| is_ready(site)).count())
    }

    pub(crate) async fn stop(self) {
        self.environment.stop().await;
        let _ = std::fs::remove_file(&self.audit_log);
    }
}

fn resource() -> ApiResource {
    let kind = GroupVersionKind::gvk("bench.example.com", "v1", "Site");
    ApiResource::from_gvk_with_plural(&kind, "sites")
}

/// The name of an object, from its number.
pub(crate) fn name(index: usize) -> String {
    format!("site-{index:05}")
}

pub(crate) fn site(index: usize) -> DynamicObject {
    let spec = json!({"spec": {"image": "registry.example.com/site:1", "replicas": 2}});
    DynamicObject::new(&name(index), &resource())
        .within("default")
        .data(spec)
}

/// Whether the condition is true, and about the newest spec.
pub(crate) fn is_ready(site: &DynamicObject) -> bool {
    let conditions = site.data["status"]["conditions"].as_array();
    conditions.into_iter().flatten().any(|condition| {
        condition["type"] == "Ready"
            && condition["status"] == "True"
            && condition["observedGeneration"].as_i64() == site.metadata.generation
    })
}

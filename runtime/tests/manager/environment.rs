//! An API server with an audit log, and what the tests ask it.

use std::path::PathBuf;
use std::time::Duration;

use k8s_openapi::api::coordination::v1::{Lease, LeaseSpec};
use k8s_openapi::api::core::v1::ConfigMap;
use kube::api::{ObjectMeta, PostParams};
use kube::{Api, Client};
use rustop_runtime::testing::environment::TestEnvironment;

use crate::common;
use crate::operator::LEASE;

pub(crate) struct Environment {
    pub(crate) server: TestEnvironment,
    pub(crate) audit_log: PathBuf,
}

impl Environment {
    /// The control plane that rustop keeps, in the slow ring only.
    pub(crate) async fn start(test: &str) -> Option<Self> {
        let assets = common::slow_ring()?;
        let audit_log = format!("manager-{test}-{}.log", std::process::id());
        let audit_log = std::env::temp_dir().join(audit_log);
        let builder = TestEnvironment::builder()
            .assets(assets)
            .audit_log(&audit_log);
        let server = builder.start().await.unwrap();
        let environment = Self { server, audit_log };
        environment.create_work().await;
        Some(environment)
    }

    async fn create_work(&self) {
        let config_maps: Api<ConfigMap> = Api::default_namespaced(self.client());
        let name = Some("work".to_owned());
        let metadata = ObjectMeta {
            name,
            ..ObjectMeta::default()
        };
        let work = ConfigMap {
            metadata,
            ..ConfigMap::default()
        };
        let parameters = PostParams::default();
        config_maps.create(&parameters, &work).await.unwrap();
    }

    pub(crate) fn client(&self) -> Client {
        self.server.client()
    }

    pub(crate) fn kubeconfig(&self) -> &std::path::Path {
        self.server.kubeconfig_path()
    }

    pub(crate) async fn lease(&self) -> LeaseSpec {
        let leases: Api<Lease> = Api::default_namespaced(self.client());
        let lease = leases.get_opt(LEASE).await.unwrap();
        lease.and_then(|lease| lease.spec).unwrap_or_default()
    }

    pub(crate) async fn holder(&self) -> String {
        self.lease().await.holder_identity.unwrap_or_default()
    }

    /// Waits until the lease has a holder that isn't `before`, and says who it is.
    pub(crate) async fn next_holder(&self, before: &str) -> String {
        self.until("somebody else leads", async || {
            let holder = self.holder().await;
            (!holder.is_empty() && holder != before).then_some(holder)
        })
        .await
    }

    pub(crate) async fn until<T>(&self, what: &str, mut find: impl AsyncFnMut() -> Option<T>) -> T {
        let search = async {
            loop {
                if let Some(found) = find().await {
                    return found;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let found = tokio::time::timeout(Duration::from_secs(60), search).await;
        found.unwrap_or_else(|_| panic!("{what}: not within a minute"))
    }

    pub(crate) async fn stop(self) {
        self.server.stop().await;
        let _ = std::fs::remove_file(&self.audit_log);
    }
}

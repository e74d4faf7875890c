//! From flags and choices to a manager: the client, and what can be wrong before anything runs.

use std::path::Path;
use std::time::Duration;

use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use prometheus_client::registry::Registry;
use tokio_util::sync::CancellationToken;

use super::Manager;
use crate::cache::Cache;
use crate::events::Events;
use crate::leader_election::LeaderElection;
use crate::metrics::Metrics;
use crate::server::health::HealthHandler;
use crate::{Error, ManagerOptions, Namespaces};

/// Below the ten seconds that kubebuilder's Deployment, and ours, gives a pod to end.
const GRACEFUL_SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(8);

/// A manager that is being described. See [`Manager::builder`].
#[must_use = "a builder does nothing until it is built"]
pub struct ManagerBuilder {
    options: ManagerOptions,
    namespaces: Namespaces,
    leader_election_id: Option<String>,
    leader_election_namespace: Option<String>,
    graceful_shutdown_timeout: Duration,
    client: Option<Client>,
}

impl ManagerBuilder {
    pub(super) fn new(options: ManagerOptions) -> Self {
        Self {
            options,
            namespaces: Namespaces::All,
            leader_election_id: None,
            leader_election_namespace: None,
            graceful_shutdown_timeout: GRACEFUL_SHUTDOWN_TIMEOUT,
            client: None,
        }
    }

    /// Watches these namespaces; all of them unless this is called.
    pub fn namespaces(mut self, namespaces: Namespaces) -> Self {
        self.namespaces = namespaces;
        self
    }

    /// The name of the lease that replicas compete for when `--leader-elect` is given. Each operator needs its own.
    pub fn leader_election_id(mut self, id: impl Into<String>) -> Self {
        self.leader_election_id = Some(id.into());
        self
    }

    /// The namespace of the lease: the pod's own unless this is called, or the kubeconfig's outside of a cluster.
    pub fn leader_election_namespace(mut self, namespace: impl Into<String>) -> Self {
        self.leader_election_namespace = Some(namespace.into());
        self
    }

    /// How long running reconciles may go on after a signal: eight seconds unless set. Keep it below the pod's
    /// `terminationGracePeriodSeconds`.
    pub fn graceful_shutdown_timeout(mut self, timeout: Duration) -> Self {
        self.graceful_shutdown_timeout = timeout;
        self
    }

    /// Uses this client, and neither `--kubeconfig` nor the pod's service account.
    pub fn client(mut self, client: Client) -> Self {
        self.client = Some(client);
        self
    }

    /// Makes the client, and the manager with it. Nothing is sent yet.
    ///
    /// # Errors
    /// When there is no usable configuration for an API server, or leader election has no lease name.
    pub async fn build(self) -> Result<Manager, Error> {
        let client = match self.client {
            Some(client) => client,
            None => connect(self.options.kubeconfig.as_deref()).await?,
        };
        let election = match (self.options.leader_elect, self.leader_election_id) {
            (false, _) => None,
            (true, None) => return Err(Error::LeaderElectionIdMissing),
            (true, Some(id)) => {
                let namespace = self.leader_election_namespace;
                let namespace = namespace.unwrap_or_else(|| client.default_namespace().to_owned());
                Some(LeaderElection::new(client.clone(), &namespace, &id))
            }
        };
        let mut registry = Registry::default();
        let metrics = Metrics::register(&mut registry);
        Ok(Manager {
            client,
            namespaces: self.namespaces,
            health_address: self.options.health_probe_bind_address,
            metrics_options: self.options.metrics,
            enable_http2: self.options.enable_http2,
            graceful_shutdown_timeout: self.graceful_shutdown_timeout,
            leader_election: election,
            cache: Cache::default(),
            events: Events::default(),
            registry,
            metrics,
            health: pings(),
            runnables: Vec::new(),
            leader_runnables: Vec::new(),
            controllers: Vec::new(),
            shutdown: CancellationToken::new(),
        })
    }
}

/// The checks that kubebuilder's `main.go` adds: the process answers.
fn pings() -> HealthHandler {
    let mut health = HealthHandler::default();
    health.healthz.add("ping", || Ok(()));
    health.readyz.add("ping", || Ok(()));
    health
}

async fn connect(kubeconfig: Option<&Path>) -> Result<Client, Error> {
    let config = match kubeconfig {
        Some(path) => from_file(path).await?,
        None => Config::infer().await?,
    };
    Client::try_from(config).map_err(Error::Client)
}

async fn from_file(path: &Path) -> Result<Config, Error> {
    let unusable = |source| Error::Kubeconfig {
        path: path.display().to_string(),
        source,
    };
    let kubeconfig = Kubeconfig::read_from(path).map_err(unusable)?;
    let options = KubeConfigOptions::default();
    Config::from_custom_kubeconfig(kubeconfig, &options)
        .await
        .map_err(unusable)
}

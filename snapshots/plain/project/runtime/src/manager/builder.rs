//! From flags and choices to a manager: the client, and what can be wrong before anything runs.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use kube::config::{KubeConfigOptions, Kubeconfig};
use kube::{Client, Config};
use prometheus_client::registry::Registry;
use tokio_util::sync::CancellationToken;

use super::Manager;
use crate::cache::Cache;
use crate::client::{self, Guards};
use crate::events::Events;
use crate::leader_election::{Fence, LeaderElection, Timings};
use crate::metrics::Metrics;
use crate::rate_limit::TokenBucket;
use crate::server::health::HealthHandler;
#[cfg(feature = "webhooks")]
use crate::webhook::WebhookServer;
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
    leader_election_timings: Timings,
    api: ApiServer,
    limit: Option<(f64, u32)>,
}

/// How the API server is reached.
enum ApiServer {
    /// As the flags and the environment say.
    Infer,
    Config(Box<Config>),
    Client(Client),
}

impl ManagerBuilder {
    pub(super) fn new(options: ManagerOptions) -> Self {
        Self {
            options,
            namespaces: Namespaces::All,
            leader_election_id: None,
            leader_election_namespace: None,
            graceful_shutdown_timeout: GRACEFUL_SHUTDOWN_TIMEOUT,
            leader_election_timings: Timings::default(),
            api: ApiServer::Infer,
            limit: None,
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

    /// How long running reconciles may go on after a signal: eight seconds unless set. What comes after them, the lease,
    /// the last events and spans, takes a second and a half at most: keep it two seconds below the pod's
    /// `terminationGracePeriodSeconds`.
    pub fn graceful_shutdown_timeout(mut self, timeout: Duration) -> Self {
        self.graceful_shutdown_timeout = timeout;
        self
    }

    /// Other times for the leader election than controller-runtime's 15 s, 10 s and 2 s. They are checked by
    /// [`build`](Self::build).
    pub fn leader_election_timings(mut self, timings: Timings) -> Self {
        self.leader_election_timings = timings;
        self
    }

    /// At most `qps` requests in each second towards the API server, and `burst` at once; without limit unless this is
    /// called.
    ///
    /// client-go's `QPS` and `Burst`, which controller-runtime has switched off as well: the API server shares its time
    /// out fairly by itself (API priority and fairness). Watches count when they begin; leader election doesn't count.
    pub fn request_limit(mut self, qps: f64, burst: u32) -> Self {
        self.limit = Some((qps, burst));
        self
    }

    /// Uses this configuration, and neither `--kubeconfig` nor the pod's service account.
    pub fn config(mut self, config: Config) -> Self {
        self.api = ApiServer::Config(Box::new(config));
        self
    }

    /// Uses this client, and neither `--kubeconfig` nor the pod's service account.
    ///
    /// Good for tests. Its connections are not the manager's, so that a write which it has taken in before the leader
    /// election was lost still goes out: prefer [`config`](Self::config) where there is leader election.
    pub fn client(mut self, client: Client) -> Self {
        self.api = ApiServer::Client(client);
        self
    }

    /// Makes the client, and the manager with it. Nothing is sent yet.
    ///
    /// # Errors
    /// When there is no usable configuration for an API server, leader election has no lease name or times that don't
    /// fit together, the request limit is none, or the namespaces are none or can't be.
    pub async fn build(self) -> Result<Manager, Error> {
        self.leader_election_timings.validate()?;
        self.namespaces.check()?;
        let mut registry = Registry::default();
        let metrics = Metrics::register(&mut registry);
        let guards = Guards {
            fence: Fence::default(),
            delivery: self.delivery(),
            limit: self.limit.map(token_bucket).transpose()?,
            metrics: metrics.client(),
        };
        let fence = guards.fence.clone();
        let (client, election_client) = self.clients(guards).await?;
        let election = self.election(election_client)?.map(|(name, election)| {
            let election = election.with_fence(fence.clone());
            election.with_metrics(metrics.leader(&name))
        });
        Ok(Manager {
            client,
            fence,
            namespaces: self.namespaces,
            health_address: self.options.health_probe_bind_address,
            metrics_options: self.options.metrics,
            enable_http2: self.options.enable_http2,
            #[cfg(feature = "webhooks")]
            webhook_options: self.options.webhook,
            #[cfg(feature = "webhooks")]
            webhooks: WebhookServer::default(),
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
            refused: None,
            shutdown: CancellationToken::new(),
        })
    }

    /// Who doesn't compete needn't fear that a write comes late.
    fn delivery(&self) -> Option<Duration> {
        let competes = self.options.leader_elect;
        competes.then(|| self.leader_election_timings.delivery())
    }

    /// The candidate and the name of its lease, if there is to be an election.
    fn election(&self, client: Client) -> Result<Option<(String, LeaderElection)>, Error> {
        if !self.options.leader_elect {
            return Ok(None);
        }
        let name = self.leader_election_id.clone();
        let name = name.ok_or(Error::LeaderElectionIdMissing)?;
        let namespace = self.leader_election_namespace.clone();
        let namespace = namespace.unwrap_or_else(|| client.default_namespace().to_owned());
        let election = LeaderElection::new(client, &namespace, &name);
        Ok(Some((name, election.timings(self.leader_election_timings))))
    }

    /// The manager's client, and the one of the leader election.
    async fn clients(&self, guards: Guards) -> Result<(Client, Client), Error> {
        let config = match &self.api {
            ApiServer::Client(client) => {
                return Ok((client::around(client.clone(), guards), client.clone()));
            }
            ApiServer::Config(config) => config.as_ref().clone(),
            ApiServer::Infer => infer(self.options.kubeconfig.as_deref()).await?,
        };
        let metrics = guards.metrics.clone();
        let main = client::connect(config.clone(), guards).map_err(unusable)?;
        let election = if self.options.leader_elect {
            client::for_election(config, metrics).map_err(unusable)?
        } else {
            main.clone()
        };
        Ok((main, election))
    }
}

fn unusable(error: kube::Error) -> Error {
    match error {
        kube::Error::ProxyProtocolDisabled {
            proxy_url,
            protocol_feature,
        } => Error::Proxy {
            proxy: proxy_url.host().unwrap_or_default().to_owned(),
            feature: protocol_feature,
        },
        error => Error::Client(error),
    }
}

fn token_bucket((qps, burst): (f64, u32)) -> Result<Arc<TokenBucket>, Error> {
    if TokenBucket::is_usable(qps, burst) {
        return Ok(Arc::new(TokenBucket::new(qps, burst)));
    }
    Err(Error::RequestLimit { qps, burst })
}

/// The checks that kubebuilder's `main.go` adds: the process answers.
fn pings() -> HealthHandler {
    let mut health = HealthHandler::default();
    health.healthz.add("ping", || Ok(()));
    health.readyz.add("ping", || Ok(()));
    health
}

async fn infer(kubeconfig: Option<&Path>) -> Result<Config, Error> {
    match kubeconfig {
        Some(path) => from_file(path).await,
        None => Ok(Config::infer().await?),
    }
}

async fn from_file(path: &Path) -> Result<Config, Error> {
    let unreadable = |source| Error::Kubeconfig {
        path: path.display().to_string(),
        source,
    };
    let kubeconfig = Kubeconfig::read_from(path).map_err(unreadable)?;
    let options = KubeConfigOptions::default();
    Config::from_custom_kubeconfig(kubeconfig, &options)
        .await
        .map_err(unreadable)
}

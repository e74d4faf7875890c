//! Certificates of our own for the webhook server, where there is no cert-manager.
//!
//! Every replica runs this. The Secret is what they agree on: whoever comes first writes it, guarded by its
//! resourceVersion, and the others read it. The CA bundle goes into the webhook configurations and CRDs that carry a
//! label. A watch on all of them only wakes this up; what is there is read then, so that no missed event matters.

mod contents;
mod keeper;
mod pair;
mod rotation;
mod survey;
mod targets;
mod trouble;
mod wake;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use k8s_openapi::api::core::v1::Secret;
use kube::core::ApiResource;
use kube::{Api, Client};
use tokio_util::sync::CancellationToken;

use crate::server::tls::ServingCertificate;
use keeper::{Clock, Keeper, Policy, State};
use pair::Hosts;
use survey::Labelled;

pub use targets::InjectionTarget;

/// A new pair is made after two thirds of this.
const LIFETIME: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// API servers learn of a changed configuration from their watches, mostly within a second.
const GRACE: Duration = Duration::from_secs(60);

/// After a failure it is tried again: at first after a second, later once a minute.
const RETRIES: [u64; 6] = [1, 2, 5, 10, 30, 60];

/// A serving certificate and its authority that the operator makes, keeps in a Secret, renews, and has the API server
/// trust.
///
/// The certificate is good for ninety days and renewed after sixty: the authorities of both are trusted before the new
/// one is served, and the old one stays trusted, so that no request fails. Delete the Secret to have it renewed at once.
/// What rights this needs, and what GitOps tools see of it, is in rustop's `docs/built-in-certificates.md`.
///
/// ```
/// # use rustop_runtime::Manager;
/// use rustop_runtime::certificates::builtin::BuiltinCertificates;
///
/// # fn example(manager: &mut Manager) {
/// let certificates = BuiltinCertificates::new("webhook-service")
///     .secret("webhook-server-cert")
///     .inject_label("rustop.dev/inject-ca=my-operator");
/// manager.builtin_certificates(certificates);
/// # }
/// ```
#[derive(Clone)]
#[must_use = "certificates are made once they are given to a manager"]
pub struct BuiltinCertificates {
    service: String,
    namespace: Option<String>,
    secret: String,
    names: Hosts,
    selector: Option<String>,
    targets: Vec<InjectionTarget>,
    lifetime: Duration,
    grace: Duration,
    clock: Clock,
}

impl BuiltinCertificates {
    /// Certificates for the service in front of the webhook server: `<service>.<namespace>.svc`. The names of other
    /// services that the labelled objects call in the same namespace are added, so that this one may be prefixed.
    pub fn new(service: impl Into<String>) -> Self {
        Self {
            service: service.into(),
            namespace: None,
            secret: "webhook-server-cert".to_owned(),
            names: Hosts::new(),
            selector: None,
            targets: InjectionTarget::ALL.to_vec(),
            lifetime: LIFETIME,
            grace: GRACE,
            clock: Arc::new(SystemTime::now),
        }
    }

    /// The Secret's name: `webhook-server-cert` unless this is called.
    pub fn secret(mut self, name: impl Into<String>) -> Self {
        self.secret = name.into();
        self
    }

    /// The namespace of the Secret and the service: the pod's own unless this is called, or the kubeconfig's outside of
    /// a cluster.
    pub fn namespace(mut self, namespace: impl Into<String>) -> Self {
        self.namespace = Some(namespace.into());
        self
    }

    /// A further host that the server is reached under, a DNS name or an IP address: `localhost`, for an operator that
    /// runs outside of the cluster.
    pub fn host(mut self, host: impl Into<String>) -> Self {
        self.names.insert(host.into());
        self
    }

    /// Writes the CA bundle into the objects with this label, as `key=value`. In them, the entries that call a service
    /// of our namespace, or a URL, are ours. Without this the bundle is written nowhere but into the Secret's `ca.crt`.
    pub fn inject_label(mut self, label: impl Into<String>) -> Self {
        self.selector = Some(label.into());
        self
    }

    /// Writes the CA bundle into objects of these kinds only. The role needs rights on these alone then.
    pub fn inject_into(mut self, targets: impl IntoIterator<Item = InjectionTarget>) -> Self {
        self.targets = targets.into_iter().collect();
        self
    }

    /// How long a certificate is good for: ninety days unless this is called. It is renewed after two thirds.
    pub fn lifetime(mut self, lifetime: Duration) -> Self {
        self.lifetime = lifetime;
        self
    }

    /// How long a new bundle has to be in every configuration before the new certificate is served: a minute unless
    /// this is called. It is the time that API servers are given to notice.
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// Takes the time of day from `clock`, so that a test need not wait for a renewal.
    #[cfg(any(test, feature = "testing"))]
    pub fn clock(mut self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    fn keeper(&self, client: &Client, certificate: ServingCertificate) -> Keeper {
        let namespace = self.namespace.as_deref();
        let namespace = namespace.unwrap_or(client.default_namespace()).to_owned();
        let kinds = self.selector.as_ref().map(|_| self.targets.clone());
        let own = hosts(&self.service, &namespace);
        let hosts: Hosts = own.chain(self.names.iter().cloned()).collect();
        Keeper {
            secrets: Api::namespaced(client.clone(), &namespace),
            name: self.secret.clone(),
            certificate,
            policy: Policy {
                lifetime: self.lifetime,
                grace: self.grace,
                clock: Arc::clone(&self.clock),
            },
            labelled: Labelled {
                client: client.clone(),
                namespace,
                hosts,
                selector: self.selector.clone().unwrap_or_default(),
                kinds: kinds.unwrap_or_default(),
            },
            state: State::default(),
        }
    }

    /// Looks after the certificate until the shutdown.
    pub(crate) async fn run(
        self,
        client: Client,
        certificate: ServingCertificate,
        trouble: LastTrouble,
        shutdown: CancellationToken,
    ) {
        let keeper = self.keeper(&client, certificate);
        let secrets = ApiResource::erase::<Secret>(&());
        let secrets = Api::namespaced_with(client, &keeper.labelled.namespace, &secrets);
        let labelled = keeper.labelled.clone();
        let wake = wake::Wake::default();
        tokio::select! {
            () = shutdown.cancelled() => {}
            () = wake.watch(secrets, &self.secret, &labelled) => {}
            () = rounds(keeper, &wake, &trouble) => {}
        }
    }
}

/// Why the last round failed, for the probes.
#[derive(Clone, Default)]
pub(crate) struct LastTrouble(Arc<Mutex<Option<String>>>);

impl LastTrouble {
    /// Why the last round failed, if it did.
    pub(crate) fn get(&self) -> Option<String> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn set(&self, trouble: Option<String>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
    }
}

async fn rounds(mut keeper: Keeper, wake: &wake::Wake, trouble: &LastTrouble) {
    let mut failures = 0;
    loop {
        let result = keeper.round().await;
        let reason = result
            .as_ref()
            .err()
            .map(|error| crate::error::chain(error));
        failures = if reason.is_some() { failures + 1 } else { 0 };
        if let Some(error) = &reason {
            tracing::warn!(error, "failed to look after the webhook certificate");
        }
        trouble.set(reason);
        wake.or_after(result.unwrap_or_else(|_| retry(failures)))
            .await;
    }
}

fn retry(failures: usize) -> Duration {
    let seconds = RETRIES[failures.min(RETRIES.len()) - 1];
    Duration::from_secs(seconds).mul_f64(1.0 + fastrand::f64() / 10.0)
}

/// What a service is called by: by the API server under the first name.
fn hosts(service: &str, namespace: &str) -> impl Iterator<Item = String> + use<> {
    let short = format!("{service}.{namespace}.svc");
    let long = format!("{short}.cluster.local");
    [short, long].into_iter()
}

//! One round: look at the Secret and the configurations, and do what is next. Every replica makes its rounds; what the
//! Secret holds decides, and each write to it is guarded by its resourceVersion, so that they agree.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use k8s_openapi::ByteString;
use k8s_openapi::api::core::v1::Secret;
use kube::Api;
use kube::api::PostParams;
use serde_json::Value;
use tokio::time::Instant;

use super::contents::Contents;
use super::pair::{Hosts, is_host};
use super::rotation::{Situation, Step};
use super::survey::{Labelled, Survey};
use super::trouble::{Trouble, refused};
use crate::error::has_code;
use crate::server::tls::ServingCertificate;

/// How often a write that another replica was quicker with is tried again.
const ATTEMPTS: usize = 5;

/// How often a Secret that nothing happens to is looked at.
const CHECK: Duration = Duration::from_secs(10 * 60);

/// Tells the time of day.
pub(super) type Clock = Arc<dyn Fn() -> SystemTime + Send + Sync>;

/// What a certificate has to be.
pub(super) struct Policy {
    pub(super) lifetime: Duration,
    pub(super) grace: Duration,
    pub(super) clock: Clock,
}

/// Looks after one Secret and what is served of it.
pub(super) struct Keeper {
    pub(super) secrets: Api<Secret>,
    pub(super) name: String,
    pub(super) labelled: Labelled,
    pub(super) certificate: ServingCertificate,
    pub(super) policy: Policy,
    pub(super) state: State,
}

/// What this replica remembers.
#[derive(Default)]
pub(super) struct State {
    held: Option<Contents>,
    /// The bundle that is everywhere, and since when.
    spread: Option<(String, Instant)>,
    /// When this replica last made a pair.
    issued: Option<Instant>,
}

impl Keeper {
    /// Makes one round, and says how long nothing more need be done.
    pub(super) async fn round(&mut self) -> Result<Duration, Trouble> {
        let survey = self.labelled.survey().await;
        self.check_spread(&survey);
        let contents = self.agree(&self.hosts(&survey)).await?;
        // Whoever is called before the bundle is there is not believed: a pod is ready once it serves.
        let bundle = base64(&contents.bundle);
        let injected = self.labelled.inject(survey, &bundle).await;
        self.serve(&contents)?;
        self.note_spread(&contents, injected.is_ok());
        injected.map(|()| self.rest(&contents))
    }

    /// The hosts that were asked for, and those that the webhooks call: a prefix given by kustomize need not be told.
    fn hosts(&self, survey: &Survey) -> Hosts {
        let namespace = &self.labelled.namespace;
        let called = survey
            .services()
            .flat_map(|service| super::hosts(service, namespace));
        let hosts = self.labelled.hosts.iter().cloned().chain(called);
        hosts.filter(|host| is_host(host)).collect()
    }

    /// Brings the Secret to where it should be, together with the other replicas.
    async fn agree(&mut self, hosts: &Hosts) -> Result<Contents, Trouble> {
        for _ in 0..ATTEMPTS {
            let secret = self.secrets.get_opt(&self.name).await;
            let secret = secret.map_err(|error| self.refused("get", error))?;
            let stored = secret.as_ref().and_then(Contents::of);
            let step = self.situation(stored.as_ref(), hosts).step()?;
            let contents = match &step {
                Step::Keep => return stored.ok_or(self.contended()),
                Step::Renew(_) if self.issued_lately() => return self.held_or(stored),
                Step::Renew(contents) | Step::Promote(contents) => contents,
            };
            if self.write(secret, contents).await? {
                self.note_write(&step);
                return Ok(contents.clone());
            }
        }
        Err(self.contended())
    }

    fn situation<'a>(&'a self, stored: Option<&'a Contents>, hosts: &'a Hosts) -> Situation<'a> {
        Situation {
            stored,
            held: self.state.held.as_ref(),
            hosts,
            now: (self.policy.clock)(),
            lifetime: self.policy.lifetime,
            spread: stored.is_some_and(|stored| self.is_spread(stored)),
        }
    }

    /// What is served stays, rather than something that is no better.
    fn held_or(&self, stored: Option<Contents>) -> Result<Contents, Trouble> {
        let held = self.state.held.clone();
        held.or(stored).ok_or(self.contended())
    }

    /// Two replicas that want different hosts, in a rollout, would else make pairs in turn as fast as they can.
    fn issued_lately(&self) -> bool {
        let issued = self.state.issued;
        issued.is_some_and(|issued| issued.elapsed() < self.policy.grace)
    }

    /// Whether it was written; not when another replica was quicker.
    async fn write(&self, secret: Option<Secret>, contents: &Contents) -> Result<bool, Trouble> {
        let parameters = PostParams::default();
        let is_new = secret.is_none();
        let mut secret = secret.unwrap_or_else(|| self.empty());
        contents.write(&mut secret);
        let written = if is_new {
            self.secrets.create(&parameters, &secret).await
        } else {
            self.secrets.replace(&self.name, &parameters, &secret).await
        };
        match written {
            Ok(_) => Ok(true),
            // It exists already, was changed, or has gone meanwhile.
            Err(error) if has_code(&error, 409) || (!is_new && has_code(&error, 404)) => Ok(false),
            Err(error) => Err(self.refused(if is_new { "create" } else { "update" }, error)),
        }
    }

    fn empty(&self) -> Secret {
        let mut secret = Secret::default();
        secret.metadata.name = Some(self.name.clone());
        secret.type_ = Some("kubernetes.io/tls".to_owned());
        secret
    }

    fn note_write(&mut self, step: &Step) {
        let secret = &self.name;
        match step {
            Step::Keep => {}
            Step::Promote(_) => tracing::info!(secret, "the next webhook certificate is served"),
            Step::Renew(_) => {
                tracing::info!(secret, "made a webhook certificate");
                self.state.issued = Some(Instant::now());
            }
        }
    }

    fn serve(&mut self, contents: &Contents) -> Result<(), Trouble> {
        if self.state.held.as_ref() == Some(contents) {
            return Ok(());
        }
        let pair = &contents.current;
        let set = self
            .certificate
            .set(pair.certificate.as_bytes(), pair.key.as_bytes());
        set.map_err(|source| Trouble::Unservable {
            name: self.name.clone(),
            source,
        })?;
        self.state.held = Some(contents.clone());
        Ok(())
    }

    /// Whoever applied a configuration again took the bundle away: its time begins anew.
    fn check_spread(&mut self, survey: &Survey) {
        let spread = self.state.spread.take();
        self.state.spread = spread.filter(|(bundle, _)| survey.has_everywhere(&base64(bundle)));
    }

    fn note_spread(&mut self, contents: &Contents, everywhere: bool) {
        let spread = self.state.spread.take();
        let known = spread.filter(|(bundle, _)| *bundle == contents.bundle);
        let since = || (contents.bundle.clone(), Instant::now());
        self.state.spread = everywhere.then(|| known.unwrap_or_else(since));
    }

    fn is_spread(&self, stored: &Contents) -> bool {
        let spread = self.state.spread.as_ref();
        spread.is_some_and(|(bundle, since)| {
            *bundle == stored.bundle && since.elapsed() >= self.policy.grace
        })
    }

    /// Until the next pair's turn, or until the next look; not all replicas at once.
    fn rest(&self, contents: &Contents) -> Duration {
        let rest = if contents.next.is_some() {
            self.policy.grace.min(CHECK)
        } else {
            CHECK
        };
        rest.mul_f64(1.0 + fastrand::f64() / 10.0)
    }

    fn refused(&self, verb: &'static str, error: kube::Error) -> Trouble {
        refused(verb, format!("secrets/{}", self.name), error)
    }

    fn contended(&self) -> Trouble {
        Trouble::Contended {
            name: self.name.clone(),
        }
    }
}

/// As JSON has bytes.
fn base64(text: &str) -> Value {
    serde_json::to_value(ByteString(text.as_bytes().to_vec())).unwrap_or_default()
}

#[cfg(test)]
mod tests;

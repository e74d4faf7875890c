//! One attempt to get or keep a lease: at most three requests, each of them guarded.

use k8s_openapi::api::coordination::v1::{Lease, LeaseSpec};
use k8s_openapi::jiff::Timestamp;
use kube::Api;
use kube::api::PostParams;
use tokio::time::Instant;

use super::{LeaderElection, Moment, Observed, record};
use crate::error::has_code;

/// Why an attempt didn't make this candidate the leader.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotLeader {
    #[error("the lease is held by `{0}`")]
    HeldBy(String),
    #[error("{0}")]
    Failed(#[from] kube::Error),
}

impl LeaderElection {
    /// Makes this candidate the leader, or keeps it so.
    pub(super) async fn try_acquire_or_renew(&mut self) -> Result<(), NotLeader> {
        if let Some(lease) = self.held() {
            // Nobody else wrote since we did, probably: one request instead of two.
            if self.write(lease).await.is_ok() {
                return Ok(());
            }
        }
        match self.api.get_opt(&self.name).await? {
            None => self.create().await,
            Some(lease) => self.take_over(lease).await,
        }
    }

    async fn take_over(&mut self, lease: Lease) -> Result<(), NotLeader> {
        self.observe(lease.clone());
        if self.renewed.is_some() && !self.holds(&lease) {
            // It was ours: that it may be free again doesn't undo what another did meanwhile.
            let holder = record::holder(&lease).cloned();
            return Err(NotLeader::HeldBy(
                holder.unwrap_or_else(|| "nobody".to_owned()),
            ));
        }
        if let Some(holder) = self.other_holder() {
            return Err(NotLeader::HeldBy(holder));
        }
        self.write(lease).await
    }

    async fn create(&mut self) -> Result<(), NotLeader> {
        let mut lease = Lease::default();
        lease.metadata.name = Some(self.name.clone());
        lease.spec = Some(self.next_spec(None));
        let api = self.api.clone();
        self.send(api.create(&PostParams::default(), &lease)).await
    }

    async fn write(&mut self, mut lease: Lease) -> Result<(), NotLeader> {
        lease.spec = Some(self.next_spec(lease.spec.take()));
        let api = self.api.clone();
        self.send(replace(&api, &self.name.clone(), &lease)).await
    }

    /// Until there is an answer nobody knows whether it was done.
    async fn send(
        &mut self,
        request: impl Future<Output = Result<Lease, kube::Error>>,
    ) -> Result<(), NotLeader> {
        let sent = Moment::now();
        self.unanswered = true;
        let answer = request.await;
        self.unanswered = !answer.as_ref().err().is_none_or(refused);
        self.wrote(answer?, sent);
        Ok(())
    }

    /// Gives the lease back, and says whether it was ours.
    pub(super) async fn give_back(&self) -> Result<bool, kube::Error> {
        let mut known = self.held().filter(|_| !self.unanswered);
        loop {
            let lease = match known.take() {
                Some(lease) => Some(lease),
                None => self.api.get_opt(&self.name).await?,
            };
            let Some(ours) = lease.filter(|lease| self.holds(lease)) else {
                return Ok(false);
            };
            match self.write_released(ours).await {
                // A renewal that was cut off was done all the same, and there is another version now.
                Err(error) if has_code(&error, 409) => {}
                released => return released.map(|()| true),
            }
        }
    }

    async fn write_released(&self, mut lease: Lease) -> Result<(), kube::Error> {
        let released = |spec| record::released(spec, Timestamp::now());
        lease.spec = lease.spec.take().map(released);
        replace(&self.api, &self.name, &lease).await.map(drop)
    }

    fn next_spec(&self, old: Option<LeaseSpec>) -> LeaseSpec {
        record::held(
            old.unwrap_or_default(),
            &self.identity,
            self.timings.lease_duration,
            Timestamp::now(),
        )
    }

    /// The others count from when the server got the request, so that its sender counts from a little earlier.
    fn wrote(&mut self, lease: Lease, sent: Moment) {
        self.renewed = Some(sent);
        self.fence.renew(sent, self.timings.renew_deadline);
        self.observed = Some(Observed {
            lease,
            at: Instant::now(),
        });
    }

    /// The clock of a lease starts when it is seen to have changed.
    fn observe(&mut self, lease: Lease) {
        let same = |observed: &Observed| observed.lease.spec == lease.spec;
        if !self.observed.as_ref().is_some_and(same) {
            self.observed = Some(Observed {
                lease,
                at: Instant::now(),
            });
        }
    }

    fn holds(&self, lease: &Lease) -> bool {
        record::holder(lease) == Some(&self.identity)
    }

    /// Our lease as it was last written, if it is ours.
    pub(super) fn held(&self) -> Option<Lease> {
        let lease = self.observed.as_ref().map(|observed| &observed.lease);
        lease.filter(|lease| self.holds(lease)).cloned()
    }

    /// Who else holds a lease that hasn't expired.
    fn other_holder(&self) -> Option<String> {
        let Observed { lease, at } = self.observed.as_ref()?;
        let holder = record::holder(lease).filter(|&holder| holder != &self.identity)?;
        (at.elapsed() < record::duration(lease)).then(|| holder.clone())
    }
}

/// Refused by the API server when somebody else wrote since.
async fn replace(api: &Api<Lease>, name: &str, lease: &Lease) -> Result<Lease, kube::Error> {
    api.replace(name, &PostParams::default(), lease).await
}

/// Whether the API server says that nothing was done.
fn refused(error: &kube::Error) -> bool {
    matches!(error, kube::Error::Api(status) if status.code < 500)
}

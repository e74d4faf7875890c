//! `leader_election_master_status`: 1 on the replica that leads.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct LeaseLabel {
    name: String,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Families(Family<LeaseLabel, Gauge>);

/// Whether this process holds one lease. At first it doesn't.
#[derive(Clone, Debug)]
pub(crate) struct LeaderMetrics(Gauge);

impl Families {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let families = Self::default();
        registry.register(
            "leader_election_master_status",
            "Whether this process holds the lease: 0 is a standby, 1 the leader; group by name",
            families.0.clone(),
        );
        families
    }

    pub(super) fn of(&self, name: &str) -> LeaderMetrics {
        let name = name.to_owned();
        LeaderMetrics(self.0.get_or_create_owned(&LeaseLabel { name }))
    }
}

impl LeaderMetrics {
    /// Says who leads: this process, or not.
    pub(crate) fn set(&self, leads: bool) {
        self.0.set(i64::from(leads));
    }
}

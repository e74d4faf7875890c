//! client-go's metric of leader election, under its name.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct NameLabel {
    name: String,
}

/// The metric of the lease `name`: 1 while this process leads, else 0.
pub(crate) fn register(registry: &mut Registry, name: &str) -> Gauge {
    let family = Family::<NameLabel, Gauge>::default();
    registry.register(
        "leader_election_master_status",
        "Gauge of if the reporting system is master of the relevant lease, 0 indicates backup, 1 indicates master. \
         'name' is the string used to identify the lease. Please make sure to group by name",
        family.clone(),
    );
    family.get_or_create_owned(&NameLabel {
        name: name.to_owned(),
    })
}

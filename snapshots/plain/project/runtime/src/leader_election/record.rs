//! What stands in a lease, in client-go's way of filling it.

use std::time::Duration;

use k8s_openapi::api::coordination::v1::{Lease, LeaseSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::MicroTime;
use k8s_openapi::jiff::Timestamp;

/// Who holds the lease; nobody when the field is empty.
pub(super) fn holder(lease: &Lease) -> Option<&String> {
    let holder = lease.spec.as_ref()?.holder_identity.as_ref();
    holder.filter(|holder| !holder.is_empty())
}

/// How long the lease is valid after it was last seen to change.
pub(super) fn duration(lease: &Lease) -> Duration {
    let seconds = lease
        .spec
        .as_ref()
        .and_then(|spec| spec.lease_duration_seconds);
    Duration::from_secs(
        seconds
            .and_then(|seconds| u64::try_from(seconds).ok())
            .unwrap_or_default(),
    )
}

/// The lease, held by `identity`: renewed when it was so before, else taken over.
pub(super) fn held(
    mut spec: LeaseSpec,
    identity: &str,
    duration: Duration,
    now: Timestamp,
) -> LeaseSpec {
    if spec.holder_identity.as_deref() != Some(identity) {
        let transitions = spec
            .lease_transitions
            .map_or(0, |transitions| transitions.saturating_add(1));
        spec.lease_transitions = Some(transitions);
        spec.acquire_time = Some(MicroTime(now));
        spec.holder_identity = Some(identity.to_owned());
    }
    spec.renew_time = Some(MicroTime(now));
    spec.lease_duration_seconds = Some(whole_seconds(duration));
    spec
}

/// Rounded up: whoever waits a little longer does no harm.
fn whole_seconds(duration: Duration) -> i32 {
    let seconds = duration.as_secs() + u64::from(duration.subsec_nanos() > 0);
    i32::try_from(seconds).unwrap_or(i32::MAX)
}

/// The lease, held by nobody, and of no length.
pub(super) fn released(mut spec: LeaseSpec, now: Timestamp) -> LeaseSpec {
    spec.holder_identity = Some(String::new());
    spec.lease_duration_seconds = Some(1);
    spec.acquire_time = Some(MicroTime(now));
    spec.renew_time = Some(MicroTime(now));
    spec
}

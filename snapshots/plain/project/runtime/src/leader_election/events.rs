//! The events of an election, as `kubectl describe lease` shows them: client-go's words, on client-go's object.
//!
//! They are events of the core group, as controller-runtime still writes them here, so that kubebuilder's
//! `leader-election-role` allows them. One that can't be written is a line in the log and nothing more.

use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::api::core::v1::{Event, EventSource, ObjectReference};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, Time};
use k8s_openapi::jiff::Timestamp;
use kube::api::PostParams;
use kube::{Api, Client};

/// Writes that `identity` became the leader, or stopped to be it.
pub(super) async fn publish(client: Client, lease: Lease, identity: String, what: &str) {
    let Some(namespace) = lease.metadata.namespace.clone() else {
        return;
    };
    let event = event(lease.metadata, identity, what, Timestamp::now());
    let events = Api::<Event>::namespaced(client, &namespace);
    if let Err(error) = events.create(&PostParams::default(), &event).await {
        tracing::debug!(%error, "failed to publish the event of the leader election");
    }
}

fn event(lease: ObjectMeta, identity: String, what: &str, now: Timestamp) -> Event {
    let name = lease.name.clone().unwrap_or_default();
    let message = format!("{identity} {what}");
    Event {
        metadata: ObjectMeta {
            // client-go's way to name an event.
            name: Some(format!("{name}.{:x}", now.as_nanosecond())),
            namespace: lease.namespace.clone(),
            ..ObjectMeta::default()
        },
        involved_object: ObjectReference {
            api_version: Some("coordination.k8s.io/v1".to_owned()),
            kind: Some("Lease".to_owned()),
            name: lease.name,
            namespace: lease.namespace,
            uid: lease.uid,
            resource_version: lease.resource_version,
            ..ObjectReference::default()
        },
        type_: Some("Normal".to_owned()),
        reason: Some("LeaderElection".to_owned()),
        message: Some(message),
        source: Some(EventSource {
            component: Some(identity.clone()),
            ..EventSource::default()
        }),
        reporting_component: Some(identity),
        first_timestamp: Some(Time(now)),
        last_timestamp: Some(Time(now)),
        count: Some(1),
        ..Event::default()
    }
}

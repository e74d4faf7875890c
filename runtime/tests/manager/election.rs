//! Of several processes that want to lead, the one that holds the lease writes, and nobody else: the API server's audit
//! log is the witness.

use k8s_openapi::api::core::v1::Event;
use k8s_openapi::api::rbac::v1::{ClusterRole, ClusterRoleBinding};
use k8s_openapi::jiff::Timestamp;
use kube::Api;
use kube::api::{Patch, PatchParams};
use serde_json::json;

use crate::environment::Environment;
use crate::operator::Orders;
use crate::proxy::Proxy;

/// Nothing that `who` sent came in after `since`.
fn assert_silent(environment: &Environment, who: &str, since: Timestamp) {
    let writes = environment.writes_by(who);
    assert!(writes.len() > 10, "`{who}` wrote only {writes:?}");
    let late: Vec<_> = writes.iter().filter(|write| write.at > since).collect();
    assert!(late.is_empty(), "after {since}: {late:?}");
}

async fn acquired(environment: &Environment) -> Timestamp {
    environment.lease().await.acquire_time.unwrap().0
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leader_that_was_stopped_ends_without_another_write() {
    let Some(environment) = Environment::start("stopped").await else {
        return;
    };
    let names = ["a", "b", "c", "d"];
    let mut leader = Orders::leader("a", environment.kubeconfig()).start();
    let mut holder = environment.next_holder("").await;
    for pair in names.windows(2) {
        let (old, new) = (pair[0], pair[1]);
        environment.wrote(old, 50).await;
        let next = Orders::leader(new, environment.kubeconfig()).start();
        leader.signal("STOP");
        holder = environment.next_holder(&holder).await;
        environment.wrote(new, 50).await;
        leader.signal("CONT");
        assert_eq!(leader.ended().await.code(), Some(1));
        assert_silent(&environment, old, acquired(&environment).await);
        leader = next;
    }
    assert_eq!(environment.lease().await.lease_transitions, Some(3));
    environment.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leader_that_is_cut_off_ends_before_another_starts() {
    let Some(environment) = Environment::start("cut").await else {
        return;
    };
    let server = environment.server.server();
    let proxy = Proxy::start(server.trim_start_matches("https://")).await;
    let orders = Orders::leader("a", environment.kubeconfig());
    let mut leader = orders.set("OPERATOR_SERVER", &proxy.url()).start();
    let holder = environment.next_holder("").await;
    let _standby = Orders::leader("b", environment.kubeconfig()).start();
    environment.wrote("a", 50).await;
    proxy.cut();
    assert_eq!(leader.ended().await.code(), Some(1));
    let ended = Timestamp::now();
    environment.next_holder(&holder).await;
    let acquired = acquired(&environment).await;
    eprintln!("ended {:.1} before the next", (acquired - ended));
    assert!(
        ended < acquired,
        "ended {ended}, the next led at {acquired}"
    );
    assert_silent(&environment, "a", acquired);
    environment.stop().await;
}

/// Its other requests still arrive, so that only it can stop itself.
#[tokio::test(flavor = "multi_thread")]
async fn a_leader_that_may_not_renew_stops_writing_before_another_starts() {
    let Some(environment) = Environment::start("refused").await else {
        return;
    };
    grant(&environment, &["leases", "configmaps", "events"]).await;
    let orders = Orders::leader("a", environment.kubeconfig());
    let mut leader = orders.set("OPERATOR_USER", "jane").start();
    let holder = environment.next_holder("").await;
    let _standby = Orders::leader("b", environment.kubeconfig()).start();
    environment.wrote("a", 50).await;
    grant(&environment, &["configmaps", "events"]).await;
    assert_eq!(leader.ended().await.code(), Some(1));
    environment.next_holder(&holder).await;
    assert_silent(&environment, "a", acquired(&environment).await);
    environment.stop().await;
}

/// Jane may do everything with these resources, and nothing else.
async fn grant(environment: &Environment, resources: &[&str]) {
    let client = environment.client();
    let force = PatchParams::apply("test").force();
    let role = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "jane"},
        "rules": [{"apiGroups": ["*"], "resources": resources, "verbs": ["*"]}]});
    let roles: Api<ClusterRole> = Api::all(client.clone());
    let granted = roles.patch("jane", &force, &Patch::Apply(&role)).await;
    granted.unwrap();
    let binding = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "jane"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "jane"},
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "jane"}]});
    let bindings: Api<ClusterRoleBinding> = Api::all(client);
    let bound = bindings
        .patch("jane", &force, &Patch::Apply(&binding))
        .await;
    bound.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leader_that_is_told_to_end_gives_the_lease_back_and_says_so() {
    let Some(environment) = Environment::start("released").await else {
        return;
    };
    let mut leader = Orders::leader("a", environment.kubeconfig()).start();
    let holder = environment.next_holder("").await;
    environment.wrote("a", 50).await;
    leader.signal("TERM");
    assert_eq!(leader.ended().await.code(), Some(0));
    let lease = environment.lease().await;
    assert_eq!(lease.holder_identity.as_deref(), Some(""));
    let events: Api<Event> = Api::default_namespaced(environment.client());
    let events = events
        .list(&kube::api::ListParams::default())
        .await
        .unwrap();
    let messages: Vec<_> = events
        .iter()
        .filter_map(|event| event.message.clone())
        .collect();
    for what in ["became leader", "stopped leading"] {
        let expected = format!("{holder} {what}");
        assert!(messages.contains(&expected), "{expected}: {messages:?}");
    }
    environment.stop().await;
}

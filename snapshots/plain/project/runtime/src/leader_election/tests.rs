use std::sync::{Arc, Mutex};

use k8s_openapi::api::coordination::v1::LeaseSpec;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::MicroTime;
use k8s_openapi::jiff::Timestamp;
use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::*;
use crate::metrics::Metrics;
use crate::testing::{Answer, FakeApiServer, RecordedRequest};

const NAME: &str = "lease";

/// A server with one lease, which refuses a write with an old resourceVersion.
#[derive(Clone, Default)]
struct LeaseServer(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    lease: Option<Value>,
    version: u64,
    silent: bool,
    /// Writes are done, and nobody is told.
    mute: bool,
    writes: usize,
    events: Vec<Value>,
}

impl LeaseServer {
    fn held_by(holder: &str) -> Self {
        let server = Self::default();
        server.write(holder, Timestamp::now());
        server
    }

    /// Somebody else writes.
    fn write(&self, holder: &str, renewed: Timestamp) {
        let spec = LeaseSpec {
            holder_identity: Some(holder.into()),
            lease_duration_seconds: Some(15),
            lease_transitions: Some(3),
            renew_time: Some(MicroTime(renewed)),
            ..LeaseSpec::default()
        };
        let lease = json!({
            "apiVersion": "coordination.k8s.io/v1", "kind": "Lease", "metadata": {"name": NAME}, "spec": spec,
        });
        self.0.lock().unwrap().store(lease);
    }

    fn silence(&self, silent: bool) {
        self.0.lock().unwrap().silent = silent;
    }

    fn mute(&self, mute: bool) {
        self.0.lock().unwrap().mute = mute;
    }

    fn spec(&self) -> LeaseSpec {
        let lease = self.0.lock().unwrap().lease.clone().unwrap();
        serde_json::from_value(lease["spec"].clone()).unwrap()
    }

    fn holder(&self) -> String {
        self.spec().holder_identity.unwrap_or_default()
    }

    fn client(&self) -> Client {
        let state = Arc::clone(&self.0);
        let server =
            FakeApiServer::new().otherwise(move |request| state.lock().unwrap().answer(request));
        server.client()
    }

    fn candidate(&self, identity: &str) -> LeaderElection {
        LeaderElection::new(self.client(), "ns", NAME).identity(identity)
    }

    /// Each of its requests is answered so long after it was done.
    fn slow_candidate(&self, delay: Duration) -> LeaderElection {
        let client = self.client();
        let service = tower::service_fn(move |request| {
            let client = client.clone();
            async move {
                let answer = client.send(request).await;
                sleep(delay).await;
                answer
            }
        });
        LeaderElection::new(Client::new(service, "ns"), "ns", NAME)
    }
}

impl State {
    fn store(&mut self, mut lease: Value) -> Answer {
        self.version += 1;
        self.writes += 1;
        lease["metadata"]["resourceVersion"] = json!(self.version.to_string());
        lease["metadata"]["namespace"] = json!("ns");
        let answer = Answer::ok(&lease);
        self.lease = Some(lease);
        if self.mute { Answer::never() } else { answer }
    }

    fn answer(&mut self, request: &RecordedRequest) -> Option<Answer> {
        let version = request.body["metadata"]["resourceVersion"].as_str();
        Some(match (request.method.as_str(), &self.lease) {
            _ if self.silent => Answer::never(),
            ("POST", _) if request.path.ends_with("/events") => {
                self.events.push(request.body.clone());
                Answer::ok(&request.body)
            }
            ("GET", Some(lease)) => Answer::ok(lease),
            ("GET", None) => Answer::not_found(),
            ("POST", None) => self.store(request.body.clone()),
            ("PUT", Some(_)) if version == Some(&self.version.to_string()) => {
                self.store(request.body.clone())
            }
            ("POST" | "PUT", _) => Answer::status(409, "Conflict"),
            _ => return None,
        })
    }
}

/// How long it takes to acquire, in seconds; `None` when it takes more than `limit`.
async fn acquire_within(candidate: &mut LeaderElection, limit: u64) -> Option<f64> {
    let start = Instant::now();
    let acquired = timeout(Duration::from_secs(limit), candidate.acquire()).await;
    acquired.ok().map(|()| start.elapsed().as_secs_f64())
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_is_not_there_is_created() {
    let server = LeaseServer::default();
    assert_eq!(
        acquire_within(&mut server.candidate("a"), 1).await,
        Some(0.0)
    );
    let spec = server.spec();
    assert_eq!(spec.holder_identity.as_deref(), Some("a"));
    assert_eq!(
        (spec.lease_duration_seconds, spec.lease_transitions),
        (Some(15), Some(0))
    );
    assert!(spec.acquire_time.is_some() && spec.renew_time.is_some());
}

#[tokio::test(start_paused = true)]
async fn expiry_is_judged_by_what_was_seen_not_by_the_times_in_the_lease() {
    for renewed in [Timestamp::UNIX_EPOCH, Timestamp::MAX] {
        let server = LeaseServer::default();
        server.write("other", renewed);
        let waited = acquire_within(&mut server.candidate("a"), 60)
            .await
            .unwrap();
        assert!((15.0..20.0).contains(&waited), "{renewed}: {waited}");
        assert_eq!(server.spec().lease_transitions, Some(4));
    }
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_is_renewed_is_left_alone() {
    let server = LeaseServer::held_by("other");
    let renewing = server.clone();
    let other = tokio::spawn(async move {
        for second in 0.. {
            renewing.write("other", Timestamp::from_second(second).unwrap());
            sleep(Duration::from_secs(10)).await;
        }
    });
    assert_eq!(acquire_within(&mut server.candidate("a"), 200).await, None);
    other.abort();
}

#[tokio::test(start_paused = true)]
async fn a_released_lease_is_taken_at_the_next_attempt() {
    let server = LeaseServer::default();
    let mut first = server.candidate("a");
    first.acquire().await;
    let mut second = server.candidate("b");
    assert_eq!(acquire_within(&mut second, 3).await, None);
    first.release().await;
    assert_eq!(server.holder(), "");
    let waited = acquire_within(&mut second, 60).await.unwrap();
    assert!(waited < 4.5, "{waited}");
    assert_eq!(server.holder(), "b");
}

#[tokio::test(start_paused = true)]
async fn a_leader_renews_with_one_request_and_keeps_the_lease() {
    let server = LeaseServer::default();
    let mut leader = server.candidate("a");
    leader.acquire().await;
    let acquired = server.spec();
    let before = server.0.lock().unwrap().writes;
    assert!(
        timeout(Duration::from_secs(21), leader.hold())
            .await
            .is_err()
    );
    assert_eq!(server.0.lock().unwrap().writes - before, 10);
    let spec = server.spec();
    assert_eq!(
        (spec.acquire_time, spec.lease_transitions),
        (acquired.acquire_time, Some(0))
    );
    assert!(spec.renew_time > acquired.renew_time);
}

#[tokio::test(start_paused = true)]
async fn a_leader_that_is_cut_off_gives_up_before_the_lease_expires() {
    let server = LeaseServer::default();
    let mut leader = server.candidate("a");
    leader.acquire().await;
    let start = Instant::now();
    server.silence(true);
    let limit = Duration::from_secs(100);
    timeout(limit, leader.hold()).await.unwrap();
    assert!(
        start.elapsed() <= Duration::from_secs(12),
        "{:?}",
        start.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn a_short_outage_does_not_cost_the_lease() {
    let server = LeaseServer::default();
    let mut leader = server.candidate("a");
    leader.acquire().await;
    server.silence(true);
    let back = server.clone();
    tokio::spawn(async move {
        sleep(Duration::from_secs(6)).await;
        back.silence(false);
    });
    assert!(
        timeout(Duration::from_secs(60), leader.hold())
            .await
            .is_err()
    );
}

#[tokio::test(start_paused = true)]
async fn a_leader_that_was_replaced_stops_at_its_next_renewal() {
    let server = LeaseServer::default();
    let mut leader = server.candidate("a");
    leader.acquire().await;
    server.write("b", Timestamp::now());
    let start = Instant::now();
    let limit = Duration::from_secs(100);
    timeout(limit, leader.hold()).await.unwrap();
    assert_eq!(start.elapsed().as_secs(), 2);
    leader.release().await;
    assert_eq!(
        server.holder(),
        "b",
        "somebody else's lease is not released"
    );
}

/// Somebody else led in between, although nobody does now.
#[tokio::test(start_paused = true)]
async fn a_leader_whose_lease_was_taken_and_given_back_stops_too() {
    let server = LeaseServer::default();
    let mut leader = server.candidate("a");
    leader.acquire().await;
    server.write("", Timestamp::now());
    let limit = Duration::from_secs(3);
    timeout(limit, leader.hold()).await.unwrap();
    assert_eq!(server.holder(), "");
}

/// As after SIGSTOP and SIGCONT, when nobody took the lease.
#[tokio::test(start_paused = true)]
async fn a_leader_that_was_frozen_stops_without_asking() {
    let server = LeaseServer::default();
    let mut leader = server.candidate("a");
    leader.acquire().await;
    let before = server.0.lock().unwrap().writes;
    // The clock goes on, and no task runs.
    tokio::time::advance(Duration::from_secs(60)).await;
    assert!(matches!(leader.fence().check(), Err(Fenced::Stale(_))));
    let limit = Duration::from_secs(3);
    timeout(limit, leader.hold()).await.unwrap();
    assert_eq!(leader.fence().check(), Err(Fenced::Lost));
    assert_eq!(server.0.lock().unwrap().writes, before);
}

#[tokio::test(start_paused = true)]
async fn the_fence_is_open_while_the_lease_is_renewed_and_closed_at_the_end() {
    let server = LeaseServer::default();
    let mut leader = server.candidate("a");
    let fence = leader.fence();
    assert_eq!(fence.check(), Ok(()), "it never led");
    leader.acquire().await;
    for _ in 0..30 {
        let limit = Duration::from_millis(1900);
        assert!(timeout(limit * 2, leader.hold()).await.is_err());
        assert_eq!(fence.check(), Ok(()));
    }
    leader.release().await;
    assert_eq!(fence.check(), Err(Fenced::Lost));
}

/// The answer of the API server took a while: the others count from before it.
#[tokio::test(start_paused = true)]
async fn the_age_of_a_renewal_counts_from_when_it_was_sent() {
    let server = LeaseServer::default();
    let mut leader = server.slow_candidate(Duration::from_secs(4));
    let start = Instant::now();
    leader.acquire().await;
    assert_eq!(start.elapsed().as_secs(), 8, "asked, and sent after 4 s");
    sleep(Duration::from_millis(5_990)).await;
    assert_eq!(leader.fence().check(), Ok(()));
    sleep(Duration::from_millis(20)).await;
    assert!(leader.fence().check().is_err());
}

#[tokio::test(start_paused = true)]
async fn a_leader_gives_up_within_the_lease_whatever_the_timings() {
    let server = LeaseServer::default();
    let timings = Timings {
        renew_deadline: Duration::from_secs(14),
        ..Timings::default()
    };
    let mut leader = server.candidate("a").timings(timings);
    leader.acquire().await;
    let start = Instant::now();
    server.silence(true);
    leader.hold().await;
    assert!(start.elapsed() <= Duration::from_secs(15));
}

#[tokio::test(start_paused = true)]
async fn the_metric_says_who_leads() {
    let mut registry = Registry::default();
    let metrics = Metrics::register(&mut registry).leader(NAME);
    let leads = || {
        let mut text = String::new();
        encode(&mut text, &registry).unwrap();
        text.contains(r#"leader_election_master_status{name="lease"} 1"#)
    };
    let server = LeaseServer::default();
    let mut leader = server.candidate("a").with_metrics(metrics.clone());
    assert!(!leads());
    leader.acquire().await;
    assert!(leads());
    leader.release().await;
    assert!(!leads());
    let mut again = server.candidate("a").with_metrics(metrics);
    again.acquire().await;
    assert!(leads());
    server.write("b", Timestamp::now());
    again.hold().await;
    assert!(!leads());
}

#[tokio::test(start_paused = true)]
async fn a_lease_of_part_of_a_second_is_rounded_up() {
    let server = LeaseServer::default();
    let timings = Timings {
        lease_duration: Duration::from_millis(14_100),
        ..Timings::default()
    };
    server.candidate("a").timings(timings).acquire().await;
    assert_eq!(server.spec().lease_duration_seconds, Some(15));
}

#[tokio::test(start_paused = true)]
async fn events_say_who_leads_and_who_did() {
    let server = LeaseServer::default();
    let mut leader = server.candidate("a");
    leader.acquire().await;
    sleep(Duration::from_millis(1)).await;
    leader.release().await;
    let events = server.0.lock().unwrap().events.clone();
    let messages: Vec<_> = events.iter().map(|event| &event["message"]).collect();
    assert_eq!(messages, ["a became leader", "a stopped leading"]);
    assert_eq!(events[0]["reason"], "LeaderElection");
    assert_eq!(events[0]["involvedObject"]["name"], NAME);
    assert_eq!(events[0]["involvedObject"]["kind"], "Lease");
}

#[tokio::test(start_paused = true)]
async fn of_two_candidates_one_leads() {
    let server = LeaseServer::held_by("");
    let mut candidates = [server.candidate("a"), server.candidate("b")];
    let [first, second] = &mut candidates;
    let won = tokio::join!(acquire_within(first, 1), acquire_within(second, 1));
    assert!(won.0.is_some() != won.1.is_some(), "{won:?}");
}

/// A renewal that was cut off may have been done all the same.
#[tokio::test(start_paused = true)]
async fn a_lease_is_given_back_although_nobody_heard_of_its_last_renewal() {
    let server = LeaseServer::default();
    let mut leader = server.candidate("a");
    leader.acquire().await;
    let before = server.0.lock().unwrap().writes;
    server.mute(true);
    let limit = Duration::from_secs(3);
    assert!(timeout(limit, leader.hold()).await.is_err());
    assert_eq!(server.0.lock().unwrap().writes, before + 1, "it was done");
    server.mute(false);
    leader.release().await;
    assert_eq!(server.holder(), "");
}

#[tokio::test(start_paused = true)]
async fn a_lease_is_given_back_although_nobody_heard_that_it_was_got() {
    let server = LeaseServer::default();
    let mut candidate = server.candidate("a");
    server.mute(true);
    assert_eq!(acquire_within(&mut candidate, 1).await, None);
    assert_eq!(server.holder(), "a");
    server.mute(false);
    candidate.release().await;
    assert_eq!(server.holder(), "");
}

#[tokio::test(start_paused = true)]
async fn who_never_wrote_asks_nothing_at_its_end() {
    let server = LeaseServer::held_by("other");
    let mut candidate = server.candidate("a");
    assert_eq!(acquire_within(&mut candidate, 1).await, None);
    server.silence(true);
    let limit = Duration::from_secs(1);
    timeout(limit, candidate.release()).await.unwrap();
    assert_eq!(server.holder(), "other");
}

#[test]
fn identities_differ() {
    assert_ne!(identity(), identity());
}

use std::sync::Mutex;

use kube::Client;
use serde_json::json;

use super::*;
use crate::certificates::builtin::BuiltinCertificates;
use crate::certificates::builtin::pair::Proof;
use crate::testing::{Answer, FakeApiServer, RecordedRequest};

const SECRET: &str = "/api/v1/namespaces/ns/secrets/webhook-server-cert";
const SECRETS: &str = "/api/v1/namespaces/ns/secrets";
const VALIDATING: &str = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations";
const MUTATING: &str = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations";
const CRDS: &str = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const GRACE: Duration = Duration::from_secs(60);

/// A Secret, a validating configuration and a CRD, as an API server keeps them.
#[derive(Clone)]
struct Cluster {
    objects: Arc<Mutex<Objects>>,
    clock: Arc<Mutex<SystemTime>>,
    server: FakeApiServer,
}

#[derive(Default)]
struct Objects {
    secret: Option<Value>,
    version: u64,
    validating: Value,
    crd: Value,
    /// Of which replica it is to be known whether it serves when a bundle is written.
    watched: Option<ServingCertificate>,
    served: Vec<bool>,
}

impl Cluster {
    fn new() -> Self {
        let objects = Arc::new(Mutex::new(Objects {
            validating: configuration(),
            crd: crd(),
            ..Objects::default()
        }));
        let known = Arc::clone(&objects);
        let server =
            FakeApiServer::new().otherwise(move |request| known.lock().unwrap().answer(request));
        Self {
            objects,
            clock: Arc::new(Mutex::new(SystemTime::UNIX_EPOCH + 20_000 * DAY)),
            server,
        }
    }

    fn replica(&self) -> Keeper {
        let certificates = BuiltinCertificates::new("webhook-service");
        self.replica_of(certificates.host("127.0.0.1").host("::1"))
    }

    fn replica_of(&self, certificates: BuiltinCertificates) -> Keeper {
        let clock = Arc::clone(&self.clock);
        certificates
            .namespace("ns")
            .inject_label("rustop.dev/inject-ca=op")
            .grace(GRACE)
            .clock(move || *clock.lock().unwrap())
            .keeper(&self.client(), ServingCertificate::default())
    }

    fn client(&self) -> Client {
        self.server.client()
    }

    /// Time passes for the certificates and for us.
    async fn pass(&self, time: Duration) {
        *self.clock.lock().unwrap() += time;
        tokio::time::advance(time).await;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Objects> {
        self.objects.lock().unwrap()
    }

    /// Whether an API server that calls the webhooks would accept what `replica` serves.
    fn accepts(&self, replica: &Keeper) -> bool {
        let Some(held) = &replica.state.held else {
            return true;
        };
        let now = *self.clock.lock().unwrap();
        let objects = self.lock();
        let places = [
            &objects.validating["webhooks"][0]["clientConfig"],
            &objects.crd["spec"]["conversion"]["webhook"]["clientConfig"],
        ];
        places.iter().all(|config| {
            let proof = Proof::new(&held.current, &text(&config["caBundle"]));
            proof.is_some_and(|proof| proof.holds("webhook-service.ns.svc", now))
        })
    }

    fn writes(&self) -> Vec<String> {
        let requests = self.server.requests().into_iter();
        let writes = requests.filter(|request| request.method != "GET");
        writes
            .map(|request| format!("{} {}", request.method, request.path))
            .collect()
    }
}

fn configuration() -> Value {
    let service =
        |name: &str, namespace: &str| json!({"service": {"name": name, "namespace": namespace}});
    json!({"metadata": {"name": "renamed-v", "resourceVersion": "1"}, "webhooks": [
        {"name": "a.example.com", "clientConfig": service("webhook-service", "ns")},
        {"name": "b.example.com", "clientConfig": service("webhook-service", "elsewhere")},
        {"name": "c.example.com", "clientConfig": {"url": "https://127.0.0.1:9443/c"}},
        {"name": "d.example.com", "clientConfig": {"url": "https://[::1]/d"}},
        {"name": "e.example.com", "clientConfig": {"url": "https://policy.example.com/e"}}]})
}

fn crd() -> Value {
    json!({"metadata": {"name": "as.example.com", "resourceVersion": "1"},
        "spec": {"conversion": {"strategy": "Webhook", "webhook": {"clientConfig": {
            "service": {"name": "webhook-service", "namespace": "ns"}}}}}})
}

/// What stands in base64 in a `caBundle`.
fn text(bundle: &Value) -> String {
    let bytes: ByteString = serde_json::from_value(bundle.clone()).unwrap_or_default();
    String::from_utf8(bytes.0).unwrap()
}

impl Objects {
    fn answer(&mut self, request: &RecordedRequest) -> Option<Answer> {
        if request.method == "PATCH" {
            let watched = self.watched.as_ref();
            self.served
                .extend(watched.map(ServingCertificate::is_loaded));
        }
        let list = |items: Vec<Value>| Some(Answer::ok(&json!({"metadata": {}, "items": items})));
        match (request.method.as_str(), request.path.as_str()) {
            ("GET", SECRET) => Some(match &self.secret {
                Some(secret) => Answer::ok(secret),
                None => Answer::not_found(),
            }),
            ("POST", SECRETS) if self.secret.is_some() => {
                Some(Answer::status(409, "AlreadyExists"))
            }
            ("PUT", SECRET) if self.secret.is_none() => Some(Answer::not_found()),
            ("PUT", SECRET) if self.is_older(&request.body) => {
                Some(Answer::status(409, "Conflict"))
            }
            ("POST", SECRETS) | ("PUT", SECRET) => Some(self.put(&request.body)),
            ("GET", _) if request.query != "&labelSelector=rustop.dev%2Finject-ca%3Dop" => None,
            ("GET", MUTATING) => list(vec![]),
            ("GET", VALIDATING) => list(vec![self.validating.clone()]),
            ("GET", CRDS) => list(vec![self.crd.clone()]),
            ("PATCH", path) if path.starts_with(VALIDATING) => {
                Some(patch(&mut self.validating, request))
            }
            ("PATCH", path) if path.starts_with(CRDS) => Some(patch(&mut self.crd, request)),
            _ => None,
        }
    }

    fn is_older(&self, secret: &Value) -> bool {
        secret["metadata"]["resourceVersion"] != json!(self.version.to_string())
    }

    fn put(&mut self, secret: &Value) -> Answer {
        self.version += 1;
        let mut secret = secret.clone();
        secret["metadata"]["resourceVersion"] = json!(self.version.to_string());
        self.secret = Some(secret.clone());
        Answer::ok(&secret)
    }
}

/// The operations that we use of RFC 6902.
fn patch(object: &mut Value, request: &RecordedRequest) -> Answer {
    for operation in request.body.as_array().unwrap() {
        let path = operation["path"].as_str().unwrap();
        let (parent, field) = path.rsplit_once('/').unwrap();
        let Some(parent) = object.pointer_mut(parent) else {
            return Answer::status(422, "Invalid");
        };
        match operation["op"].as_str().unwrap() {
            "add" => parent[field] = operation["value"].clone(),
            "test" if parent[field] == operation["value"] => {}
            _ => return Answer::status(422, "Invalid"),
        }
    }
    Answer::ok(object)
}

#[tokio::test(start_paused = true)]
async fn the_first_round_makes_all_and_the_next_one_writes_nothing() {
    let cluster = Cluster::new();
    let mut replica = cluster.replica();
    replica.round().await.unwrap();
    assert!(replica.certificate.is_loaded());
    assert!(cluster.accepts(&replica));
    let written = cluster.writes();
    let patched = [
        format!("PATCH {VALIDATING}/renamed-v"),
        format!("PATCH {CRDS}/as.example.com"),
    ];
    assert_eq!(
        written,
        [&[format!("POST {SECRETS}")], &patched[..]].concat()
    );
    assert_eq!(
        cluster.lock().secret.as_ref().unwrap()["type"],
        "kubernetes.io/tls"
    );
    for _ in 0..3 {
        cluster.pass(DAY).await;
        replica.round().await.unwrap();
    }
    assert_eq!(cluster.writes(), written);
}

/// A pod is called as soon as it serves.
#[tokio::test(start_paused = true)]
async fn the_first_certificate_is_trusted_before_it_is_served() {
    let cluster = Cluster::new();
    let mut replica = cluster.replica();
    cluster.lock().watched = Some(replica.certificate.clone());
    replica.round().await.unwrap();
    assert_eq!(cluster.lock().served, [false, false]);
    assert!(replica.certificate.is_loaded());
}

#[tokio::test(start_paused = true)]
async fn what_calls_another_namespace_or_host_is_left_alone() {
    let cluster = Cluster::new();
    cluster.replica().round().await.unwrap();
    let objects = cluster.lock();
    let written = [0, 1, 2, 3, 4].map(|index| {
        let pointer = format!("/webhooks/{index}/clientConfig/caBundle");
        objects.validating.pointer(&pointer).is_some()
    });
    assert_eq!(written, [true, false, true, true, false]);
}

#[tokio::test(start_paused = true)]
async fn replicas_that_start_together_serve_the_same_certificate() {
    let cluster = Cluster::new();
    let mut replicas: Vec<Keeper> = (0..4).map(|_| cluster.replica()).collect();
    let rounds = replicas.iter_mut().map(Keeper::round);
    for result in futures::future::join_all(rounds).await {
        result.unwrap();
    }
    assert!(
        cluster
            .writes()
            .iter()
            .filter(|write| write.starts_with("POST"))
            .count()
            > 1,
        "no race"
    );
    let first = replicas[0].state.held.as_ref().unwrap();
    for replica in &replicas {
        assert!(replica.state.held.as_ref().unwrap() == first);
        assert!(cluster.accepts(replica));
    }
}

/// Half a year with three replicas that make their rounds in any order, lag, lose the Secret and the bundles: whatever
/// a replica serves is accepted at every moment in which the bundle is as somebody of us wrote it.
#[tokio::test(start_paused = true)]
async fn what_is_served_is_accepted_at_every_moment() {
    for seed in 0..3 {
        let mut random = fastrand::Rng::with_seed(seed);
        let cluster = Cluster::new();
        let mut replicas: Vec<Keeper> = (0..3).map(|_| cluster.replica()).collect();
        let mut served = std::collections::HashSet::new();
        for turn in 0..60 {
            match random.u8(0..12) {
                0 => cluster.lock().secret = None,
                1 => {
                    let mut objects = cluster.lock();
                    objects.secret.as_mut().unwrap()["data"]["tls.crt"] = json!("AAAA");
                }
                _ => {}
            }
            random.shuffle(&mut replicas);
            for index in 0..replicas.len() {
                replicas[index].round().await.unwrap();
                for replica in &replicas {
                    assert!(cluster.accepts(replica), "seed {seed}, turn {turn}");
                }
                let held = replicas[index].state.held.as_ref().unwrap();
                served.insert(held.current.certificate.clone());
            }
            let day = random.bool();
            cluster.pass(if day { DAY } else { GRACE / 2 }).await;
        }
        assert!(served.len() > 3, "only {} certificates", served.len());
    }
}

#[tokio::test(start_paused = true)]
async fn a_renewal_waits_until_the_bundle_has_been_everywhere_for_the_grace() {
    let cluster = Cluster::new();
    let mut replica = cluster.replica();
    replica.round().await.unwrap();
    let first = replica.state.held.clone().unwrap().current;
    cluster.pass(61 * DAY).await;
    let rest = replica.round().await.unwrap();
    assert!(rest >= GRACE && rest < 2 * GRACE, "{rest:?}");
    // Somebody applies the configuration again, without the bundle: the time begins anew.
    cluster.pass(GRACE * 2 / 3).await;
    cluster.lock().validating = configuration();
    cluster.pass(GRACE * 2 / 3).await;
    let is_first = |replica: &Keeper| replica.state.held.as_ref().unwrap().current == first;
    replica.round().await.unwrap();
    assert!(is_first(&replica) && cluster.accepts(&replica));
    cluster.pass(GRACE).await;
    replica.round().await.unwrap();
    assert!(!is_first(&replica));
    assert!(cluster.accepts(&replica));
}

#[tokio::test(start_paused = true)]
async fn a_bundle_that_was_taken_away_is_written_again() {
    let cluster = Cluster::new();
    let mut replica = cluster.replica();
    replica.round().await.unwrap();
    cluster.lock().validating = configuration();
    assert!(!cluster.accepts(&replica));
    replica.round().await.unwrap();
    assert!(cluster.accepts(&replica));
    let last = cluster.writes().pop().unwrap();
    assert_eq!(last, format!("PATCH {VALIDATING}/renamed-v"));
}

/// The configuration was listed, and an entry goes before the patch comes.
#[tokio::test(start_paused = true)]
async fn an_entry_that_moved_meanwhile_is_not_written() {
    let cluster = Cluster::new();
    let replica = cluster.replica();
    let survey = replica.labelled.survey().await;
    cluster.lock().validating["webhooks"]
        .as_array_mut()
        .unwrap()
        .remove(0);
    let error = replica
        .labelled
        .inject(survey, &json!("Cg=="))
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "failed to patch `validatingwebhookconfigurations/renamed-v`"
    );
    let objects = cluster.lock();
    assert!(objects.validating["webhooks"][0]["clientConfig"]["caBundle"].is_null());
    assert_eq!(
        text(&objects.crd["spec"]["conversion"]["webhook"]["clientConfig"]["caBundle"]),
        "\n"
    );
}

#[tokio::test(start_paused = true)]
async fn a_service_with_a_prefix_is_found_where_it_is_called() {
    let cluster = Cluster::new();
    let mut replica = cluster.replica_of(BuiltinCertificates::new("unprefixed"));
    replica.round().await.unwrap();
    assert!(cluster.accepts(&replica));
}

#[tokio::test(start_paused = true)]
async fn a_missing_right_is_named_and_the_certificate_is_served() {
    let cluster = Cluster::new();
    let forbidden = Answer::status(403, "Forbidden");
    let mut replica = cluster.replica();
    let known = Arc::clone(&cluster.objects);
    let server = FakeApiServer::new()
        .on("GET", MUTATING, forbidden)
        .otherwise(move |request| known.lock().unwrap().answer(request));
    replica.labelled.client = server.client();
    let error = replica.round().await.unwrap_err().to_string();
    assert!(
        error.starts_with("failed to list `mutatingwebhookconfigurations`; help: grant"),
        "{error}"
    );
    assert!(replica.certificate.is_loaded());
    assert!(
        cluster.accepts(&replica),
        "the others are written all the same"
    );
}

/// As in a rollout in which the service gets another name.
#[tokio::test(start_paused = true)]
async fn replicas_that_disagree_about_hosts_do_not_write_as_fast_as_they_can() {
    let cluster = Cluster::new();
    let mut one = cluster.replica_of(BuiltinCertificates::new("one"));
    let mut other = cluster.replica_of(BuiltinCertificates::new("other"));
    for _ in 0..20 {
        one.round().await.unwrap();
        other.round().await.unwrap();
    }
    let writes = cluster.writes();
    let secrets = writes
        .iter()
        .filter(|write| write.contains("secrets"))
        .count();
    assert!(secrets <= 3, "{writes:?}");
}

#[tokio::test(start_paused = true)]
async fn what_others_keep_in_the_secret_stays() {
    let cluster = Cluster::new();
    let mut secret = json!({"metadata": {"name": "webhook-server-cert", "resourceVersion": "0", "labels": {"a": "b"}},
        "type": "kubernetes.io/tls", "data": {"tls.crt": "", "tls.key": "", "mine": "AAAA"}});
    cluster.lock().secret = Some(secret.clone());
    cluster.replica().round().await.unwrap();
    let written = cluster.lock().secret.clone().unwrap();
    secret["metadata"]["resourceVersion"] = json!("1");
    assert_eq!(written["metadata"], secret["metadata"]);
    assert_eq!(written["data"]["mine"], "AAAA");
    assert_ne!(written["data"]["tls.crt"], "");
}

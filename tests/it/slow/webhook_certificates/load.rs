//! Requests while certificates change: through the API server, which keeps its
//! connections to the webhooks, and straight to the manager, by those who hear late of
//! what the configuration trusts. Of these one keeps its connection, and the others make
//! a new one each time.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustop::controlplane::agent;
use rustop::controlplane::control_plane::Access;
use serde_json::{Value, json};
use ureq::Agent;
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};

use super::manager::{decoded, eventually};

const TIMEOUT: Duration = Duration::from_secs(10);
/// How many ask the API server at a time.
const CALLERS: usize = 8;
/// How many ask the manager over new connections.
const STRANGERS: usize = 2;
/// After each request to the manager, so that there is time for those of the API server.
const PAUSE: Duration = Duration::from_millis(5);
/// How late they hear of a changed configuration: as long as API servers may take.
const LATE: Duration = Duration::from_secs(1);
/// Each so many calls one reads in the other version, and is converted.
const READS: usize = 8;

const CAPTAINS: &str = "/apis/crew.example.com/v1/namespaces/default/captains?dryRun=All";
const CONVERTED: &str = "/apis/crew.example.com/v2/namespaces/default/captains/first";
const MUTATING: &str = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations";

/// What is asked for, until it is stopped.
pub(super) struct Load {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
    began: Instant,
}

struct Shared {
    access: Access,
    /// Where the manager listens, whatever its service is called.
    manager: SocketAddr,
    stop: AtomicBool,
    created: AtomicUsize,
    read: AtomicUsize,
    kept: AtomicUsize,
    anew: AtomicUsize,
    failed: Mutex<Vec<String>>,
}

/// What came of it.
pub(super) struct Outcome {
    pub(super) failed: Vec<String>,
    /// To the manager, in a second: two for each object that was created, one for each
    /// that was read or asked about directly.
    pub(super) rate: f64,
}

impl Load {
    /// `first` is there to be read.
    pub(super) fn start(access: &Access, manager: SocketAddr) -> Self {
        let shared = Arc::new(Shared {
            access: access.clone(),
            manager,
            stop: AtomicBool::default(),
            created: AtomicUsize::default(),
            read: AtomicUsize::default(),
            kept: AtomicUsize::default(),
            anew: AtomicUsize::default(),
            failed: Mutex::default(),
        });
        let callers = (0..CALLERS).map(|_| spawn(&shared, Shared::call));
        let strangers = (0..STRANGERS).map(|_| spawn(&shared, |it| it.ask(true)));
        let friend = std::iter::once_with(|| spawn(&shared, |it| it.ask(false)));
        Self {
            threads: callers.chain(strangers).chain(friend).collect(),
            shared,
            began: Instant::now(),
        }
    }

    /// Waits until so many more were created, and some were asked about directly.
    pub(super) fn more(&self, number: usize) {
        let done = |count: &AtomicUsize| count.load(Ordering::Relaxed);
        let (created, anew) = (&self.shared.created, &self.shared.anew);
        let goals = (done(created) + number, done(anew) + 10);
        eventually("more requests", || {
            let reached = done(created) >= goals.0 && done(anew) >= goals.1;
            let failed = || format!("{:?}", self.shared.failed().first());
            reached.then_some(()).ok_or_else(failed)
        });
    }

    /// How many failed so far.
    pub(super) fn failed(&self) -> usize {
        self.shared.failed().len()
    }

    /// Ends it, and says how much was asked.
    pub(super) fn stop(self, what: &str) -> Outcome {
        self.shared.stop.store(true, Ordering::Relaxed);
        let seconds = self.began.elapsed().as_secs_f64();
        for thread in self.threads {
            thread.join().unwrap();
        }
        let rate = |count: &AtomicUsize| {
            f64::from(u32::try_from(count.load(Ordering::Relaxed)).unwrap()) / seconds
        };
        let shared = &self.shared;
        let (created, read) = (rate(&shared.created), rate(&shared.read));
        let (kept, anew) = (rate(&shared.kept), rate(&shared.anew));
        let total = 2.0 * created + read + kept + anew;
        let failed = shared.failed().clone();
        println!(
            "{what}: {seconds:.1} s; in a second {created:.0} created and {read:.0} converted \
             through the API server, {kept:.0} over a connection that is kept, {anew:.0} over \
             new ones: {total:.0} requests to the manager; {} failed",
            failed.len()
        );
        Outcome {
            failed,
            rate: total,
        }
    }
}

fn spawn(shared: &Arc<Shared>, work: fn(&Shared)) -> JoinHandle<()> {
    let shared = Arc::clone(shared);
    std::thread::spawn(move || work(&shared))
}

impl Shared {
    fn failed(&self) -> MutexGuard<'_, Vec<String>> {
        self.failed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn goes_on(&self) -> bool {
        !self.stop.load(Ordering::Relaxed)
    }

    fn count(&self, what: &AtomicUsize, result: Result<(), String>) {
        match result {
            Ok(()) => drop(what.fetch_add(1, Ordering::Relaxed)),
            Err(why) => self.failed().push(why),
        }
    }

    /// Dry runs of what is defaulted and validated, and now and then a conversion.
    fn call(&self) {
        let agent = agent(&self.access, TIMEOUT).unwrap();
        let url = |path: &str| format!("{}{path}", self.access.server);
        let captain = json!({
            "apiVersion": "crew.example.com/v1", "kind": "Captain",
            "metadata": {"generateName": "called-"}, "spec": {}});
        let (create, captain) = (url(CAPTAINS), captain.to_string());
        for number in 1.. {
            if !self.goes_on() {
                return;
            }
            if number % READS == 0 {
                let answer = answer(agent.get(url(CONVERTED)).call());
                self.count(&self.read, says(answer, "crew.example.com/v2"));
            } else {
                let request = agent.post(&create).content_type("application/json");
                let answer = answer(request.send(&captain));
                self.count(&self.created, says(answer, r#""defaulted":"yes""#));
            }
        }
    }

    /// Asks the manager, over a connection of its own each time when it is `anew`.
    fn ask(&self, anew: bool) {
        let api = agent(&self.access, TIMEOUT).unwrap();
        let count = if anew { &self.anew } else { &self.kept };
        let (mut known, mut manager) = (String::new(), None);
        while self.goes_on() {
            let ((url, bundle), read) = (self.configuration(&api), Instant::now());
            manager = manager.filter(|_| bundle == known);
            known = bundle;
            while self.goes_on() && read.elapsed() < LATE {
                // Who knows a session from before would not look at the certificate.
                let agent = manager.take().filter(|_| !anew);
                let agent = agent.unwrap_or_else(|| self.trusting(&known));
                let request = agent.post(&url).content_type("application/json");
                let answer = answer(request.send(review().to_string()));
                self.count(count, says(answer, r#""allowed":true"#));
                manager = Some(agent);
                std::thread::sleep(PAUSE);
            }
        }
    }

    /// Where the API server calls, and which authorities it trusts there, as PEM.
    fn configuration(&self, api: &Agent) -> (String, String) {
        let list = api.get(format!("{}{MUTATING}", self.access.server));
        let list: Value = serde_json::from_str(&answer(list.call()).unwrap()).unwrap();
        let client = &list["items"][0]["webhooks"][0]["clientConfig"];
        let part = |key: &str| client["service"][key].as_str().unwrap();
        let bundle = decoded(client["caBundle"].as_str().unwrap());
        let (name, namespace, path) = (part("name"), part("namespace"), part("path"));
        (
            format!("https://{name}.{namespace}.svc{path}"),
            String::from_utf8(bundle).unwrap(),
        )
    }

    /// Believes these authorities only.
    fn trusting(&self, bundle: &str) -> Agent {
        let certificates: Vec<Certificate<'static>> = parse_pem(bundle.as_bytes())
            .filter_map(|item| match item {
                Ok(PemItem::Certificate(certificate)) => Some(certificate),
                _ => None,
            })
            .collect();
        let roots = RootCerts::new_with_certs(&certificates);
        let config = Agent::config_builder()
            .tls_config(TlsConfig::builder().root_certs(roots).build())
            .proxy(None)
            .timeout_global(Some(TIMEOUT))
            .build();
        Agent::with_parts(config, DefaultConnector::new(), At(self.manager))
    }
}

/// Every name stands for one address.
#[derive(Debug)]
struct At(SocketAddr);

impl Resolver for At {
    fn resolve(
        &self,
        _: &ureq::http::Uri,
        _: &ureq::config::Config,
        _: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let mut addresses = self.empty();
        addresses.push(self.0);
        Ok(addresses)
    }
}

fn review() -> Value {
    json!({
        "apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
        "request": {
            "uid": "u-1", "operation": "CREATE", "name": "called", "namespace": "default",
            "kind": {"group": "crew.example.com", "version": "v1", "kind": "Captain"},
            "resource": {"group": "crew.example.com", "version": "v1", "resource": "captains"},
            "object": {
                "apiVersion": "crew.example.com/v1", "kind": "Captain",
                "metadata": {"name": "called", "namespace": "default"}, "spec": {}}}})
}

fn answer(result: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Result<String, String> {
    let body = result.and_then(|mut answer| answer.body_mut().read_to_string());
    body.map_err(|error| error.to_string())
}

fn says(answer: Result<String, String>, words: &str) -> Result<(), String> {
    let answer = answer?;
    let said = answer.contains(words);
    said.then_some(()).ok_or(answer)
}

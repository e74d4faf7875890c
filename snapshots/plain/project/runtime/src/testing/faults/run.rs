//! Plays a plan on a copy of the server.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use kube::ResourceExt as _;
use serde::Serialize;
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::back::taken_back;
use super::difference::difference;
use super::plan::{Fault, Plan, Step};
use super::state::{State, counts, state};
use super::world::World;
use super::{Change, say};
use crate::error::chain;
use crate::testing::fake::{FakeApiServer, Interception, Key, RecordedRequest};
use crate::{BoxError, Object, Reconciler, Request};

/// How often everything is reconciled at most until it must have settled.
const PASSES: usize = 50;

/// How often everything is reconciled when it may fail.
const TRIES: usize = 4;

/// What all runs have in common.
pub(super) struct Runner<K, F> {
    pub(super) server: FakeApiServer,
    pub(super) change: Option<Change<K>>,
    pub(super) most_writes: usize,
    pub(super) make: F,
}

/// What came of a run.
#[derive(Debug, Default)]
pub(super) struct Trace {
    /// The objects each time that it settled.
    states: Vec<State>,
    /// The objects before anything happened, and when it had settled first.
    before: BTreeMap<Key, Value>,
    settled: BTreeMap<Key, Value>,
    /// The reconciler's writes.
    pub(super) writes: Vec<String>,
    /// Those that changed nothing when all was settled.
    pub(super) idle_writes: usize,
    pub(super) error: Option<String>,
    /// An object that was deleted and is held by a finalizer that came with the reconciler.
    pub(super) held: Option<String>,
}

/// An object that the reconciler made.
pub(super) struct Made {
    pub(super) key: Key,
    pub(super) object: Value,
    pub(super) said: String,
    /// Whether it names its controller.
    pub(super) is_controlled: bool,
}

impl Trace {
    /// How the other run differs, as soon as it does.
    pub(super) fn differs(&self, other: &Self) -> Option<String> {
        let mut pairs = self.states.iter().zip(&other.states);
        pairs.find_map(|(expected, found)| difference(expected, found))
    }

    pub(super) fn ends_otherwise(&self, other: &Self) -> Option<String> {
        let nothing = State::new();
        let last = |trace: &Self| trace.states.last().cloned().unwrap_or_default();
        let (expected, found) = (last(self), last(other));
        match &self.error {
            Some(error) if expected == nothing => Some(error.clone()),
            _ => difference(&expected, &found),
        }
    }

    /// The run until it had settled first.
    pub(super) fn first(&self) -> Self {
        Self {
            states: self.states.first().cloned().into_iter().collect(),
            ..Self::default()
        }
    }

    pub(super) fn made(&self) -> Vec<Made> {
        let made = self
            .settled
            .iter()
            .filter(|(key, _)| !self.before.contains_key(key) && counts(&key.resource));
        let said = made.map(|(key, object)| Made {
            key: key.clone(),
            object: object.clone(),
            said: format!("{} {}/{}", key.resource, key.namespace, key.name),
            is_controlled: references(object)
                .iter()
                .any(|each| each["controller"] == true),
        });
        // The name of one whose name is made is nobody else's.
        said.filter(|made| made.object["metadata"]["generateName"].is_null())
            .collect()
    }
}

fn references(object: &Value) -> &[Value] {
    object["metadata"]["ownerReferences"]
        .as_array()
        .map_or(&[], Vec::as_slice)
}

/// One run.
struct Run<'a, K, R, F> {
    runner: &'a Runner<K, F>,
    server: FakeApiServer,
    world: World,
    reconciler: R,
    requests: Vec<Request>,
    lag: usize,
    lag_after_restart: usize,
    /// The version that the caches shall show, the one that they do, and the one with which the run began.
    shown: u64,
    displayed: Option<u64>,
    start: u64,
    killed: Arc<Notify>,
    cut: bool,
    occupied: Vec<Value>,
    trace: Trace,
}

impl<K, R, F> Runner<K, F>
where
    K: Object + Serialize,
    R: Reconciler<Object = K>,
    F: Fn(&World) -> R,
{
    pub(super) async fn run(&self, plan: &Plan) -> Trace {
        let server = self.server.copy();
        let killed = Arc::new(Notify::new());
        if let Some((write, fault)) = plan.fault {
            server.intercept(interceptor(write, fault, Arc::clone(&killed)));
        }
        let world = World::new(&server);
        let mut run = Run {
            runner: self,
            reconciler: (self.make)(&world),
            world,
            requests: Vec::new(),
            lag: plan.lag,
            lag_after_restart: plan.lag_after_restart,
            shown: server.version(),
            displayed: None,
            start: server.version(),
            killed,
            cut: false,
            occupied: Vec::new(),
            trace: Trace {
                before: server.objects_at(server.version()),
                ..Trace::default()
            },
            server,
        };
        for step in &plan.steps {
            if let Err(error) = run.step(step).await {
                run.trace.error = Some(error);
                break;
            }
        }
        run.trace.held = run.held();
        run.trace.writes = run.writes();
        run.trace
    }
}

/// What becomes of the writes, of which the n-th meets the fault.
fn interceptor(
    number: usize,
    fault: Fault,
    killed: Arc<Notify>,
) -> impl FnMut(&RecordedRequest) -> Interception + Send + 'static {
    let seen = AtomicUsize::new(0);
    move |request| {
        if !is_counted(request) || seen.fetch_add(1, Ordering::Relaxed) + 1 != number {
            return Interception::Pass;
        }
        if fault.is_cut() {
            killed.notify_one();
        }
        match fault {
            Fault::CutAfter => Interception::After(fault.answer()),
            _ => Interception::Instead(fault.answer()),
        }
    }
}

/// Writes of what counts; events may come or not.
fn is_counted(request: &RecordedRequest) -> bool {
    let parts = || request.path.split('/');
    request.is_write() && !parts().any(|part| part == "events" || part == "leases")
}

impl<K, R, F> Run<'_, K, R, F>
where
    K: Object + Serialize,
    R: Reconciler<Object = K>,
    F: Fn(&World) -> R,
{
    async fn step(&mut self, step: &Step) -> Result<(), String> {
        match step {
            Step::Settle => return self.settle().await,
            Step::UntilCut => self.until_cut().await,
            Step::Try => return self.attempt().await,
            Step::Again => return self.again().await,
            Step::Change => {
                self.each(|server, request, change| {
                    server.edit(request, |object| change(object));
                });
            }
            Step::ChangeBack => self.change_back(),
            Step::Delete => self.each(|server, request, _| server.delete::<K>(request)),
            Step::Lose(key) => self.server.remove(key),
            Step::Occupy(object) => self.occupy(object),
        }
        Ok(())
    }

    /// What a user does to each object.
    fn each(&self, work: impl Fn(&FakeApiServer, &Request, &dyn Fn(&mut K))) {
        let nothing: Change<K> = Arc::new(|_: &mut K| {});
        let change = self.runner.change.as_ref().unwrap_or(&nothing);
        for object in self.runner.server.objects::<K>() {
            work(&self.server, &Request::of(&object), change.as_ref());
        }
    }

    /// What the user changed is again as it was; what others wrote stays.
    fn change_back(&self) {
        let value = |object: &K| serde_json::to_value(object).unwrap_or_default();
        self.each(|server, request, change| {
            let (Some(mut original), Some(now)) = (
                self.runner.server.object::<K>(request),
                server.object::<K>(request),
            ) else {
                return;
            };
            let before = value(&original);
            change(&mut original);
            let restored = taken_back(&value(&now), &before, &value(&original));
            if let Ok(restored) = serde_json::from_value::<K>(restored) {
                server.put(&restored);
            }
        });
    }

    /// The first object that is held for ever, by whoever wasn't there before.
    fn held(&self) -> Option<String> {
        let originals = self.runner.server.objects::<K>();
        originals.iter().find_map(|original| {
            let request = Request::of(original);
            let now = self.server.object::<K>(&request)?;
            now.meta().deletion_timestamp.as_ref()?;
            let mut finalizers = now.finalizers().iter();
            let new = finalizers.find(|&each| !original.finalizers().contains(each))?;
            let object = say(&request, &K::kind(&()));
            Some(format!("the finalizer `{new}` stays on {object}\n"))
        })
    }

    fn occupy(&mut self, made: &Value) {
        let mut object = made.clone();
        object["metadata"]["uid"] = json!("ffffffff-0000-4000-8000-000000000000");
        object["metadata"]["labels"] = json!({ "of": "somebody-else" });
        object["metadata"]["ownerReferences"] = json!([{
            "apiVersion": "somebody.example.com/v1", "kind": "SomebodyElse", "name": "somebody-else",
            "uid": "eeeeeeee-0000-4000-8000-000000000000", "controller": true,
        }]);
        self.server.put_value(&object);
        let objects = self.server.objects_at(self.server.version());
        let stored = objects
            .into_values()
            .find(|found| found["metadata"]["uid"] == object["metadata"]["uid"]);
        self.occupied.push(stored.unwrap_or(object));
    }

    async fn settle(&mut self) -> Result<(), String> {
        let mut failure = None;
        for _ in 0..PASSES {
            let before = self.server.version();
            failure = self.pass().await;
            if !self.server.changes_after(before, counts).is_empty() {
                continue;
            }
            // Nothing happens: the next event comes, until the caches have caught up.
            match self.server.changes_after(self.shown, counts).first() {
                Some(next) => self.shown = *next,
                None if failure.is_none() => {
                    self.note();
                    return Ok(());
                }
                None => {}
            }
        }
        Err(match failure {
            Some(error) => format!("it fails again and again: {error}\n"),
            None => format!("it doesn't settle: it writes each of {PASSES} times\n"),
        })
    }

    async fn until_cut(&mut self) {
        for _ in 0..PASSES {
            self.pass().await;
            if std::mem::take(&mut self.cut) {
                return;
            }
        }
    }

    /// What the caches show: never older than before, unless a process starts anew.
    fn show(&mut self) {
        let changes = self.server.changes_after(self.start, counts);
        let behind = changes
            .iter()
            .rev()
            .nth(self.lag)
            .copied()
            .unwrap_or(self.start);
        let behind = if self.lag == 0 {
            self.server.version()
        } else {
            behind
        };
        self.shown = self.shown.max(behind);
        if self.displayed.replace(self.shown) != Some(self.shown) {
            self.world.show(&self.server.objects_at(self.shown));
        }
    }

    fn note(&mut self) {
        let objects = self.server.objects_at(self.server.version());
        if self.trace.states.is_empty() {
            self.trace.settled.clone_from(&objects);
        }
        self.trace.states.push(state(&objects));
    }

    /// What is somebody else's must be there afterwards, and be theirs.
    async fn attempt(&mut self) -> Result<(), String> {
        for _ in 0..TRIES {
            // That it fails is right here.
            let _ = self.pass().await;
        }
        let objects = self.server.objects_at(self.server.version());
        for foreign in &self.occupied {
            let (uid, theirs) = (&foreign["metadata"]["uid"], &references(foreign)[0]);
            let Some(found) = objects
                .values()
                .find(|object| object["metadata"]["uid"] == *uid)
            else {
                return Err("- the object of somebody else was deleted\n".to_owned());
            };
            if !references(found).contains(theirs)
                || !found["metadata"]["deletionTimestamp"].is_null()
            {
                return Err("- the object of somebody else was taken from them\n".to_owned());
            }
            if found["metadata"]["resourceVersion"] != foreign["metadata"]["resourceVersion"] {
                return Err("- the object of somebody else was changed\n".to_owned());
            }
        }
        Ok(())
    }

    async fn again(&mut self) -> Result<(), String> {
        self.restart();
        let version = self.server.version();
        let before = state(&self.server.objects_at(version));
        let sent = self.writes().len();
        for _ in 0..2 {
            if let Some(error) = self.pass().await {
                return Err(error + "\n");
            }
        }
        let writes = self.writes().split_off(sent);
        self.trace.idle_writes = writes.len();
        if self.server.changes_after(version, counts).is_empty() {
            return Ok(());
        }
        let after = state(&self.server.objects_at(self.server.version()));
        let difference = difference(&before, &after).unwrap_or_default();
        let writes = writes.join(", ");
        Err(format!(
            "{difference}+ written although nothing had changed: {writes}\n"
        ))
    }

    /// Reconciles each object once; the error of the last one that failed.
    async fn pass(&mut self) -> Option<String> {
        let mut failure = None;
        let found = self.server.objects::<K>();
        let new = found
            .iter()
            .map(Request::of)
            .filter(|request| !self.requests.contains(request));
        self.requests.extend(new.collect::<Vec<_>>());
        for request in self.requests.clone() {
            self.show();
            let killed = Arc::clone(&self.killed);
            let result = tokio::select! {
                biased;
                () = killed.notified() => None,
                result = self.reconciler.reconcile(request.clone()) => Some(result),
            };
            match result {
                Some(Ok(_)) => {}
                Some(Err(error)) => {
                    let error: BoxError = error.into();
                    failure = Some(format!(
                        "{}: {}",
                        say(&request, &K::kind(&())),
                        chain(error.as_ref())
                    ));
                }
                None => {
                    self.restart();
                    self.lag = self.lag_after_restart;
                    self.shown = self.start;
                    self.cut = true;
                    return Some("the process was cut off".to_owned());
                }
            }
        }
        failure
    }

    /// A new process, which knows nothing.
    fn restart(&mut self) {
        self.displayed = None;
        self.world = World::new(&self.server);
        self.reconciler = (self.runner.make)(&self.world);
    }

    fn writes(&self) -> Vec<String> {
        let requests = self.server.requests();
        let counted = requests.iter().filter(|request| is_counted(request));
        counted
            .map(|request| format!("{} {}", request.method, request.path))
            .collect()
    }
}

//! The names that wait to be reconciled.
//!
//! client-go's rules: a name waits once however often it is added; it is never handed out twice at once; added while
//! it is being worked on, it waits until that is done. What is added now takes the place of what was to come later:
//! the reconcile that it causes decides anew when the next one is due. And controller-runtime's: what changes goes
//! before what was there at the start, see [`ready`].

mod later;
mod ready;

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use prometheus_client::metrics::gauge::Gauge;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::Backoff;
use crate::Request;
use crate::metrics::{QueueMetrics, Work};
use crate::rate_limit::TokenBucket;
use later::Later;
pub(super) use ready::Priority;
use ready::{Place, Ready};

/// controller-runtime's number for [`Priority::Initial`]; that of a change is 0.
const INITIAL: i32 = -100;

/// A queue of names. It takes nothing until it is opened, and gives nothing after it is closed.
#[derive(Debug)]
pub(crate) struct Queue {
    state: Mutex<State>,
    changed: Notify,
    backoff: Backoff,
    retries: Option<TokenBucket>,
    metrics: QueueMetrics,
    depth_initial: Gauge,
}

#[derive(Debug, Default)]
struct State {
    phase: Phase,
    ready: Ready,
    /// Those that wait: in `ready`, or behind the same name in `running`.
    waiting: HashMap<Request, Waiting>,
    running: HashMap<Request, Running>,
    later: Later,
    failures: HashMap<Request, u32>,
}

#[derive(Debug)]
struct Waiting {
    since: Instant,
    priority: Priority,
    /// `None` behind the same name in `running`.
    place: Option<Place>,
}

#[derive(Debug)]
struct Running {
    since: Instant,
    priority: Priority,
    /// `None` when the work has ended, and only the name isn't given back yet.
    work: Option<Work>,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum Phase {
    #[default]
    NotStarted,
    Open,
    Closed,
}

impl Queue {
    /// Failures come back after `backoff`, and all together no faster than `retries` allows.
    pub(crate) fn new(
        backoff: Backoff,
        retries: Option<TokenBucket>,
        metrics: QueueMetrics,
    ) -> Self {
        Self {
            state: Mutex::default(),
            changed: Notify::new(),
            backoff,
            retries,
            depth_initial: metrics.depth_at(INITIAL),
            metrics,
        }
    }

    /// Takes names from now on. A standby's queue isn't open, so that it doesn't grow.
    pub(crate) fn open(&self) {
        self.lock().phase = Phase::Open;
    }

    /// Gives out no name from now on, and wakes whoever waits for one.
    pub(crate) fn close(&self) {
        self.lock().phase = Phase::Closed;
        self.changed.notify_waiters();
    }

    /// Adds a name, to be given out as soon as possible. Of two priorities the higher one counts.
    pub(crate) fn add(&self, request: &Request, priority: Priority) {
        let mut state = self.lock();
        if state.phase == Phase::Open {
            state.later.forget(request);
            self.add_to(&mut state, request, priority);
        }
    }

    /// Adds a name after a delay, unless it comes earlier anyway. It keeps the priority of the work that asks for it.
    pub(crate) fn add_after(&self, request: Request, delay: Duration) {
        // controller-runtime counts whatever comes with a delay, not failures alone.
        self.metrics.retries.inc();
        let mut state = self.lock();
        if state.phase == Phase::Open && !state.waiting.contains_key(&request) {
            state.add_later(request, delay);
            drop(state);
            self.changed.notify_one();
        }
    }

    /// Adds a name that failed, after a delay that grows with each failure in a row. Says how many there are.
    pub(crate) fn add_after_failure(&self, request: Request) -> u32 {
        let before = self.lock().count_failure(&request);
        let own = self.backoff.delay(before);
        let shared = self.retries.as_ref().map(TokenBucket::delay);
        self.add_after(request, own.max(shared.unwrap_or_default()));
        before.saturating_add(1)
    }

    /// Starts the delays of a name anew: it was reconciled.
    pub(crate) fn forget_failures(&self, request: &Request) {
        self.lock().failures.remove(request);
    }

    /// The next name, or `None` when the queue is closed. It must be given back with [`done`](Self::done).
    pub(crate) async fn next(&self) -> Option<Request> {
        loop {
            let changed = self.changed.notified();
            let due = match self.take() {
                Taken::Request(request) => return Some(request),
                Taken::Closed => return None,
                Taken::Nothing { due } => due,
            };
            tokio::select! {
                () = changed => {}
                () = sleep_until(due) => {}
            }
        }
    }

    /// The work on a name has ended: it took until now, however long the name is kept back.
    pub(crate) fn worked(&self, request: &Request) {
        if let Some(running) = self.lock().running.get_mut(request) {
            self.end_work(running);
        }
    }

    /// Gives a name back. If it was added meanwhile, it is given out again.
    pub(crate) fn done(&self, request: &Request) {
        let mut state = self.lock();
        if let Some(mut running) = state.running.remove(request) {
            self.end_work(&mut running);
        }
        if state.make_ready(request) {
            self.publish(&state);
            self.changed.notify_one();
        }
    }

    fn take(&self) -> Taken {
        let mut state = self.lock();
        if state.phase == Phase::Closed {
            return Taken::Closed;
        }
        for (request, priority) in state.later.take_due(Instant::now()) {
            self.add_to(&mut state, &request, priority);
        }
        let Some(request) = self.start_next(&mut state) else {
            return Taken::Nothing {
                due: state.later.next_due(),
            };
        };
        self.publish(&state);
        // One waiter was woken, or none; whoever takes a name wakes the next one for what is left.
        if !state.ready.is_empty() || state.later.next_due().is_some() {
            self.changed.notify_one();
        }
        Taken::Request(request)
    }

    /// The next name, from now on at work.
    fn start_next(&self, state: &mut State) -> Option<Request> {
        let request = state.ready.pop()?;
        let waiting = state.waiting.remove(&request)?;
        let waited = waiting.since.elapsed().as_secs_f64();
        self.metrics.queue_seconds.observe(waited);
        let running = Running {
            since: Instant::now(),
            priority: waiting.priority,
            work: Some(self.metrics.running.begin()),
        };
        state.running.insert(request.clone(), running);
        Some(request)
    }

    fn end_work(&self, running: &mut Running) {
        if running.work.take().is_some() {
            let worked = running.since.elapsed().as_secs_f64();
            self.metrics.work_seconds.observe(worked);
        }
    }

    fn add_to(&self, state: &mut State, request: &Request, priority: Priority) {
        if state.raise(request, priority) {
            self.publish(state);
            return;
        }
        self.metrics.adds.inc();
        let waiting = Waiting {
            since: Instant::now(),
            priority,
            place: None,
        };
        state.waiting.insert(request.clone(), waiting);
        if !state.running.contains_key(request) && state.make_ready(request) {
            self.publish(state);
            self.changed.notify_one();
        }
    }

    fn publish(&self, state: &State) {
        for (gauge, priority) in [
            (&self.metrics.depth, Priority::Change),
            (&self.depth_initial, Priority::Initial),
        ] {
            gauge.set(i64::try_from(state.ready.len(priority)).unwrap_or(i64::MAX));
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Taken {
    Request(Request),
    Nothing { due: Option<Instant> },
    Closed,
}

impl State {
    /// Whether the name waits already. It does so with the higher of both priorities.
    fn raise(&mut self, request: &Request, priority: Priority) -> bool {
        let Some(waiting) = self.waiting.get_mut(request) else {
            return false;
        };
        if priority > waiting.priority {
            waiting.priority = priority;
            if let Some(place) = waiting.place.take() {
                self.ready.remove(place);
                self.make_ready(request);
            }
        }
        true
    }

    /// Gives a name that waits its place among those that can be handed out. False when it doesn't wait.
    fn make_ready(&mut self, request: &Request) -> bool {
        let Some(waiting) = self.waiting.get_mut(request) else {
            return false;
        };
        waiting.place = Some(self.ready.push(request.clone(), waiting.priority));
        true
    }

    fn add_later(&mut self, request: Request, delay: Duration) {
        let running = self.running.get(&request);
        let priority = running.map_or(Priority::Change, |running| running.priority);
        // What is too far away for a clock is never.
        if let Some(due) = Instant::now().checked_add(delay) {
            self.later.add(request, due, priority);
        }
    }

    /// How many failures in a row there were before this one.
    fn count_failure(&mut self, request: &Request) -> u32 {
        let failures = self.failures.entry(request.clone()).or_default();
        let before = *failures;
        *failures = failures.saturating_add(1);
        before
    }
}

async fn sleep_until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod invariants;
#[cfg(test)]
mod tests;

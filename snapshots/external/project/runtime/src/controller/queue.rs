//! The names that wait to be reconciled.
//!
//! client-go's rules: a name waits once however often it is added; it is never handed out twice at once; added while
//! it is being worked on, it waits until that is done. What is added now takes the place of what was to come later:
//! the reconcile that it causes decides anew when the next one is due.

use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::Backoff;
use crate::Request;
use crate::metrics::QueueMetrics;

/// A queue of names. It takes nothing until it is opened, and gives nothing after it is closed.
#[derive(Debug)]
pub(crate) struct Queue {
    state: Mutex<State>,
    changed: Notify,
    backoff: Backoff,
    metrics: QueueMetrics,
}

#[derive(Debug, Default)]
struct State {
    phase: Phase,
    ready: VecDeque<Request>,
    /// Those that wait, since when: in `ready`, or behind the same name in `running`.
    waiting: HashMap<Request, Instant>,
    running: HashSet<Request>,
    later: BTreeSet<(Instant, Request)>,
    due: HashMap<Request, Instant>,
    failures: HashMap<Request, u32>,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum Phase {
    #[default]
    NotStarted,
    Open,
    Closed,
}

impl Queue {
    pub(crate) fn new(backoff: Backoff, metrics: QueueMetrics) -> Self {
        Self {
            state: Mutex::default(),
            changed: Notify::new(),
            backoff,
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

    /// Adds a name, to be given out as soon as possible.
    pub(crate) fn add(&self, request: Request) {
        let mut state = self.lock();
        if state.phase == Phase::Open {
            state.forget_later(&request);
            self.add_to(&mut state, request);
        }
    }

    /// Adds a name after a delay, unless it comes earlier anyway.
    pub(crate) fn add_after(&self, request: Request, delay: Duration) {
        let mut state = self.lock();
        if state.phase == Phase::Open && !state.waiting.contains_key(&request) {
            state.add_later(request, delay);
            drop(state);
            self.changed.notify_one();
        }
    }

    /// Adds a name that failed, after a delay that grows with each failure in a row.
    pub(crate) fn add_after_failure(&self, request: Request) {
        self.metrics.retries.inc();
        let failures = self.lock().count_failure(&request);
        self.add_after(request, self.backoff.delay(failures));
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

    /// Gives a name back. If it was added meanwhile, it is given out again.
    pub(crate) fn done(&self, request: &Request, worked: Duration) {
        self.metrics.work_seconds.observe(worked.as_secs_f64());
        let mut state = self.lock();
        state.running.remove(request);
        if state.waiting.contains_key(request) {
            state.ready.push_back(request.clone());
            self.publish(&state);
            self.changed.notify_one();
        }
    }

    fn take(&self) -> Taken {
        let mut state = self.lock();
        if state.phase == Phase::Closed {
            return Taken::Closed;
        }
        for request in state.take_due(Instant::now()) {
            self.add_to(&mut state, request);
        }
        let Some(request) = state.ready.pop_front() else {
            return Taken::Nothing {
                due: state.later.first().map(|(due, _)| *due),
            };
        };
        if let Some(since) = state.waiting.remove(&request) {
            self.metrics
                .queue_seconds
                .observe(since.elapsed().as_secs_f64());
        }
        state.running.insert(request.clone());
        self.publish(&state);
        // One waiter was woken, or none; whoever takes a name wakes the next one for what is left.
        if !state.ready.is_empty() || !state.later.is_empty() {
            self.changed.notify_one();
        }
        Taken::Request(request)
    }

    fn add_to(&self, state: &mut State, request: Request) {
        if state.waiting.contains_key(&request) {
            return;
        }
        self.metrics.adds.inc();
        state.waiting.insert(request.clone(), Instant::now());
        if !state.running.contains(&request) {
            state.ready.push_back(request);
            self.publish(state);
            self.changed.notify_one();
        }
    }

    fn publish(&self, state: &State) {
        self.metrics
            .depth
            .set(i64::try_from(state.ready.len()).unwrap_or(i64::MAX));
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
    fn add_later(&mut self, request: Request, delay: Duration) {
        let Some(due) = Instant::now().checked_add(delay) else {
            return; // never
        };
        if self
            .due
            .get(&request)
            .is_some_and(|earlier| *earlier <= due)
        {
            return;
        }
        self.forget_later(&request);
        self.due.insert(request.clone(), due);
        self.later.insert((due, request));
    }

    fn forget_later(&mut self, request: &Request) {
        if let Some(due) = self.due.remove(request) {
            self.later.remove(&(due, request.clone()));
        }
    }

    fn take_due(&mut self, now: Instant) -> Vec<Request> {
        let mut taken = Vec::new();
        while self.later.first().is_some_and(|(due, _)| *due <= now) {
            let Some((_, request)) = self.later.pop_first() else {
                break;
            };
            self.due.remove(&request);
            taken.push(request);
        }
        taken
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
mod tests;

//! How far a cache is, for logs and for its named check.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use kube::runtime::watcher;
use tokio::time::Instant;

/// A problem that stays is logged again after this time.
const REPEAT: Duration = Duration::from_secs(60);

/// How far the cache of one kind is; a handle, cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Progress(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    synced: bool,
    problem: Option<Problem>,
}

#[derive(Debug)]
struct Problem {
    text: String,
    logged: Instant,
}

impl Progress {
    /// What the named check says: why the cache isn't filled, or can't be kept up to date.
    pub(crate) fn check(&self) -> Result<(), String> {
        match &*self.lock() {
            State {
                problem: Some(problem),
                ..
            } => Err(problem.text.clone()),
            State { synced: false, .. } => Err("the first list isn't complete".to_owned()),
            _ => Ok(()),
        }
    }

    pub(super) fn synced(&self) {
        self.lock().synced = true;
    }

    /// Forgets the problem, and says so in the log.
    pub(super) fn recovered(&self, resource: &str) {
        if self.lock().problem.take().is_some() {
            tracing::info!(resource, "watching again");
        }
    }

    /// Remembers the problem, and logs it unless that was done a moment ago.
    pub(super) fn failed(&self, resource: &str, error: &watcher::Error) {
        let text = explain(resource, error);
        let mut state = self.lock();
        let known = state
            .problem
            .as_ref()
            .filter(|problem| problem.text == text);
        if known.is_some_and(|problem| problem.logged.elapsed() < REPEAT) {
            return;
        }
        tracing::warn!(resource, "{text}");
        state.problem = Some(Problem {
            text,
            logged: Instant::now(),
        });
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn explain(resource: &str, error: &watcher::Error) -> String {
    match code(error) {
        Some(404) => format!(
            "`{resource}` isn't served by the API server, waiting for it; help: install its CRD (`make install`)"
        ),
        Some(401 | 403) => format!(
            "not allowed to list and watch `{resource}`, waiting; help: give the role `get`, `list` and `watch` on it"
        ),
        _ => format!(
            "failed to watch `{resource}`: {}",
            crate::error::chain(error)
        ),
    }
}

fn code(error: &watcher::Error) -> Option<u16> {
    match error {
        watcher::Error::InitialListFailed(error)
        | watcher::Error::WatchStartFailed(error)
        | watcher::Error::WatchFailed(error) => match error {
            kube::Error::Api(status) => Some(status.code),
            _ => None,
        },
        watcher::Error::WatchError(status) => Some(status.code),
        watcher::Error::NoResourceVersion => None,
    }
}

//! How far a cache is and how fresh, for logs, metrics and its named check.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use super::source::{Error, WATCH_TIMEOUT};
use crate::Request;

/// A problem that stays is logged again after this time.
const REPEAT: Duration = Duration::from_secs(60);

/// An API server that sends bookmarks says something at least about once a minute in each watch: this is three times
/// nothing.
const STALE: Duration = Duration::from_secs(180);

/// One that sends none, such as many aggregated ones, may say nothing before the end of a watch, and then answers the
/// next one.
const STALE_WITHOUT_BOOKMARKS: Duration = WATCH_TIMEOUT.saturating_add(Duration::from_secs(15));

/// How far the cache of one kind is; a handle, cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Progress(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    state: Mutex<State>,
    /// Told of whenever a watch brings something.
    moved: watch::Sender<()>,
}

#[derive(Debug, Default)]
struct State {
    synced: bool,
    watches: Vec<Watched>,
    unreadable: BTreeMap<Request, Unreadable>,
}

/// How one watch is. That another one hears of the API server says nothing about it.
#[derive(Debug, Default)]
struct Watched {
    /// `None` for the whole cluster.
    namespace: Option<String>,
    /// All is known up to this version.
    seen: Option<u64>,
    /// When it last heard of the API server.
    heard: Option<Instant>,
    /// Whether it ever brought a bookmark, so that silence says something.
    has_bookmarks: bool,
    problem: Option<Problem>,
}

#[derive(Debug)]
struct Problem {
    text: String,
    logged: Instant,
}

/// A version of an object that doesn't fit its type, and why.
#[derive(Debug)]
struct Unreadable {
    version: String,
    reason: String,
}

impl Progress {
    /// What the named check says: why the cache isn't filled, can't be kept up to date, or lacks an object.
    pub(crate) fn check(&self) -> Result<(), String> {
        let state = self.lock();
        if let Some(problem) = state.problem() {
            return Err(problem.text.clone());
        }
        if !state.synced {
            return Err("the first list isn't complete".to_owned());
        }
        match state.silent() {
            Some(age) => Err(format!(
                "nothing was heard of the API server for {} s: what is read may be old",
                age.as_secs()
            )),
            None => state.check_unreadable(),
        }
    }

    pub(super) fn age(&self) -> Option<Duration> {
        self.lock().age()
    }

    pub(super) fn unreadable(&self) -> usize {
        self.lock().unreadable.len()
    }

    pub(super) fn is_unreadable(&self, request: &Request) -> bool {
        self.lock().unreadable.contains_key(request)
    }

    pub(super) fn unreadable_requests(&self) -> Vec<Request> {
        self.lock().unreadable.keys().cloned().collect()
    }

    pub(super) fn synced(&self) {
        self.lock().synced = true;
    }

    /// From now on there is one watch for each of `namespaces`; `None` stands for the whole cluster.
    pub(crate) fn starts(&self, namespaces: Vec<Option<String>>) {
        let watched = |namespace| Watched {
            namespace,
            ..Watched::default()
        };
        self.lock().watches = namespaces.into_iter().map(watched).collect();
    }

    /// All that this watch brings is known up to `version`.
    pub(crate) fn saw(&self, watch: usize, version: &str) {
        if let Some(watched) = self.lock().watches.get_mut(watch) {
            watched.seen = version.parse().ok();
        }
        self.0.moved.send_replace(());
    }

    /// Whether what was written in this version is known, in the namespace where there are any.
    pub(super) fn has_seen(&self, namespace: Option<&str>, version: u64) -> bool {
        let state = self.lock();
        let mut of_namespace = state.watches.iter().filter(|watched| {
            watched.namespace.is_none() || watched.namespace.as_deref() == namespace
        });
        // Before the first list, or where a version is no number, there is nothing to wait for.
        of_namespace.all(|watched| watched.seen.is_none_or(|seen| seen >= version))
    }

    /// Waits until it is.
    pub(super) async fn until_seen(self, namespace: Option<String>, version: u64) {
        let mut moved = self.0.moved.subscribe();
        while !self.has_seen(namespace.as_deref(), version) {
            // The sender lives in `self`.
            let _ = moved.changed().await;
        }
    }

    /// This watch brought a bookmark, so that there will be more.
    pub(super) fn has_bookmarks(&self, watch: usize) {
        if let Some(watched) = self.lock().watches.get_mut(watch) {
            watched.has_bookmarks = true;
        }
    }

    /// The API server answered in this watch: forgets the problem, and says so in the log.
    pub(super) fn heard(&self, resource: &str, watch: usize) {
        let mut state = self.lock();
        let Some(watched) = state.watches.get_mut(watch) else {
            return;
        };
        watched.heard = Some(Instant::now());
        if watched.problem.take().is_some() {
            tracing::info!(resource, "watching again");
        }
    }

    /// Remembers the problem of this watch, and logs it unless that was done a moment ago.
    pub(super) fn failed(
        &self,
        resource: &str,
        namespace: Option<&str>,
        watch: usize,
        error: &Error,
    ) {
        let text = explain(resource, namespace, error);
        let mut state = self.lock();
        let Some(watched) = state.watches.get_mut(watch) else {
            return;
        };
        let known = watched
            .problem
            .as_ref()
            .filter(|problem| problem.text == text);
        if known.is_some_and(|problem| problem.logged.elapsed() < REPEAT) {
            return;
        }
        tracing::warn!(resource, "{text}");
        watched.problem = Some(Problem {
            text,
            logged: Instant::now(),
        });
    }

    /// Remembers an object that can't be read, and logs it once for each of its versions.
    pub(super) fn cannot_read(
        &self,
        resource: &str,
        request: Request,
        version: String,
        reason: String,
    ) {
        let mut state = self.lock();
        let known = state.unreadable.get(&request);
        if known.is_some_and(|known| known.version == version) {
            return;
        }
        tracing::warn!(resource, object = %request, reason, "can't read the object, leaving it out");
        let unreadable = Unreadable { version, reason };
        state.unreadable.insert(request, unreadable);
    }

    /// Forgets that the object couldn't be read: now it can be, or is gone.
    pub(super) fn forget(&self, request: &Request) {
        self.lock().unreadable.remove(request);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        let state = self.0.state.lock();
        state.unwrap_or_else(PoisonError::into_inner)
    }
}

impl Watched {
    /// How long nothing was heard, if that is too long.
    fn silent(&self) -> Option<Duration> {
        let limit = if self.has_bookmarks {
            STALE
        } else {
            STALE_WITHOUT_BOOKMARKS
        };
        let age = self.heard.map(|heard| heard.elapsed());
        age.filter(|age| *age >= limit)
    }
}

impl State {
    /// How long nothing was heard in the most silent of the watches that are too silent.
    fn silent(&self) -> Option<Duration> {
        self.watches.iter().filter_map(Watched::silent).max()
    }

    fn age(&self) -> Option<Duration> {
        let heard = self.watches.iter().map(|watched| watched.heard);
        // The oldest; none as long as one of them has never heard anything.
        let oldest = heard.reduce(|one, other| one.zip(other).map(|(one, other)| one.min(other)));
        oldest.flatten().map(|heard| heard.elapsed())
    }

    fn problem(&self) -> Option<&Problem> {
        let mut problems = self.watches.iter().map(|watched| watched.problem.as_ref());
        problems.find_map(|problem| problem)
    }

    fn check_unreadable(&self) -> Result<(), String> {
        let Some((request, Unreadable { reason, .. })) = self.unreadable.first_key_value() else {
            return Ok(());
        };
        let objects = match self.unreadable.len() {
            1 => "1 object".to_owned(),
            number => format!("{number} objects"),
        };
        Err(format!(
            "{objects} can't be read: {request}: {reason}; help: correct the object, or let its Rust type and its CRD say the same"
        ))
    }
}

fn explain(resource: &str, namespace: Option<&str>, error: &Error) -> String {
    let place = namespace.map(|namespace| format!(" in the namespace `{namespace}`"));
    let place = place.unwrap_or_default();
    match error.code() {
        Some(404) => format!(
            "`{resource}` isn't served by the API server, waiting for it; help: install its CRD (`make install`)"
        ),
        Some(401 | 403) => format!(
            "not allowed to list and watch `{resource}`{place}, waiting; help: give the role `get`, `list` and `watch` on it"
        ),
        _ => format!(
            "failed to watch `{resource}`{place}: {}",
            crate::error::chain(error)
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn silence_where_there_are_no_bookmarks_is_judged_after_a_whole_watch() {
        let progress = Progress::default();
        progress.starts(vec![None]);
        progress.synced();
        progress.heard("metrics", 0);
        tokio::time::advance(Duration::from_secs(309)).await;
        assert_eq!(progress.check(), Ok(()));
        tokio::time::advance(Duration::from_secs(1)).await;
        let problem = progress.check().unwrap_err();
        assert!(problem.contains("for 310 s"), "{problem}");
    }
}

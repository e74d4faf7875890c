//! One watch of an informer: the whole cluster, or one namespace of it.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::time::Instant;

use super::Informer;
use crate::cache::source::{Error, Listed, Source};
use crate::cache::watch::Event;
use crate::{Object, Request};

/// Between attempts when the API server refuses or can't be reached; doubled each time, as client-go does.
const FIRST_DELAY: Duration = Duration::from_millis(800);
/// Shorter than client-go's 30 s, so that a CRD which is installed late is found soon.
const LONGEST_DELAY: Duration = Duration::from_secs(10);
/// Failures that lie this far apart are not in a row: client-go's number. An answer alone is no sign of health, since
/// a watch may be opened each time only to say that its version is too old.
const CALM: Duration = Duration::from_secs(120);
/// After as many failures in a row it may be this version that the API server can't go on from.
const PATIENCE: u32 = 2;
/// A list that took longer than its pages are valid is tried again in pages this often.
const PAGED_ATTEMPTS: u32 = 2;
/// A watch that ends sooner than this isn't opened again at once: something ends all of them.
const SHORTEST_WATCH: Duration = Duration::from_secs(1);

pub(super) struct Scope<'a, K> {
    informer: &'a Informer<K>,
    /// How many watches of the informer have no complete list yet.
    unsynced: &'a AtomicUsize,
    /// Which watch of the informer this is.
    watch: usize,
    namespace: Option<String>,
    /// All is known up to this version; without one there has to be a list.
    version: Option<String>,
    complete: bool,
    failures: u32,
    failed_at: Option<Instant>,
    /// How many lists in a row had a page that wasn't valid any more.
    expired_lists: u32,
}

impl<'a, K: Object> Scope<'a, K> {
    pub(super) fn new(
        informer: &'a Informer<K>,
        unsynced: &'a AtomicUsize,
        watch: usize,
        namespace: Option<String>,
    ) -> Self {
        Self {
            informer,
            unsynced,
            watch,
            namespace,
            version: None,
            complete: false,
            failures: 0,
            failed_at: None,
            expired_lists: 0,
        }
    }

    pub(super) async fn follow(mut self, source: Source) {
        loop {
            let followed = match self.version.clone() {
                None => self.list(&source).await,
                Some(version) => self.watch(&source, &version).await,
            };
            if let Err(error) = followed {
                self.wait_after(&error).await;
            }
        }
    }

    async fn list(&mut self, source: &Source) -> Result<(), Error> {
        let known = self.informer.known();
        let mut gone: HashSet<Request> = known.filter(|request| self.covers(request)).collect();
        let whole = self.expired_lists >= PAGED_ATTEMPTS;
        let mut page = None;
        loop {
            let is_first = page.is_none();
            let listed = source.list(page, whole, |object| {
                gone.remove(&object.request);
                self.informer.apply(object);
            });
            let listed = listed.await.inspect_err(|error| {
                if !is_first && error.code() == Some(410) {
                    self.expired_lists = self.expired_lists.saturating_add(1);
                }
            })?;
            self.heard();
            match listed {
                Listed::More(next) => page = Some(next),
                Listed::Complete(version) => {
                    self.finish_list(&gone);
                    self.expired_lists = 0;
                    self.saw(version);
                    return Ok(());
                }
            }
        }
    }

    fn finish_list(&mut self, gone: &HashSet<Request>) {
        for request in gone {
            self.informer.remove(request);
        }
        if !std::mem::replace(&mut self.complete, true)
            && self.unsynced.fetch_sub(1, Ordering::AcqRel) == 1
        {
            self.informer.store.progress().synced();
            self.informer.store.mark_synced();
        }
    }

    async fn watch(&mut self, source: &Source, version: &str) -> Result<(), Error> {
        let mut watch = source.watch(version).await?;
        let opened = Instant::now();
        self.heard();
        while let Some(event) = watch.next().await? {
            self.heard();
            let version = event.version().to_owned();
            match event {
                Event::Applied(object) => self.informer.apply(object),
                Event::Deleted(object) => self.informer.remove(&object.request),
                Event::Bookmark(_) => self.informer.store.progress().has_bookmarks(self.watch),
            }
            self.saw(version);
        }
        if opened.elapsed() < SHORTEST_WATCH {
            tokio::time::sleep(SHORTEST_WATCH).await;
        }
        Ok(())
    }

    fn saw(&mut self, version: String) {
        self.informer.store.progress().saw(self.watch, &version);
        self.version = Some(version);
    }

    fn heard(&self) {
        let informer = self.informer;
        informer
            .store
            .progress()
            .heard(&informer.resource, self.watch);
    }

    fn covers(&self, request: &Request) -> bool {
        self.namespace.is_none() || self.namespace == request.namespace
    }

    async fn wait_after(&mut self, error: &Error) {
        let (informer, namespace) = (self.informer, self.namespace.as_deref());
        let progress = informer.store.progress();
        progress.failed(&informer.resource, namespace, self.watch, error);
        if self.failed_at.is_none_or(|at| at.elapsed() >= CALM) {
            self.failures = 0;
        }
        self.failed_at = Some(Instant::now());
        if error.needs_list() || (self.failures >= PATIENCE && error.may_be_the_version()) {
            self.version = None;
        }
        let delay = FIRST_DELAY
            .saturating_mul(2u32.saturating_pow(self.failures))
            .min(LONGEST_DELAY);
        self.failures = self.failures.saturating_add(1);
        tokio::time::sleep(delay.mul_f64(0.75 + fastrand::f64() / 4.0)).await;
    }
}

//! Watches: what happened since a version, and what happens from now on.

use std::sync::Arc;

use futures::channel::mpsc::{self, UnboundedReceiver, UnboundedSender};
use serde_json::{Value, json};

use super::cluster::{Change, Cluster, metadata_of};
use super::kind::Kind;
use super::refusal::{Outcome, Refusal};
use super::request::{Incoming, Target};
use super::selectors::Selectors;

/// Somebody who watches.
#[derive(Clone, Debug)]
pub(super) struct Watcher {
    kind: Arc<Kind>,
    namespace: Option<String>,
    name: Option<String>,
    selectors: Selectors,
    metadata_only: bool,
    bookmarks: bool,
    events: UnboundedSender<Value>,
}

impl Watcher {
    /// False when nobody listens any more.
    pub(super) fn send(&self, change: &Change) -> bool {
        match self.event(change) {
            Some(event) => self.events.unbounded_send(event).is_ok(),
            None => !self.events.is_closed(),
        }
    }

    pub(super) fn bookmark(&self, version: u64) -> bool {
        if !self.bookmarks {
            return !self.events.is_closed();
        }
        let event = self.bookmark_event(version, &Value::Null);
        self.events.unbounded_send(event).is_ok()
    }

    fn bookmark_event(&self, version: u64, annotations: &Value) -> Value {
        let mut object = json!({
            "apiVersion": self.kind.api_version(), "kind": self.kind.kind,
            "metadata": { "resourceVersion": version.to_string() },
        });
        if !annotations.is_null() {
            object["metadata"]["annotations"] = annotations.clone();
        }
        self.wrap("BOOKMARK", &object)
    }

    fn wrap(&self, type_: &str, object: &Value) -> Value {
        let shown = if self.metadata_only {
            metadata_of(object)
        } else {
            object.clone()
        };
        json!({ "type": type_, "object": shown })
    }

    /// What a change means to this watcher: an object may come into what it selects, and leave it.
    fn event(&self, change: &Change) -> Option<Value> {
        let selected =
            |object: &Option<Value>| object.as_ref().is_some_and(|object| self.selects(object));
        if change.key.resource != self.kind.resource() {
            return None;
        }
        let last = change.new.as_ref().or(change.old.as_ref())?;
        match (selected(&change.old), selected(&change.new)) {
            (true, true) => Some(self.wrap("MODIFIED", last)),
            (false, true) => Some(self.wrap("ADDED", last)),
            (true, false) => {
                let mut gone = change.old.clone()?;
                gone["metadata"]["resourceVersion"] = json!(change.version.to_string());
                Some(self.wrap("DELETED", &gone))
            }
            (false, false) => None,
        }
    }

    fn selects(&self, object: &Value) -> bool {
        let metadata = &object["metadata"];
        let is = |wanted: &Option<String>, field: &str| {
            wanted
                .as_deref()
                .is_none_or(|wanted| metadata[field] == wanted)
        };
        is(&self.namespace, "namespace")
            && is(&self.name, "name")
            && self.selectors.match_object(object)
    }
}

impl Cluster {
    pub(super) fn watch(
        &mut self,
        incoming: &Incoming,
        kind: &Arc<Kind>,
        target: &Target,
    ) -> Outcome<UnboundedReceiver<Value>> {
        let (events, receiver) = mpsc::unbounded();
        let watcher = Watcher {
            kind: Arc::clone(kind),
            namespace: target.namespace.clone(),
            name: target.name.clone(),
            selectors: Selectors::of(incoming, kind)?,
            metadata_only: incoming.wants_metadata(),
            bookmarks: incoming.asks("allowWatchBookmarks"),
            events,
        };
        let since = incoming.parameter("resourceVersion").unwrap_or("0");
        let since: u64 = since
            .parse()
            .map_err(|_| Refusal::bad_request(format!("invalid resource version `{since}`")))?;
        if incoming.asks("sendInitialEvents") {
            self.initial_events(&watcher);
            // The client needs to know where the list ends and the watch begins.
            let annotations = json!({ "k8s.io/initial-events-end": "true" });
            self.emit(&watcher, watcher.bookmark_event(self.version, &annotations));
        } else if since == 0 {
            self.initial_events(&watcher);
        } else if since < self.forgotten {
            let status = Refusal::expired().status();
            self.emit(&watcher, json!({ "type": "ERROR", "object": status }));
            return Ok(receiver);
        } else {
            self.replay(&watcher, since);
        }
        self.watchers.push(watcher);
        Ok(receiver)
    }

    fn initial_events(&self, watcher: &Watcher) {
        let resource = watcher.kind.resource();
        let objects = self.objects.iter();
        let of_kind =
            objects.filter(|(key, object)| key.resource == resource && watcher.selects(object));
        for (_, object) in of_kind {
            self.emit(watcher, watcher.wrap("ADDED", object));
        }
    }

    fn replay(&self, watcher: &Watcher, since: u64) {
        for change in self.history.iter().filter(|change| change.version > since) {
            watcher.send(change);
        }
    }

    /// Who asked for the watch still waits for its answer, so that this can't fail.
    #[expect(clippy::unused_self, reason = "events come from the cluster only")]
    fn emit(&self, watcher: &Watcher, event: Value) {
        let _ = watcher.events.unbounded_send(event);
    }
}

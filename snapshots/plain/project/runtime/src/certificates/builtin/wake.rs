//! Notices that something changed, without looking at what: the Secret, or an object that carries the label. Watches
//! on metadata cost little, and one that is refused or breaks only means that a change is noticed at the next look.

use std::time::Duration;

use futures::StreamExt as _;
use futures::future::join_all;
use kube::Api;
use kube::core::{DynamicObject, PartialObjectMeta};
use kube::runtime::watcher::{self, Event, watcher};
use tokio::sync::Notify;

use super::survey::Labelled;

/// Changes that come together are looked at together.
const DEBOUNCE: Duration = Duration::from_millis(50);

/// After a watch was refused or broke.
const RETRY: Duration = Duration::from_secs(5);

/// What wakes us up: metadata only.
pub(super) type Metadata = PartialObjectMeta<DynamicObject>;

/// Wakes up whoever waits.
#[derive(Default)]
pub(super) struct Wake(Notify);

impl Wake {
    /// Watches the Secret of this name, and what carries the label. Never ends.
    pub(super) async fn watch(&self, secrets: Api<Metadata>, name: &str, labelled: &Labelled) {
        let secret = watcher::Config::default().fields(&format!("metadata.name={name}"));
        let labels = watcher::Config::default().labels(&labelled.selector);
        let kinds = labelled.kinds.iter();
        let watches = kinds.map(|&kind| self.follow(labelled.api(kind), labels.clone()));
        tokio::join!(self.follow(secrets, secret), join_all(watches));
    }

    async fn follow(&self, api: Api<Metadata>, config: watcher::Config) {
        let mut events = std::pin::pin!(watcher(api, config));
        while let Some(event) = events.next().await {
            match event {
                Ok(Event::Apply(_) | Event::Delete(_) | Event::InitDone) => self.0.notify_one(),
                Ok(Event::Init | Event::InitApply(_)) => {}
                Err(error) => {
                    tracing::debug!(%error, "a watch for the webhook certificate broke");
                    tokio::time::sleep(RETRY).await;
                }
            }
        }
    }

    /// Returns when something changed, or after this time.
    pub(super) async fn or_after(&self, rest: Duration) {
        tokio::select! {
            () = self.0.notified() => tokio::time::sleep(DEBOUNCE).await,
            () = tokio::time::sleep(rest) => {}
        }
    }
}

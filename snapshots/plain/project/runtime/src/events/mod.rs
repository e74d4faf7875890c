//! Events on objects, as `kubectl describe` and `kubectl events` show them: `events.k8s.io`, with client-go's rules.
//!
//! A reconciler says what happened and goes on; the manager sends it. What happens again within six minutes makes a
//! series of the first event, and a series is written when it begins, every half hour, and when it ends, so that a
//! reconciler which fails a thousand times in a minute writes three times: <https://pkg.go.dev/k8s.io/client-go/tools/events>. kube's own recorder waits for the
//! API server, writes each repetition, and goes on failing once the API server has forgotten the first event.

mod broadcaster;
mod series;

use std::sync::Arc;

use k8s_openapi::api::core::v1::ObjectReference;
use kube::Resource;
use tokio::sync::mpsc;

pub(crate) use broadcaster::Broadcaster;
use broadcaster::Flush;

/// As many events wait to be sent before further ones are dropped; client-go's number.
const WAITING: usize = 1000;

/// How an event is to be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EventType {
    /// Nothing to worry about.
    Normal,
    /// Somebody should have a look.
    Warning,
}

impl EventType {
    /// The text in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Normal => "Normal",
            Self::Warning => "Warning",
        }
    }
}

/// What happened to an object.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// How it is to be taken.
    pub type_: EventType,
    /// Why, in one CamelCase word for programs: `ImagePullFailed`.
    pub reason: String,
    /// What was done, or tried, in one CamelCase word: `CreateDeployment`.
    pub action: String,
    /// A sentence for people. What is longer than 1,024 bytes is cut off: the API server would refuse it.
    pub note: String,
    /// Another object that it is about, if there is one.
    pub related: Option<ObjectReference>,
}

/// Publishes events in the name of one controller; a handle, cheap to clone. See
/// [`Manager::event_recorder`](crate::Manager::event_recorder).
///
/// Nothing is returned, since an event that can't be written must not fail a reconcile: it is logged and dropped, and so
/// is what comes while a thousand wait. Needs the rights `create` and `patch` on `events` of `events.k8s.io`.
///
/// ```
/// # use k8s_openapi::api::core::v1::ConfigMap;
/// # use rustop_runtime::events::EventRecorder;
/// # fn example(recorder: &EventRecorder, object: &ConfigMap) {
/// recorder.normal(object, "Created", "CreateDeployment", "created the Deployment `web`");
/// recorder.warning(object, "NoImage", "CreateDeployment", "spec.image is empty");
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct EventRecorder {
    controller: Arc<str>,
    sender: mpsc::Sender<Message>,
}

/// What the broadcaster gets.
#[derive(Debug)]
enum Message {
    Occurred(Box<Occurrence>),
    Flush(Flush),
}

/// An event of one controller on one object.
#[derive(Clone, Debug)]
struct Occurrence {
    controller: Arc<str>,
    regarding: ObjectReference,
    event: Event,
}

impl EventRecorder {
    /// Says that something normal happened to `object`.
    pub fn normal<K>(&self, object: &K, reason: &str, action: &str, note: impl Into<String>)
    where
        K: Resource<DynamicType = ()>,
    {
        self.say(object, EventType::Normal, reason, action, note.into());
    }

    /// Says that something happened to `object` which somebody should look at.
    pub fn warning<K>(&self, object: &K, reason: &str, action: &str, note: impl Into<String>)
    where
        K: Resource<DynamicType = ()>,
    {
        self.say(object, EventType::Warning, reason, action, note.into());
    }

    fn say<K>(&self, object: &K, type_: EventType, reason: &str, action: &str, note: String)
    where
        K: Resource<DynamicType = ()>,
    {
        let event = Event {
            type_,
            reason: reason.to_owned(),
            action: action.to_owned(),
            note,
            related: None,
        };
        self.publish(object.object_ref(&()), event);
    }

    /// Publishes an event on the object that `regarding` names.
    pub fn publish(&self, regarding: ObjectReference, event: Event) {
        let occurrence = Occurrence {
            controller: Arc::clone(&self.controller),
            regarding,
            event,
        };
        let message = Message::Occurred(Box::new(occurrence));
        if self.sender.try_send(message).is_err() {
            tracing::debug!(controller = %self.controller, "an event was dropped: too many wait");
        }
    }
}

/// Where recorders come from and where what they say goes.
#[derive(Debug)]
pub(crate) struct Events {
    sender: mpsc::Sender<Message>,
    receiver: mpsc::Receiver<Message>,
}

impl Default for Events {
    fn default() -> Self {
        let (sender, receiver) = mpsc::channel(WAITING);
        Self { sender, receiver }
    }
}

impl Events {
    pub(crate) fn recorder(&self, controller: &str) -> EventRecorder {
        EventRecorder {
            controller: controller.into(),
            sender: self.sender.clone(),
        }
    }

    /// What has the broadcaster send all it got so far.
    pub(crate) fn flusher(&self) -> Flusher {
        Flusher(self.sender.clone())
    }

    /// The other end, which sends.
    pub(crate) fn broadcaster(self, client: kube::Client) -> Broadcaster {
        Broadcaster::new(client, self.receiver)
    }
}

/// Has everything sent that was said so far.
#[derive(Debug)]
pub(crate) struct Flusher(mpsc::Sender<Message>);

impl Flusher {
    /// Waits until all that was said before is sent, or can't be.
    pub(crate) async fn flush(&self) {
        let (flush, done) = Flush::new();
        if self.0.send(Message::Flush(flush)).await.is_ok() {
            let _ = done.await;
        }
    }
}

/// Events for unit tests: a recorder, and what was said to it so far.
///
/// ```
/// # use k8s_openapi::api::core::v1::ConfigMap;
/// use rustop_runtime::testing;
///
/// let (recorder, mut said) = testing::event_recorder();
/// recorder.warning(&ConfigMap::default(), "NoImage", "Create", "spec.image is empty");
/// assert_eq!(said.take()[0].reason, "NoImage");
/// ```
#[cfg(any(test, feature = "testing"))]
#[derive(Debug)]
pub struct SaidEvents(mpsc::Receiver<Message>);

#[cfg(any(test, feature = "testing"))]
impl SaidEvents {
    pub(crate) fn pair() -> (EventRecorder, Self) {
        let events = Events::default();
        (events.recorder("test"), Self(events.receiver))
    }

    /// What was said since this was last asked.
    pub fn take(&mut self) -> Vec<Event> {
        let mut said = Vec::new();
        while let Ok(message) = self.0.try_recv() {
            if let Message::Occurred(occurrence) = message {
                said.push(occurrence.event);
            }
        }
        said
    }
}

//! Sends events, one after the other, beside the reconciles.

use std::time::Duration;

use k8s_openapi::api::events::v1::Event as ApiEvent;
use k8s_openapi::jiff::Timestamp;
use kube::api::{Patch, PatchParams, PostParams};
use kube::{Api, Client, ResourceExt as _};
use serde_json::json;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{MissedTickBehavior, interval};

use super::Message;
use super::series::{Recent, Write};

/// How often ended series are looked for.
const TICK: Duration = Duration::from_secs(60);
/// A server that doesn't answer must not hold up the events that come after.
const ANSWER: Duration = Duration::from_secs(10);

/// Asks the broadcaster to send all it knows, and is answered when that is done.
#[derive(Debug)]
pub(crate) struct Flush(oneshot::Sender<()>);

impl Flush {
    pub(super) fn new() -> (Self, oneshot::Receiver<()>) {
        let (sender, receiver) = oneshot::channel();
        (Self(sender), receiver)
    }
}

/// Sends what recorders say.
pub(crate) struct Broadcaster {
    client: Client,
    instance: String,
    receiver: mpsc::Receiver<Message>,
    recent: Recent,
}

impl Broadcaster {
    pub(super) fn new(client: Client, receiver: mpsc::Receiver<Message>) -> Self {
        let host = hostname::get().ok();
        let instance = host.and_then(|name| name.into_string().ok());
        Self {
            client,
            // A pod's host name is its name.
            instance: instance.unwrap_or_else(|| "unknown".to_owned()),
            receiver,
            recent: Recent::default(),
        }
    }

    /// Sends until it is dropped.
    pub(crate) async fn run(mut self) {
        let mut ticks = interval(TICK);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                message = self.receiver.recv() => match message {
                    Some(message) => self.handle(message).await,
                    // Nobody is left who could say something.
                    None => std::future::pending().await,
                },
                _ = ticks.tick() => {
                    for write in self.recent.finish(Timestamp::now()) {
                        self.send(write).await;
                    }
                }
            }
        }
    }

    async fn handle(&mut self, message: Message) {
        match message {
            Message::Occurred(occurrence) => {
                let now = Timestamp::now();
                let write = self.recent.add(&occurrence, &self.instance, now);
                if let Some(write) = write {
                    self.send(write).await;
                }
            }
            Message::Flush(Flush(done)) => {
                for write in self.recent.finish_all() {
                    self.send(write).await;
                }
                // Whoever asked may not wait any more.
                let _ = done.send(());
            }
        }
    }

    async fn send(&mut self, write: Write) {
        let (Write::Create(event) | Write::Patch(event)) = &write;
        let api: Api<ApiEvent> = match &event.metadata.namespace {
            Some(namespace) => Api::namespaced(self.client.clone(), namespace),
            None => Api::default_namespaced(self.client.clone()),
        };
        let sent = async {
            match &write {
                Write::Create(event) => api.create(&PostParams::default(), event).await,
                Write::Patch(event) => {
                    let series = Patch::Merge(json!({ "series": event.series }));
                    let name = event.name_any();
                    api.patch(&name, &PatchParams::default(), &series).await
                }
            }
        };
        let problem = match tokio::time::timeout(ANSWER, sent).await {
            Ok(Ok(_)) => return,
            Ok(Err(error)) => crate::error::chain(&error),
            Err(_) => "the API server doesn't answer".to_owned(),
        };
        tracing::warn!(
            event = event.name_any(),
            problem,
            "an event was not written"
        );
        // The next one of its kind begins anew: this one is not there, or not any more.
        self.recent.forget(event);
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::core::v1::ConfigMap;

    use super::*;
    use crate::events::Events;
    use crate::testing::{Answer, FakeApiServer, RecordedRequest};

    const ALL: &str = "/apis/events.k8s.io/v1/namespaces/ns/events";

    fn object() -> ConfigMap {
        let mut object = ConfigMap::default();
        object.metadata.name = Some("c".into());
        object.metadata.namespace = Some("ns".into());
        object
    }

    /// Says the same so many times, and gives the requests that came of it.
    async fn requests(server: &FakeApiServer, times: usize) -> Vec<RecordedRequest> {
        let events = Events::default();
        let (recorder, flusher) = (events.recorder("tester"), events.flusher());
        let running = tokio::spawn(events.broadcaster(server.client()).run());
        for _ in 0..times {
            recorder.warning(&object(), "Failed", "Create", "no image");
        }
        flusher.flush().await;
        running.abort();
        server.requests()
    }

    fn accepting() -> FakeApiServer {
        FakeApiServer::new().otherwise(|request| {
            let known = request.path.starts_with(ALL);
            known.then(|| Answer::ok(&ApiEvent::default()))
        })
    }

    #[tokio::test]
    async fn an_event_says_what_happened_to_what() {
        let requests = requests(&accepting(), 1).await;
        assert_eq!(requests.len(), 1);
        let body = &requests[0].body;
        assert_eq!(body["regarding"]["kind"], "ConfigMap");
        assert_eq!(body["regarding"]["name"], "c");
        assert_eq!(body["reason"], "Failed");
        assert_eq!(body["type"], "Warning");
        assert_eq!(body["reportingController"], "tester");
    }

    #[tokio::test]
    async fn what_happens_again_is_a_series_of_two_more_writes() {
        let requests = requests(&accepting(), 50).await;
        let counts: Vec<_> = requests
            .iter()
            .map(|request| request.body["series"]["count"].as_i64())
            .collect();
        assert_eq!(counts, [None, Some(2), Some(50)]);
    }

    #[tokio::test]
    async fn an_event_that_the_server_forgot_is_created_anew() {
        let server = FakeApiServer::new().otherwise(|request| {
            let answer = match request.method.as_str() {
                "POST" => Answer::ok(&ApiEvent::default()),
                _ => Answer::not_found(),
            };
            Some(answer)
        });
        let requests = requests(&server, 3).await;
        let methods: Vec<_> = requests.iter().map(|each| each.method.as_str()).collect();
        assert_eq!(methods, ["POST", "PATCH", "POST"]);
    }
}

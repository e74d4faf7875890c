//! What comes in a watch: one event a line.

use std::pin::Pin;

use futures::io::{AsyncBufRead, AsyncBufReadExt as _};
use kube::core::Status;
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::time::timeout;

use super::raw::RawObject;
use super::source::{Error, WATCH_TIMEOUT};

/// What a line's buffer may keep from one line to the next: a single huge object must not stay for ever.
const KEPT: usize = 64 * 1024;

/// An open watch.
pub(super) struct Watch {
    body: Pin<Box<dyn AsyncBufRead + Send>>,
    line: String,
}

/// What a line says.
pub(super) enum Event {
    /// An object is new, or changed.
    Applied(RawObject),
    /// An object is gone, or isn't selected any more.
    Deleted(RawObject),
    /// Nothing happened up to this version.
    Bookmark(String),
}

#[derive(Deserialize)]
struct Line<'a> {
    r#type: String,
    #[serde(borrow)]
    object: &'a RawValue,
}

impl Watch {
    pub(super) fn new(body: impl AsyncBufRead + Send + 'static) -> Self {
        Self {
            body: Box::pin(body),
            line: String::new(),
        }
    }

    /// The next event; none when the watch has ended, or fell silent.
    pub(super) async fn next(&mut self) -> Result<Option<Event>, Error> {
        self.line.clear();
        self.line.shrink_to(KEPT);
        match timeout(WATCH_TIMEOUT, self.body.read_line(&mut self.line)).await {
            // A line without an end is an event whose rest was cut off: it comes again.
            Ok(Ok(_)) if !self.line.ends_with('\n') => Ok(None),
            Ok(Ok(_)) => read(&self.line).map(Some),
            // Watches are cut off now and then; whether the server is well shows when it is asked for the next one.
            Ok(Err(error)) => {
                tracing::debug!(%error, "a watch broke off");
                Ok(None)
            }
            Err(_) => Ok(None),
        }
    }
}

impl Event {
    /// The version up to which everything has been seen with this event.
    pub(super) fn version(&self) -> &str {
        match self {
            Self::Applied(object) | Self::Deleted(object) => &object.version,
            Self::Bookmark(version) => version,
        }
    }
}

fn read(line: &str) -> Result<Event, Error> {
    let line: Line<'_> = serde_json::from_str(line)?;
    let object = line.object.get();
    if line.r#type == "ERROR" {
        let status: Status = serde_json::from_str(object)?;
        return Err(Error::Refused(kube::Error::Api(Box::new(status))));
    }
    let object = RawObject::read(object)?;
    match line.r#type.as_str() {
        _ if object.version.is_empty() => Err(Error::NoVersion),
        "BOOKMARK" => Ok(Event::Bookmark(object.version)),
        "DELETED" => Ok(Event::Deleted(object)),
        _ => Ok(Event::Applied(object)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn events(text: &'static str) -> Vec<String> {
        let mut watch = Watch::new(text.as_bytes());
        let mut seen = Vec::new();
        loop {
            seen.push(match watch.next().await {
                Ok(Some(Event::Applied(object))) => format!("+{}", object.request),
                Ok(Some(Event::Deleted(object))) => format!("-{}", object.request),
                Ok(Some(Event::Bookmark(version))) => format!("={version}"),
                Ok(None) => return seen,
                Err(error) => format!("{error} {}", error.needs_list()),
            });
        }
    }

    #[tokio::test]
    async fn a_line_is_an_event_in_any_order_of_its_keys() {
        let text = concat!(
            r#"{"type":"ADDED","object":{"metadata":{"name":"a","resourceVersion":"1"}}}"#,
            "\n",
            r#"{"object":{"metadata":{"name":"a","resourceVersion":"2"}},"type":"DELETED"}"#,
            "\n",
            r#"{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"3"}}}"#,
            "\n",
        );
        assert_eq!(events(text).await, ["+a", "-a", "=3"]);
    }

    #[tokio::test]
    async fn a_line_that_was_cut_off_is_the_end() {
        let text = "{\"type\":\"BOOKMARK\",\"object\":{\"metadata\":{\"resourceVersion\":\"3\"}}}\n{\"type\":\"AD";
        assert_eq!(events(text).await, ["=3"]);
    }

    #[tokio::test]
    async fn an_event_that_is_lost_needs_a_new_list() {
        let text = concat!(
            "nothing\n",
            r#"{"type":"ADDED","object":{"metadata":{"name":"a"}}}"#,
            "\n",
            r#"{"type":"ERROR","object":{"kind":"Status","code":410,"message":"too old","reason":"Expired"}}"#,
            "\n",
            r#"{"type":"ERROR","object":{"kind":"Status","code":500,"message":"etcd","reason":"InternalError"}}"#,
            "\n",
        );
        let needs_list: Vec<bool> = events(text)
            .await
            .iter()
            .map(|event| event.ends_with("true"))
            .collect();
        assert_eq!(needs_list, [true, true, true, false]);
    }
}

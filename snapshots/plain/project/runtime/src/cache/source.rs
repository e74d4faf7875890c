//! The requests behind one watch: the pages of a list, then a watch, object by object.
//!
//! kube's `watcher` makes the same requests. It decodes whole pages, so that one object which doesn't fit its type
//! fails its kind for good; it keeps bookmarks to itself, so that a quiet kind and a dead connection look the same; and
//! it goes on after an event that it couldn't read, which then nobody has seen.

use std::time::Duration;

use futures::io::AsyncReadExt as _;
use http::header::{ACCEPT_ENCODING, HeaderValue};
use kube::Client;
use kube::api::{ListParams, WatchParams};
use kube::core::Request;
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::time::timeout;

use super::Selector;
use super::raw::RawObject;
use super::watch::Watch;
use crate::Object;

/// How many objects are asked for at a time. client-go and kube take 500: at 100 the text of a page is a few hundred
/// kB, and 4,000 objects are 40 short requests.
const PAGE_SIZE: u32 = 100;

/// For one page: what the API server itself gives a request.
const PAGE_TIMEOUT: Duration = Duration::from_secs(60);

/// How long the API server may keep a watch open, in seconds. It is asked to end it, so that watches move to other
/// servers now and then.
const WATCH_SECONDS: u32 = 290;

/// A watch in which nothing came for so long, neither a bookmark nor its end, has lost its server.
pub(super) const WATCH_TIMEOUT: Duration = Duration::from_secs(295);

/// Where the objects of one watch come from.
pub(super) struct Source {
    client: Client,
    request: Request,
    metadata_only: bool,
    selector: Selector,
}

/// Why a list or a watch failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Error {
    #[error(transparent)]
    Refused(#[from] kube::Error),
    #[error("the API server gave no answer within {0:?}")]
    TimedOut(Duration),
    #[error("the answer broke off")]
    BrokenOff(#[source] std::io::Error),
    #[error("the answer can't be read")]
    Unreadable(#[from] serde_json::Error),
    #[error("the answer has no resource version: the resource can't be watched")]
    NoVersion,
}

impl Error {
    /// The status of the API server's refusal.
    pub(super) fn code(&self) -> Option<u16> {
        match self {
            Self::Refused(kube::Error::Api(status)) => Some(status.code),
            _ => None,
        }
    }

    /// Whether events may have been missed, so that only a new list tells what there is.
    pub(super) fn needs_list(&self) -> bool {
        self.code() == Some(410) || matches!(self, Self::Unreadable(_) | Self::NoVersion)
    }

    /// Whether the API server may refuse the version itself, when it goes on: one that it doesn't know, after its data
    /// was restored from a copy, or that an aggregated API server can't read. Not so when it is overloaded, or refuses
    /// whoever asks.
    pub(super) fn may_be_the_version(&self) -> bool {
        let code = self.code();
        code.is_some_and(|code| !matches!(code, 401 | 403 | 404 | 429 | 502 | 503))
    }
}

/// What ends a page of a list.
pub(super) enum Listed {
    /// There is another page.
    More(String),
    /// That was all: watch from this version.
    Complete(String),
}

#[derive(Deserialize)]
struct Page<'a> {
    #[serde(default)]
    metadata: PageMetadata,
    #[serde(borrow)]
    items: Option<Vec<&'a RawValue>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PageMetadata {
    resource_version: Option<String>,
    r#continue: Option<String>,
}

impl Source {
    pub(super) fn new<K: Object>(
        client: Client,
        namespace: Option<&str>,
        selector: Selector,
    ) -> Self {
        Self {
            client,
            request: Request::new(K::url_path(&(), namespace)),
            metadata_only: K::metadata_api(),
            selector,
        }
    }

    /// Gets one page, or the `whole` list, and hands on each object of it.
    pub(super) async fn list(
        &self,
        page: Option<String>,
        whole: bool,
        mut each: impl FnMut(RawObject),
    ) -> Result<Listed, Error> {
        let text = timeout(PAGE_TIMEOUT, self.page(page, whole)).await;
        let text = text.unwrap_or(Err(Error::TimedOut(PAGE_TIMEOUT)))?;
        let Page { metadata, items } = serde_json::from_str(&text)?;
        for item in items.unwrap_or_default() {
            each(RawObject::read(item.get())?);
        }
        let token = metadata.r#continue.filter(|token| !token.is_empty());
        let version = metadata
            .resource_version
            .filter(|version| !version.is_empty());
        match (token, version) {
            (Some(token), _) => Ok(Listed::More(token)),
            (None, Some(version)) => Ok(Listed::Complete(version)),
            (None, None) => Err(Error::NoVersion),
        }
    }

    async fn page(&self, token: Option<String>, whole: bool) -> Result<String, Error> {
        let (labels, fields) = self.selector.parts();
        let parameters = ListParams {
            label_selector: labels,
            field_selector: fields,
            limit: (!whole).then_some(PAGE_SIZE),
            continue_token: token,
            ..ListParams::default()
        };
        let request = if self.metadata_only {
            self.request.list_metadata(&parameters)
        } else {
            self.request.list(&parameters)
        };
        let request = request.map_err(kube::Error::BuildRequest)?;
        let mut body = std::pin::pin!(self.client.request_stream(request).await?);
        let mut text = String::new();
        body.read_to_string(&mut text)
            .await
            .map_err(Error::BrokenOff)?;
        Ok(text)
    }

    /// Watches what comes after `version`.
    pub(super) async fn watch(&self, version: &str) -> Result<Watch, Error> {
        let (labels, fields) = self.selector.parts();
        let parameters = WatchParams {
            label_selector: labels,
            field_selector: fields,
            timeout: Some(WATCH_SECONDS),
            ..WatchParams::default()
        };
        let request = if self.metadata_only {
            self.request.watch_metadata(&parameters, version)
        } else {
            self.request.watch(&parameters, version)
        };
        let mut request = request.map_err(kube::Error::BuildRequest)?;
        // From Kubernetes 1.37 on each event would be compressed by itself, which kube's client can't undo.
        let identity = HeaderValue::from_static("identity");
        request.headers_mut().insert(ACCEPT_ENCODING, identity);
        let opened = timeout(WATCH_TIMEOUT, self.client.request_stream(request)).await;
        let body = opened.map_err(|_| Error::TimedOut(WATCH_TIMEOUT))??;
        Ok(Watch::new(body))
    }
}

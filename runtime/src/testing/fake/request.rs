//! A request as the server got it, and what it asks for.

use kube::client::Body;
use serde_json::Value;

use crate::percent::decoded;

/// A request as the server got it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordedRequest {
    /// `GET`, `POST`, `PUT`, `PATCH`, `DELETE`; `WATCH` for a `GET` that watches.
    pub method: String,
    /// The path, without the query.
    pub path: String,
    /// The query, without the `?`; empty when there is none.
    pub query: String,
    /// The body as JSON; null when there is none.
    pub body: Value,
}

impl RecordedRequest {
    /// Whether the request asks for a change, be it that nothing comes of it.
    pub fn is_write(&self) -> bool {
        !matches!(self.method.as_str(), "GET" | "WATCH" | "HEAD")
    }
}

/// A request with the headers that matter to an API server.
#[derive(Clone, Debug)]
pub(super) struct Incoming {
    pub(super) recorded: RecordedRequest,
    pub(super) parameters: Vec<(String, String)>,
    pub(super) content_type: String,
    accept: String,
    user_agent: String,
}

impl Incoming {
    pub(super) async fn read(request: http::Request<Body>) -> Result<Self, kube::Error> {
        let (parts, body) = request.into_parts();
        let body = body.collect_bytes().await?;
        let query = parts.uri.query().unwrap_or_default().to_owned();
        let parameters = parameters(&query);
        let watches = parameters
            .iter()
            .any(|(name, value)| name == "watch" && matches!(value.as_str(), "true" | "1"));
        let header = |name: &str| {
            let value = parts
                .headers
                .get(name)
                .and_then(|value| value.to_str().ok());
            value.unwrap_or_default().to_owned()
        };
        let method = if watches {
            "WATCH"
        } else {
            parts.method.as_str()
        };
        Ok(Self {
            parameters,
            content_type: media_type(&header("content-type")),
            accept: header("accept"),
            user_agent: header("user-agent"),
            recorded: RecordedRequest {
                method: method.to_owned(),
                path: parts.uri.path().to_owned(),
                query,
                body: serde_json::from_slice(&body).unwrap_or(Value::Null),
            },
        })
    }

    /// A parameter of the query; `None` when it is empty.
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.parameters.iter().find(|(each, _)| each == name);
        found
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    pub(super) fn asks(&self, name: &str) -> bool {
        matches!(self.parameter(name), Some("true" | "1"))
    }

    /// An option of a write: in the query, or in the `DeleteOptions` that are the body.
    pub(super) fn option(&self, name: &str) -> Option<&str> {
        self.parameter(name)
            .or_else(|| self.recorded.body[name].as_str())
    }

    pub(super) fn is_dry_run(&self) -> bool {
        self.parameter("dryRun").is_some() || self.recorded.body["dryRun"].is_array()
    }

    /// Who writes, as the server names them in the managed fields.
    pub(super) fn manager(&self) -> &str {
        let agent = self.user_agent.split('/').next().unwrap_or_default();
        let fallback = if agent.is_empty() { "unknown" } else { agent };
        self.parameter("fieldManager").unwrap_or(fallback)
    }

    /// Whether only the metadata of objects is asked for.
    pub(super) fn wants_metadata(&self) -> bool {
        self.accept.contains("as=PartialObjectMetadata")
    }
}

fn media_type(header: &str) -> String {
    let essence = header.split(';').next().unwrap_or_default();
    essence.trim().to_owned()
}

fn parameters(query: &str) -> Vec<(String, String)> {
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (unescaped(name), unescaped(value))
        })
        .collect()
}

/// In a query a plus is a space.
fn unescaped(text: &str) -> String {
    decoded(&text.replace('+', " "))
}

/// What a path names below `/api/v1` or `/apis/<group>/<version>`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) group: String,
    pub(super) version: String,
    pub(super) namespace: Option<String>,
    pub(super) plural: String,
    pub(super) name: Option<String>,
    pub(super) subresource: Option<String>,
}

impl Target {
    pub(super) fn of(path: &str) -> Option<Self> {
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        let (group, version, rest) = match parts.as_slice() {
            ["api", version, rest @ ..] => ("", *version, rest),
            ["apis", group, version, rest @ ..] => (*group, *version, rest),
            _ => return None,
        };
        let (namespace, rest) = match rest {
            ["namespaces", _, "status" | "finalize"] => (None, rest),
            ["namespaces", namespace, plural @ ..] if !plural.is_empty() => {
                (Some((*namespace).to_owned()), plural)
            }
            rest => (None, rest),
        };
        let (plural, rest) = rest.split_first()?;
        let subresource = rest.get(1..).filter(|parts| !parts.is_empty());
        Some(Self {
            group: group.to_owned(),
            version: version.to_owned(),
            namespace,
            plural: (*plural).to_owned(),
            name: rest.first().map(|&name| name.to_owned()),
            subresource: subresource.map(|parts| parts.join("/")),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_name_objects() {
        let said = |path: &str| {
            let target = Target::of(path).unwrap();
            let parts = [
                target.namespace,
                Some(target.plural),
                target.name,
                target.subresource,
            ];
            (
                format!("{}/{}", target.group, target.version),
                parts.map(Option::unwrap_or_default),
            )
        };
        let check = |path: &str, group: &str, parts: [&str; 4]| {
            assert_eq!(
                said(path),
                (group.to_owned(), parts.map(str::to_owned)),
                "{path}"
            );
        };
        check("/api/v1/namespaces", "/v1", ["", "namespaces", "", ""]);
        check("/api/v1/namespaces/a", "/v1", ["", "namespaces", "a", ""]);
        check(
            "/api/v1/namespaces/a/status",
            "/v1",
            ["", "namespaces", "a", "status"],
        );
        check("/api/v1/namespaces/a/pods", "/v1", ["a", "pods", "", ""]);
        check("/api/v1/pods", "/v1", ["", "pods", "", ""]);
        check(
            "/apis/apps/v1/namespaces/a/deployments/d/status",
            "apps/v1",
            ["a", "deployments", "d", "status"],
        );
        assert_eq!(Target::of("/version"), None);
        assert_eq!(Target::of("/apis/apps/v1"), None);
    }

    #[test]
    fn a_query_is_decoded() {
        let expected = [("a", "x=y,z in (1)"), ("b", ""), ("c", "%")];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(parameters("a=x%3Dy%2Cz+in+%281%29&b&c=%"), expected);
    }
}

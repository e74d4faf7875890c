//! What no API server takes as the address of a webhook: `ValidateWebhookService` and
//! `ValidateWebhookURL` of
//! <https://github.com/kubernetes/apiserver/blob/v0.35.0/pkg/util/webhook/validation.go>.

use serde_json::Value;

use super::names::is_subdomain;
use super::refusal::{Refusal, refused, text};

/// The address in an entry's `clientConfig`.
pub(super) fn client(client: &Value) -> Option<Refusal> {
    match (client.get("service"), client.get("url")) {
        (Some(service), None) => of_service(service),
        (None, Some(url)) => of_url(url.as_str().unwrap_or_default()),
        _ => refused(
            "`clientConfig` has both of `service` and `url`, or none",
            "one of them says where the webhook is",
        ),
    }
}

fn of_service(service: &Value) -> Option<Refusal> {
    for (field, argument) in [("name", "serviceName"), ("namespace", "serviceNamespace")] {
        if text(service, field).is_empty() {
            return refused(
                format!("`{argument}` is missing"),
                "name the Service of the manager",
            );
        }
    }
    of_port(service.get("port")).or_else(|| of_path(text(service, "path")))
}

fn of_port(port: Option<&Value>) -> Option<Refusal> {
    match port.and_then(Value::as_i64) {
        Some(port) if !(1..=65_535).contains(&port) => refused(
            format!("`servicePort` is {port}"),
            "write a number from 1 to 65535, or leave it out for 443",
        ),
        _ => None,
    }
}

/// Segments that are subdomains; one slash may end it.
fn of_path(path: &str) -> Option<Refusal> {
    if path.is_empty() || path == "/" {
        return None;
    }
    let Some(segments) = path.strip_prefix('/') else {
        return refused(
            format!("`path` is `{path}`, which does not begin with `/`"),
            format!("write `path=/{path}`"),
        );
    };
    let segments = segments.strip_suffix('/').unwrap_or(segments);
    let mut segments = segments.split('/');
    let wrong = segments.find(|segment| !is_subdomain(segment))?;
    refused(
        format!("`path` is `{path}`; the API server takes no segment `{wrong}`"),
        "between slashes stand small letters, digits, `-` and `.`: `path=/validate-apps-example-com-v1-myapp`",
    )
}

fn of_url(url: &str) -> Option<Refusal> {
    let help = "write for example `url=\"https://webhook.example.com:9443/path\"`";
    let is_https = url
        .get(..8)
        .is_some_and(|it| it.eq_ignore_ascii_case("https://"));
    if !is_https {
        return refused(
            format!("`url` is `{url}`, which does not begin with `https://`"),
            help,
        );
    }
    match is_host_and_path(&url[8..]) {
        true => None,
        false => refused(
            format!("`url` is `{url}`; a host and a path are all that it may have"),
            help,
        ),
    }
}

/// As Go's `net/url` reads them. A `#` or `?` with nothing behind it is none.
fn is_host_and_path(rest: &str) -> bool {
    let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let is_control = |byte: u8| byte < b' ' || byte == 0x7f;
    let escapes = path.split('%').skip(1).all(|after| {
        let digits = after.as_bytes().get(..2);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    });
    fragment.is_empty()
        && query.is_empty()
        && is_host(host)
        && escapes
        && !path.bytes().any(is_control)
}

/// A name or an address, and a port. Escapes in a host are left to the API server.
fn is_host(host: &str) -> bool {
    let bracket = host.rfind(']').map(|at| at + 1);
    let end = bracket.or_else(|| host.rfind(':')).unwrap_or(host.len());
    let (name, port) = host.split_at(end);
    let is_port = port.is_empty()
        || port
            .strip_prefix(':')
            .is_some_and(|port| port.bytes().all(|byte| byte.is_ascii_digit()));
    let allowed = |byte: u8| {
        byte.is_ascii_alphanumeric() || byte >= 0x80 || b"-_.~!$&'()*+,;=:[]<>\"%".contains(&byte)
    };
    let brackets = match name.strip_prefix('[') {
        Some(inner) => inner.find(']') == Some(inner.len().saturating_sub(1)),
        None => !name.contains('['),
    };
    !host.is_empty() && is_port && brackets && name.bytes().all(allowed)
}

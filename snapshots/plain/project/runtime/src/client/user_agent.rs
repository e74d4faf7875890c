//! Who is asking, as audit logs and managed fields show it: client-go's shape, `manager/0.1.0 (linux/x86_64) …`.
//!
//! kube sends nothing, and the API server then calls the writer of a field `unknown`.

use http::{HeaderValue, header};
use kube::Config;

/// Adds the header, unless `config` has one, and `part` to it, as client-go marks its leader election.
pub(super) fn set(config: &mut Config, part: Option<&str>) {
    let is_it = |name: &header::HeaderName| *name == header::USER_AGENT;
    let given = config.headers.iter().find(|(name, _)| is_it(name));
    let given = given.and_then(|(_, value)| value.to_str().ok());
    let mut text = given.map_or_else(standard, ToOwned::to_owned);
    if let Some(part) = part {
        text = format!("{text}/{part}");
    }
    let Ok(value) = HeaderValue::from_str(&text) else {
        // A program with a strange name: better no header than no client.
        return;
    };
    config.headers.retain(|(name, _)| !is_it(name));
    config.headers.push((header::USER_AGENT, value));
}

fn standard() -> String {
    let path = std::env::current_exe().unwrap_or_default();
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let (os, arch) = (std::env::consts::OS, std::env::consts::ARCH);
    let version = env!("CARGO_PKG_VERSION");
    format!("{name}/{version} ({os}/{arch}) rustop-runtime")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(given: Option<&'static str>, part: Option<&str>, expected: &str) {
        let mut config = Config::new(http::Uri::from_static("https://localhost"));
        if let Some(given) = given {
            let value = HeaderValue::from_static(given);
            config.headers.push((header::USER_AGENT, value));
        }
        set(&mut config, part);
        let [(header::USER_AGENT, value)] = &config.headers[..] else {
            panic!("{:?}", config.headers);
        };
        let value = value.to_str().unwrap();
        assert!(value.ends_with(expected), "{value}");
        assert!(given.is_none_or(|given| value.starts_with(given)));
    }

    #[test]
    fn a_client_says_who_it_is() {
        check(None, None, ") rustop-runtime");
        check(
            None,
            Some("leader-election"),
            "rustop-runtime/leader-election",
        );
        check(Some("mine/1"), None, "mine/1");
        check(Some("mine/1"), Some("part"), "mine/1/part");
    }
}

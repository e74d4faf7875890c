//! `/healthz` and `/readyz`, with the paths and parameters of controller-runtime: the whole, one check by its name
//! (`/readyz/ping`), `?verbose` for the list, `?exclude=name`.
//!
//! Some checks only inform: they have a path and are in the list, but never make a pod unready. Whether the caches are
//! filled is such a one, because a pod whose webhooks convert objects must be ready before its caches can be filled.

use std::fmt::Write as _;

use http::StatusCode;

use super::{Page, Reply};
use crate::percent::decoded;

type Check = Box<dyn Fn() -> Result<(), String> + Send + Sync>;

struct NamedCheck {
    name: String,
    gates: bool,
    check: Check,
}

/// The checks behind one endpoint.
#[derive(Default)]
pub(crate) struct Checks(Vec<NamedCheck>);

impl Checks {
    /// A check that the endpoint's answer depends on.
    pub(crate) fn add(
        &mut self,
        name: &str,
        check: impl Fn() -> Result<(), String> + Send + Sync + 'static,
    ) {
        self.push(name, true, Box::new(check));
    }

    /// A check that only informs.
    pub(crate) fn inform(
        &mut self,
        name: &str,
        check: impl Fn() -> Result<(), String> + Send + Sync + 'static,
    ) {
        self.push(name, false, Box::new(check));
    }

    fn push(&mut self, name: &str, gates: bool, check: Check) {
        self.0.push(NamedCheck {
            name: name.to_owned(),
            gates,
            check,
        });
    }

    fn all(&self, endpoint: &str, query: &str) -> Reply {
        let parameters = || {
            query
                .split('&')
                .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        };
        let excluded = |name: &str| {
            parameters().any(|(key, value)| key == "exclude" && decoded(value) == name)
        };
        let mut report = String::new();
        let mut passed = true;
        for each in self.0.iter().filter(|each| !excluded(&each.name)) {
            passed &= each.report(&mut report) || !each.gates;
        }
        let verbose = parameters().any(|(key, _)| key == "verbose");
        match (passed, verbose) {
            (true, false) => Reply::text(StatusCode::OK, "ok"),
            (true, true) => {
                Reply::text(StatusCode::OK, format!("{report}{endpoint} check passed\n"))
            }
            (false, _) => Reply::text(
                StatusCode::INTERNAL_SERVER_ERROR,
                format!("{report}{endpoint} check failed\n"),
            ),
        }
    }

    fn one(&self, name: &str) -> Reply {
        let Some(named) = self.0.iter().find(|each| each.name == name) else {
            return Reply::text(StatusCode::NOT_FOUND, format!("no check named `{name}`\n"));
        };
        match (named.check)() {
            Ok(()) => Reply::text(StatusCode::OK, "ok"),
            Err(reason) => Reply::text(StatusCode::INTERNAL_SERVER_ERROR, format!("{reason}\n")),
        }
    }
}

impl NamedCheck {
    fn report(&self, report: &mut String) -> bool {
        let result = (self.check)();
        // Writing to a string can't fail.
        let _ = match (&result, self.gates) {
            (Ok(()), _) => writeln!(report, "[+]{} ok", self.name),
            (Err(reason), true) => writeln!(report, "[-]{} failed: {reason}", self.name),
            (Err(reason), false) => writeln!(
                report,
                "[!]{} failed, which gates nothing: {reason}",
                self.name
            ),
        };
        result.is_ok()
    }
}

/// Answers the probes.
#[derive(Default)]
pub(crate) struct HealthHandler {
    pub(crate) healthz: Checks,
    pub(crate) readyz: Checks,
}

impl Page for HealthHandler {
    fn get(&self, path: &str, query: &str) -> Reply {
        let mut parts = path.trim_start_matches('/').splitn(2, '/');
        let endpoint = parts.next().unwrap_or_default();
        let checks = match endpoint {
            "healthz" => &self.healthz,
            "readyz" => &self.readyz,
            _ => {
                return Reply::text(
                    StatusCode::NOT_FOUND,
                    "not found; probes are at /healthz and /readyz\n",
                );
            }
        };
        match parts.next() {
            None | Some("") => checks.all(endpoint, query),
            // A name may have what a path may not, such as the spaces of a selector.
            Some(name) => checks.one(&decoded(name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn handler() -> HealthHandler {
        let mut handler = HealthHandler::default();
        handler.healthz.add("ping", || Ok(()));
        handler.readyz.add("ping", || Ok(()));
        handler
            .readyz
            .inform("cache-pods", || Err("not filled".into()));
        handler
    }

    fn check(handler: &HealthHandler, path: &str, query: &str, code: u16, contains: &str) {
        let reply = handler.get(path, query);
        assert_eq!(reply.status, code, "{path}?{query}");
        assert!(
            reply.body.contains(contains),
            "{path}?{query}: {}",
            reply.body
        );
    }

    #[test]
    fn endpoints_are_those_of_controller_runtime() {
        let handler = handler();
        check(&handler, "/healthz", "", 200, "ok");
        check(&handler, "/healthz/", "", 200, "ok");
        check(&handler, "/healthz/ping", "", 200, "ok");
        check(
            &handler,
            "/healthz",
            "verbose",
            200,
            "[+]ping ok\nhealthz check passed",
        );
        check(&handler, "/healthz/pong", "", 404, "`pong`");
        check(&handler, "/metrics", "", 404, "/readyz");
    }

    #[test]
    fn an_informing_check_gates_nothing() {
        let handler = handler();
        check(&handler, "/readyz", "", 200, "ok");
        check(
            &handler,
            "/readyz",
            "verbose=1",
            200,
            "[!]cache-pods failed, which gates nothing: not filled",
        );
        check(&handler, "/readyz/cache-pods", "", 500, "not filled");
    }

    #[test]
    fn a_name_may_have_anything_in_it() {
        let mut handler = handler();
        let name = "cache-pods[tier in (a,b),app.kubernetes.io/name=x%]";
        handler.readyz.add(name, || Err("not filled".into()));
        let path = "cache-pods%5Btier%20in%20(a,b),app.kubernetes.io/name=x%]";
        check(&handler, &format!("/readyz/{path}"), "", 500, "not filled");
        check(&handler, "/readyz", &format!("exclude={path}"), 200, "ok");
    }

    #[test]
    fn a_failed_check_fails_the_whole_unless_it_is_excluded() {
        let mut handler = handler();
        handler
            .readyz
            .add("webhook", || Err("no certificate".into()));
        check(
            &handler,
            "/readyz",
            "",
            500,
            "[-]webhook failed: no certificate",
        );
        check(&handler, "/readyz", "exclude=webhook", 200, "ok");
        check(&handler, "/healthz", "", 200, "ok");
    }
}

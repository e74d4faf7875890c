//! Code and webhook markers that ask for a version that nobody serves.
//!
//! The API server answers "not found" for ever: the cache of such a controller never
//! fills. A webhook is asked all the same, with objects that are converted to its
//! version, unless its marker says `matchPolicy=exact` (all versions of a CRD are
//! registered as equivalent, served or not: `getOrCreateServingInfoFor` in
//! <https://github.com/kubernetes/kubernetes/blob/v1.35.0/staging/src/k8s.io/apiextensions-apiserver/pkg/apiserver/customresource_handler.go>).

use std::slice;

use super::lint::{Finding, Lint};
use super::rights::{self, KnownKind};
use super::webhook::all;
use crate::markers::Marker;
use crate::markers::webhook::{self, Webhook};
use crate::tree::RelativePath;

/// A version of one of the project's kinds that the API server does not serve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HiddenVersion {
    /// Its type and its names.
    pub kind: KnownKind,
    /// The version: `v1alpha1`.
    pub version: String,
    /// The versions that are served.
    pub served: Vec<String>,
    /// The command that serves it again.
    pub again: String,
}

/// Where the `sources` follow or use a hidden version, the first place of each, and the
/// markers of webhooks that are asked about hidden versions only.
pub fn hidden(sources: &[(RelativePath, String)], versions: &[HiddenVersion]) -> Vec<Finding> {
    if versions.is_empty() {
        return Vec::new(); // as mostly: then no source need be read
    }
    let in_code = versions.iter().filter_map(|one| used(sources, one));
    let exact = all(sources, "webhook").filter_map(|marker| of_marker(&marker, versions));
    in_code.chain(exact).collect()
}

fn used(sources: &[(RelativePath, String)], hidden: &HiddenVersion) -> Option<Finding> {
    let used = rights::uses(sources, slice::from_ref(&hidden.kind)).pop()?;
    let done = if used.follows { "followed" } else { "used" };
    let (kind, version) = (&hidden.kind.kind, &hidden.version);
    let message = format!("`{kind}` is {done} here in `{version}`, which nobody serves");
    Some(Lint::UnservedVersion.at(used.file, used.line, message, help(hidden)))
}

fn of_marker(marker: &Marker, versions: &[HiddenVersion]) -> Option<Finding> {
    let webhook = webhook::parse(marker).ok()?;
    let hidden = only_hidden(&webhook, versions)?;
    let message = format!(
        "nobody serves `{}`, and `matchPolicy=exact` leaves the other versions out",
        hidden.version
    );
    Some(Lint::UnservedVersion.of(marker, &message, help(hidden)))
}

/// One of the versions, where the webhook is asked about these alone.
fn only_hidden<'a>(webhook: &Webhook, all: &'a [HiddenVersion]) -> Option<&'a HiddenVersion> {
    if webhook.match_policy.as_deref() != Some("Exact") {
        return None;
    }
    let hidden = |group: &str, resource: &str, version: &str| {
        let plural = resource.split('/').next();
        all.iter().find(|one| {
            let kind = &one.kind;
            kind.group == group && Some(kind.plural.as_str()) == plural && one.version == version
        })
    };
    let mut first = None;
    for group in &webhook.groups {
        for resource in &webhook.resources {
            for version in &webhook.versions {
                let found = hidden(group, resource, version)?;
                first = first.or(Some(found));
            }
        }
    }
    first
}

fn help(hidden: &HiddenVersion) -> String {
    format!(
        "move it to a version that is served (`{}`), or serve this one: `{}`",
        hidden.served.join("`, `"),
        hidden.again
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(source: &str) -> Vec<String> {
        let path = RelativePath::literal("src/a.rs");
        let version = HiddenVersion {
            kind: KnownKind {
                rust_path: "api::apps::v1::MyApp".to_owned(),
                group: "apps.example.com".to_owned(),
                plural: "myapps".to_owned(),
                kind: "MyApp".to_owned(),
            },
            version: "v1".to_owned(),
            served: vec!["v2".to_owned()],
            again: "rustop …".to_owned(),
        };
        let findings = hidden(&[(path, source.to_owned())], &[version]);
        findings.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_hidden_version_that_is_followed_is_named() {
        let follows = "use api::apps::v1::MyApp;\nimpl Reconciler for A { type Object = MyApp; }";
        let expected = "src/a.rs:2: `MyApp` is followed here in `v1`, which nobody serves [unserved-version]\n\
            help: move it to a version that is served (`v2`), or serve this one: `rustop …`";
        assert_eq!(found(follows), [expected]);
        assert_eq!(found(&follows.replace("v1", "v2")), [""; 0]);
        // To convert it, its type is enough.
        assert_eq!(
            found("use api::apps::v1::MyApp;\nfn a(_: MyApp) {}"),
            [""; 0]
        );
    }

    #[test]
    fn a_webhook_is_asked_about_a_hidden_version_unless_it_is_exact() {
        let marker = |end: &str| {
            format!(
                "// +rustop:webhook:path=/a,mutating=false,failurePolicy=fail,sideEffects=None,groups=apps.example.com,\
                 verbs=create,name=a.example.com,admissionReviewVersions=v1,{end}"
            )
        };
        let exact = found(&marker("resources=myapps,versions=v1,matchPolicy=exact"));
        assert!(exact[0].starts_with("src/a.rs:1: marker"), "{exact:?}");
        for quiet in [
            "resources=myapps,versions=v1",
            "resources=myapps,versions=v1;v2,matchPolicy=exact",
            "resources=myapps;others,versions=v1,matchPolicy=exact",
            "resources=myapps,versions=v2,matchPolicy=exact",
        ] {
            assert_eq!(found(&marker(quiet)), [""; 0], "{quiet}");
        }
    }
}

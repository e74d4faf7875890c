//! One thing that an API server was asked to allow.

use std::fmt;

/// A verb, and what it is done to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Access {
    /// `get`, `list`, `create`; for a URL the method in lower case.
    pub verb: String,
    /// What it is done to.
    pub what: What,
}

/// What a verb is done to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// Objects of the API.
    Resource {
        /// The API group; empty for the core group.
        group: String,
        /// The plural, with a subresource after a slash.
        resource: String,
        /// The object's name; empty where the API server judges without one.
        name: String,
        /// The object's namespace; empty for all of them, and for what has none.
        namespace: String,
    },
    /// A path that is no resource, such as `/metrics`.
    Url(String),
}

/// The paths that every authenticated user may read: the cluster role
/// `system:discovery`, and `system:service-account-issuer-discovery` for service
/// accounts
/// (<https://kubernetes.io/docs/reference/access-authn-authz/rbac/#discovery-roles>).
const PUBLIC_PATHS: [&str; 12] = [
    "/api",
    "/api/*",
    "/apis",
    "/apis/*",
    "/healthz",
    "/livez",
    "/openapi",
    "/openapi/*",
    "/readyz",
    "/version",
    "/version/",
    "/.well-known/openid-configuration",
];

/// What every authenticated user may create: the cluster role `system:basic-user`.
const PUBLIC_REVIEWS: [(&str, &str); 3] = [
    ("authorization.k8s.io", "selfsubjectaccessreviews"),
    ("authorization.k8s.io", "selfsubjectrulesreviews"),
    ("authentication.k8s.io", "selfsubjectreviews"),
];

impl Access {
    /// Whether every authenticated user may, without a role of the project's.
    pub(super) fn is_everybodys(&self) -> bool {
        match &self.what {
            What::Url(path) => {
                let is_public = |known: &&str| url_matches(known, path);
                self.verb == "get" && PUBLIC_PATHS.iter().any(is_public)
            }
            What::Resource {
                group, resource, ..
            } => {
                let review = (group.as_str(), resource.as_str());
                self.verb == "create" && PUBLIC_REVIEWS.contains(&review)
            }
        }
    }
}

/// As the API server compares: an asterisk at the end stands for any rest
/// (`NonResourceURLMatches` in
/// <https://github.com/kubernetes/kubernetes/blob/v1.35.0/pkg/apis/rbac/v1/evaluation_helpers.go>).
pub(super) fn url_matches(allowed: &str, path: &str) -> bool {
    match allowed.strip_suffix('*') {
        Some(_) => path.starts_with(allowed.trim_end_matches('*')),
        None => allowed == path,
    }
}

/// How people name a resource: `deployments.apps`, `pods/log`.
pub(super) fn shown_resource(group: &str, resource: &str) -> String {
    let (plural, sub) = match resource.split_once('/') {
        Some((plural, sub)) => (plural, format!("/{sub}")),
        None => (resource, String::new()),
    };
    match group {
        "" => format!("{plural}{sub}"),
        group => format!("{plural}.{group}{sub}"),
    }
}

impl fmt::Display for Access {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ", self.verb)?;
        match &self.what {
            What::Url(path) => formatter.write_str(path),
            What::Resource {
                group,
                resource,
                name,
                namespace,
            } => {
                formatter.write_str(&shown_resource(group, resource))?;
                if !name.is_empty() {
                    write!(formatter, " `{name}`")?;
                }
                match namespace.as_str() {
                    "" => Ok(()),
                    namespace => write!(formatter, " in `{namespace}`"),
                }
            }
        }
    }
}

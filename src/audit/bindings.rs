//! Which roles the manager has, and where: read from the project's manifests.
//!
//! A role counts when a binding gives it to the manager's service account. What
//! people are bound to (the admin, editor and viewer roles of a kind) is none of
//! the manager's rights.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize as _;
use serde_yaml::Value;

use super::access::{Access, What};
use super::rule::Rule;
use crate::tree::RelativePath;

const RBAC: &str = "rbac.authorization.k8s.io/";

/// The manager's account, unless its Deployment names another.
const ACCOUNT: &str = "controller-manager";

/// The one role of the API server's own that is counted: it allows everything.
const ADMIN: &str = "cluster-admin";

/// The namespace that kustomize replaces by the project's.
const PLACEHOLDER: &str = "system";

/// Which namespaces of a record stand for the manager's own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Home {
    /// The namespaces of the requests.
    pub recorded: BTreeSet<String>,
    /// The namespace in manifests, beside kustomize's placeholder: `demo-system`.
    pub deployed: String,
}

/// Where a role holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Scope {
    /// A ClusterRole that is bound for the whole cluster.
    Everywhere,
    /// The manager's own namespace.
    Home,
    /// Another namespace.
    Namespace(String),
}

impl Scope {
    /// Whether what is asked for lies in here.
    pub(super) fn holds(&self, access: &Access, home: &Home) -> bool {
        match (self, &access.what) {
            (Self::Everywhere, _) => true,
            (_, What::Url(_)) => false,
            (Self::Home, What::Resource { namespace, .. }) => home.recorded.contains(namespace),
            (Self::Namespace(one), What::Resource { namespace, .. }) => one == namespace,
        }
    }
}

/// The name of a role: its kind, its namespace (none for a ClusterRole), its name.
type RoleName = (String, Option<String>, String);

/// What the manifests say about the manager's rights.
#[derive(Clone, Debug, Default)]
pub struct Bindings {
    roles: BTreeMap<RoleName, Vec<Rule>>,
    /// The roles that the manager is bound to.
    bound: Vec<(RoleName, Option<String>)>,
    /// Files that are no YAML.
    unreadable: Vec<RelativePath>,
}

impl Bindings {
    /// Reads all documents of all `manifests`.
    pub fn read(manifests: &[(RelativePath, String)]) -> Self {
        let mut documents = Vec::new();
        let mut read = Self::default();
        let admin = ("ClusterRole".to_owned(), None, ADMIN.to_owned());
        read.roles.insert(admin, Rule::everything());
        for (path, text) in manifests {
            match documents_of(text) {
                Ok(found) => documents.extend(found),
                Err(_) => read.unreadable.push(path.clone()),
            }
        }
        let account = account(&documents);
        for document in &documents {
            read.take(document, &account);
        }
        read
    }

    fn take(&mut self, document: &Value, account: &str) {
        if !text(&document["apiVersion"]).starts_with(RBAC) {
            return;
        }
        let kind = text(&document["kind"]);
        let metadata = &document["metadata"];
        let namespace = text(&metadata["namespace"]);
        match kind.as_str() {
            "ClusterRole" | "Role" => {
                let namespace = (kind == "Role").then_some(namespace);
                let rules = Vec::deserialize(&document["rules"]).unwrap_or_default();
                let name = (kind, namespace, text(&metadata["name"]));
                self.roles.entry(name).or_default().extend(rules);
            }
            "ClusterRoleBinding" | "RoleBinding" if names(document, account) => {
                let scope = (kind == "RoleBinding").then_some(namespace);
                let role = &document["roleRef"];
                let kind = text(&role["kind"]);
                let of_role = scope.clone().filter(|_| kind == "Role");
                self.bound
                    .push(((kind, of_role, text(&role["name"])), scope));
            }
            _ => {}
        }
    }

    /// The rules that the manager has without any marker, each with where it holds.
    pub(super) fn fixed(&self, home: &Home) -> Vec<(Scope, &Rule)> {
        let mut fixed = Vec::new();
        for (role, scope) in &self.bound {
            let rules = self.roles.get(role).into_iter().flatten();
            fixed.extend(rules.map(|rule| (scope_of(scope.as_deref(), home), rule)));
        }
        fixed
    }

    /// Where a role of the markers holds: `namespace` is that of a Role, and
    /// `None` stands for a ClusterRole. Empty when the manager is not bound to it.
    pub(super) fn scopes(&self, namespace: Option<&str>, name: &str, home: &Home) -> Vec<Scope> {
        let wanted = namespace.map(|namespace| scope_of(Some(namespace), home));
        let same = |(kind, of_role, bound): &RoleName| {
            let of_role = of_role
                .as_deref()
                .map(|namespace| scope_of(Some(namespace), home));
            let wanted_kind = if wanted.is_some() {
                "Role"
            } else {
                "ClusterRole"
            };
            kind == wanted_kind && bound == name && of_role == wanted
        };
        let bound = self.bound.iter().filter(|(role, _)| same(role));
        bound
            .map(|(_, scope)| scope_of(scope.as_deref(), home))
            .collect()
    }

    /// What the manager is bound to and no manifest holds, such as `view`. The
    /// role of the markers, `marked`, is computed and so not among them.
    pub(super) fn unknown(&self, marked: &BTreeSet<&str>) -> BTreeSet<&str> {
        let unknown = self.bound.iter().filter(|(role, _)| {
            !self.roles.contains_key(role) && !marked.contains(role.2.as_str())
        });
        unknown.map(|(role, _)| role.2.as_str()).collect()
    }

    /// Files that are no YAML.
    pub(super) fn unreadable(&self) -> &[RelativePath] {
        &self.unreadable
    }
}

fn scope_of(namespace: Option<&str>, home: &Home) -> Scope {
    match namespace {
        None => Scope::Everywhere,
        Some(own) if own.is_empty() || own == PLACEHOLDER || own == home.deployed => Scope::Home,
        Some(other) => Scope::Namespace(other.to_owned()),
    }
}

fn documents_of(text: &str) -> Result<Vec<Value>, serde_yaml::Error> {
    serde_yaml::Deserializer::from_str(text)
        .map(Value::deserialize)
        .collect()
}

/// The service account of the manager's Deployment.
fn account(documents: &[Value]) -> String {
    let of_deployment = |document: &Value| {
        let is_manager =
            document["kind"] == "Deployment" && document["metadata"]["name"] == ACCOUNT;
        let account = text(&document["spec"]["template"]["spec"]["serviceAccountName"]);
        (is_manager && !account.is_empty()).then_some(account)
    };
    let named = documents.iter().find_map(of_deployment);
    named.unwrap_or_else(|| ACCOUNT.to_owned())
}

fn names(binding: &Value, account: &str) -> bool {
    let subjects = binding["subjects"].as_sequence();
    let is_account =
        |subject: &Value| subject["kind"] == "ServiceAccount" && subject["name"] == account;
    subjects.into_iter().flatten().any(is_account)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

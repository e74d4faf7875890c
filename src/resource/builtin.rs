//! The kinds that Kubernetes has itself: `Pod`, `Deployment`, `Role`, ….
//!
//! `builtin.tsv` beside this file is what the discovery of a real API server
//! says (`make update-builtin`), and the tests of the
//! runtime crate compile each row against k8s-openapi. It holds what the server
//! serves by default: for an alpha or beta API a cluster must be told.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use super::error::NameError;
use super::group::{Domain, Group};
use super::key::ResourceKey;
use super::kind::Kind;
use super::version::Version;

/// The table's text: tab-separated, one kind of one version a line.
pub const TABLE: &str = include_str!("builtin.tsv");
/// What people call the group without a name.
const CORE: &str = "core";
/// The domain that kubebuilder takes apart from the groups that have it.
const DOMAIN: &str = "k8s.io";
/// What a controller needs to be able to do with a kind.
const NEEDED: [&str; 2] = ["list", "watch"];

/// A kind of Kubernetes' own, in one version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BuiltinKind {
    /// The group as the API server knows it; empty for the one of `Pod`.
    pub group: &'static str,
    /// The version.
    pub version: &'static str,
    /// The kind.
    pub kind: &'static str,
    /// The plural, as it stands in URLs and in roles.
    pub plural: &'static str,
    /// Objects live in a namespace; else they are cluster-scoped.
    pub namespaced: bool,
    /// There is a subresource `status`.
    pub has_status: bool,
    /// What the API server lets one do with it, separated by `;`.
    pub verbs: &'static str,
    /// The type in k8s-openapi, with its crate.
    pub rust_path: &'static str,
}

static KINDS: LazyLock<Vec<BuiltinKind>> = LazyLock::new(|| {
    TABLE
        .lines()
        .skip(1)
        .filter_map(BuiltinKind::read)
        .collect()
});

impl BuiltinKind {
    /// All of them, sorted by group, version and kind.
    pub fn all() -> &'static [Self] {
        &KINDS
    }

    /// The kind that `key` names, when it is written as [`key`](Self::key) writes it.
    pub fn of(key: &ResourceKey) -> Option<&'static Self> {
        let group = api_group(key);
        let mut kinds = KINDS.iter();
        kinds.find(|one| {
            one.group == group
                && one.version == key.version().as_str()
                && one.kind == key.kind().as_str()
        })
    }

    /// The kind of this name in a group that is written as people do: `core` or
    /// nothing for the group of `Pod`, `rbac.authorization` or all of
    /// `rbac.authorization.k8s.io`. `None` when Kubernetes has no such group.
    ///
    /// # Errors
    /// The group has no such kind, not in this version, or none that can be
    /// watched; each says what there is instead.
    pub fn named(
        group: &Group,
        version: &Version,
        kind: &Kind,
    ) -> Option<Result<&'static Self, NameError>> {
        let (group, version, kind) = (full_name(group)?, version.as_str(), kind.as_str());
        let of_kind = || in_group(group).filter(|one| one.kind == kind);
        Some(match of_kind().find(|one| one.version == version) {
            Some(found) if found.can_be_watched() => Ok(found),
            Some(found) => Err(found.refused()),
            None if of_kind().next().is_some() => Err(no_version(group, version, kind)),
            None => Err(no_kind(group, kind)),
        })
    }

    /// Whether Kubernetes has a group of this name, written in full.
    pub fn is_group(group: &str) -> bool {
        KINDS.iter().any(|one| one.group == group)
    }

    /// Its key in PROJECT, as kubebuilder writes it: the group without `k8s.io`,
    /// and `core` for the one without a name.
    ///
    /// # Errors
    /// None, as long as the table holds legal names.
    pub fn key(&self) -> Result<ResourceKey, NameError> {
        let (group, domain) = short_name(self.group);
        ResourceKey::new(
            Group::new(group)?,
            Domain::new(domain)?,
            Version::new(self.version)?,
            Kind::new(self.kind)?,
        )
    }

    /// What `apiVersion` says: `v1`, `apps/v1`.
    pub fn api_version(&self) -> String {
        match self.group {
            "" => self.version.to_owned(),
            group => format!("{group}/{}", self.version),
        }
    }

    /// The module of its type in k8s-openapi.
    pub fn rust_module(&self) -> &'static str {
        let split = self.rust_path.rsplit_once("::");
        split.map_or(self.rust_path, |(module, _)| module)
    }

    /// Whether a controller can follow its objects. Some kinds are questions
    /// that the API server answers (`TokenReview`): no object is kept.
    pub fn can_be_watched(&self) -> bool {
        let has = |verb: &&str| self.verbs.split(';').any(|one| one == *verb);
        NEEDED.iter().all(has)
    }

    fn read(line: &'static str) -> Option<Self> {
        let mut cells = line.split('\t');
        let mut cell = || cells.next();
        Some(Self {
            group: cell()?,
            version: cell()?,
            kind: cell()?,
            plural: cell()?,
            namespaced: cell()? == "Namespaced",
            has_status: cell()? == "status",
            verbs: cell()?,
            rust_path: cell()?,
        })
    }

    fn refused(&self) -> NameError {
        let verbs = self.verbs.replace(';', ", ");
        let reason = format!(
            "the API server keeps no objects of `{}` that can be listed and watched, only: {verbs}",
            self.api_version()
        );
        NameError::new("kind to control", self.kind, reason).with_help(
            "`kubectl api-resources --verbs list,watch` names those that can be followed",
        )
    }
}

/// The group of a key as the API server knows it.
fn api_group(key: &ResourceKey) -> String {
    match key.qualified_group() {
        group if group == CORE => String::new(),
        group => group,
    }
}

/// kubebuilder's two parts of a group.
fn short_name(group: &'static str) -> (&'static str, &'static str) {
    let short = group.strip_suffix(DOMAIN);
    match short.and_then(|short| short.strip_suffix('.')) {
        Some(short) => (short, DOMAIN),
        None if group.is_empty() => (CORE, ""),
        None => (group, ""),
    }
}

/// The group of the table that is meant.
fn full_name(group: &Group) -> Option<&'static str> {
    let meant = |known: &'static str| {
        let typed = group.as_str();
        typed == known || typed == short_name(known).0
    };
    KINDS.iter().map(|one| one.group).find(|known| meant(known))
}

fn in_group(group: &str) -> impl Iterator<Item = &'static BuiltinKind> {
    KINDS.iter().filter(move |one| one.group == group)
}

fn no_version(group: &str, version: &str, kind: &str) -> NameError {
    let kinds = in_group(group).filter(|one| one.kind == kind);
    let versions: Vec<String> = kinds.map(|one| format!("`{}`", one.version)).collect();
    let reason = format!("Kubernetes does not serve `{kind}` in it by default");
    NameError::new("version to watch", version, reason)
        .with_help(format!("it is served in {}", versions.join(" and ")))
}

fn no_kind(group: &str, kind: &str) -> NameError {
    let name = if group.is_empty() { CORE } else { group };
    let reason = format!("Kubernetes' group `{name}` has none of this name by default");
    let elsewhere = KINDS.iter().filter(|one| one.kind == kind);
    let groups: BTreeSet<&str> = elsewhere.map(|one| short_name(one.group).0).collect();
    let error = NameError::new("kind to watch", kind, reason);
    if !groups.is_empty() {
        return error.with_help(format!(
            "it is one of {}: say so with `--group`",
            list(&groups)
        ));
    }
    let watched = in_group(group).filter(|one| one.can_be_watched());
    let kinds: BTreeSet<&str> = watched.map(|one| one.kind).collect();
    error.with_help(match kinds.is_empty() {
        true => "none of this group can be watched".to_owned(),
        false => format!("those that can be watched are {}", list(&kinds)),
    })
}

fn list(names: &BTreeSet<&str>) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(group: &str, version: &str, kind: &str) -> Option<Result<String, NameError>> {
        let (version, kind) = (Version::new(version).unwrap(), Kind::new(kind).unwrap());
        let found = BuiltinKind::named(&Group::new(group).unwrap(), &version, &kind)?;
        Some(found.map(|found| format!("{} {}", found.api_version(), found.kind)))
    }

    #[test]
    fn groups_are_known_under_all_their_names() {
        let check = |group, version, kind, expected: &str| {
            assert_eq!(named(group, version, kind), Some(Ok(expected.to_owned())));
        };
        check("apps", "v1", "Deployment", "apps/v1 Deployment");
        check("core", "v1", "Pod", "v1 Pod");
        check("", "v1", "Pod", "v1 Pod");
        let role = "rbac.authorization.k8s.io/v1 Role";
        check("rbac.authorization", "v1", "Role", role);
        check("rbac.authorization.k8s.io", "v1", "Role", role);
        let flow = "flowcontrol.apiserver.k8s.io/v1 FlowSchema";
        check("flowcontrol.apiserver", "v1", "FlowSchema", flow);
        for unknown in ["crew", "rbac", "k8s.io", "apps.example.com", "core.k8s.io"] {
            assert_eq!(named(unknown, "v1", "Role"), None);
        }
    }

    #[test]
    fn what_is_not_there_is_refused_with_what_is() {
        let check = |group, version, kind, expected: &str| {
            let error = named(group, version, kind).unwrap().unwrap_err();
            assert_eq!(error.to_string(), expected);
        };
        check(
            "apps",
            "v2",
            "Deployment",
            "`v2` is no version to watch: Kubernetes does not serve `Deployment` in it by default\nhelp: it is served in `v1`",
        );
        check(
            "apps",
            "v1",
            "Deploymnt",
            "`Deploymnt` is no kind to watch: Kubernetes' group `apps` has none of this name by default\nhelp: those that can be watched are `ControllerRevision`, `DaemonSet`, `Deployment`, `ReplicaSet`, `StatefulSet`",
        );
        check(
            "authentication",
            "v1",
            "Token",
            "`Token` is no kind to watch: Kubernetes' group `authentication.k8s.io` has none of this name by default\nhelp: none of this group can be watched",
        );
        check(
            "",
            "v1",
            "Deployment",
            "`Deployment` is no kind to watch: Kubernetes' group `core` has none of this name by default\nhelp: it is one of `apps`: say so with `--group`",
        );
        check(
            "core",
            "v1",
            "Binding",
            "`Binding` is no kind to control: the API server keeps no objects of `v1` that can be listed and watched, only: create\nhelp: `kubectl api-resources --verbs list,watch` names those that can be followed",
        );
        check(
            "core",
            "v1",
            "ComponentStatus",
            "`ComponentStatus` is no kind to control: the API server keeps no objects of `v1` that can be listed and watched, only: get, list\nhelp: `kubectl api-resources --verbs list,watch` names those that can be followed",
        );
    }

    #[test]
    fn every_row_is_read_and_found_by_its_key() {
        assert_eq!(BuiltinKind::all().len(), TABLE.lines().count() - 1);
        for one in BuiltinKind::all() {
            assert_eq!(BuiltinKind::of(&one.key().unwrap()), Some(one));
        }
    }

    #[test]
    fn keys_are_kubebuilders() {
        let check = |group: &str, kind: &str, expected: [&str; 2]| {
            let mut kinds = BuiltinKind::all().iter();
            let one = kinds.find(|one| one.group == group && one.kind == kind);
            let key = one.unwrap().key().unwrap();
            assert_eq!([key.group().as_str(), key.domain().as_str()], expected);
        };
        check("", "Pod", ["core", ""]);
        check("apps", "Deployment", ["apps", ""]);
        check("policy", "PodDisruptionBudget", ["policy", ""]);
        check(
            "rbac.authorization.k8s.io",
            "Role",
            ["rbac.authorization", "k8s.io"],
        );
    }
}

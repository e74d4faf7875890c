//! What tells one resource of a project from another: group, version, kind.
//!
//! The rules that need more than one name are here: the qualified group must
//! not be empty, and a CRD's name must fit.

use std::fmt;

use super::dns::{SUBDOMAIN_LENGTH, check_subdomain};
use super::error::NameError;
use super::group::{Domain, Group};
use super::kind::Kind;
use super::plural::Plural;
use super::version::Version;

/// Group, domain, version and kind; in this order also sorted by group, then
/// domain, kind and version, as PROJECT lists them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceKey {
    group: Group,
    domain: Domain,
    kind: Kind,
    version: Version,
}

impl ResourceKey {
    /// Puts the names together. An error when group and domain are both empty,
    /// or together too long for the API server.
    pub fn new(
        group: Group,
        domain: Domain,
        version: Version,
        kind: Kind,
    ) -> Result<Self, NameError> {
        let key = Self {
            group,
            domain,
            kind,
            version,
        };
        let qualified = key.qualified_group();
        let Err(reason) = check_subdomain(&qualified) else {
            return Ok(key);
        };
        let help = if qualified.is_empty() {
            "give a group with `--group`, or the project a domain with `--domain`"
        } else {
            "choose a shorter `--group`"
        };
        Err(NameError::new("group", &qualified, reason).with_help(help))
    }

    /// The group without its domain.
    pub fn group(&self) -> &Group {
        &self.group
    }

    /// The domain of the group.
    pub fn domain(&self) -> &Domain {
        &self.domain
    }

    /// The version.
    pub fn version(&self) -> &Version {
        &self.version
    }

    /// The kind.
    pub fn kind(&self) -> &Kind {
        &self.kind
    }

    /// The group as the API server knows it: `apps.example.com`; the domain
    /// alone when the group is empty, the group alone when the domain is.
    pub fn qualified_group(&self) -> String {
        let parts = [self.group.as_str(), self.domain.as_str()];
        let given: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        given.join(".")
    }

    /// The group for people: without the domain, where anything is left then.
    pub fn shown_group(&self) -> String {
        match self.group.as_str() {
            "" => self.qualified_group(),
            group => group.to_owned(),
        }
    }

    /// What `apiVersion` says: `apps.example.com/v1`. Not for Kubernetes' own
    /// group `core` (Pod, Secret), which `apiVersion` leaves out.
    pub fn api_version(&self) -> String {
        format!("{}/{}", self.qualified_group(), self.version)
    }

    /// Do both name the same kind of the same group, in whatever version?
    /// Letter case does not count, as the API server could not keep them apart.
    pub fn same_group_kind(&self, other: &Self) -> bool {
        self.qualified_group() == other.qualified_group() && self.kind.lower() == other.kind.lower()
    }

    /// The name of the CRD, `<plural>.<group>`. An error when the API server
    /// would refuse it: the group needs a dot, the whole at most 253 letters.
    /// See `ValidateCustomResourceDefinition` in
    /// <https://github.com/kubernetes/apiextensions-apiserver/blob/master/pkg/apis/apiextensions/validation/validation.go>.
    pub fn crd_name(&self, plural: &Plural) -> Result<String, NameError> {
        let group = self.qualified_group();
        if !group.contains('.') {
            let error = NameError::new("group of a custom resource", &group, "it must hold a dot");
            return Err(
                error.with_help("give the project a domain, as `rustop init --domain example.com`")
            );
        }
        let name = format!("{plural}.{group}");
        if name.len() <= SUBDOMAIN_LENGTH {
            return Ok(name);
        }
        let reason = format!(
            "it has {} characters, at most {SUBDOMAIN_LENGTH} are allowed",
            name.len()
        );
        Err(NameError::new("name of a CRD", &name, reason)
            .with_help("choose a shorter group or `--plural`"))
    }

    /// Is the group one of Kubernetes' own (`….k8s.io`, `….kubernetes.io`)?
    /// The API server takes a CRD in such a group only with the annotation
    /// `api-approved.kubernetes.io`.
    /// <https://github.com/kubernetes/enhancements/pull/1111>
    pub fn is_protected(&self) -> bool {
        let group = format!(".{}", self.qualified_group());
        group.ends_with(".k8s.io") || group.ends_with(".kubernetes.io")
    }
}

impl fmt::Display for ResourceKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.api_version(), self.kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(group: &str, domain: &str, version: &str, kind: &str) -> Result<ResourceKey, NameError> {
        let (group, domain) = (Group::new(group)?, Domain::new(domain)?);
        ResourceKey::new(group, domain, Version::new(version)?, Kind::new(kind)?)
    }

    #[test]
    fn the_qualified_group_leaves_out_what_is_empty() {
        fn check(group: &str, domain: &str, expected: &str) {
            let key = key(group, domain, "v1", "MyApp").unwrap();
            assert_eq!(key.qualified_group(), expected);
            assert_eq!(key.to_string(), format!("{expected}/v1 MyApp"));
        }
        check("apps", "example.com", "apps.example.com");
        check("", "example.com", "example.com");
        check("apps", "", "apps");
        check("foo.policy", "example.com", "foo.policy.example.com");
    }

    #[test]
    fn a_resource_needs_a_group_that_fits() {
        let error = key("", "", "v1", "MyApp").unwrap_err();
        assert!(error.help().unwrap().starts_with("give a group"));
        assert!(key(&"a".repeat(200), &"b".repeat(52), "v1", "MyApp").is_ok());
        let error = key(&"a".repeat(200), &"b".repeat(53), "v1", "MyApp").unwrap_err();
        assert_eq!(error.help(), Some("choose a shorter `--group`"));
    }

    #[test]
    fn a_crd_has_a_dotted_group_and_a_name_that_fits() {
        fn check(group: &str, domain: &str, expected: Option<&str>) {
            let key = key(group, domain, "v1", "MyApp").unwrap();
            let name = key.crd_name(&Plural::of(key.kind()).unwrap()).ok();
            assert_eq!(name.as_deref(), expected);
        }
        check("apps", "example.com", Some("myapps.apps.example.com"));
        check("", "example.com", Some("myapps.example.com"));
        check("apps", "", None);
        check("", "local", None);
        check(&"a".repeat(190), &"b".repeat(60), None);
    }

    #[test]
    fn protected_groups_are_known() {
        fn check(group: &str, domain: &str, expected: bool) {
            assert_eq!(
                key(group, domain, "v1", "A").unwrap().is_protected(),
                expected
            );
        }
        check("apps", "k8s.io", true);
        check("", "k8s.io", true);
        check("", "kubernetes.io", true);
        check("x", "y.kubernetes.io", true);
        check("apps", "myk8s.io", false);
        check("apps", "example.com", false);
    }

    #[test]
    fn keys_sort_by_group_kind_and_version() {
        let rows = [
            ("b", "v1", "A"),
            ("a", "v10", "A"),
            ("a", "v2", "A"),
            ("a", "v1", "B"),
        ];
        let mut keys = rows.map(|(group, version, kind)| key(group, "x.y", version, kind).unwrap());
        keys.sort();
        let texts = keys.map(|key| key.to_string());
        assert_eq!(
            texts,
            ["a.x.y/v2 A", "a.x.y/v10 A", "a.x.y/v1 B", "b.x.y/v1 A"]
        );
    }

    #[test]
    fn case_does_not_make_another_kind() {
        let one = key("a", "b.c", "v1", "MyApp").unwrap();
        assert!(one.same_group_kind(&key("a.b", "c", "v2", "MYApp").unwrap()));
        assert!(!one.same_group_kind(&key("x", "b.c", "v1", "MyApp").unwrap()));
    }
}

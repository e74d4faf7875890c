//! What one rule of a role allows, judged as the API server's RBAC judges it
//! (<https://github.com/kubernetes/kubernetes/blob/v1.35.0/pkg/apis/rbac/v1/evaluation_helpers.go>).

use serde::Deserialize;

use super::access::{Access, What, url_matches};
use crate::markers::rbac::RbacRule;

/// A rule: of resources, or of paths that are none.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Rule {
    #[serde(rename = "apiGroups")]
    pub(super) groups: Vec<String>,
    pub(super) resources: Vec<String>,
    #[serde(rename = "resourceNames")]
    pub(super) names: Vec<String>,
    pub(super) verbs: Vec<String>,
    #[serde(rename = "nonResourceURLs")]
    pub(super) urls: Vec<String>,
}

impl Rule {
    /// Whether it allows `access`, wherever it holds.
    pub(super) fn allows(&self, access: &Access) -> bool {
        let verb = has(&self.verbs, &access.verb);
        match &access.what {
            What::Url(path) => verb && self.urls.iter().any(|url| url_matches(url, path)),
            What::Resource {
                group,
                resource,
                name,
                ..
            } => {
                let named = self.names.is_empty() || self.names.contains(name);
                verb && named && has(&self.groups, group) && self.has_resource(resource)
            }
        }
    }

    /// What `cluster-admin` may: everything.
    pub(super) fn everything() -> Vec<Self> {
        let all = || vec!["*".to_owned()];
        let resources = Self {
            groups: all(),
            resources: all(),
            verbs: all(),
            ..Self::default()
        };
        let urls = Self {
            urls: all(),
            verbs: all(),
            ..Self::default()
        };
        vec![resources, urls]
    }

    fn has_resource(&self, resource: &str) -> bool {
        let of_all = resource.split_once('/').map(|(_, sub)| format!("*/{sub}"));
        has(&self.resources, resource) || of_all.is_some_and(|all| self.resources.contains(&all))
    }

    /// The rule taken apart: one for each thing that it allows.
    pub(super) fn atoms(&self) -> Vec<Self> {
        let groups = each(&self.groups);
        let resources = each(&self.resources);
        let names = each(&self.names);
        let urls = each(&self.urls);
        let mut atoms = Vec::new();
        for group in &groups {
            for resource in &resources {
                for name in &names {
                    for url in &urls {
                        for verb in &self.verbs {
                            atoms.push(Self {
                                groups: group.clone(),
                                resources: resource.clone(),
                                names: name.clone(),
                                urls: url.clone(),
                                verbs: vec![verb.clone()],
                            });
                        }
                    }
                }
            }
        }
        atoms.sort();
        atoms.dedup();
        atoms
    }

    /// Whether an asterisk stands for more than what is named. A path that ends
    /// with one is as narrow as paths with names in them can be.
    pub(super) fn is_wide(&self) -> bool {
        let lists = [&self.groups, &self.resources, &self.verbs];
        let all = self.urls.iter().any(|url| url == "*");
        all || lists.into_iter().flatten().any(|item| item.contains('*'))
    }
}

impl From<&RbacRule> for Rule {
    fn from(rule: &RbacRule) -> Self {
        let full_name = |group: &String| match group.as_str() {
            "core" => String::new(),
            _ => group.clone(),
        };
        Self {
            groups: rule.groups.iter().map(full_name).collect(),
            resources: rule.resources.clone(),
            names: rule.resource_names.clone(),
            verbs: rule.verbs.clone(),
            urls: rule.urls.clone(),
        }
    }
}

/// Whether `list` has the item, or an asterisk for all.
fn has(list: &[String], item: &str) -> bool {
    list.iter().any(|one| one == "*" || one == item)
}

/// A list for each item; one empty list where there is none.
fn each(list: &[String]) -> Vec<Vec<String>> {
    if list.is_empty() {
        return vec![Vec::new()];
    }
    list.iter().map(|item| vec![item.clone()]).collect()
}

//! Reads audit logs: which requests one user made, and what each of them needs.
//!
//! The format is `audit.k8s.io/v1` at the level `Metadata`
//! (<https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/>). A
//! refused request counts as well: the operator wanted it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::access::{Access, What};

/// What one user asked for, over all logs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// How many requests there were.
    pub requests: usize,
    /// What they needed, each with how it was seen.
    pub seen: BTreeMap<Access, Seen>,
    /// Who else made requests.
    pub others: BTreeSet<String>,
}

/// How a need showed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Seen {
    /// How often.
    pub times: usize,
    /// The first request that needed it: its method and path.
    pub example: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    #[serde(rename = "auditID", default)]
    id: String,
    verb: String,
    user: User,
    impersonated_user: Option<User>,
    #[serde(rename = "requestURI")]
    uri: String,
    object_ref: Option<ObjectRef>,
    response_status: Option<Status>,
}

#[derive(Deserialize)]
struct User {
    #[serde(default)]
    username: String,
    #[serde(default)]
    uid: String,
    #[serde(default)]
    groups: Vec<String>,
    #[serde(default)]
    extra: BTreeMap<String, Vec<String>>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct ObjectRef {
    api_group: String,
    resource: String,
    subresource: String,
    namespace: String,
    name: String,
}

#[derive(Deserialize)]
struct Status {
    code: Option<u16>,
}

impl Record {
    /// Adds what `user` did in one log.
    ///
    /// # Errors
    /// The number of the first line that is no audit event. A last line without
    /// its end is left out: the server was killed while it wrote.
    pub fn add(&mut self, log: &str, user: &str) -> Result<(), usize> {
        let mut known = BTreeSet::new();
        for (position, line) in log.split_inclusive('\n').enumerate() {
            if line.trim().is_empty() || !line.ends_with('\n') {
                continue;
            }
            let event: Event = serde_json::from_str(line).map_err(|_| position + 1)?;
            if event.user.username == user {
                self.take(&event, &mut known);
            } else {
                self.others.insert(event.user.username);
            }
        }
        Ok(())
    }

    /// A watch has two events, when it begins and when it ends.
    fn take(&mut self, event: &Event, known: &mut BTreeSet<String>) {
        let is_new = event.id.is_empty() || known.insert(event.id.clone());
        self.requests += usize::from(is_new);
        for access in event.needs() {
            let seen = self.seen.entry(access).or_default();
            seen.times += usize::from(is_new);
            if seen.example.is_empty() {
                seen.example = event.shown();
            }
        }
    }
}

impl Event {
    /// What the API server had to be allowed by the user's roles.
    fn needs(&self) -> Vec<Access> {
        if let Some(user) = &self.impersonated_user {
            return impersonation(user);
        }
        let Some(object) = &self.object_ref else {
            return vec![self.url()];
        };
        let mut needs = vec![object.access(&self.verb)];
        let created = self
            .response_status
            .as_ref()
            .is_some_and(|it| it.code == Some(201));
        // What an update or a patch creates must be allowed to be created, under its name:
        // `withAuthorization` in kube-apiserver's update and patch handlers.
        if created && matches!(self.verb.as_str(), "patch" | "update") {
            let mut create = object.access(&self.verb);
            "create".clone_into(&mut create.verb);
            needs.push(create);
        }
        needs
    }

    fn url(&self) -> Access {
        let path = self.uri.split('?').next().unwrap_or_default();
        Access {
            verb: self.verb.clone(),
            what: What::Url(path.to_owned()),
        }
    }

    fn shown(&self) -> String {
        let path = self.uri.split('?').next().unwrap_or_default();
        format!("{} {path}", self.verb)
    }
}

impl ObjectRef {
    fn access(&self, verb: &str) -> Access {
        // The log takes the name of a new object from its body; the URL, which is judged, has none.
        let named_by_url = verb != "create" || !self.subresource.is_empty();
        Access {
            verb: verb.to_owned(),
            what: What::Resource {
                group: self.api_group.clone(),
                resource: match self.subresource.as_str() {
                    "" => self.resource.clone(),
                    sub => format!("{}/{sub}", self.resource),
                },
                name: if named_by_url {
                    self.name.clone()
                } else {
                    String::new()
                },
                namespace: self.namespace.clone(),
            },
        }
    }
}

/// Who speaks for another needs no more than that; what the other one does is
/// the other one's right. The API server itself adds the groups that every
/// user, or every service account, is in.
fn impersonation(user: &User) -> Vec<Access> {
    let account = user.username.strip_prefix("system:serviceaccount:");
    let who = match account.and_then(|account| account.split_once(':')) {
        Some((namespace, name)) => spoken_for("", "serviceaccounts", name, namespace),
        None => spoken_for("", "users", &user.username, ""),
    };
    let given = |group: &&String| {
        *group != "system:authenticated" && !group.starts_with("system:serviceaccounts")
    };
    let groups = user.groups.iter().filter(given);
    let groups = groups.map(|group| spoken_for("", "groups", group, ""));
    let uid = Some(&user.uid).filter(|uid| !uid.is_empty());
    let uid = uid.map(|uid| spoken_for(AUTHENTICATION, "uids", uid, ""));
    let extra = user.extra.iter().flat_map(|(key, values)| {
        let resource = format!("userextras/{key}");
        let values = values.iter();
        values.map(move |value| spoken_for(AUTHENTICATION, &resource, value, ""))
    });
    let all = std::iter::once(who).chain(groups).chain(uid).chain(extra);
    all.collect()
}

/// The group of what else is said of somebody.
const AUTHENTICATION: &str = "authentication.k8s.io";

fn spoken_for(group: &str, resource: &str, name: &str, namespace: &str) -> Access {
    Access {
        verb: "impersonate".to_owned(),
        what: What::Resource {
            group: group.to_owned(),
            resource: resource.to_owned(),
            name: name.to_owned(),
            namespace: namespace.to_owned(),
        },
    }
}

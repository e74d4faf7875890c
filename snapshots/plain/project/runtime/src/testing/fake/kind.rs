//! The kinds that a fake serves.

use std::collections::HashMap;
use std::sync::OnceLock;

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use serde::Serialize;
use serde_json::{Value, json};

use super::builtin::{KINDS, LISTS};
use super::schema::{Place, Schema};
use crate::Object;
use crate::object::WatchScope as _;

/// One kind in one version.
#[derive(Clone, Debug)]
#[expect(clippy::struct_field_names, reason = "the API calls it so")]
pub(super) struct Kind {
    pub(super) group: String,
    pub(super) version: String,
    pub(super) kind: String,
    pub(super) plural: String,
    pub(super) namespaced: bool,
    /// Whether the status is a resource of its own.
    pub(super) status: bool,
    /// Whether `metadata.generation` is counted.
    pub(super) generation: bool,
    pub(super) source: Source,
    /// What its Rust type makes of an object.
    pub(super) typed: Option<Typed>,
    pub(super) selectable: Vec<String>,
}

/// Reads an object as a Rust type has it, and writes it again.
pub(super) type Typed = fn(&Value) -> Result<Value, serde_json::Error>;

fn typed<K: Object + Serialize>(object: &Value) -> Result<Value, serde_json::Error> {
    serde_json::to_value(K::deserialize(object)?)
}

/// Where the knowledge of a kind comes from.
#[derive(Clone, Debug)]
pub(super) enum Source {
    /// The table of Kubernetes' own kinds: the place of its type there.
    Builtin(usize),
    /// A CRD: its schema, whole and as the fake walks it.
    Crd(Box<(Value, Schema)>),
    /// Only a Rust type.
    Type(Schema),
    /// A kind of Kubernetes that isn't in the table.
    Unknown,
}

/// The table of Kubernetes' own kinds.
fn builtin() -> &'static (Schema, HashMap<String, usize>) {
    static TABLE: OnceLock<(Schema, HashMap<String, usize>)> = OnceLock::new();
    TABLE.get_or_init(|| Schema::from_table(LISTS))
}

impl Kind {
    pub(super) fn of<K: Object + Serialize>() -> Self {
        let dot = |name: std::borrow::Cow<'_, str>| name.into_owned();
        let (group, version) = (dot(K::group(&())), dot(K::version(&())));
        let (kind, plural) = (dot(K::kind(&())), dot(K::plural(&())));
        if let Some(found) = table(&group, &version, &kind) {
            return Self {
                typed: Some(typed::<K>),
                ..found
            };
        }
        let own = !group.contains('.') || group.ends_with(".k8s.io");
        Self {
            group,
            version,
            kind,
            plural,
            namespaced: K::Scope::NAMESPACED,
            status: true,
            generation: true,
            source: if own {
                Source::Unknown
            } else {
                Source::Type(Schema::unknown())
            },
            typed: Some(typed::<K>),
            selectable: Vec::new(),
        }
    }

    /// Each served version of a CRD.
    pub(super) fn of_crd(crd: &CustomResourceDefinition) -> Vec<Self> {
        let crd = serde_json::to_value(crd).unwrap_or_default();
        let spec = &crd["spec"];
        let versions = spec["versions"].as_array().into_iter().flatten();
        let served = versions.filter(|version| version["served"] == true);
        served
            .map(|version| Self::of_crd_version(spec, version))
            .collect()
    }

    fn of_crd_version(spec: &Value, version: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let schema = version["schema"]["openAPIV3Schema"].clone();
        let walked = Schema::from_crd(&schema);
        let fields = version["selectableFields"].as_array().into_iter().flatten();
        let path = |field: &Value| text(&field["jsonPath"]).trim_start_matches('.').to_owned();
        Self {
            group: text(&spec["group"]),
            version: text(&version["name"]),
            kind: text(&spec["names"]["kind"]),
            plural: text(&spec["names"]["plural"]),
            namespaced: spec["scope"] == "Namespaced",
            status: version["subresources"]["status"].is_object(),
            generation: true,
            source: Source::Crd(Box::new((schema, walked))),
            typed: None,
            selectable: fields.map(path).collect(),
        }
    }

    pub(super) fn place(&self) -> Place<'_> {
        match &self.source {
            Source::Builtin(root) => builtin().0.at(Some(*root)),
            Source::Crd(schema) => schema.1.at(Some(0)),
            Source::Type(schema) => schema.at(Some(0)),
            Source::Unknown => builtin().0.at(None),
        }
    }

    pub(super) fn is_builtin(&self) -> bool {
        matches!(self.source, Source::Builtin(_))
    }

    /// `deployments.apps`, as messages name it.
    pub(super) fn resource(&self) -> String {
        match self.group.as_str() {
            "" => self.plural.clone(),
            group => format!("{}.{group}", self.plural),
        }
    }

    pub(super) fn api_version(&self) -> String {
        match self.group.as_str() {
            "" => self.version.clone(),
            group => format!("{group}/{}", self.version),
        }
    }

    /// Whether a field selector may name this field.
    pub(super) fn can_select(&self, path: &str) -> bool {
        let own: &[&str] = match (self.group.as_str(), self.kind.as_str()) {
            ("", "Pod") => &[
                "spec.nodeName",
                "spec.restartPolicy",
                "spec.schedulerName",
                "spec.serviceAccountName",
                "status.phase",
                "status.podIP",
            ],
            ("", "Secret") => &["type"],
            ("", "Namespace") => &["status.phase"],
            ("", "Node") => &["spec.unschedulable"],
            ("", "Service") => &["spec.clusterIP", "spec.type"],
            ("", "Event") => &[
                "involvedObject.kind",
                "involvedObject.namespace",
                "involvedObject.name",
                "involvedObject.uid",
                "reason",
                "type",
            ],
            ("events.k8s.io", "Event") => &[
                "regarding.kind",
                "regarding.namespace",
                "regarding.name",
                "regarding.uid",
                "reason",
                "type",
            ],
            _ => &[],
        };
        path == "metadata.name"
            || (path == "metadata.namespace" && self.namespaced)
            || own.contains(&path)
            || self.selectable.iter().any(|field| field == path)
    }

    /// Whether a dependent outlives its owner unless the deletion says otherwise.
    pub(super) fn orphans_by_default(&self) -> bool {
        self.is_builtin() && matches!(self.plural.as_str(), "jobs" | "replicationcontrollers")
    }

    /// Whether an update must say which version of the object it has seen.
    pub(super) fn wants_version(&self) -> bool {
        !self.is_builtin() || matches!(self.kind.as_str(), "Lease" | "PodDisruptionBudget")
    }

    pub(super) fn list(&self, version: u64, items: &[Value]) -> Value {
        json!({
            "apiVersion": self.api_version(), "kind": format!("{}List", self.kind),
            "metadata": { "resourceVersion": version.to_string() }, "items": items,
        })
    }
}

fn table(group: &str, version: &str, kind: &str) -> Option<Kind> {
    let group = if group.is_empty() { "-" } else { group };
    let columns = |line: &'static str| line.split(' ').collect::<Vec<_>>();
    let row = KINDS
        .lines()
        .map(columns)
        .find(|row| row.starts_with(&[group, version, kind]))?;
    let [_, _, _, plural, scope, status, generation, type_] = row.try_into().ok()?;
    let root = *builtin().1.get(type_)?;
    Some(Kind {
        group: group.trim_start_matches('-').to_owned(),
        version: version.to_owned(),
        kind: kind.to_owned(),
        plural: plural.to_owned(),
        namespaced: scope != "-",
        status: status != "-",
        generation: generation != "-",
        source: Source::Builtin(root),
        typed: None,
        selectable: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use k8s_openapi::api::apps::v1::Deployment;
    use k8s_openapi::api::core::v1::ConfigMap;

    use super::*;
    use crate::testing::fake::schema::Relation;

    #[test]
    fn the_containers_of_a_deployment_are_told_apart_by_name() {
        let kind = Kind::of::<Deployment>();
        assert!(kind.status && kind.generation && kind.namespaced);
        let pod = kind.place().field("spec").field("template").field("spec");
        let name = Relation::Associative(vec!["name".to_owned()]);
        assert_eq!(pod.field("containers").relation(), &name);
        assert_eq!(
            pod.field("containers")
                .element()
                .field("command")
                .relation(),
            &Relation::Deduced
        );
        assert_eq!(
            kind.place().field("spec").field("selector").relation(),
            &Relation::Atomic
        );
        assert_eq!(
            kind.place()
                .field("metadata")
                .field("finalizers")
                .relation(),
            &Relation::Set
        );
    }

    #[test]
    fn a_config_map_has_no_status_and_no_generation() {
        let kind = Kind::of::<ConfigMap>();
        assert!(!kind.status && !kind.generation);
    }
}

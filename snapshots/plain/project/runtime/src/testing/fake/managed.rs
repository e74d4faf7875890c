//! Who set which fields: `metadata.managedFields`.

use serde_json::{Value, json};

use super::cluster::now;
use super::fields::{FieldSet, Step};
use super::kind::Kind;
use super::walk::Difference;

/// Who writes, and where.
#[derive(Clone, Debug)]
pub(super) struct Writer {
    pub(super) manager: String,
    pub(super) subresource: Option<String>,
}

/// One manager's fields.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry {
    manager: String,
    applies: bool,
    api_version: String,
    subresource: String,
    time: String,
    pub(super) fields: FieldSet,
}

/// All managers of an object.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Managers(Vec<Entry>);

impl Entry {
    fn read(value: &Value) -> Self {
        let text = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
        Self {
            manager: text("manager"),
            applies: value["operation"] == "Apply",
            api_version: text("apiVersion"),
            subresource: text("subresource"),
            time: text("time"),
            fields: FieldSet::from_value(&value["fieldsV1"]),
        }
    }

    fn to_value(&self) -> Value {
        let mut value = json!({
            "manager": self.manager, "operation": self.operation(), "apiVersion": self.api_version,
            "time": self.time, "fieldsType": "FieldsV1", "fieldsV1": self.fields.to_value(),
        });
        if !self.subresource.is_empty() {
            value["subresource"] = json!(self.subresource);
        }
        value
    }

    fn operation(&self) -> &'static str {
        if self.applies { "Apply" } else { "Update" }
    }

    fn is_of(&self, writer: &Writer, applies: bool) -> bool {
        let subresource = writer.subresource.as_deref().unwrap_or_default();
        self.manager == writer.manager && self.applies == applies && self.subresource == subresource
    }

    /// As a message names it.
    fn said(&self) -> String {
        if self.applies {
            self.manager.clone()
        } else {
            format!("{} using {}", self.manager, self.api_version)
        }
    }
}

impl Managers {
    pub(super) fn of(object: &Value) -> Self {
        let entries = object["metadata"]["managedFields"].as_array();
        Self(entries.into_iter().flatten().map(Entry::read).collect())
    }

    pub(super) fn write_to(mut self, object: &mut Value) {
        self.0.retain(|entry| !entry.fields.is_empty());
        self.0
            .sort_by_key(|entry| (entry.operation(), entry.time.clone(), entry.manager.clone()));
        let entries: Vec<Value> = self.0.iter().map(Entry::to_value).collect();
        object["metadata"]["managedFields"] = json!(entries);
        if let (true, Some(metadata)) = (entries.is_empty(), object["metadata"].as_object_mut()) {
            metadata.remove("managedFields");
        }
    }

    /// What `writer` has, as of its last write of this sort.
    pub(super) fn fields_of(&self, writer: &Writer, applies: bool) -> FieldSet {
        let found = self.0.iter().find(|entry| entry.is_of(writer, applies));
        found.map(|entry| entry.fields.clone()).unwrap_or_default()
    }

    pub(super) fn set(&mut self, kind: &Kind, writer: &Writer, applies: bool, fields: FieldSet) {
        let found = self.0.iter_mut().find(|entry| entry.is_of(writer, applies));
        let Some(entry) = found else {
            self.0.push(Entry {
                manager: writer.manager.clone(),
                applies,
                api_version: kind.api_version(),
                subresource: writer.subresource.clone().unwrap_or_default(),
                time: now(),
                fields,
            });
            return;
        };
        if entry.fields != fields {
            entry.fields = fields;
            entry.time = now();
        }
    }

    /// All fields that anybody has.
    pub(super) fn all(&self) -> FieldSet {
        let fields = self.0.iter().map(|entry| &entry.fields);
        fields.fold(FieldSet::default(), |all, each| all.union(each))
    }

    /// Which of the written fields others have: who, and which.
    pub(super) fn conflicts(
        &self,
        writer: &Writer,
        applies: bool,
        written: &FieldSet,
    ) -> Vec<(String, Vec<Step>)> {
        let others = self.0.iter().filter(|entry| !entry.is_of(writer, applies));
        let taken = others.flat_map(|entry| {
            let fields = entry.fields.intersection(written).0;
            fields.into_iter().map(|path| (entry.said(), path))
        });
        taken.collect()
    }

    /// What was written belongs to nobody else any more, what was removed to nobody.
    pub(super) fn take(&mut self, writer: &Writer, applies: bool, difference: &Difference) {
        for entry in &mut self.0 {
            let mut left = entry.fields.difference(&difference.removed);
            if !entry.is_of(writer, applies) {
                left = left.difference(&difference.written);
            }
            if left != entry.fields {
                entry.fields = left;
                entry.time = now();
            }
        }
    }

    /// Keeps book of a write that is no server-side apply.
    pub(super) fn update(&mut self, kind: &Kind, writer: &Writer, difference: &Difference) {
        let before = self.fields_of(writer, false);
        self.take(writer, false, difference);
        let fields = before
            .difference(&difference.removed)
            .union(&tracked(&difference.written));
        if !fields.is_empty() {
            self.set(kind, writer, false, fields);
        }
    }
}

/// Without the fields that belong to the server, or say which object it is.
pub(super) fn tracked(fields: &FieldSet) -> FieldSet {
    const UNTRACKED: [&str; 8] = [
        "f:name",
        "f:namespace",
        "f:uid",
        "f:creationTimestamp",
        "f:generation",
        "f:managedFields",
        "f:resourceVersion",
        "f:selfLink",
    ];
    fields.filter(|path| match path {
        [first] => !matches!(first.as_str(), "f:apiVersion" | "f:kind" | "f:metadata"),
        [first, second, ..] => first != "f:metadata" || !UNTRACKED.contains(&second.as_str()),
        [] => false,
    })
}

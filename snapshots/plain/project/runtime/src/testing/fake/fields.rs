//! Sets of fields, as they stand in an object's `managedFields`.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

/// One step of a path: `f:name`, `k:{"name":"a"}` or `v:"a"`, as the API writes them.
pub(super) type Step = String;

/// A path from the root of an object.
pub(super) type Path = Vec<Step>;

/// Paths; a path in it doesn't bring along those below it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct FieldSet(pub(super) BTreeSet<Path>);

impl FieldSet {
    pub(super) fn insert(&mut self, path: &[Step]) {
        self.0.insert(path.to_vec());
    }

    pub(super) fn contains(&self, path: &[Step]) -> bool {
        self.0.contains(path)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn union(&self, other: &Self) -> Self {
        Self(&self.0 | &other.0)
    }

    pub(super) fn difference(&self, other: &Self) -> Self {
        Self(&self.0 - &other.0)
    }

    pub(super) fn intersection(&self, other: &Self) -> Self {
        Self(&self.0 & &other.0)
    }

    /// The paths for which `keep` is true.
    pub(super) fn filter(&self, keep: impl Fn(&[Step]) -> bool) -> Self {
        Self(self.0.iter().filter(|path| keep(path)).cloned().collect())
    }

    /// With the fields on the way to each path: what a struct's field owns, its struct does.
    pub(super) fn with_named_parents(&self) -> Self {
        let mut all = self.clone();
        for path in &self.0 {
            for length in 1..path.len() {
                if path[length - 1].starts_with("f:") {
                    all.insert(&path[..length]);
                }
            }
        }
        all
    }

    /// The API's `FieldsV1`.
    pub(super) fn to_value(&self) -> Value {
        let mut root = json!({});
        for path in &self.0 {
            let mut place = &mut root;
            for step in path {
                place = child(place, step);
            }
            child(place, ".");
        }
        without_lone_dots(root)
    }

    pub(super) fn from_value(value: &Value) -> Self {
        let mut set = Self::default();
        read(value, &mut Vec::new(), &mut set);
        set
    }
}

fn child<'a>(place: &'a mut Value, step: &str) -> &'a mut Value {
    if !place.is_object() {
        *place = json!({});
    }
    &mut place[step]
}

/// A path without others below it is an empty map, and not one with a dot in it.
fn without_lone_dots(value: Value) -> Value {
    let Value::Object(fields) = value else {
        return json!({});
    };
    if fields.len() == 1 && fields.contains_key(".") {
        return json!({});
    }
    let fields = fields
        .into_iter()
        .map(|(step, below)| (step, without_lone_dots(below)));
    Value::Object(fields.collect::<Map<_, _>>())
}

fn read(value: &Value, path: &mut Path, set: &mut FieldSet) {
    let Some(fields) = value.as_object() else {
        return;
    };
    if fields.is_empty() && !path.is_empty() {
        set.insert(path);
    }
    for (step, below) in fields {
        if step == "." {
            set.insert(path);
            continue;
        }
        path.push(step.clone());
        read(below, path, set);
        path.pop();
    }
}

/// A path for people: `.spec.containers[name="a"].image`.
pub(super) fn display(path: &[Step]) -> String {
    let step = |step: &Step| match step.split_at_checked(2) {
        Some(("f:", name)) => format!(".{name}"),
        Some(("k:", key)) => {
            let key: Map<String, Value> = serde_json::from_str(key).unwrap_or_default();
            let pairs = key.iter().map(|(name, value)| format!("{name}={value}"));
            format!("[{}]", pairs.collect::<Vec<_>>().join(","))
        }
        Some((_, value)) => format!("[={value}]"),
        None => String::new(),
    };
    path.iter().map(step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_is_written_as_the_api_has_it_and_read_again() {
        let value = json!({
            "f:metadata": {"f:labels": {".": {}, "f:a": {}}, "f:finalizers": {"v:\"x\"": {}}},
            "f:spec": {"f:containers": {"k:{\"name\":\"c\"}": {".": {}, "f:image": {}}}},
        });
        let set = FieldSet::from_value(&value);
        assert_eq!(set.0.len(), 5);
        assert_eq!(set.to_value(), value);
    }

    #[test]
    fn paths_are_shown_as_the_server_does() {
        let path = ["f:spec", r#"k:{"name":"c","port":80}"#, "f:x", "v:1"].map(str::to_owned);
        assert_eq!(display(&path), r#".spec[name="c",port=80].x[=1]"#);
    }
}

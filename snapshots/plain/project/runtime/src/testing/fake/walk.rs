//! Walks over typed values: which fields one has, what differs between two, and how they are merged.
//!
//! The rules are those of Kubernetes' structured merge: maps by key, lists as
//! the schema says.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::fields::{FieldSet, Path, Step};
use super::schema::{Place, Relation};

/// What differs between an old and a new value.
#[derive(Clone, Debug, Default)]
pub(super) struct Difference {
    /// Fields with another value, and new ones.
    pub(super) written: FieldSet,
    /// Fields that are gone.
    pub(super) removed: FieldSet,
}

/// A list whose schema doesn't fit it, for example an item without its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Misfit(pub(super) String);

type Fits<T> = Result<T, Misfit>;

/// A part of a value: how it is told from the others, and its own place.
type Child<'a> = (Step, &'a Value, Place<'a>);

/// Children that are merged one by one, in their order; `None` for what is one value, as a list with the same item twice.
fn children<'a>(value: &'a Value, place: Place<'a>) -> Fits<Option<Vec<Child<'a>>>> {
    match (value, place.relation()) {
        (_, Relation::Atomic) => Ok(None),
        (Value::Object(fields), _) => {
            let child =
                |(name, value): (&'a String, _)| (format!("f:{name}"), value, place.field(name));
            Ok(Some(fields.iter().map(child).collect()))
        }
        (Value::Array(items), _) if duplicate(items, place.relation())?.is_some() => Ok(None),
        (Value::Array(items), Relation::Set) => {
            let item = |value: &'a Value| (format!("v:{value}"), value, place.element());
            Ok(Some(items.iter().map(item).collect()))
        }
        (Value::Array(items), Relation::Associative(keys)) => {
            let item = |value| Ok((key(value, keys)?, value, place.element()));
            items.iter().map(item).collect::<Fits<_>>().map(Some)
        }
        _ => Ok(None),
    }
}

/// The first item of a set, or of a list with keys, that was there before.
pub(super) fn duplicate(items: &[Value], relation: &Relation) -> Fits<Option<usize>> {
    let mut seen = BTreeSet::new();
    for (index, item) in items.iter().enumerate() {
        let name = match relation {
            Relation::Set => item.to_string(),
            Relation::Associative(keys) => key(item, keys)?,
            Relation::Deduced | Relation::Atomic => return Ok(None),
        };
        if !seen.insert(name) {
            return Ok(Some(index));
        }
    }
    Ok(None)
}

fn key(item: &Value, keys: &[String]) -> Fits<Step> {
    let mut found = BTreeMap::new();
    for key in keys {
        match &item[key] {
            // The one key of Kubernetes' own kinds that may be left out.
            Value::Null if key == "protocol" => found.insert(key, Value::from("TCP")),
            Value::Null => return Err(Misfit(format!("an item of a list has no `{key}`"))),
            value => found.insert(key, value.clone()),
        };
    }
    let fields = found.into_iter().map(|(name, value)| (name.clone(), value));
    Ok(format!("k:{}", Value::Object(fields.collect())))
}

fn is_item(step: &str) -> bool {
    !step.starts_with("f:")
}

/// The fields that a value sets.
pub(super) fn fields_of(value: &Value, place: Place<'_>) -> Fits<FieldSet> {
    let mut set = FieldSet::default();
    collect(value, place, &mut Path::new(), &mut set)?;
    Ok(set)
}

fn collect(value: &Value, place: Place<'_>, path: &mut Path, set: &mut FieldSet) -> Fits<()> {
    if let Value::Array(items) = value
        && duplicate(items, place.relation())?.is_some()
    {
        return Err(Misfit("an item of a list is there twice".to_owned()));
    }
    let children = children(value, place)?.filter(|children| !children.is_empty());
    let Some(children) = children else {
        set.insert(path);
        return Ok(());
    };
    for (step, child, child_place) in children {
        path.push(step);
        let step = &path[path.len() - 1];
        let named = step.strip_prefix("f:");
        if is_item(step) || named.is_some_and(|name| place.is_key(name)) {
            set.insert(path);
        }
        collect(child, child_place, path, set)?;
        path.pop();
    }
    Ok(())
}

/// What has to be written and removed to come from `old` to `new`.
pub(super) fn difference(old: &Value, new: &Value, place: Place<'_>) -> Fits<Difference> {
    let mut found = Difference::default();
    compare(old, new, place, &mut Path::new(), &mut found)?;
    Ok(found)
}

fn compare(
    old: &Value,
    new: &Value,
    place: Place<'_>,
    path: &mut Path,
    found: &mut Difference,
) -> Fits<()> {
    if old == new {
        return Ok(());
    }
    let (Some(olds), Some(news)) = (children(old, place)?, children(new, place)?) else {
        found.written.insert(path);
        return Ok(());
    };
    for (step, new, child_place) in &news {
        path.push(step.clone());
        match olds.iter().find(|(each, _, _)| each == step) {
            Some((_, old, _)) => compare(old, new, *child_place, path, found)?,
            None => whole(new, *child_place, path, &mut found.written)?,
        }
        path.pop();
    }
    for (step, old, child_place) in &olds {
        if !news.iter().any(|(each, _, _)| each == step) {
            path.push(step.clone());
            whole(old, *child_place, path, &mut found.removed)?;
            path.pop();
        }
    }
    Ok(())
}

fn whole(value: &Value, place: Place<'_>, path: &mut Path, set: &mut FieldSet) -> Fits<()> {
    set.insert(path);
    for (step, child, child_place) in children(value, place)?.into_iter().flatten() {
        path.push(step);
        whole(child, child_place, path, set)?;
        path.pop();
    }
    Ok(())
}

/// `live` with what `applied` sets.
pub(super) fn merge(live: &Value, applied: &Value, place: Place<'_>) -> Fits<Value> {
    let (Some(olds), Some(news)) = (children(live, place)?, children(applied, place)?) else {
        return Ok(applied.clone());
    };
    let find = |step: &Step| olds.iter().find(|(each, _, _)| each == step);
    let merged = |(step, new, place): &(Step, &Value, Place<'_>)| match find(step) {
        Some((_, old, _)) => merge(old, new, *place),
        None => merge(&Value::Null, new, *place),
    };
    if let (Value::Object(live), Value::Object(_)) = (live, applied) {
        let mut fields = live.clone();
        for child in &news {
            let name = child.0.get(2..).unwrap_or_default().to_owned();
            fields.insert(name, merged(child)?);
        }
        return Ok(Value::Object(fields));
    }
    // Items that only the server has keep their place between those that both have.
    let mut items = Vec::new();
    let is_new = |step: &Step| news.iter().any(|(each, _, _)| each == step);
    let mut rest = olds.iter().peekable();
    for child in &news {
        while let Some((_, old, _)) = rest.next_if(|(step, _, _)| !is_new(step)) {
            items.push((*old).clone());
        }
        items.push(merged(child)?);
        rest.next_if(|(step, _, _)| *step == child.0);
    }
    items.extend(
        rest.filter(|(step, _, _)| !is_new(step))
            .map(|(_, old, _)| (*old).clone()),
    );
    Ok(Value::Array(items))
}

/// `value` without the fields that `gone` names, and what is below them.
pub(super) fn without(
    value: &Value,
    place: Place<'_>,
    gone: &dyn Fn(&[Step]) -> bool,
) -> Fits<Value> {
    prune(value, place, &mut Path::new(), gone)
}

fn prune(
    value: &Value,
    place: Place<'_>,
    path: &mut Path,
    gone: &dyn Fn(&[Step]) -> bool,
) -> Fits<Value> {
    let Some(children) = children(value, place)? else {
        return Ok(value.clone());
    };
    let mut kept = Vec::new();
    for (step, child, child_place) in children {
        path.push(step);
        if !gone(path) {
            let name = path[path.len() - 1].get(2..).unwrap_or_default();
            kept.push((name.to_owned(), prune(child, child_place, path, gone)?));
        }
        path.pop();
    }
    Ok(match value {
        Value::Array(_) => kept.into_iter().map(|(_, child)| child).collect(),
        _ => Value::Object(kept.into_iter().collect()),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::fake::schema::Schema;

    fn schema() -> Schema {
        Schema::from_crd(&json!({"properties": {"spec": {"properties": {
            "ports": {"x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"],
                "items": {"properties": {"name": {}, "port": {}}}},
            "words": {"x-kubernetes-list-type": "set"},
            "whole": {"x-kubernetes-map-type": "atomic"},
            "list": {"items": {}},
            "labels": {"additionalProperties": {}},
        }}}}))
    }

    #[test]
    fn lists_are_merged_as_their_schema_says() {
        let schema = schema();
        let check = |live: Value, applied: Value, expected: Value| {
            let (live, applied) = (json!({"spec": live}), json!({"spec": applied}));
            let merged = merge(&live, &applied, schema.at(Some(0))).unwrap();
            assert_eq!(merged["spec"], expected);
        };
        check(
            json!({"ports": [{"name": "a", "port": 1}, {"name": "b", "port": 2}]}),
            json!({"ports": [{"name": "b", "port": 3}, {"name": "c"}]}),
            json!({"ports": [{"name": "a", "port": 1}, {"name": "b", "port": 3}, {"name": "c"}]}),
        );
        check(
            json!({"words": ["a", "b"]}),
            json!({"words": ["b", "c"]}),
            json!({"words": ["a", "b", "c"]}),
        );
        check(
            json!({"whole": {"a": 1}}),
            json!({"whole": {"b": 1}}),
            json!({"whole": {"b": 1}}),
        );
        check(
            json!({"list": [1]}),
            json!({"list": [2]}),
            json!({"list": [2]}),
        );
        check(
            json!({"labels": {"a": 1}}),
            json!({"labels": {"b": 1}}),
            json!({"labels": {"a": 1, "b": 1}}),
        );
    }

    #[test]
    fn an_item_without_its_key_is_no_item() {
        let schema = schema();
        let value = json!({"spec": {"ports": [{"port": 1}]}});
        let error = fields_of(&value, schema.at(Some(0))).unwrap_err();
        assert_eq!(error.0, "an item of a list has no `name`");
    }
}

//! Reads a YAML map key by key, so that what is left over can be kept.

use serde_yaml::{Mapping, Value};

use super::ProjectError;
use crate::resource::NameError;

/// A map whose known keys are taken out one after the other.
pub(super) struct Fields {
    map: Mapping,
    /// Where this map stands, for messages: empty, or `resources[0].`.
    prefix: String,
}

impl Fields {
    pub(super) fn of(value: Value, key: &str) -> Result<Self, ProjectError> {
        let prefix = if key.is_empty() {
            String::new()
        } else {
            format!("{key}.")
        };
        match value {
            Value::Mapping(map) => Ok(Self { map, prefix }),
            Value::Null => Ok(Self {
                map: Mapping::new(),
                prefix,
            }),
            _ => Err(ProjectError::Value {
                key: key.to_owned(),
                expected: "a map",
            }),
        }
    }

    /// The keys that nobody took, in their order.
    pub(super) fn rest(self) -> Mapping {
        self.map
    }

    pub(super) fn key(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    pub(super) fn take(&mut self, name: &str) -> Value {
        self.map.shift_remove(name).unwrap_or(Value::Null)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.map.contains_key(name)
    }

    pub(super) fn bool(&mut self, name: &str) -> Result<bool, ProjectError> {
        match self.take(name) {
            Value::Bool(value) => Ok(value),
            Value::Null => Ok(false),
            _ => Err(self.wrong(name, "true or false")),
        }
    }

    pub(super) fn text(&mut self, name: &str) -> Result<String, ProjectError> {
        match self.take(name) {
            Value::String(text) => Ok(text),
            Value::Number(number) => Ok(number.to_string()),
            Value::Null => Ok(String::new()),
            _ => Err(self.wrong(name, "a text")),
        }
    }

    pub(super) fn list(&mut self, name: &str) -> Result<Vec<Value>, ProjectError> {
        match self.take(name) {
            Value::Sequence(list) => Ok(list),
            Value::Null => Ok(Vec::new()),
            _ => Err(self.wrong(name, "a list")),
        }
    }

    /// Takes a text and makes a checked name of it.
    pub(super) fn name<T>(
        &mut self,
        name: &str,
        new: impl FnOnce(&str) -> Result<T, NameError>,
    ) -> Result<T, ProjectError> {
        let text = self.text(name)?;
        new(&text).map_err(|error| ProjectError::Name {
            key: self.key(name),
            error,
        })
    }

    /// A resource whose type comes from nowhere, or from several places.
    pub(super) fn wrong_place(&self) -> ProjectError {
        ProjectError::Value {
            key: self.prefix.trim_end_matches('.').to_owned(),
            expected: "a resource with one of `api`, `core` and `external`",
        }
    }

    pub(super) fn wrong(&self, name: &str, expected: &'static str) -> ProjectError {
        ProjectError::Value {
            key: self.key(name),
            expected,
        }
    }
}

/// Writes a map with sorted keys, as kubebuilder does; empty values are left out.
pub(super) struct Writer(Mapping);

impl Writer {
    /// Begins with the keys that rustop does not know.
    pub(super) fn with_rest(rest: &Mapping) -> Self {
        Self(rest.clone())
    }

    pub(super) fn text(&mut self, key: &str, text: &str) {
        if !text.is_empty() {
            self.value(key, Value::String(text.to_owned()));
        }
    }

    pub(super) fn flag(&mut self, key: &str, flag: bool) {
        if flag {
            self.value(key, Value::Bool(true));
        }
    }

    pub(super) fn list(&mut self, key: &str, list: Vec<Value>) {
        if !list.is_empty() {
            self.value(key, Value::Sequence(list));
        }
    }

    pub(super) fn value(&mut self, key: &str, value: Value) {
        self.0.insert(Value::String(key.to_owned()), value);
    }

    pub(super) fn sorted(self) -> Value {
        let mut entries: Vec<(Value, Value)> = self.0.into_iter().collect();
        entries.sort_by(|(first, _), (second, _)| first.as_str().cmp(&second.as_str()));
        Value::Mapping(entries.into_iter().collect())
    }
}

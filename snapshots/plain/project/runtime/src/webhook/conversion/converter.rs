//! Hub and spokes.

use std::fmt::Display;
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use super::partial::{self, read};
use super::{ConversionError, metadata};
use crate::Object;

/// Converts the objects of a kind between its versions: each version to the hub and back, and so every version to every
/// other. For [`Manager::conversion`](crate::Manager::conversion).
///
/// The conversion itself is std's `TryFrom` (or `From`, which never fails) between the types, both ways. It may leave
/// out the metadata: name, namespace, owners and all the rest are kept; labels and annotations that it sets are taken
/// over. A conversion should lose nothing: what one version can't say belongs in an annotation, and
/// `testing::conversion::round_trip` shows what is lost.
///
/// Where managers apply in several versions, the API server asks for the conversion of parts of an object. A field that
/// is missing though its type can't do without it has the zero value of its type, as in Go: `""`, 0, false, empty, the
/// first variant of an enum. So a conversion doesn't fail on these. An object without `spec` that can't be converted is
/// given back with its metadata alone.
///
/// ```
/// # mod v1 {
/// #     use kube::CustomResource; use serde::{Deserialize, Serialize};
/// #     #[derive(CustomResource, Clone, Debug, Default, Deserialize, Serialize)]
/// #     #[kube(group = "apps.example.com", version = "v1", kind = "MyApp", namespaced, schema = "disabled")]
/// #     pub struct MyAppSpec { pub replicas: i32 }
/// # }
/// # mod v1beta1 {
/// #     use kube::CustomResource; use serde::{Deserialize, Serialize};
/// #     #[derive(CustomResource, Clone, Debug, Default, Deserialize, Serialize)]
/// #     #[kube(group = "apps.example.com", version = "v1beta1", kind = "MyApp", namespaced, schema = "disabled")]
/// #     pub struct MyAppSpec { pub size: i32 }
/// # }
/// use rustop_runtime::{Converter, Manager};
///
/// impl From<v1beta1::MyApp> for v1::MyApp {
///     fn from(old: v1beta1::MyApp) -> Self {
///         let spec = v1::MyAppSpec { replicas: old.spec.size };
///         Self { metadata: old.metadata, spec }
///     }
/// }
///
/// impl From<v1::MyApp> for v1beta1::MyApp {
///     fn from(new: v1::MyApp) -> Self {
///         let spec = v1beta1::MyAppSpec { size: new.spec.replicas };
///         Self { metadata: new.metadata, spec }
///     }
/// }
///
/// fn register(manager: &mut Manager) {
///     manager.conversion(Converter::<v1::MyApp>::new().spoke::<v1beta1::MyApp>());
/// }
/// ```
#[must_use = "a converter does nothing until it is given to a manager"]
pub struct Converter<H> {
    versions: Vec<Version<H>>,
}

/// One version, and the ways between it and the hub.
struct Version<H> {
    name: String,
    to_hub: fn(&Value) -> Result<H, String>,
    from_hub: fn(H) -> Result<Value, String>,
}

impl<H: Object + Serialize> Converter<H> {
    /// With `H` as the hub, and no other version yet.
    pub fn new() -> Self {
        let hub = Version {
            name: H::api_version(&()).into_owned(),
            to_hub: read::<H>,
            from_hub: |hub| write(&hub),
        };
        Self {
            versions: vec![hub],
        }
    }

    /// Adds a version that can be made of the hub, and the hub of it.
    pub fn spoke<S>(mut self) -> Self
    where
        S: Object + Serialize + TryFrom<H, Error: Display>,
        H: TryFrom<S, Error: Display>,
    {
        self.versions.push(Version {
            name: S::api_version(&()).into_owned(),
            to_hub: |object| H::try_from(read::<S>(object)?).map_err(|error| error.to_string()),
            from_hub: |hub| write(&S::try_from(hub).map_err(|error| error.to_string())?),
        });
        self
    }

    fn version(&self, name: &str) -> Option<&Version<H>> {
        let mut versions = self.versions.iter();
        versions.find(|version| version.name == name)
    }
}

#[cfg(any(test, feature = "testing"))]
impl<H: Object + Serialize> Converter<H> {
    /// One object, without a server.
    pub(crate) fn convert_one(
        &self,
        object: &Value,
        from: &str,
        to: &str,
    ) -> Result<Value, ConversionError> {
        Convert::convert(self, object, from, to)
    }
}

impl<H: Object + Serialize> Default for Converter<H> {
    fn default() -> Self {
        Self::new()
    }
}

fn write<K: Serialize>(object: &K) -> Result<Value, String> {
    serde_json::to_value(object).map_err(|error| error.to_string())
}

/// A converter whose hub is forgotten.
pub(crate) trait Convert: Send + Sync {
    fn group(&self) -> String;

    fn kind(&self) -> String;

    /// `object` in the version `to`. An object that has it already is passed through.
    fn convert(&self, object: &Value, from: &str, to: &str) -> Result<Value, ConversionError>;
}

impl<H: Object + Serialize> Convert for Converter<H> {
    fn group(&self) -> String {
        H::group(&()).into_owned()
    }

    fn kind(&self) -> String {
        H::kind(&()).into_owned()
    }

    fn convert(&self, object: &Value, from: &str, to: &str) -> Result<Value, ConversionError> {
        let unknown = |unknown: &str| ConversionError::UnknownVersion {
            object: name(object),
            from: from.to_owned(),
            to: to.to_owned(),
            unknown: unknown.to_owned(),
            known: list(self.versions.iter().map(|known| known.name.clone())),
        };
        let source = self.version(from).ok_or_else(|| unknown(from))?;
        let target = self.version(to).ok_or_else(|| unknown(to))?;
        let hub = (source.to_hub)(object);
        let converted = hub.and_then(|hub| (target.from_hub)(hub));
        let failed = |reason| ConversionError::Failed {
            object: name(object),
            from: from.to_owned(),
            to: to.to_owned(),
            reason,
        };
        let mut converted = match converted {
            Ok(converted) => converted,
            Err(reason) => partial::without_spec(object).ok_or_else(|| failed(reason))?,
        };
        metadata::keep(object, &mut converted);
        converted["apiVersion"] = to.into();
        converted["kind"] = self.kind().into();
        Ok(converted)
    }
}

/// `MyApp default/name`, for messages.
fn name(object: &Value) -> String {
    let text = |pointer| object.pointer(pointer).and_then(Value::as_str);
    let kind = text("/kind").unwrap_or_default();
    let name = text("/metadata/name").unwrap_or_default();
    match text("/metadata/namespace") {
        Some(namespace) => format!("{kind} {namespace}/{name}"),
        None => format!("{kind} {name}"),
    }
}

fn list(names: impl Iterator<Item = String>) -> String {
    let names: Vec<String> = names.map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

/// All converters of a manager: there is one path for all kinds.
#[derive(Clone, Default)]
pub(crate) struct Converters(Vec<Arc<dyn Convert>>);

impl Converters {
    pub(crate) fn add(&mut self, converter: impl Convert + 'static) {
        self.0.push(Arc::new(converter));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A kind that has two converters, if there is one.
    pub(crate) fn duplicate(&self) -> Option<String> {
        let kinds: Vec<_> = self.0.iter().map(|it| (it.group(), it.kind())).collect();
        let mut rest = kinds.iter().enumerate();
        let twice = rest.find(|&(index, kind)| kinds[..index].contains(kind));
        twice.map(|(_, (group, kind))| format!("{kind}.{group}"))
    }

    /// The object with this place in the request, in the version `to`.
    pub(crate) fn convert(
        &self,
        index: usize,
        object: &Value,
        to: &str,
    ) -> Result<Value, ConversionError> {
        let field = |field: &'static str| {
            let value = object.get(field).and_then(Value::as_str);
            value.ok_or(ConversionError::NoObject { index, field })
        };
        let (from, kind) = (field("apiVersion")?, field("kind")?);
        if from == to {
            return Ok(object.clone());
        }
        let group = from.split_once('/').map_or("", |(group, _)| group);
        let mut converters = self.0.iter();
        let converter = converters.find(|it| it.kind() == kind && it.group() == group);
        let converter = converter.ok_or_else(|| ConversionError::UnknownKind {
            group: group.to_owned(),
            kind: kind.to_owned(),
            known: list(
                self.0
                    .iter()
                    .map(|it| format!("{}.{}", it.kind(), it.group())),
            ),
        })?;
        converter.convert(object, from, to)
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;

//! A resource in the text of a `PROJECT` file, in kubebuilder's schema.

use serde_yaml::{Mapping, Value};

use super::ProjectError;
use super::Webhooks;
use super::fields::{Fields, Writer};
use super::resource::{Api, Controller, Deprecated, ExternalCrate, Resource, Types};
use crate::resource::{
    ControllerName, Dependency, Domain, Field, Group, Kind, Plural, ResourceKey, RustPath, Version,
};

impl Resource {
    pub(super) fn read(value: Value, position: usize) -> Result<Self, ProjectError> {
        let mut fields = Fields::of(value, &format!("resources[{position}]"))?;
        let key = read_key(&mut fields)?;
        let plural = read_plural(&mut fields, key.kind())?;
        let types = read_types(&mut fields, position)?;
        let controllers = read_controllers(&mut fields, &key, position)?;
        let webhooks = Webhooks::read(fields.take("webhooks"), position)?;
        let rest = fields.rest();
        Ok(Self {
            key,
            plural,
            types,
            controllers,
            webhooks,
            rest,
        })
    }

    pub(super) fn write(&self, several_versions: bool) -> Value {
        let mut writer = Writer::with_rest(&self.rest);
        match &self.types {
            Types::Own(api) => writer.value("api", api.write(several_versions)),
            Types::Core => writer.flag("core", true),
            Types::Crd => writer.flag("external", true),
            Types::Crate(external) => {
                writer.flag("external", true);
                writer.text("path", external.path.as_str());
                let module = external.module.as_ref().map_or("", Dependency::as_str);
                writer.text("module", module);
            }
        }
        self.write_controllers(&mut writer);
        writer.text("domain", self.key.domain().as_str());
        writer.text("group", self.key.group().as_str());
        writer.text("kind", self.key.kind().as_str());
        writer.text("plural", self.plural.as_str());
        writer.text("version", self.key.version().as_str());
        self.webhooks.write(&mut writer);
        writer.sorted()
    }

    /// kubebuilder's two spellings: `controller: true` for the kind's own, a list
    /// where there are others.
    fn write_controllers(&self, writer: &mut Writer) {
        if self.controllers == [Controller::Default] {
            return writer.flag("controller", true);
        }
        let name = |controller: &Controller| match controller {
            Controller::Default => self.key.kind().lower(),
            Controller::Named(name) => name.to_string(),
        };
        let entry = |name: String| Mapping::from_iter([(Value::from("name"), Value::from(name))]);
        let names = self.controllers.iter().map(name);
        writer.list(
            "controllers",
            names.map(|name| entry(name).into()).collect(),
        );
    }
}

fn read_key(fields: &mut Fields) -> Result<ResourceKey, ProjectError> {
    let key = ResourceKey::new(
        fields.name("group", Group::new)?,
        fields.name("domain", Domain::new)?,
        fields.name("version", Version::new)?,
        fields.name("kind", Kind::new)?,
    );
    key.map_err(|error| ProjectError::Name {
        key: fields.key("group"),
        error,
    })
}

fn read_plural(fields: &mut Fields, kind: &Kind) -> Result<Plural, ProjectError> {
    if fields.has("plural") {
        return fields.name("plural", Plural::new);
    }
    Plural::of(kind).map_err(|error| ProjectError::Name {
        key: fields.key("kind"),
        error,
    })
}

/// A type comes from one place. `path` is kubebuilder's for every type; beside
/// the project's own and Kubernetes' it says nothing that is not known.
fn read_types(fields: &mut Fields, position: usize) -> Result<Types, ProjectError> {
    let places = [
        fields.has("api"),
        fields.bool("core")?,
        fields.bool("external")?,
    ];
    match places {
        [true, false, false] => Ok(Types::Own(Api::read(fields.take("api"), position)?)),
        [false, true, false] => Ok(Types::Core),
        [false, false, true] if fields.has("path") => Ok(Types::Crate(ExternalCrate {
            path: fields.name("path", RustPath::new)?,
            module: match fields.has("module") {
                true => Some(fields.name("module", Dependency::new)?),
                false => None,
            },
        })),
        [false, false, true] => Ok(Types::Crd),
        _ => Err(fields.wrong_place()),
    }
}

fn read_controllers(
    fields: &mut Fields,
    key: &ResourceKey,
    position: usize,
) -> Result<Vec<Controller>, ProjectError> {
    let has_own = fields.bool("controller")?;
    let mut controllers = Vec::new();
    for (index, value) in fields.list("controllers")?.into_iter().enumerate() {
        let mut entry = Fields::of(
            value,
            &format!("resources[{position}].controllers[{index}]"),
        )?;
        controllers.push(Controller::of(
            key,
            entry.name("name", ControllerName::new)?,
        ));
    }
    // kubebuilder: where both are set, the list wins.
    if controllers.is_empty() && has_own {
        controllers.push(Controller::Default);
    }
    controllers.sort();
    controllers.dedup();
    Ok(controllers)
}

/// True, or the warning.
fn read_deprecated(fields: &mut Fields) -> Result<Option<Deprecated>, ProjectError> {
    let deprecated = match fields.take("deprecated") {
        Value::Null | Value::Bool(false) => return Ok(None),
        Value::Bool(true) => Some(Deprecated::Usual),
        Value::String(warning) => Deprecated::warning(&warning),
        _ => None,
    };
    let expected = "true, false, or a warning of 1 to 256 printable characters";
    let wrong = || fields.wrong("deprecated", expected);
    deprecated.map(Some).ok_or_else(wrong)
}

/// The declarations of `--field`, in their one form.
fn read_declared(fields: &mut Fields) -> Result<crate::resource::Fields, ProjectError> {
    let key = fields.key("fields");
    let wrong = |error| ProjectError::Field {
        key: key.clone(),
        error,
    };
    let mut declared = Vec::new();
    for value in fields.list("fields")? {
        let Value::String(text) = value else {
            return Err(fields.wrong("fields", "a list of texts"));
        };
        declared.push(Field::new(&text).map_err(wrong)?);
    }
    crate::resource::Fields::new(declared).map_err(wrong)
}

impl Api {
    fn read(value: Value, position: usize) -> Result<Self, ProjectError> {
        let mut fields = Fields::of(value, &format!("resources[{position}].api"))?;
        if !matches!(fields.text("crdVersion")?.as_str(), "" | "v1") {
            return Err(fields.wrong("crdVersion", "`v1`"));
        }
        let (namespaced, storage) = (fields.bool("namespaced")?, fields.bool("storage")?);
        let unserved = fields.bool("unserved")?;
        let deprecated = read_deprecated(&mut fields)?;
        let declared = read_declared(&mut fields)?;
        Ok(Self {
            namespaced,
            storage,
            unserved,
            deprecated,
            fields: declared,
            rest: fields.rest(),
        })
    }

    fn write(&self, several_versions: bool) -> Value {
        let mut writer = Writer::with_rest(&self.rest);
        writer.text("crdVersion", "v1");
        let declared = self.fields.declared().iter();
        writer.list(
            "fields",
            declared.map(|field| field.to_string().into()).collect(),
        );
        writer.flag("namespaced", self.namespaced);
        writer.flag("storage", self.storage && several_versions);
        writer.flag("unserved", self.unserved);
        match &self.deprecated {
            None => (),
            Some(Deprecated::Usual) => writer.flag("deprecated", true),
            Some(Deprecated::Warning(warning)) => writer.text("deprecated", warning),
        }
        writer.sorted()
    }
}

//! What makes the types of a CRD an object of the API: kube's derive where
//! objects have a spec, else the same by hand.

use super::Definition;
use super::analysis::{Field, RustType, Shape, Types};
use super::text::{body, derives};

/// The object as a whole.
pub(super) struct Root<'a> {
    definition: &'a Definition,
    version: &'a str,
    types: &'a Types,
}

impl<'a> Root<'a> {
    pub(super) fn new(definition: &'a Definition, version: &'a str, types: &'a Types) -> Self {
        Self {
            definition,
            version,
            types,
        }
    }

    /// The first of the types: the spec, or the object as a whole.
    pub(super) fn structure(&self, one: &RustType, fields: &[Field]) -> String {
        if !self.types.has_spec {
            let body = body(&one.name, ENVELOPE, fields);
            return format!("#[derive({})]\n{body}", derives(false));
        }
        format!(
            "#[derive(CustomResource, {})]\n{}{}",
            derives(one.has_default),
            self.attribute(),
            body(&one.name, "", fields)
        )
    }

    /// What kube's derive needs to know.
    fn attribute(&self) -> String {
        let (group, version) = (&self.definition.group, self.version);
        let (kind, plural) = (&self.definition.kind, &self.definition.plural);
        let status = format!(", status = \"{kind}Status\"");
        let status = if self.types.has_status { &status } else { "" };
        let scope = match self.definition.namespaced {
            true => ", namespaced",
            false => "",
        };
        format!(
            "#[kube(group = {group:?}, version = {version:?}, kind = {kind:?}, plural = {plural:?}{status}{scope}, schema = \"disabled\")]\n"
        )
    }

    pub(super) fn import(&self) -> &'static str {
        match self.types.has_spec {
            true => "use kube::CustomResource;\n",
            false => "use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;\n",
        }
    }

    /// What kube's derive would write, for an object without a spec.
    pub(super) fn implementation(&self) -> String {
        if self.types.has_spec {
            return String::new();
        }
        let (group, version) = (&self.definition.group, self.version);
        let (kind, plural) = (&self.definition.kind, &self.definition.plural);
        let scope = match self.definition.namespaced {
            true => "Namespace",
            false => "Cluster",
        };
        format!(
            "
{constructor}impl k8s_openapi::Resource for {kind} {{
    const API_VERSION: &'static str = \"{group}/{version}\";
    const GROUP: &'static str = {group:?};
    const KIND: &'static str = {kind:?};
    const VERSION: &'static str = {version:?};
    const URL_PATH_SEGMENT: &'static str = {plural:?};
    type Scope = k8s_openapi::{scope}ResourceScope;
}}

impl k8s_openapi::Metadata for {kind} {{
    type Ty = ObjectMeta;

    fn metadata(&self) -> &ObjectMeta {{
        &self.metadata
    }}

    fn metadata_mut(&mut self) -> &mut ObjectMeta {{
        &mut self.metadata
    }}
}}
",
            constructor = self.constructor(),
        )
    }

    /// `new`, where there is a default for each field.
    fn constructor(&self) -> String {
        let first = self.types.list.first().filter(|one| one.has_default);
        let Some(Shape::Struct(fields)) = first.map(|one| &one.shape) else {
            return String::new();
        };
        let default = |field: &Field| format!("            {}: Default::default(),\n", field.name);
        let fields: String = fields.iter().map(default).collect();
        let (group, version, kind) = (&self.definition.group, self.version, &self.definition.kind);
        format!(
            "impl {kind} {{
    /// An object of this name in which nothing is set.
    pub fn new(name: &str) -> Self {{
        Self {{
            api_version: \"{group}/{version}\".to_owned(),
            kind: {kind:?}.to_owned(),
            metadata: ObjectMeta {{ name: Some(name.to_owned()), ..ObjectMeta::default() }},
{fields}        }}
    }}
}}

"
        )
    }
}

const ENVELOPE: &str = "    pub api_version: String,
    pub kind: String,
    #[serde(default)]
    pub metadata: ObjectMeta,
";

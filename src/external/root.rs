//! What makes the types of a CRD an object of the API: kube's derive where
//! objects have a spec, else the same by hand.

use super::Definition;
use super::analysis::{Shape, Types};

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

    /// Whether the type at this place is the whole object.
    pub(super) fn is_whole(&self, position: usize) -> bool {
        position == 0 && !self.types.has_spec
    }

    /// What the first type derives besides.
    pub(super) fn derive(&self) -> &'static str {
        if self.types.has_spec {
            "CustomResource, "
        } else {
            ""
        }
    }

    pub(super) fn import(&self) -> Option<String> {
        let line = "use kube::CustomResource;\n".to_owned();
        self.types.has_spec.then_some(line)
    }

    pub(super) fn needs(&self, word: &str) -> bool {
        word == "ObjectMeta" && !self.types.has_spec
    }

    /// What kube's derive needs to know.
    pub(super) fn attribute(&self) -> String {
        if !self.types.has_spec {
            return String::new();
        }
        let Definition {
            group,
            kind,
            plural,
            namespaced,
            ..
        } = self.definition;
        let version = self.version;
        let status = if self.types.has_status {
            format!(", status = \"{kind}Status\"")
        } else {
            String::new()
        };
        let scope = if *namespaced { ", namespaced" } else { "" };
        format!(
            "#[kube(group = {group:?}, version = {version:?}, kind = {kind:?}, plural = {plural:?}{status}{scope}, schema = \"disabled\")]\n"
        )
    }

    /// The fields that every object has, for one without a spec.
    pub(super) fn envelope(&self) -> &'static str {
        if self.types.has_spec { "" } else { ENVELOPE }
    }

    /// What kube's derive would write, for an object without a spec.
    pub(super) fn implementation(&self) -> String {
        if self.types.has_spec {
            return String::new();
        }
        let Definition {
            group,
            kind,
            plural,
            namespaced,
            ..
        } = self.definition;
        let version = self.version;
        let scope = if *namespaced { "Namespace" } else { "Cluster" };
        format!(
            "\n{constructor}impl k8s_openapi::Resource for {kind} {{
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
        let kind = &self.definition.kind;
        let Some(Shape::Struct {
            fields,
            has_default: true,
        }) = self.types.list.first().map(|one| &one.shape)
        else {
            return String::new();
        };
        let fields = fields
            .iter()
            .map(|field| format!("            {}: Default::default(),\n", field.name));
        let fields: String = fields.collect();
        let (group, version) = (&self.definition.group, self.version);
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

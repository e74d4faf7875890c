//! The fields of a kind as Rust, as a schema and as samples. The three agree: a
//! test compares the schema with what crdgen makes of the Rust.
//!
//! All layout that depends on the length of names is decided here, by rustfmt's
//! rules.

mod attributes;
mod defaults;
mod imports;
mod literal;
mod rust;
mod schema;
mod schema_with;

use std::sync::LazyLock;

use serde_json::{Value, json};

use crate::manifests::yaml;
use crate::resource::{Field, Fields, Kind};

pub(super) use literal::literal;
pub(super) use schema_with::functions as schema_functions;

/// What a kind without fields of its own begins with.
const EXAMPLE: &str = "foo:string?,min=1,max=63,example=bar,doc=An example. Put the fields of your kind in its place.";

/// What the templates of a version know of the fields.
#[derive(Clone, Debug, serde::Serialize)]
pub(super) struct FieldsContext {
    /// The `use` lines of the types.
    pub imports: String,
    /// `#[derive(…)]` of the spec.
    pub spec_derive: String,
    /// The fields of the spec with their attributes.
    pub spec_fields: String,
    /// The functions behind `#[serde(default = …)]` of the spec; may be empty.
    pub spec_defaults: String,
    /// The types of objects and enums; may be empty.
    pub field_types: String,
    /// The schema of the spec, in YAML's flow style.
    pub spec_schema: String,
    /// The sample from `spec:` on.
    pub sample_spec: String,
    /// What tests must say of a spec, as a `json!` in a unit test; empty when
    /// `Default` says it.
    pub unit_test_spec: String,
    /// The same for an integration test, which is indented less.
    pub integration_test_spec: String,
}

impl FieldsContext {
    pub(super) fn of(kind: &Kind, declared: &Fields) -> Self {
        let fields = if declared.is_empty() {
            &*STUB
        } else {
            declared
        };
        let types = rust::Types::of(kind);
        let nodes = fields.nodes();
        let required = fields.required_sample();
        let test_spec = |depth| match rust::has_default(nodes) {
            true => String::new(),
            false => literal(&required, depth),
        };
        Self {
            imports: imports::lines(fields),
            spec_derive: rust::derive(
                &["CustomResource", "Clone", "Debug"],
                rust::has_default(nodes),
            ),
            spec_fields: types.fields("Spec", nodes),
            spec_defaults: types.defaults("Spec", nodes).unwrap_or_default(),
            field_types: types.of_fields(nodes).join("\n\n"),
            spec_schema: schema::of_spec(nodes).to_string(),
            sample_spec: yaml::to_string(&json!({ "spec": fields.telling_sample() }))
                .trim_end()
                .to_owned(),
            unit_test_spec: test_spec(2),
            integration_test_spec: test_spec(1),
        }
    }
}

/// The stub's fields; that they are legal, a test holds.
static STUB: LazyLock<Fields> = LazyLock::new(|| {
    let field = Field::new(EXAMPLE).into_iter().collect();
    Fields::new(field).unwrap_or_default()
});

/// A schema that is written in two forms: into the CRD, and as Rust.
fn object(map: Value) -> serde_json::Map<String, Value> {
    match map {
        Value::Object(map) => map,
        _ => serde_json::Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stub_has_a_field() {
        assert_eq!(STUB.nodes().len(), 1);
    }
}

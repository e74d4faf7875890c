//! All fields of a kind: joined to a tree, and checked among each other.

use std::collections::BTreeMap;

use super::declaration::Field;
use super::error::FieldError;
use super::joined::{insert, settle};
use super::node::Node;
use super::sample;
use super::types::Scalar;

/// The fields of a kind, in the order of their declarations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields {
    declared: Vec<Field>,
    nodes: Vec<Node>,
}

impl Fields {
    /// Joins declarations.
    ///
    /// # Errors
    /// When two of them do not go together, or all of them make no legal schema.
    pub fn new(declared: Vec<Field>) -> Result<Self, FieldError> {
        let mut nodes = Vec::new();
        for field in &declared {
            insert(&mut nodes, &field.path.parents, field).map_err(|refusal| refusal.of(field))?;
        }
        settle(&mut nodes, "")?;
        let fields = Self { declared, nodes };
        fields.check_types()?;
        sample::check(&fields.nodes)?;
        Ok(fields)
    }

    /// The declarations.
    pub fn declared(&self) -> &[Field] {
        &self.declared
    }

    /// Whether nothing is declared.
    pub fn is_empty(&self) -> bool {
        self.declared.is_empty()
    }

    /// The fields of the spec.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// These and more. A field that is declared again in the same words is there
    /// once; in other words only with `replace`.
    ///
    /// # Errors
    /// As [`Fields::new`].
    pub fn with(&self, more: &[Field], replace: bool) -> Result<Self, FieldError> {
        let mut declared = self.declared.clone();
        for field in more {
            match declared.iter_mut().find(|known| known.path == field.path) {
                None => declared.push(field.clone()),
                Some(known) if known == field => {}
                Some(known) if replace => known.clone_from(field),
                Some(known) => {
                    return Err(FieldError::new(
                        field,
                        format!("it is there already, as `{known}`"),
                    )
                    .with_help(
                        "`--force` changes it; what is stored in the cluster stays as it is",
                    ));
                }
            }
        }
        Self::new(declared)
    }

    /// What the kind's name is put in front of to name the Rust types of the
    /// fields: each object with fields, each enum.
    pub fn type_suffixes(&self) -> Vec<&str> {
        let mut suffixes = Vec::new();
        walk(&self.nodes, &mut |node| {
            if node.has_own_type() {
                suffixes.push(node.type_suffix.as_str());
            }
        });
        suffixes
    }

    /// The names that the types of the fields need for what they import, or have
    /// from Rust's prelude.
    pub fn imported(&self) -> Vec<&'static str> {
        let mut names = vec![
            "String",
            "Option",
            "Vec",
            "Condition",
            "CustomResource",
            "JsonSchema",
            "Deserialize",
            "Serialize",
            "BTreeMap",
            "Map",
            "Value",
        ];
        walk(&self.nodes, &mut |node| {
            names.extend(node.scalar().and_then(Scalar::import));
        });
        names
    }

    /// Whether a field is as `wanted` says.
    pub fn uses(&self, wanted: impl Fn(&Node) -> bool) -> bool {
        let mut found = false;
        walk(&self.nodes, &mut |node| found |= wanted(node));
        found
    }

    /// Two objects, or an object and an enum, cannot share a Rust type, nor take
    /// the spec's or the status's.
    fn check_types(&self) -> Result<(), FieldError> {
        let mut seen = BTreeMap::from([("Spec", "the spec"), ("Status", "the status")]);
        let mut clash = None;
        walk(&self.nodes, &mut |node| {
            if node.has_own_type() && seen.insert(&node.type_suffix, node.name.as_str()).is_some() {
                clash.get_or_insert_with(|| node.clone());
            }
        });
        match clash {
            None => Ok(()),
            Some(node) => Err(FieldError::new(
                &node.name,
                format!(
                    "its Rust type would be `<Kind>{}`, which is there already",
                    node.type_suffix
                ),
            )
            .with_help("choose another name for one of the two")),
        }
    }
}

fn walk<'a>(nodes: &'a [Node], visit: &mut dyn FnMut(&'a Node)) {
    for node in nodes {
        visit(node);
        walk(node.fields().unwrap_or_default(), visit);
    }
}

#[cfg(test)]
mod tests {
    use super::super::declaration::Presence;
    use super::*;

    fn fields(declarations: &[&str]) -> Result<Fields, FieldError> {
        let declared: Result<Vec<Field>, FieldError> =
            declarations.iter().map(|text| Field::new(text)).collect();
        Fields::new(declared?)
    }

    fn refused(declarations: &[&str], expected: &str) {
        let error = fields(declarations).unwrap_err().to_string();
        assert!(error.contains(expected), "{declarations:?}: {error}");
    }

    #[test]
    fn names_are_there_once() {
        refused(&["a:string", "a:int32"], "`a` is declared twice");
        refused(&["a.b:string", "a.b:string"], "`b` is declared twice");
        refused(
            &["userID:string", "userId:string"],
            "would both be `user_id` in Rust",
        );
        refused(
            &["userID.a:string", "userId:string"],
            "would both be `user_id` in Rust",
        );
        refused(
            &["userId:string", "userID.a:string"],
            "would both be `user_id` in Rust",
        );
        refused(
            &["a.b:string", "a:object", "a:object"],
            "`a` is declared twice",
        );
    }

    #[test]
    fn an_object_is_one_thing() {
        refused(
            &["a:string", "a.b:string"],
            "`a` is a plain value, and this makes an object of it",
        );
        refused(
            &["a[].b:string", "a.c:string"],
            "`a` is a list of objects, and this makes an object of it",
        );
        refused(
            &["a:[]object", "a{}.c:string"],
            "and this makes a map of objects of it",
        );
        refused(&["a:object"], "an object has fields");
        refused(&["a.b:string", "a:[]object"], "`a` is declared twice");
    }

    #[test]
    fn keys_are_fields_that_each_item_has() {
        refused(
            &["a:[]object,key=x", "a[].b:string"],
            "`x` is no field of its items",
        );
        refused(&["a:[]object,key=b", "a[].b:string?"], "may be left out");
        refused(
            &["a:[]object,key=b", "a[].b:[]string"],
            "is not a text, a number",
        );
        refused(
            &["a:[]object,key=b", "a[].b:quantity"],
            "is not a text, a number",
        );
        refused(
            &["a:[]object,key=b", "a[].b.c:string"],
            "is not a text, a number",
        );
        refused(
            &["a:[]object,key=b|b", "a[].b:string"],
            "a key is given twice",
        );
        assert!(fields(&["a:[]object,key=b|c", "a[].b:string", "a[].c:int32=1"]).is_ok());
    }

    #[test]
    fn types_have_names_of_their_own() {
        refused(&["spec.a:string"], "`<Kind>Spec`");
        refused(&["status:string,enum=a|b"], "`<Kind>Status`");
        refused(&["port.a:string", "ports[].a:string"], "`<Kind>Port`");
        refused(&["a.b.c:string", "aB.c:string"], "`<Kind>AB`");
        let found = fields(&["ports[].mode:string,enum=a|b", "zones{}.weight:int32"]).unwrap();
        assert_eq!(found.type_suffixes(), ["Port", "PortMode", "Zone"]);
    }

    #[test]
    fn an_object_that_nobody_declared_is_required_where_a_field_of_it_is() {
        let check = |declarations: &[&str], expected: Presence| {
            assert_eq!(
                fields(declarations).unwrap().nodes()[0].presence,
                expected,
                "{declarations:?}"
            );
        };
        check(&["a.b:string"], Presence::Required);
        check(&["a.b:string?"], Presence::Optional);
        check(&["a.b:int32=1"], Presence::Optional);
        check(&["a.b.c:string"], Presence::Required);
        check(&["a[].b:string"], Presence::Optional);
        check(&["a[].b:string", "a:[]object"], Presence::Required);
        check(&["a:object?", "a.b:string"], Presence::Optional);
    }

    #[test]
    fn more_fields_join_those_that_are_there() {
        let there = fields(&["a:string"]).unwrap();
        let more = |text: &str, replace| there.with(&[Field::new(text).unwrap()], replace);
        assert_eq!(more("a:string", false).unwrap(), there);
        assert_eq!(more("b:int32", false).unwrap().declared().len(), 2);
        let error = more("a:int32", false).unwrap_err().to_string();
        assert!(
            error.contains("it is there already, as `a:string`"),
            "{error}"
        );
        assert_eq!(
            more("a:int32", true).unwrap().declared()[0].to_string(),
            "a:int32"
        );
    }

    #[test]
    fn what_no_sample_can_be_made_of_wants_an_example() {
        refused(&["a:string,pattern=^foo-bar$"], "example");
        refused(&["a:[]string,unique,enum=a|b,min=3"], "example");
        refused(&["a:[]string,min=51"], "example");
        refused(&["a:map[string]string,min=51"], "at most 50");
        refused(&["a:[]object,min=51", "a[].b:string"], "at most 50");
        refused(&["a:string,min=20000000"], "example");
        refused(
            &[
                "a:[]object,min=50",
                "a[].b:[]object,min=50",
                "a[].b[].c:[]object,min=50",
                "a[].b[].c[].d:[]string,min=50",
            ],
            "values in it",
        );
        assert!(fields(&["a:[]string,min=50"]).is_ok());
        assert!(fields(&["a:string?,pattern=^foo-bar$"]).is_ok());
        assert!(fields(&["a:string,pattern=^foo-bar$,example=foo-bar"]).is_ok());
        assert!(fields(&["a:string=foo-bar,pattern=^foo-bar$"]).is_ok());
        assert!(fields(&["a:[]object,key=b,min=2", "a[].b:string"]).is_ok());
        refused(
            &[
                "a:[]object,key=b,min=2",
                "a[].b:string,pattern=^x$,example=x",
            ],
            "example",
        );
    }
}

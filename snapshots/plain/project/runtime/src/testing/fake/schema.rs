//! Which lists and maps of a kind are merged, and which are replaced whole.
//!
//! Server-side apply needs to know it: the containers of a Pod are merged by
//! name, its command is one value. Kubernetes' own kinds have it in a table that
//! was written from an API server's OpenAPI document, custom ones in their CRD.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

/// How the parts of a value belong to field managers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Relation {
    /// Maps by their keys, lists as one value.
    #[default]
    Deduced,
    /// As one value.
    Atomic,
    /// A list of scalars, each on its own.
    Set,
    /// A list of objects that these fields tell apart.
    Associative(Vec<String>),
}

#[derive(Clone, Debug, Default)]
struct Type {
    relation: Relation,
    fields: BTreeMap<String, usize>,
    element: Option<usize>,
}

/// The types of one kind or of many; the first is that of a custom object.
#[derive(Clone, Debug, Default)]
pub(super) struct Schema {
    types: Vec<Type>,
    /// Whether a name that is not known is the key of a map; else it is the field of a struct.
    deduced: bool,
}

/// A place in a [`Schema`], which follows the value that is walked.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place<'a> {
    schema: &'a Schema,
    type_: Option<usize>,
}

impl Schema {
    pub(super) fn at(&self, root: Option<usize>) -> Place<'_> {
        Place {
            schema: self,
            type_: root,
        }
    }

    /// The types of a table with the columns type, field, relation and type of the field; and where each begins.
    pub(super) fn from_table(table: &str) -> (Self, HashMap<String, usize>) {
        let mut schema = Self::default();
        let mut names = HashMap::new();
        for line in table.lines() {
            let mut columns = line.split(' ');
            let mut column = || columns.next().unwrap_or("-");
            let (owner, field, relation, target) = (column(), column(), column(), column());
            let owner = schema.named(&mut names, owner);
            let target = (target != "-").then(|| schema.named(&mut names, target));
            let child = schema.child(relation, target);
            schema.types[owner].fields.insert(field.to_owned(), child);
        }
        (schema, names)
    }

    fn named(&mut self, names: &mut HashMap<String, usize>, name: &str) -> usize {
        let next = self.types.len();
        let found = *names.entry(name.to_owned()).or_insert(next);
        if found == next {
            let atomic = name == "atomic";
            let relation = if atomic {
                Relation::Atomic
            } else {
                Relation::Deduced
            };
            self.push(relation, None);
        }
        found
    }

    fn child(&mut self, relation: &str, target: Option<usize>) -> usize {
        let (relation, element) = match relation.split_once(':') {
            Some((_, keys)) => {
                let keys = keys.split(',').map(str::to_owned).collect();
                (Relation::Associative(keys), target)
            }
            None if relation == "set" => (Relation::Set, None),
            None if relation == "atomic" => (Relation::Atomic, None),
            None if relation == "each" => (Relation::Deduced, target),
            None => match target {
                Some(target) => return target,
                None => (Relation::Deduced, None),
            },
        };
        self.push(relation, element)
    }

    fn push(&mut self, relation: Relation, element: Option<usize>) -> usize {
        self.types.push(Type {
            relation,
            element,
            fields: BTreeMap::new(),
        });
        self.types.len() - 1
    }

    /// The types of a CRD's schema, with `metadata` as every object has it.
    pub(super) fn from_crd(root: &Value) -> Self {
        let mut schema = Self::default();
        schema.add(root);
        schema.with_metadata()
    }

    /// What is known of a custom kind without its CRD.
    pub(super) fn unknown() -> Self {
        let mut schema = Self::default();
        schema.push(Relation::Deduced, None);
        schema.with_metadata()
    }

    fn with_metadata(mut self) -> Self {
        self.deduced = true;
        let finalizers = self.push(Relation::Set, None);
        let reference = self.push(Relation::Atomic, None);
        let key = Relation::Associative(vec!["uid".to_owned()]);
        let owners = self.push(key, Some(reference));
        let metadata = self.push(Relation::Deduced, None);
        let fields = [("finalizers", finalizers), ("ownerReferences", owners)];
        self.types[metadata].fields = fields.map(|(name, id)| (name.to_owned(), id)).into();
        self.types[0].fields.insert("metadata".to_owned(), metadata);
        self
    }

    fn add(&mut self, schema: &Value) -> usize {
        let id = self.push(relation(schema), None);
        let element = ["items", "additionalProperties"]
            .into_iter()
            .find(|&part| schema[part].is_object());
        let element = element.map(|part| self.add(&schema[part]));
        self.types[id].element = element;
        let properties = schema["properties"].as_object();
        for (name, property) in properties.into_iter().flatten() {
            let child = self.add(property);
            self.types[id].fields.insert(name.clone(), child);
        }
        id
    }
}

/// What a CRD's schema says of a list or a map.
pub(super) fn relation(schema: &Value) -> Relation {
    let keys = || {
        let keys = schema["x-kubernetes-list-map-keys"].as_array();
        let keys = keys.into_iter().flatten().filter_map(Value::as_str);
        keys.map(str::to_owned).collect()
    };
    let list = schema["x-kubernetes-list-type"].as_str();
    let map = schema["x-kubernetes-map-type"].as_str();
    match list.or(map) {
        Some("map") => Relation::Associative(keys()),
        Some("set") => Relation::Set,
        Some("atomic") => Relation::Atomic,
        _ => Relation::Deduced,
    }
}

impl<'a> Place<'a> {
    pub(super) fn relation(self) -> &'a Relation {
        self.get()
            .map_or(&Relation::Deduced, |type_| &type_.relation)
    }

    /// The value of a field, or of a key of a map.
    pub(super) fn field(self, name: &str) -> Self {
        let found = self.get().and_then(|type_| {
            let field = type_.fields.get(name).copied();
            field.or(type_.element)
        });
        Self {
            type_: found,
            ..self
        }
    }

    /// An element of the list.
    pub(super) fn element(self) -> Self {
        let type_ = self.get().and_then(|type_| type_.element);
        Self { type_, ..self }
    }

    /// Whether the name is a key of a map, not the field of a struct.
    pub(super) fn is_key(self, name: &str) -> bool {
        let deduced = self.schema.deduced;
        self.get().map_or(deduced, |type_| {
            !type_.fields.contains_key(name) && (deduced || type_.element.is_some())
        })
    }

    fn get(self) -> Option<&'a Type> {
        self.type_.and_then(|type_| self.schema.types.get(type_))
    }
}

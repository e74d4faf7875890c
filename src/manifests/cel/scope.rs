//! What the names in a rule stand for, and what it costs at least.

use serde_json::Value;

use super::cost;
use super::parse::is_reserved;
use super::syntax::{Expression, loop_names, runs_once};

/// What a rule is about.
pub(super) struct Judged<'a> {
    /// The schema that it stands at.
    pub(super) schema: &'a Value,
    /// That is the object as a whole, of which a rule sees a little more.
    pub(super) is_root: bool,
    /// `oldSelf` is an optional value.
    pub(super) is_old_optional: bool,
    /// It runs for each item of a list or a map.
    pub(super) is_repeated: bool,
}

/// What is to be said of a rule.
#[derive(Debug, Default)]
pub(super) struct Judgement {
    pub(super) faults: Vec<Fault>,
    /// What it runs over without a limit, and the limit that is missing.
    pub(super) unbounded: Vec<(String, &'static str)>,
    /// At least this, in the API server's units.
    pub(super) cost: f64,
}

/// Why no API server takes it.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) message: String,
    pub(super) help: String,
}

/// Looks at all of a rule.
pub(super) fn judge(rule: &Expression, judged: &Judged<'_>) -> Judgement {
    let own = match judged.is_root {
        true => Kind::Root(judged.schema),
        false => Kind::Schema(judged.schema),
    };
    let old = if judged.is_old_optional {
        Kind::Other
    } else {
        own
    };
    let mut judge = Judge {
        names: vec![("self".to_owned(), own), ("oldSelf".to_owned(), old)],
        loops: usize::from(judged.is_repeated),
        judgement: Judgement::default(),
    };
    let (_, cost) = judge.look(rule);
    judge.judgement.cost = cost;
    judge.judgement.unbounded.dedup();
    judge.judgement
}

/// What a value is.
#[derive(Clone, Copy, Debug)]
enum Kind<'a> {
    /// The whole object: a schema, and what each object has.
    Root(&'a Value),
    /// What a schema describes.
    Schema(&'a Value),
    /// Such a value, or none.
    Optional(&'a Value),
    /// Anything else, or nobody knows.
    Other,
}

/// Names of types and of libraries.
const KNOWN: [&str; 16] = [
    "bool",
    "bytes",
    "double",
    "duration",
    "dyn",
    "google",
    "int",
    "kubernetes",
    "list",
    "map",
    "net",
    "null_type",
    "optional_type",
    "string",
    "timestamp",
    "uint",
];

/// Functions that read a string from one end to the other.
const READS: [&str; 12] = [
    "contains",
    "find",
    "findAll",
    "indexOf",
    "lastIndexOf",
    "lowerAscii",
    "matches",
    "replace",
    "split",
    "substring",
    "trim",
    "upperAscii",
];

struct Judge<'a> {
    names: Vec<(String, Kind<'a>)>,
    loops: usize,
    judgement: Judgement,
}

type Looked<'a> = (Kind<'a>, f64);

impl<'a> Judge<'a> {
    fn look(&mut self, expression: &Expression) -> Looked<'a> {
        match expression {
            Expression::Literal(_) => (Kind::Other, 0.0),
            Expression::Name(name) => (self.name(name), 1.0),
            Expression::Select {
                of,
                field,
                optional,
            } => self.select(of, field, *optional),
            Expression::Index(of, index) => self.index(of, index),
            Expression::Call {
                of,
                name,
                arguments,
            } => self.call(of.as_deref(), name, arguments),
            Expression::Operation(parts, cost) => (Kind::Other, f64::from(*cost) + self.sum(parts)),
            Expression::List(items) => (Kind::Other, cost::LIST + self.sum(items)),
            Expression::Entries(parts) => (Kind::Other, cost::MAP + self.sum(parts)),
            Expression::Choice(parts) => {
                let [condition, first, second] = parts.as_ref();
                let dearest = self.look(first).1.max(self.look(second).1);
                (Kind::Other, self.look(condition).1 + dearest)
            }
        }
    }

    fn sum(&mut self, parts: &[Expression]) -> f64 {
        parts.iter().map(|part| self.look(part).1).sum()
    }

    fn found(&self, name: &str) -> Option<Kind<'a>> {
        let mut names = self.names.iter().rev();
        names
            .find(|(known, _)| known == name)
            .map(|(_, kind)| *kind)
    }

    fn name(&mut self, name: &str) -> Kind<'a> {
        let found = self.found(name);
        if found.is_none() && !KNOWN.contains(&name) && name != "type" && name != "optional" {
            self.fault(
                format!("names `{name}`, which is nothing here"),
                "a rule sees `self`, `oldSelf` and what its own loops name".to_owned(),
            );
        }
        found.unwrap_or(Kind::Other)
    }

    fn fault(&mut self, message: String, help: String) {
        self.judgement.faults.push(Fault { message, help });
    }

    fn select(&mut self, of: &Expression, field: &str, optional: bool) -> Looked<'a> {
        let (kind, cost) = self.look(of);
        let found = match field_of(kind, field) {
            Ok(found) => found,
            Err(help) => {
                let message = format!(
                    "asks for `{}.{field}`, and there is no such field",
                    shown(of)
                );
                self.fault(message, help);
                Kind::Other
            }
        };
        let kind = match (optional, found) {
            (false, found) => found,
            (true, Kind::Schema(schema)) => Kind::Optional(schema),
            (true, _) => Kind::Other,
        };
        (kind, cost + 1.0)
    }

    fn index(&mut self, of: &Expression, index: &Expression) -> Looked<'a> {
        let (kind, cost) = self.look(of);
        let (_, more) = self.look(index);
        (item(kind), cost + more + 1.0)
    }

    fn call(
        &mut self,
        of: Option<&Expression>,
        name: &str,
        arguments: &[Expression],
    ) -> Looked<'a> {
        if of.is_none() && name == "has" {
            // It costs no more than what would have the field.
            return (Kind::Other, self.sum(arguments) - 1.0);
        }
        let names = loop_names(name, arguments.len()).unwrap_or(0);
        let (kind, cost) = match of {
            None => (Kind::Other, 0.0),
            // `sets.contains(…)`: the name of a library.
            Some(Expression::Name(library)) if names == 0 && self.found(library).is_none() => {
                (Kind::Other, 0.0)
            }
            Some(of) => self.look(of),
        };
        if names > 0 {
            return self.run(of, kind, cost, name, arguments.split_at(names));
        }
        if self.loops > 0 && READS.contains(&name) {
            self.read(of, kind);
        }
        (Kind::Other, cost + 1.0 + self.sum(arguments))
    }

    /// A loop over what `kind` is.
    fn run(
        &mut self,
        of: Option<&Expression>,
        kind: Kind<'a>,
        cost: f64,
        name: &str,
        (names, body): (&[Expression], &[Expression]),
    ) -> Looked<'a> {
        let is_once = runs_once(name);
        let (most, values) = match is_once {
            true => (1.0, vec![held(kind)]),
            false => (self.most(of, kind), loop_kinds(kind, names.len())),
        };
        let before = self.names.len();
        for (name, kind) in names.iter().zip(values) {
            if let Expression::Name(name) = name {
                self.names.push((name.clone(), kind));
            }
        }
        self.loops += usize::from(!is_once);
        let each = 1.0 + self.sum(body);
        self.loops -= usize::from(!is_once);
        self.names.truncate(before);
        let result = if name == "filter" { kind } else { Kind::Other };
        (result, cost + most * each)
    }

    /// How often a loop runs; what has no limit is written down.
    fn most(&mut self, of: Option<&Expression>, kind: Kind<'a>) -> f64 {
        let Kind::Schema(schema) = kind else {
            return 1.0;
        };
        let Some((most, lacks)) = cost::length(schema) else {
            return 1.0;
        };
        if let (Some(lacks), Some(of)) = (lacks, of) {
            self.judgement.unbounded.push((shown(of), lacks));
        }
        most
    }

    /// A string that is read again and again.
    fn read(&mut self, of: Option<&Expression>, kind: Kind<'a>) {
        let (Some(of), Kind::Schema(schema)) = (of, kind) else {
            return;
        };
        let has = |key: &str| schema.get(key).is_some();
        let is_string = schema.get("type").and_then(Value::as_str) == Some("string");
        if is_string && !has("maxLength") && !has("enum") && !has("format") {
            self.judgement.unbounded.push((shown(of), "maxLength"));
        }
    }
}

/// What an optional value holds.
fn held(kind: Kind<'_>) -> Kind<'_> {
    match kind {
        Kind::Optional(schema) => Kind::Schema(schema),
        _ => Kind::Other,
    }
}

/// What a loop's names stand for: keys of a map, items of a list; the first of two
/// names is the key or the number.
fn loop_kinds(kind: Kind<'_>, names: usize) -> Vec<Kind<'_>> {
    let is_list = matches!(kind, Kind::Schema(schema) if schema.get("items").is_some());
    match (names, is_list) {
        (1, true) => vec![item(kind)],
        (1, false) => vec![Kind::Other],
        _ => vec![Kind::Other, item(kind)],
    }
}

fn item(kind: Kind<'_>) -> Kind<'_> {
    let Kind::Schema(schema) = kind else {
        return Kind::Other;
    };
    let child = schema
        .get("items")
        .or_else(|| schema.get("additionalProperties"));
    child
        .filter(|child| child.is_object())
        .map_or(Kind::Other, Kind::Schema)
}

/// The field of a value, or what there is instead.
fn field_of<'a>(kind: Kind<'a>, field: &str) -> Result<Kind<'a>, String> {
    let (schema, own): (_, &[&str]) = match kind {
        Kind::Other | Kind::Optional(_) => return Ok(Kind::Other),
        Kind::Root(schema) => (schema, &["apiVersion", "kind", "metadata"]),
        Kind::Schema(schema) => (schema, &[]),
    };
    let says = |key: &str| schema.get(key) == Some(&Value::Bool(true));
    let is_open =
        says("x-kubernetes-preserve-unknown-fields") || says("x-kubernetes-embedded-resource");
    if is_open || says("x-kubernetes-int-or-string") || own.contains(&field) {
        return Ok(Kind::Other);
    }
    let kind = schema.get("type").and_then(Value::as_str);
    match (
        kind,
        schema.get("properties"),
        schema.get("additionalProperties"),
    ) {
        (Some("object"), Some(Value::Object(properties)), _) => {
            let found = properties
                .iter()
                .find(|(name, _)| *name == field || escaped(name) == field);
            match found {
                Some((_, found)) => Ok(Kind::Schema(found)),
                None => Err(there_are(properties.keys())),
            }
        }
        (Some("object"), _, _) => Ok(item(Kind::Schema(schema))),
        (Some(kind), ..) => Err(format!(
            "it is a value of type `{kind}`, which has no fields"
        )),
        (None, ..) => Ok(Kind::Other),
    }
}

fn there_are<'n>(names: impl Iterator<Item = &'n String>) -> String {
    let names: Vec<_> = names.map(|name| format!("`{}`", escaped(name))).collect();
    match names.is_empty() {
        true => "there are no fields".to_owned(),
        false => format!("there are {}", names.join(", ")),
    }
}

/// A property as a rule writes it
/// (<https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-rules>).
fn escaped(name: &str) -> String {
    if is_reserved(name) {
        return format!("__{name}__");
    }
    name.replace("__", "__underscores__")
        .replace('.', "__dot__")
        .replace('-', "__dash__")
        .replace('/', "__slash__")
}

/// An expression as far as it is a path.
fn shown(expression: &Expression) -> String {
    match expression {
        Expression::Name(name) => name.clone(),
        Expression::Select { of, field, .. } => format!("{}.{field}", shown(of)),
        Expression::Index(of, _) => format!("{}[…]", shown(of)),
        Expression::Call {
            of: Some(of), name, ..
        } => format!("{}.{name}(…)", shown(of)),
        Expression::Call { name, .. } => format!("{name}(…)"),
        _ => "…".to_owned(),
    }
}

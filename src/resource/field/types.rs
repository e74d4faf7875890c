//! The types that a field can have.

use super::error::Refusal;

/// How many values a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// One.
    One,
    /// A list: `[]string`.
    List,
    /// A map from strings: `map[string]string`.
    Map,
}

/// What a value is, but for objects with fields of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scalar {
    /// A text.
    String,
    /// True or false.
    Bool,
    /// A whole number of 32 bits.
    Int32,
    /// A whole number of 64 bits.
    Int64,
    /// An amount such as `500m` or `1Gi`.
    Quantity,
    /// A number or a text such as `50%`.
    IntOrString,
    /// A span of time such as `5m`.
    Duration,
    /// A moment, as RFC 3339 writes it.
    DateTime,
    /// Bytes in base64.
    Byte,
    /// An object whose fields are not described.
    Any,
    /// The name of an object in the same namespace.
    LocalObjectReference,
    /// An object of any kind.
    ObjectReference,
    /// A key of a Secret.
    SecretKeySelector,
    /// A key of a ConfigMap.
    ConfigMapKeySelector,
}

/// What a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Element {
    /// A value without fields of the user's.
    Scalar(Scalar),
    /// An object; its fields have their own declarations.
    Object,
}

/// The type of a field as it is declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FieldType {
    /// How many.
    pub(super) shape: Shape,
    /// Of what.
    pub(super) element: Element,
}

const SCALARS: [(&str, Scalar); 14] = [
    ("string", Scalar::String),
    ("bool", Scalar::Bool),
    ("int32", Scalar::Int32),
    ("int64", Scalar::Int64),
    ("quantity", Scalar::Quantity),
    ("int-or-string", Scalar::IntOrString),
    ("duration", Scalar::Duration),
    ("date-time", Scalar::DateTime),
    ("byte", Scalar::Byte),
    ("any", Scalar::Any),
    ("local-object-reference", Scalar::LocalObjectReference),
    ("object-reference", Scalar::ObjectReference),
    ("secret-key-selector", Scalar::SecretKeySelector),
    ("config-map-key-selector", Scalar::ConfigMapKeySelector),
];

const LIST: &str = "[]";
const MAP: &str = "map[string]";

impl Scalar {
    /// Its name in `--field`.
    pub fn as_str(self) -> &'static str {
        let named = SCALARS.iter().find(|(_, scalar)| *scalar == self);
        named.map_or("", |(name, _)| name)
    }

    /// The Rust type, where it is imported under its own name.
    pub(super) fn import(self) -> Option<&'static str> {
        Some(match self {
            Self::Quantity => "Quantity",
            Self::IntOrString => "IntOrString",
            Self::Duration => "Duration",
            Self::DateTime => "Time",
            Self::Byte => "ByteString",
            Self::LocalObjectReference => "LocalObjectReference",
            Self::ObjectReference => "ObjectReference",
            Self::SecretKeySelector => "SecretKeySelector",
            Self::ConfigMapKeySelector => "ConfigMapKeySelector",
            _ => return None,
        })
    }

    pub(super) fn is_integer(self) -> bool {
        matches!(self, Self::Int32 | Self::Int64)
    }

    pub(super) fn is_reference(self) -> bool {
        matches!(
            self,
            Self::LocalObjectReference
                | Self::ObjectReference
                | Self::SecretKeySelector
                | Self::ConfigMapKeySelector
        )
    }
}

impl FieldType {
    pub(super) fn parse(text: &str) -> Result<Self, Refusal> {
        let (shape, rest) = match (text.strip_prefix(LIST), text.strip_prefix(MAP)) {
            (Some(rest), _) => (Shape::List, rest),
            (_, Some(rest)) => (Shape::Map, rest),
            _ => (Shape::One, text),
        };
        Ok(Self {
            shape,
            element: element(rest)?,
        })
    }
}

impl std::fmt::Display for FieldType {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shape = match self.shape {
            Shape::One => "",
            Shape::List => LIST,
            Shape::Map => MAP,
        };
        let element = match self.element {
            Element::Scalar(scalar) => scalar.as_str(),
            Element::Object => "object",
        };
        write!(formatter, "{shape}{element}")
    }
}

fn element(text: &str) -> Result<Element, Refusal> {
    if text == "object" {
        return Ok(Element::Object);
    }
    match SCALARS.iter().find(|(name, _)| *name == text) {
        Some((_, scalar)) => Ok(Element::Scalar(*scalar)),
        None => Err(unknown(text)),
    }
}

/// What people write for a type that has another name here.
const FAMILIAR: [(&[&str], &str); 9] = [
    (
        &[
            "int", "integer", "i32", "uint32", "uint16", "u16", "u32", "port",
        ],
        "int32",
    ),
    (&["i64", "uint64", "u64", "long"], "int64"),
    (&["boolean"], "bool"),
    (
        &["str", "text", "String", "password", "email", "uri"],
        "string",
    ),
    (
        &["time", "datetime", "timestamp", "Time", "date"],
        "date-time",
    ),
    (&["bytes", "base64"], "byte"),
    (&["intstr", "intorstring", "IntOrString"], "int-or-string"),
    (&["json", "struct", "map", "raw"], "object` or `any"),
    (
        &["secret", "secretKeyRef", "SecretKeySelector"],
        "secret-key-selector",
    ),
];

fn unknown(text: &str) -> Refusal {
    if matches!(
        text,
        "float" | "float32" | "float64" | "f32" | "f64" | "double" | "number"
    ) {
        return Refusal::new("the API conventions forbid floating-point numbers: they do not survive the way through languages and encodings unchanged")
            .with_help("use `quantity` (`1.5`, `500m`), or an `int32` in a smaller unit");
    }
    if text.starts_with(LIST) || text.starts_with("map[") {
        return Refusal::new("lists and maps hold plain values or objects, not lists or maps")
            .with_help("put the inner list into an object: `groups[].names:[]string`; a map is `map[string]…`");
    }
    let refusal = Refusal::new(format!("`{text}` is no type"));
    let meant = FAMILIAR.iter().find(|(words, _)| words.contains(&text));
    if let Some((_, name)) = meant {
        refusal.with_help(format!("use `{name}`"))
    } else {
        let names: Vec<String> = SCALARS
            .iter()
            .map(|(name, _)| format!("`{name}`"))
            .collect();
        refusal.with_help(format!(
            "the types are {}, `object`, and `[]` or `map[string]` before one of them",
            names.join(", ")
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_type_reads_as_it_is_written() {
        for element in SCALARS.iter().map(|(name, _)| *name).chain(["object"]) {
            for shape in ["", LIST, MAP] {
                let text = format!("{shape}{element}");
                let read = FieldType::parse(&text).map_err(|refusal| refusal.reason);
                assert_eq!(read.unwrap().to_string(), text);
            }
        }
    }

    #[test]
    fn other_types_are_refused_with_what_to_use() {
        let check = |text: &str, reason: &str, help: &str| {
            let refusal = FieldType::parse(text).unwrap_err();
            assert!(refusal.reason.contains(reason), "{}", refusal.reason);
            let found = refusal.help.unwrap();
            assert!(found.contains(help), "{found}");
        };
        check("float64", "API conventions", "`quantity`");
        check("[]double", "API conventions", "`quantity`");
        check("int", "`int` is no type", "use `int32`");
        check("[][]string", "not lists", "names:[]string");
        check("map[string][]string", "not lists", "names:[]string");
        check("map[int]string", "not lists", "map[string]");
        check("Foo", "`Foo` is no type", "`int-or-string`");
        check("", "`` is no type", "`string`");
    }
}

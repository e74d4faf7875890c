//! The properties of a schema under numbers, which kopium passes on.

use serde_json::Value;

use super::known::{known_type, nullable_parts};
use super::names::{self, Taken};

/// Digits of a number, in the letters a to z: enough for 456976 properties.
const DIGITS: usize = 4;

/// A property, found again by its number.
pub(super) struct Property {
    /// What it is called in the CRD; empty for an object as a whole.
    pub(super) name: String,
    /// What its type is called, where it gets one of its own.
    pub(super) type_name: String,
    pub(super) documentation: Option<String>,
    /// Kubernetes' own type for what kopium takes for a string.
    pub(super) known: Option<&'static str>,
    /// Whether null may stand in lists and maps: in the outermost, in what it holds, …
    pub(super) nullable: Vec<bool>,
    /// It stands for all properties that the schema does not name.
    pub(super) is_rest: bool,
}

/// All of them, and the names of their types.
pub(super) struct Properties {
    list: Vec<Property>,
    names: Taken,
}

impl Properties {
    pub(super) fn of_kind(kind: &str) -> Self {
        Self {
            list: Vec::new(),
            names: Taken::by_kind(kind),
        }
    }

    /// A free name for the type of the property `name` of `owner`.
    pub(super) fn type_name(&mut self, owner: &str, name: &str) -> String {
        self.names
            .claim(&format!("{owner}{}", names::type_part(name)))
    }

    /// Takes a property in; the answer is its number, as a key for kopium. The
    /// keys sort in the order in which they were given.
    pub(super) fn add(&mut self, name: &str, type_name: String, schema: &Value) -> String {
        let documentation = schema.get("description").and_then(Value::as_str);
        self.push(Property {
            name: name.to_owned(),
            type_name,
            documentation: documentation.map(str::to_owned),
            known: known_type(schema),
            nullable: nullable_parts(schema),
            is_rest: false,
        })
    }

    /// A property for all that the schema does not name.
    pub(super) fn add_rest(&mut self) -> String {
        self.push(Property {
            name: String::new(),
            type_name: String::new(),
            documentation: Some("What the schema allows without naming it.".to_owned()),
            known: None,
            nullable: Vec::new(),
            is_rest: true,
        })
    }

    fn push(&mut self, property: Property) -> String {
        let mut number = self.list.len();
        self.list.push(property);
        let mut digits = [0; DIGITS];
        for digit in digits.iter_mut().rev() {
            *digit = b'a' + u8::try_from(number % 26).unwrap_or_default();
            number /= 26;
        }
        // kopium makes CamelCase of it: a capital, and letters up to the next one.
        format!("x{}", String::from_utf8_lossy(&digits))
    }

    /// The property whose key is `text`, or ends the name that kopium gave its type.
    pub(super) fn find(&self, text: &str) -> Option<&Property> {
        let start = text.len().checked_sub(1 + DIGITS)?;
        let digits = text.get(start..)?.strip_prefix(['x', 'X'])?;
        let number = digits.bytes().try_fold(0, |number, digit| {
            let digit = digit.is_ascii_lowercase().then(|| digit - b'a')?;
            Some(number * 26 + usize::from(digit))
        })?;
        self.list.get(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_leads_back_to_its_property() {
        let mut properties = Properties::of_kind("Thing");
        let names: Vec<String> = (0..1000).map(|number| format!("p{number}")).collect();
        let add = |name: &String| properties.add(name, String::new(), &Value::Null);
        let keys: Vec<String> = names.iter().map(add).collect();
        assert!(keys.is_sorted());
        for (key, name) in keys.iter().zip(&names) {
            let camel = format!("RootXabcd{}{}", key[..1].to_uppercase(), &key[1..]);
            for text in [key, &camel] {
                assert_eq!(properties.find(text).map(|found| &found.name), Some(name));
            }
        }
        for other in ["String", "Value", "Root", "xzzzz", "f64", ""] {
            assert!(properties.find(other).is_none(), "{other}");
        }
    }
}

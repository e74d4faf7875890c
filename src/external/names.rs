//! Names of fields, variants and types that compile, whatever the CRD calls them.

use std::collections::BTreeSet;

use heck::{ToSnakeCase as _, ToUpperCamelCase as _};

/// Names that a file of types needs itself.
const NEEDED: [&str; 18] = [
    "BTreeMap",
    "Clone",
    "Condition",
    "Copy",
    "CustomResource",
    "Debug",
    "Default",
    "Deserialize",
    "Eq",
    "IntOrString",
    "ObjectMeta",
    "ObjectReference",
    "Option",
    "PartialEq",
    "Quantity",
    "Serialize",
    "String",
    "Vec",
];

/// Whether types need a type of this name, so that no kind can have it.
pub(super) fn is_needed(kind: &str) -> bool {
    NEEDED.contains(&kind)
}

/// Hands out names, each once.
pub(super) struct Taken(BTreeSet<String>);

impl Taken {
    pub(super) fn none() -> Self {
        Self(BTreeSet::new())
    }

    /// The names that the module of `kind` has in any case.
    pub(super) fn by_kind(kind: &str) -> Self {
        let needed = NEEDED.map(str::to_owned).into_iter();
        let own = ["", "List"].map(|end| format!("{kind}{end}"));
        Self(needed.chain(own).collect())
    }

    /// `name`, or with a number behind where that is taken.
    pub(super) fn claim(&mut self, name: &str) -> String {
        let numbered = (2..).map(|number| format!("{name}{number}"));
        let mut names = std::iter::once(name.to_owned()).chain(numbered);
        let free = names.find(|name| !self.0.contains(name));
        let free = free.unwrap_or_else(|| name.to_owned());
        self.0.insert(free.clone());
        free
    }
}

/// A field: `private_key` for `privateKey`, `r#type` for `type`.
pub(super) fn field(name: &str) -> String {
    let snake = ascii(name).to_snake_case();
    let legal = match snake.as_str() {
        "" => "field".to_owned(),
        "self" | "super" | "crate" => format!("{snake}_"),
        _ if snake.starts_with(|c: char| c.is_ascii_digit()) => format!("_{snake}"),
        _ => snake,
    };
    match is_identifier(&legal) {
        true => legal,
        false => format!("r#{legal}"),
    }
}

/// A variant of an enum: `DigitalSignature` for `digital signature`.
pub(super) fn variant(value: &str) -> String {
    let camel = ascii(value).to_upper_camel_case();
    match camel.as_str() {
        "" if value.is_empty() => "Empty".to_owned(),
        "" => "Other".to_owned(),
        "Self" => "Self_".to_owned(),
        _ if camel.starts_with(|c: char| c.is_ascii_digit()) => format!("_{camel}"),
        _ => camel,
    }
}

/// The end of a type's name: `PrivateKey` for `privateKey`.
pub(super) fn type_part(name: &str) -> String {
    ascii(name).to_upper_camel_case()
}

fn ascii(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { ' ' };
    name.chars().map(plain).collect()
}

fn is_identifier(name: &str) -> bool {
    // A word of edition 2024 that syn lets pass.
    name != "gen" && syn::parse_str::<syn::Ident>(name).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_legal_whatever_the_property_is_called() {
        fn check(name: &str, expected: &str) {
            assert_eq!(field(name), expected, "{name}");
        }
        check("privateKey", "private_key");
        check("type", "r#type");
        check("gen", "r#gen");
        check("self", "self_");
        check("$ref", "r#ref");
        check("8bit", "_8bit");
        check("caBundle-1.pem", "ca_bundle_1_pem");
        check("HTTPRoute", "http_route");
        check("größe", "gr_e");
        check("@", "field");
        check("_", "field");
        check("", "field");
    }

    #[test]
    fn variants_are_legal_whatever_the_value_is() {
        fn check(value: &str, expected: &str) {
            assert_eq!(variant(value), expected, "{value}");
        }
        check("digital signature", "DigitalSignature");
        check("RSA", "Rsa");
        check("1.3", "_13");
        check("self", "Self_");
        check("", "Empty");
        check(">=", "Other");
    }

    #[test]
    fn a_name_is_given_once() {
        let mut taken = Taken::by_kind("Thing");
        let names = ["A", "A", "A", "Thing", "String"].map(|name| taken.claim(name));
        assert_eq!(names, ["A", "A2", "A3", "Thing2", "String2"]);
    }

    #[test]
    fn camel_case_is_serdes() {
        fn check(field: &str, expected: &str) {
            assert_eq!(
                crate::resource::serde_camel_case(field),
                expected,
                "{field}"
            );
        }
        check("private_key", "privateKey");
        check("r#type", "type");
        check("self_", "self");
        check("a_b_c", "aBC");
    }
}

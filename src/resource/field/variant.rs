//! The names of an enum's variants in Rust.

use heck::ToUpperCamelCase as _;

/// The variant for a value: `Always`, `RollingUpdate` of `rolling-update`,
/// `Value10` of `10`. `None` where no letter and no digit is left.
pub fn name(value: &str) -> Option<String> {
    let ascii: String = value
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' })
        .collect();
    let name = ascii.to_upper_camel_case();
    match name.chars().next()? {
        first if first.is_ascii_digit() => Some(format!("Value{name}")),
        _ if name == "Self" => Some("Self_".to_owned()),
        _ => Some(name),
    }
}

/// The `rename_all` of serde that makes all values of their variants, if one does.
pub fn rename_all(values: &[String]) -> Option<&'static str> {
    let styles = STYLES.iter();
    let fits = |make: fn(&str) -> String| {
        values
            .iter()
            .all(|value| name(value).is_some_and(|variant| make(&variant) == *value))
    };
    styles
        .filter(|(_, make)| fits(*make))
        .map(|(style, _)| *style)
        .next()
}

type Style = (&'static str, fn(&str) -> String);

/// As serde renames variants; the first is what it does by itself.
const STYLES: [Style; 5] = [
    ("PascalCase", |variant| variant.to_owned()),
    ("lowercase", str::to_ascii_lowercase),
    ("UPPERCASE", str::to_ascii_uppercase),
    ("camelCase", |variant| {
        variant[..1].to_ascii_lowercase() + &variant[1..]
    }),
    ("kebab-case", kebab),
];

fn kebab(variant: &str) -> String {
    let mut name = String::new();
    for (position, character) in variant.char_indices() {
        if position > 0 && character.is_ascii_uppercase() {
            name.push('-');
        }
        name.push(character.to_ascii_lowercase());
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_make_variants() {
        let check = |value: &str, expected: Option<&str>| {
            assert_eq!(name(value).as_deref(), expected, "{value}");
        };
        check("Always", Some("Always"));
        check("IfNotPresent", Some("IfNotPresent"));
        check("tcp", Some("Tcp"));
        check("TCP", Some("Tcp"));
        check("rolling-update", Some("RollingUpdate"));
        check("10", Some("Value10"));
        check("self", Some("Self_"));
        check("a b", Some("AB"));
        check("-", None);
        check("", None);
    }

    #[test]
    fn one_style_renames_all() {
        let check = |values: &str, expected: Option<&str>| {
            let values: Vec<String> = values.split('|').map(str::to_owned).collect();
            assert_eq!(rename_all(&values), expected);
        };
        check("Always|IfNotPresent", Some("PascalCase"));
        check("tcp|udp", Some("lowercase"));
        check("TCP|UDP", Some("UPPERCASE"));
        check("rollingUpdate|recreate", Some("camelCase"));
        check("rolling-update|recreate", Some("kebab-case"));
        check("tcp|UDP", None);
        check("v1|10", None);
    }
}

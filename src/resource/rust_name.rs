//! Turns names into Rust identifiers that compile without a warning.
//!
//! A name that Rust, or a `use` in the scaffold, needs for something else gets
//! a `_` behind. No DNS name holds a `_`, so the result never meets another
//! name's module. Raw identifiers are no way: `r#self` and `r#crate` do not
//! exist, and the file of `r#type` is called `type.rs`.

/// The module of resources whose group is empty.
pub(super) const NO_GROUP: &str = "ungrouped";

/// The strict and reserved words of edition 2024,
/// <https://doc.rust-lang.org/reference/keywords.html>.
const KEYWORDS: [&str; 52] = [
    "Self", "abstract", "as", "async", "await", "become", "box", "break", "const", "continue",
    "crate", "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if",
    "impl", "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub",
    "ref", "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// Crates that generated code may name: a module of the same name beside such
/// a `use` would be ambiguous (E0659). `api` and `runtime` are the project's,
/// `controller` is what the list of controllers calls each of them.
const CRATES: [&str; 27] = [
    "alloc",
    "anyhow",
    "api",
    "bytes",
    "chrono",
    "clap",
    "controller",
    "core",
    "futures",
    "http",
    "hyper",
    "jiff",
    "k8s_openapi",
    "kube",
    "proc_macro",
    "runtime",
    "schemars",
    "serde",
    "serde_json",
    "serde_yaml",
    "std",
    "test",
    "thiserror",
    "tokio",
    "tower",
    "tracing",
    "tracing_subscriber",
];

/// Modules of the scaffold that stand beside those of groups and kinds, or in them.
const MODULES: [&str; 5] = ["lib", "main", "operator", "schema", "tests"];

/// Files that Windows does not let anybody have, whatever the extension,
/// <https://learn.microsoft.com/windows/win32/fileio/naming-a-file>.
const DEVICES: [&str; 6] = ["aux", "com", "con", "lpt", "nul", "prn"];

/// Does Windows keep `word` for a device: `con`, but also `com1`?
pub(super) fn is_device(word: &str) -> bool {
    let name = word.trim_end_matches(|c: char| c.is_ascii_digit());
    let numbered = matches!(name, "com" | "lpt");
    DEVICES.contains(&name) && word.len() == name.len() + usize::from(numbered)
}

/// Is `word` a keyword?
pub(super) fn is_keyword(word: &str) -> bool {
    KEYWORDS.contains(&word)
}

/// The module for a name in lower case: each run of dots and dashes is one `_`,
/// a leading digit gets `<prefix>_` before it, a taken word a `_` behind.
pub(super) fn module(prefix: &str, name: &str) -> String {
    let parts: Vec<&str> = name
        .split(['.', '-', '_'])
        .filter(|part| !part.is_empty())
        .collect();
    let joined = parts.join("_");
    if joined.starts_with(|c: char| c.is_ascii_digit()) {
        format!("{prefix}_{joined}")
    } else if is_taken(&joined) {
        format!("{joined}_")
    } else {
        joined
    }
}

fn is_taken(name: &str) -> bool {
    let ours = CRATES.contains(&name) || MODULES.contains(&name);
    is_keyword(name) || is_device(name) || ours || name == NO_GROUP
}

/// What serde makes of a field under `rename_all = "camelCase"`: each letter
/// behind a `_` becomes upper case.
pub fn serde_camel_case(field: &str) -> String {
    let mut camel = String::new();
    let mut upper = false;
    for character in field.strip_prefix("r#").unwrap_or(field).chars() {
        match character {
            '_' => upper = true,
            _ if upper && !camel.is_empty() => {
                camel.push(character.to_ascii_uppercase());
                upper = false;
            }
            _ => {
                camel.push(character);
                upper = false;
            }
        }
    }
    camel
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_taken_word_gets_an_underscore() {
        for word in KEYWORDS.iter().chain(&CRATES).chain(&MODULES) {
            assert_eq!(module("x", word), format!("{word}_"));
        }
    }

    #[test]
    fn devices_of_windows_are_no_files() {
        fn check(word: &str, expected: &str) {
            assert_eq!(module("x", word), expected);
        }
        check("con", "con_");
        check("com1", "com1_");
        check("com", "com");
        check("com10", "com10");
        check("con1", "con1");
        check("config", "config");
    }

    #[test]
    fn lists_are_sorted() {
        assert!(KEYWORDS.is_sorted());
        assert!(CRATES.is_sorted());
    }
}

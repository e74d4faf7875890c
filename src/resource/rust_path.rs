//! A path to a Rust module, as it stands in a `use`.

use super::error::NameError;
use super::name_type::name_type;
use super::rust_name::is_keyword;

name_type! {
    /// Where the Rust type of an API from elsewhere lies: `cert_manager::v1`.
    /// The first part is the crate, under the name that Rust knows it by.
    RustPath, check
}

fn check(text: &str) -> Result<(), NameError> {
    let wrong = |reason: String| NameError::new("path of a Rust module", text, reason);
    if text.is_empty() {
        return Err(wrong("it is empty".to_owned()));
    }
    if text.contains('@') {
        return Err(wrong("a path has no version".to_owned())
            .with_help("the crate and its version belong to `--external-api-module`"));
    }
    match text.split("::").find(|part| !is_identifier(part)) {
        None => Ok(()),
        Some(part) => Err(wrong(format!("`{part}` is no Rust identifier"))
            .with_help("give the module that holds the type, as in `cert_manager::v1`")),
    }
}

/// ASCII suffices: crates have no other names.
fn is_identifier(text: &str) -> bool {
    let legal = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let begins = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    begins && text != "_" && text.chars().all(legal) && !is_keyword(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_identifiers_with_colons_between() {
        fn check(text: &str, expected: bool) {
            assert_eq!(RustPath::new(text).is_ok(), expected, "{text:?}");
        }
        check("cert_manager::v1", true);
        check("types", true);
        check("a::b::c_1", true);
        check("", false);
        check("cert-manager::v1", false);
        check("a::", false);
        check("::a", false);
        check("a:b", false);
        check("a/b@1", false);
        check("a::type", false);
        check("a::_", false);
        check("1a::b", false);
    }
}

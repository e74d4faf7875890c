//! What one item of a list is called: `ports` holds a `port`.

use crate::resource::pluralize;

/// The singular of an English word in camelCase; a word that is none stays.
pub(super) fn of(name: &str) -> String {
    let endings = [("ies", "y"), ("es", ""), ("s", "")];
    let candidates = endings
        .iter()
        .filter_map(|(plural, singular)| Some(name.strip_suffix(plural)?.to_owned() + singular));
    let is_word = |word: &String| !word.is_empty() && !word.ends_with(['u', 'i']);
    candidates
        .filter(is_word)
        .find(|word| pluralize(&word.to_ascii_lowercase()) == name.to_ascii_lowercase())
        .unwrap_or_else(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_hold_items() {
        let check = |name: &str, expected: &str| assert_eq!(of(name), expected);
        check("ports", "port");
        check("addresses", "address");
        check("policies", "policy");
        check("classes", "class");
        check("status", "status");
        check("replica", "replica");
        check("s", "s");
        check("dns", "dn");
    }
}

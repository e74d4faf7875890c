//! The shapes of names that an API server knows: the rules of apimachinery's
//! `validation` (<https://github.com/kubernetes/apimachinery/blob/v0.35.0/pkg/util/validation/validation.go>).

/// `IsDNS1123Subdomain`: labels of any length, 253 characters in all.
pub(super) fn is_subdomain(text: &str) -> bool {
    text.len() <= 253 && text.split('.').all(is_label)
}

fn is_label(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let hyphen = text.starts_with('-') || text.ends_with('-');
    !text.is_empty() && !hyphen && text.bytes().all(inner)
}

/// `IsFullyQualifiedName`: a subdomain of at least three labels.
pub(super) fn is_fully_qualified(text: &str) -> bool {
    is_subdomain(text) && text.split('.').count() >= 3
}

/// `IsDNS1035Label`: it begins with a letter, 63 characters at most.
pub(super) fn is_version(text: &str) -> bool {
    text.len() <= 63 && is_label(text) && text.starts_with(|first: char| first.is_ascii_lowercase())
}

/// `IsQualifiedName`, which a label's key is: a name, perhaps after a subdomain and `/`.
pub(super) fn is_qualified(text: &str) -> bool {
    let name = match text.split_once('/') {
        Some((prefix, name)) if is_subdomain(prefix) => name,
        Some(_) => return false,
        None => text,
    };
    !name.is_empty() && is_label_value(name)
}

/// `IsValidLabelValue`: empty, or up to 63 characters that begin and end with a letter or digit.
pub(super) fn is_label_value(text: &str) -> bool {
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let outer = |byte: Option<u8>| byte.is_none_or(|byte| byte.is_ascii_alphanumeric());
    let ends = outer(text.bytes().next()) && outer(text.bytes().last());
    text.len() <= 63 && ends && text.bytes().all(inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rule: fn(&str) -> bool, right: &[&str], wrong: &[&str]) {
        for text in right {
            assert!(rule(text), "{text}");
        }
        for text in wrong {
            assert!(!rule(text), "{text}");
        }
    }

    #[test]
    fn names_are_those_of_the_api_server() {
        let long = format!("{}.b.c", "a".repeat(64));
        let longest = format!("{}.b.c", "a".repeat(249));
        let longer = format!("{}.b.c", "a".repeat(250));
        check(
            is_fully_qualified,
            &["a.b.c", &long, &longest],
            &["a.b", "A.b.c", "a..c", "-a.b.c", &longer],
        );
        check(
            is_version,
            &["v1", "a-b"],
            &["V2", "1a", "a.b", "", "a-", &"a".repeat(64)],
        );
        check(
            is_qualified,
            &["a", "A_b.c", "a.b/C"],
            &["", "/a", "a/", "a/b/c", "A/b", "-a"],
        );
        check(
            is_label_value,
            &["", "a", "A_b.c"],
            &["a b", "-a", "a.", &"a".repeat(64)],
        );
    }
}

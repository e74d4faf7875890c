//! Kubernetes' three forms of a name, and what a text breaks of them.
//!
//! The rules are those of the API server's own checks,
//! <https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#names>.
//! Each check answers with the reason, so that all newtypes speak alike.

/// The longest DNS label, RFC 1123.
pub(super) const LABEL_LENGTH: usize = 63;
/// The longest DNS subdomain that Kubernetes takes.
pub(super) const SUBDOMAIN_LENGTH: usize = 253;

/// Checks a label of RFC 1123: letters, digits and dashes, no dash at the ends.
pub(super) fn check_label(text: &str) -> Result<(), String> {
    check_length(text, LABEL_LENGTH)?;
    check_part(text)
}

/// Checks a label of RFC 1035: as RFC 1123, and it begins with a letter.
pub(super) fn check_letter_label(text: &str) -> Result<(), String> {
    check_label(text)?;
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return Err("it must begin with a letter".to_owned());
    }
    Ok(())
}

/// Checks a subdomain: parts like labels with dots between. As in Kubernetes
/// only the whole has a greatest length, the parts have not.
pub(super) fn check_subdomain(text: &str) -> Result<(), String> {
    check_length(text, SUBDOMAIN_LENGTH)?;
    if text.split('.').any(str::is_empty) {
        return Err("it must not begin or end with a dot, nor hold two in a row".to_owned());
    }
    text.split('.').try_for_each(check_part)
}

/// The nearest legal label to `text`: lower case, each run of other characters
/// one dash, at most 63 letters. `None` when nothing is left.
pub(super) fn nearest_label(text: &str) -> Option<String> {
    let replaced = text.to_lowercase().replace(|c| !is_plain(c), "-");
    let parts: Vec<&str> = replaced
        .split('-')
        .filter(|part| !part.is_empty())
        .collect();
    let mut label = parts.join("-");
    label.truncate(LABEL_LENGTH);
    let label = label.trim_end_matches('-');
    (!label.is_empty()).then(|| label.to_owned())
}

/// The nearest legal label to `text` that begins with a letter.
pub(super) fn nearest_letter_label(text: &str) -> Option<String> {
    let label = nearest_label(text)?;
    let label = label.trim_start_matches(|c: char| !c.is_ascii_lowercase());
    (!label.is_empty()).then(|| label.to_owned())
}

/// The nearest legal subdomain to `text`.
pub(super) fn nearest_subdomain(text: &str) -> Option<String> {
    let parts: Vec<String> = text.split('.').filter_map(nearest_label).collect();
    let subdomain = parts.join(".");
    (1..=SUBDOMAIN_LENGTH)
        .contains(&subdomain.len())
        .then_some(subdomain)
}

fn check_length(text: &str, most: usize) -> Result<(), String> {
    match text.chars().count() {
        0 => Err("it is empty".to_owned()),
        length if length > most => Err(format!(
            "it has {length} characters, at most {most} are allowed"
        )),
        _ => Ok(()),
    }
}

fn check_part(part: &str) -> Result<(), String> {
    if let Some(wrong) = part.chars().find(|c| !is_plain(*c) && *c != '-') {
        let wrong = describe(wrong);
        return Err(format!(
            "it must hold only lower-case letters, digits and dashes, and it holds {wrong}"
        ));
    }
    if part.starts_with('-') || part.ends_with('-') {
        return Err("it must begin and end with a letter or a digit".to_owned());
    }
    Ok(())
}

fn is_plain(character: char) -> bool {
    character.is_ascii_lowercase() || character.is_ascii_digit()
}

/// A character as it can be shown: a control character by its escape.
pub(super) fn describe(character: char) -> String {
    if character.is_control() || character.is_whitespace() {
        format!("`{}`", character.escape_default())
    } else {
        format!("`{character}`")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOSTILE: [&str; 14] = [
        "",
        " ",
        "-",
        "-a",
        "a-",
        "a\n",
        "\na",
        "a b",
        "A",
        "ä",
        "a\u{1f980}",
        "a\0",
        "a_b",
        "a\u{200b}",
    ];

    #[test]
    fn no_form_takes_hostile_text() {
        for text in HOSTILE {
            assert!(check_label(text).is_err(), "{text:?}");
            assert!(check_letter_label(text).is_err(), "{text:?}");
            assert!(check_subdomain(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn labels_have_63_characters_at_most() {
        assert!(check_label(&"a".repeat(63)).is_ok());
        assert!(check_label(&"a".repeat(64)).is_err());
        assert!(check_subdomain(&"a".repeat(253)).is_ok());
        assert!(check_subdomain(&"a".repeat(254)).is_err());
    }

    #[test]
    fn the_forms_differ_where_kubernetes_does() {
        fn check(text: &str, expected: [bool; 3]) {
            let answers = [
                check_label(text).is_ok(),
                check_letter_label(text).is_ok(),
                check_subdomain(text).is_ok(),
            ];
            assert_eq!(answers, expected, "{text}");
        }
        check("a", [true, true, true]);
        check("3scale", [true, false, true]);
        check("a--b", [true, true, true]);
        check("a.b", [false, false, true]);
        check("a..b", [false, false, false]);
        check(".a", [false, false, false]);
        check("a.", [false, false, false]);
        check("a.-b", [false, false, false]);
    }

    #[test]
    fn the_nearest_label_is_legal() {
        fn check(text: &str, expected: Option<&str>) {
            assert_eq!(nearest_label(text).as_deref(), expected, "{text:?}");
        }
        check("My App (2)", Some("my-app-2"));
        check("--a__b--", Some("a-b"));
        check("Größe", Some("gr-e"));
        check("\u{1f980}", None);
        check("", None);
        check(&"a".repeat(70), Some("a".repeat(63).as_str()));
        check(
            &format!("{}-b", "a".repeat(62)),
            Some("a".repeat(62).as_str()),
        );
    }
}

//! Commas and quotes: how a field is taken apart and put together.
//!
//! A value that holds a comma stands in double quotes; a quote in it is written
//! twice, as in CSV. A backslash is a backslash, so that patterns stay readable.

use super::error::Refusal;
use crate::resource::shown;

/// Splits at the commas that stand outside quotes; blanks around a part go.
pub(super) fn split(text: &str) -> Result<Vec<&str>, Refusal> {
    let mut parts = Vec::new();
    let (mut begin, mut quoted) = (0, false);
    for (position, character) in text.char_indices() {
        match character {
            '"' => quoted = !quoted,
            ',' if !quoted => {
                parts.push(text[begin..position].trim());
                begin = position + 1;
            }
            _ => {}
        }
    }
    if quoted {
        return Err(Refusal::new("a `\"` is not closed")
            .with_help("a quote within quotes is written twice"));
    }
    parts.push(text[begin..].trim());
    Ok(parts)
}

/// The value that `text` stands for: without its quotes.
pub(super) fn unquoted(text: &str) -> Result<String, Refusal> {
    let inner = text
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    let value = match inner {
        Some(inner) if is_well_quoted(inner) => inner.replace("\"\"", "\""),
        None if !text.contains('"') => text.to_owned(),
        _ => {
            return Err(Refusal::new(format!("the quotes in `{text}` do not fit"))
                .with_help("put the whole value in quotes, and write a quote in it twice"));
        }
    };
    if value.chars().any(char::is_control) {
        return Err(Refusal::new(
            "a value is one line, without control characters",
        ));
    }
    match value.chars().any(shown::turns) {
        true => Err(Refusal::new(
            "the Rust compiler refuses characters that turn the direction of text",
        )),
        false => Ok(value),
    }
}

/// Whether each quote in `inner` has a twin.
fn is_well_quoted(inner: &str) -> bool {
    !inner.replace("\"\"", "").contains('"')
}

/// `value` as [`unquoted`] reads it; in quotes only where they are needed.
pub(super) fn quoted(value: &str) -> String {
    let plain = !value.is_empty() && !value.contains([',', '"']) && value.trim() == value;
    if plain {
        value.to_owned()
    } else {
        format!("\"{}\"", value.replace('"', "\"\""))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_survive_quotes() {
        let check = |value: &str, expected: &str| {
            assert_eq!(quoted(value), expected);
            let parts = split(expected).map_err(|refusal| refusal.reason);
            assert_eq!(parts.unwrap(), [expected]);
            let read = unquoted(expected).map_err(|refusal| refusal.reason);
            assert_eq!(read.unwrap(), value);
        };
        check("a", "a");
        check("", "\"\"");
        check("a, b", "\"a, b\"");
        check("say \"a\"", "\"say \"\"a\"\"\"");
        check("\"", "\"\"\"\"");
        check(" a", "\" a\"");
        check(r"^\d+\\$", r"^\d+\\$");
    }

    #[test]
    fn commas_in_quotes_do_not_split() {
        let check = |text: &str, expected: &[&str]| {
            let parts = split(text).map_err(|refusal| refusal.reason);
            assert_eq!(parts.unwrap(), expected);
        };
        check("a, b=\"c,d\",e", &["a", "b=\"c,d\"", "e"]);
        check("a,", &["a", ""]);
        check("a=\"b\"\",c\"", &["a=\"b\"\",c\""]);
        assert!(split("a=\"b").is_err());
        assert!(unquoted("\"a\"b\"").is_err());
        assert!(unquoted("a\"b").is_err());
        assert!(unquoted("a\nb").is_err());
    }
}

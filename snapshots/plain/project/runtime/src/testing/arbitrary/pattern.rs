//! A pattern of a schema, as one to make texts of.
//!
//! The API server matches with RE2, where `\d`, `\w` and `\s` are ASCII and a `[` within brackets is one; proptest reads
//! the language of the crate regex, and knows no anchors: it makes what a pattern matches, and nothing around it.

use std::iter::Peekable;
use std::str::Chars;

/// `pattern` without its anchors, in the language of the crate regex.
pub(super) fn to_generate(pattern: &str) -> String {
    let mut rest = pattern.chars().peekable();
    let mut made = String::new();
    while let Some(character) = rest.next() {
        match character {
            '\\' => made += &escaped(rest.next(), false),
            '[' => class(&mut rest, &mut made),
            '^' | '$' => {}
            other => made.push(other),
        }
    }
    made
}

/// From behind a `[` to its `]`.
fn class(rest: &mut Peekable<Chars<'_>>, made: &mut String) {
    made.push('[');
    if rest.next_if_eq(&'^').is_some() {
        made.push('^');
    }
    if rest.next_if_eq(&']').is_some() {
        made.push_str("\\]");
    }
    while let Some(character) = rest.next() {
        match character {
            '\\' => *made += &escaped(rest.next(), true),
            '[' if rest.peek() == Some(&':') => named(rest, made),
            '[' => made.push_str("\\["),
            ']' => break,
            other => made.push(other),
        }
    }
    made.push(']');
}

/// `[:alpha:]`, from behind its `[`.
fn named(rest: &mut Peekable<Chars<'_>>, made: &mut String) {
    made.push('[');
    for character in rest.by_ref() {
        made.push(character);
        if character == ']' {
            break;
        }
    }
}

fn escaped(character: Option<char>, in_class: bool) -> String {
    let characters = match character.map(|it| it.to_ascii_lowercase()) {
        Some('d') => "0-9",
        Some('w') => "0-9A-Za-z_",
        Some('s') => "\\t\\n\\f\\r ",
        _ => "",
    };
    match character {
        Some('d' | 'w' | 's') if in_class => characters.to_owned(),
        Some('d' | 'w' | 's') => format!("[{characters}]"),
        Some('D' | 'W' | 'S') => format!("[^{characters}]"),
        Some('A' | 'z' | 'b' | 'B') if !in_class => String::new(),
        Some(other) => format!("\\{other}"),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, expected: &str) {
        assert_eq!(to_generate(pattern), expected, "{pattern}");
    }

    #[test]
    fn anchors_go_and_what_looks_like_one_stays() {
        check("^a$", "a");
        check("^(a|b$)", "(a|b)");
        check(r"\Aa\z\b", "a");
        check(r"\^a\$[^$]", r"\^a\$[^$]");
        check("[$^]", "[$^]");
    }

    #[test]
    fn classes_are_those_of_re2() {
        check(r"\d+\.\w", r"[0-9]+\.[0-9A-Za-z_]");
        check(r"[\d.-]\D", r"[0-9.-][^0-9]");
        check("[[:alpha:][]x", r"[[:alpha:]\[]x");
        check("[]a]", r"[\]a]");
    }
}

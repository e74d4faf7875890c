//! Patterns: RE2, which is what the API server runs.
//!
//! The regex crate is RE2's kin: no look-around, no back-references, linear
//! time. What it takes and Go's <https://github.com/google/re2/wiki/Syntax> does
//! not is refused here.

use regex::Regex;

use super::error::Refusal;

/// Forms of the regex crate that RE2 lacks, or reads as something else.
const NOT_IN_RE2: [&str; 9] = ["&&", "--", "~~", "(?x", "(?R", r"\<", r"\>", r"\u", r"\U"];

/// The greatest count of a repetition in Go's regexp.
const REPETITION: u32 = 1000;

pub(super) fn compiled(pattern: &str) -> Result<Regex, Refusal> {
    let refuse = |why: String| {
        Refusal::new(format!("the pattern `{pattern}` is not RE2: {why}"))
        .with_help("see https://github.com/google/re2/wiki/Syntax; there is no look-around and no back-reference")
    };
    if pattern.is_empty() {
        return Err(Refusal::new("an empty pattern says nothing"));
    }
    if let Some(form) = NOT_IN_RE2.iter().find(|form| pattern.contains(**form)) {
        return Err(refuse(format!("it holds `{form}`")));
    }
    if repetitions(pattern).any(|count| count > REPETITION) {
        return Err(refuse(format!(
            "it repeats something more than {REPETITION} times"
        )));
    }
    if let Some(form) = read_otherwise(pattern) {
        return Err(refuse(form.to_owned()));
    }
    Regex::new(pattern).map_err(|error| {
        // The last line is the reason; those above show the place.
        let text = error.to_string();
        let reason = text.lines().last().unwrap_or_default();
        refuse(reason.trim_start_matches("error: ").to_owned())
    })
}

/// What both take and read differently, or RE2 not at all: a repetition of a
/// repetition, and a class within a class.
fn read_otherwise(pattern: &str) -> Option<&'static str> {
    let mut rest = pattern.chars().peekable();
    let (mut class, mut repeated) = (false, false);
    while let Some(character) = rest.next() {
        let was_repeated = std::mem::take(&mut repeated);
        match character {
            '\\' => {
                let class = rest
                    .next()
                    .is_some_and(|next| matches!(next, 'p' | 'P' | 'x'));
                if class && rest.next_if_eq(&'{').is_some() {
                    rest.by_ref().find(|next| *next == '}');
                }
            }
            '[' if class && rest.peek() != Some(&':') => {
                return Some("it holds a `[` within `[…]`");
            }
            '[' if !class => {
                class = true;
                // Right behind the bracket a `]` is a letter like others.
                rest.next_if_eq(&'^');
                rest.next_if_eq(&']');
            }
            '[' => drop(rest.by_ref().find(|next| *next == ']')),
            ']' => class = false,
            '*' | '+' | '?' | '{' if !class => {
                if was_repeated {
                    return Some("it repeats a repetition");
                }
                if character == '{' {
                    rest.by_ref().find(|next| *next == '}');
                }
                rest.next_if_eq(&'?');
                repeated = true;
            }
            _ => {}
        }
    }
    None
}

/// The counts in `{2}` and `{2,5}`.
fn repetitions(pattern: &str) -> impl Iterator<Item = u32> {
    let braces = pattern
        .split('{')
        .skip(1)
        .filter_map(|rest| rest.split_once('}'));
    braces
        .flat_map(|(inner, _)| inner.split(','))
        .filter_map(|count| count.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_re2() {
        let check = |pattern: &str, expected: bool| {
            let found = compiled(pattern).map_err(|refusal| refusal.reason);
            assert_eq!(found.is_ok(), expected, "{pattern}: {found:?}");
        };
        for pattern in [
            r"^[a-z]([-a-z0-9]*[a-z0-9])?$",
            r"^\d+$",
            r"^\p{L}+$",
            "(?i)a",
            "a{1000}",
            r"^\\$",
            r"^[]a*+?[:alpha:]{]+?\*?$",
            "(a*)*",
            "(?P<a>b)",
        ] {
            check(pattern, true);
        }
        for pattern in [
            "", "(?=a)", "(?<!a)b", r"(a)\1", "[a", "a{1001}", "[a&&b]", "a**", "a{2}{3}", "a+?+",
            "[a[b]]", "(", r"\u0041", "(?x) a",
        ] {
            check(pattern, false);
        }
    }
}

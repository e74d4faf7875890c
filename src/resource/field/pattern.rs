//! Patterns: RE2, which is what the API server runs.
//!
//! The regex crate is RE2's kin: no look-around, no back-references, linear
//! time. What it takes and Go's <https://github.com/google/re2/wiki/Syntax> does
//! not is refused here.

mod re2;
mod scripts;

use regex::Regex;

use super::error::Refusal;

/// A pattern that reads texts as the API server's does.
pub(super) fn compiled(pattern: &str) -> Result<Regex, Refusal> {
    if pattern.is_empty() {
        return Err(Refusal::new("an empty pattern says nothing"));
    }
    let refuse = |why: &str| {
        Refusal::new(format!("the pattern `{pattern}` is not RE2: {why}"))
        .with_help("see https://github.com/google/re2/wiki/Syntax; there is no look-around and no back-reference")
    };
    let same = re2::as_regex(pattern).map_err(|reason| refuse(&reason))?;
    Regex::new(&same).map_err(|error| {
        // The last line is the reason; those above show the place.
        let text = error.to_string();
        let reason = text.lines().last().unwrap_or_default();
        refuse(reason.trim_start_matches("error: "))
    })
}

/// Why no API server compiles `pattern`. An empty one matches everything, and is none.
pub fn pattern_fault(pattern: &str) -> Option<String> {
    let refusal = (!pattern.is_empty()).then(|| compiled(pattern).err());
    refusal.flatten().map(|refusal| refusal.reason)
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
            r"^--[a-z]+$",
            r"C:\\users",
            "a&&b~~",
            "^([a-z]{1,10}){1,100}$",
            "(a{1000})*",
            "((?:a{10}){10}){10}",
            r"\p{Greek}\pL\p{Lu}\P{Han}",
            "(?i:a)(?s-m)(?U)(?<b_1>a)",
            r"a{5,}\x{41}\x41\-\z\A[\d\]-]",
        ] {
            check(pattern, true);
        }
        for pattern in [
            r"^([a-z]{1,63}\.){1,20}$",
            "((?:a{10}){10}){11}",
            "(?:a{2,}){501}",
            "(?u)a",
            "(?-u)a",
            "(?ix)a b",
            "(?R)a",
            "(?x:a)",
            "(?<é>a)",
            r"\p{Alphabetic}",
            r"\p{Script=Greek}",
            r"\p{greek}",
            r"\p{Old_Italic}",
            r"\p{SignWriting}",
            r"\p{Letter}",
            "a{ 5 }",
            "a{,5}",
            r"\b{start}a",
            r"\<a",
            "[a--b]",
            "[a~~b]",
            r"\x{ 41 }",
        ] {
            check(pattern, false);
        }
        for pattern in [
            "", "(?=a)", "(?<!a)b", r"(a)\1", "[a", "a{1001}", "[a&&b]", "a**", "a{2}{3}", "a+?+",
            "[a[b]]", "(", r"\u0041", "(?x) a",
        ] {
            check(pattern, false);
        }
    }

    #[test]
    fn classes_are_those_of_ascii() {
        let check = |pattern: &str, text: &str, expected: bool| {
            let found = compiled(pattern).map_err(|refusal| refusal.reason);
            assert_eq!(found.unwrap().is_match(text), expected, "{pattern} {text}");
        };
        check(r"^\w$", "é", false);
        check(r"^\w$", "_", true);
        check(r"^\W$", "é", true);
        check(r"^[\W]$", "é", true);
        check(r"^[^\W]$", "é", false);
        check(r"^\d$", "٣", false);
        check(r"^[\d.]$", "٣", false);
        check(r"^[^\d]$", "٣", true);
        check(r"^\s$", "\u{a0}", false);
        check(r"^\s$", "\u{b}", false);
        check(r"^\s$", " ", true);
        check(r"a\b", "aé", true);
        check(r"a\B", "aé", false);
        check(r"\\d", r"\d", true);
    }
}

//! Finds the line comments of a Rust source.
//!
//! A marker is text inside a comment, so the reader must know what *is* a
//! comment: `"// +rustop:rbac"` inside a string is not. A full parser would
//! refuse a file that does not compile yet, and would cost a dependency; a
//! scanner over the lexical grammar answers the one question and never fails.
//!
//! The rules are the Rust reference's: comments
//! (<https://doc.rust-lang.org/reference/comments.html>) and literals
//! (<https://doc.rust-lang.org/reference/tokens.html>). This module must not
//! know what a marker is.

/// What a `//` comment is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// `// …`, and `//// …`, which is no documentation either.
    Plain,
    /// `/// …` or `//! …`: rustdoc shows it.
    Documentation,
}

/// One `//` comment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Comment<'a> {
    /// The line it stands on, counted from 1.
    pub(crate) line: usize,
    /// Whether rustdoc shows it.
    pub(crate) style: Style,
    /// What follows the slashes (and the `!`), without surrounding space.
    pub(crate) text: &'a str,
}

/// All `//` comments of `source`, in order. Block comments are no line
/// comments, and text in string literals is no comment.
pub(crate) fn line_comments(source: &str) -> Vec<Comment<'_>> {
    let mut comments = Vec::new();
    let mut line = 1;
    let mut rest = source;
    while !rest.is_empty() {
        let length = token_length(rest);
        let (token, tail) = rest.split_at(length);
        if token.starts_with("//") {
            comments.push(comment(line, token));
        }
        line += token.bytes().filter(|byte| *byte == b'\n').count();
        rest = tail;
    }
    comments
}

fn comment(line: usize, token: &str) -> Comment<'_> {
    let after = &token[2..];
    let documentation =
        after.starts_with('!') || (after.starts_with('/') && !after.starts_with("//"));
    let (style, text) = if documentation {
        (Style::Documentation, &after[1..])
    } else {
        (Style::Plain, after)
    };
    Comment {
        line,
        style,
        text: text.trim(),
    }
}

/// How many bytes the token at the start of `rest` has; at least one.
///
/// Only tokens that can hide `//` or a quote are told apart, everything else
/// is one character at a time.
fn token_length(rest: &str) -> usize {
    let first = rest.chars().next().unwrap_or(' ');
    match first {
        '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
        '/' if rest.starts_with("/*") => block_comment_length(rest),
        '"' => quoted_length(rest),
        '\'' => character_length(rest),
        _ if is_word(first) => word_length(rest),
        _ => first.len_utf8(),
    }
}

fn is_word(character: char) -> bool {
    character == '_' || character.is_alphanumeric()
}

/// A word, and with it the raw string that it introduces: `r"…"`, `br#"…"#`,
/// `cr"…"`. Words are taken whole, so that the `r` of `for` introduces nothing.
fn word_length(rest: &str) -> usize {
    let length = rest.find(|c| !is_word(c)).unwrap_or(rest.len());
    match &rest[..length] {
        "r" | "br" | "cr" => length + raw_string_length(&rest[length..]),
        _ => length,
    }
}

/// The length of `#"…"#` with any number of `#`; 0 when it is no string (as in
/// the raw identifier `r#type`). Without an end it runs to the end of the file.
fn raw_string_length(rest: &str) -> usize {
    let hashes = rest.len() - rest.trim_start_matches('#').len();
    if !rest[hashes..].starts_with('"') {
        return 0;
    }
    let end = format!("\"{}", &rest[..hashes]);
    let start = hashes + 1;
    rest[start..]
        .find(&end)
        .map_or(rest.len(), |found| start + found + end.len())
}

/// Block comments nest.
fn block_comment_length(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let (mut position, mut depth) = (2, 1);
    while depth > 0 && position < bytes.len() {
        match &bytes[position..] {
            [b'/', b'*', ..] => (position, depth) = (position + 2, depth + 1),
            [b'*', b'/', ..] => (position, depth) = (position + 2, depth - 1),
            _ => position += 1,
        }
    }
    position
}

/// A string literal with escapes, from its first quote to its last.
fn quoted_length(rest: &str) -> usize {
    let mut escaped = false;
    for (position, byte) in rest.bytes().enumerate().skip(1) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return position + 1,
            _ => {}
        }
    }
    rest.len()
}

/// A character literal, or only the quote when it begins a lifetime: `'a` has
/// no second quote right after its first letter.
fn character_length(rest: &str) -> usize {
    let mut characters = rest.char_indices().skip(1);
    let Some((_, first)) = characters.next() else {
        return 1;
    };
    if first == '\\' {
        return escaped_character_length(rest);
    }
    match characters.next() {
        Some((position, '\'')) => position + 1,
        _ => 1,
    }
}

/// `'\n'`, `'\''`, `'\u{1F600}'`: the closing quote is the first after the
/// escaped character.
fn escaped_character_length(rest: &str) -> usize {
    let Some(escaped) = rest[2..].chars().next() else {
        return rest.len();
    };
    let start = 2 + escaped.len_utf8();
    rest[start..]
        .find(['\'', '\n'])
        .map_or(rest.len(), |found| start + found + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(source: &str, expected: &[(usize, &str)]) {
        let found: Vec<_> = line_comments(source)
            .into_iter()
            .filter(|comment| comment.style == Style::Plain)
            .map(|comment| (comment.line, comment.text))
            .collect();
        assert_eq!(found, expected, "in: {source}");
    }

    #[test]
    fn line_comments_are_found_wherever_they_stand() {
        check(
            "// a\nfn x() {} // b\n  //c\r\n// d",
            &[(1, "a"), (2, "b"), (3, "c"), (4, "d")],
        );
        check("let a = 1 / 2; // half", &[(1, "half")]);
        check("//// ruler", &[(1, "// ruler")]);
        check("//", &[(1, "")]);
        check("", &[]);
    }

    #[test]
    fn strings_hide_comments() {
        check(r#"let a = "// no"; // yes"#, &[(1, "yes")]);
        check(r#"let a = "\"// no"; // yes"#, &[(1, "yes")]);
        check(r#"let a = "\\"; // yes"#, &[(1, "yes")]);
        check("let a = \"\n// no\n\"; // yes", &[(3, "yes")]);
        check(
            r#"let a = b"// no"; let c = c"// no"; // yes"#,
            &[(1, "yes")],
        );
        check("let a = \"// never closed", &[]);
    }

    #[test]
    fn raw_strings_hide_comments_with_any_number_of_hashes() {
        check("r\"\\\" // yes", &[(1, "yes")]);
        check("r#\" \" // no \"# // yes", &[(1, "yes")]);
        check("br##\" \"# // no \"## // yes", &[(1, "yes")]);
        check("cr#\"// no\n// no\"# // yes", &[(2, "yes")]);
        check("let r#type = 1; // yes", &[(1, "yes")]);
        check("macro!(for\"// no\") // yes", &[(1, "yes")]);
        check("r#\"// never closed\"", &[]);
    }

    #[test]
    fn characters_and_lifetimes_are_told_apart() {
        check("let a = '\"'; // yes", &[(1, "yes")]);
        check(r"let a = '\''; // yes", &[(1, "yes")]);
        check(r"let a = '\\'; // yes", &[(1, "yes")]);
        check("let a = '\\u{1F600}'; // yes", &[(1, "yes")]);
        check("let a = 'é'; let b = b'\"'; // yes", &[(1, "yes")]);
        check(
            "fn x<'a, 'b>(a: &'a str) -> &'static str {} // yes",
            &[(1, "yes")],
        );
        check("let a: &'a str = \"// no\"; // yes", &[(1, "yes")]);
        check("x::<'a// yes\n>()", &[(1, "yes")]);
        check("'outer: loop { break 'outer } // yes", &[(1, "yes")]);
        check("let a = '/'; let b = '/'; // yes", &[(1, "yes")]);
    }

    #[test]
    fn block_comments_nest() {
        check("/* // no */ // yes", &[(1, "yes")]);
        check("/* a /* // no */ // no\n */ // yes", &[(2, "yes")]);
        check("/*/ // no */ // yes", &[(1, "yes")]);
        check("/* \" */ // yes", &[(1, "yes")]);
        check("/* // never closed", &[]);
        check("// /* no block\n// yes", &[(1, "/* no block"), (2, "yes")]);
    }

    #[test]
    fn documentation_is_told_apart() {
        let styles: Vec<_> = line_comments("/// a\n//! b\n// c\n//// d")
            .into_iter()
            .map(|comment| (comment.style, comment.text))
            .collect();
        let expected = [
            (Style::Documentation, "a"),
            (Style::Documentation, "b"),
            (Style::Plain, "c"),
            (Style::Plain, "// d"),
        ];
        assert_eq!(styles, expected);
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic_or_miscount(source in r#"[/*"'\\r#b\na é!]{0,40}"#) {
            let lines = source.split('\n').count();
            for comment in line_comments(&source) {
                assert!(comment.line <= lines);
                assert!(!comment.text.contains('\n'));
            }
        }
    }
}

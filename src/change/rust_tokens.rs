//! Rust source as the tokens that a formatter leaves alone.
//!
//! This is no parser: it need not accept Rust, only tell two texts apart that
//! mean different things. Literals and comments are single tokens, so nothing
//! inside of them is mistaken for white space.
//! See <https://doc.rust-lang.org/reference/tokens.html>.

/// Words that begin an expression or a pattern: brackets after them call nothing.
const KEYWORDS: [&str; 14] = [
    "as", "break", "else", "for", "if", "in", "let", "match", "move", "mut", "ref", "return",
    "while", "yield",
];

/// The tokens of `source`, without white space and without trailing commas. The
/// compiler reads CRLF as LF, in literals too, and so do we.
pub(super) fn of(source: &str) -> Vec<String> {
    let source = source.replace("\r\n", "\n");
    let mut tokens = Vec::new();
    let mut rest = source.trim_start();
    while !rest.is_empty() {
        let (token, after) = rest.split_at(length(rest));
        tokens.push(token);
        rest = after.trim_start();
    }
    without_trailing_commas(&tokens)
}

/// How long the first token is, at least one character.
fn length(source: &str) -> usize {
    let first = source.chars().next().map_or(1, char::len_utf8);
    if source.starts_with("//") {
        return source.find('\n').unwrap_or(source.len());
    }
    if source.starts_with("/*") {
        return block_comment(source);
    }
    if source.starts_with("&&") {
        return 2;
    }
    match source.as_bytes()[0] {
        b'"' => quoted(source, 1),
        b'\'' => tick(source),
        _ => word(source).unwrap_or(first),
    }
}

/// Comments nest.
fn block_comment(source: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while let Some(found) = source[at..].find(['/', '*']).map(|found| at + found) {
        match source.get(found..found + 2) {
            Some("/*") => (depth, at) = (depth + 1, found + 2),
            Some("*/") => (depth, at) = (depth - 1, found + 2),
            _ => at = found + 1,
        }
        if depth == 0 {
            return at;
        }
    }
    source.len()
}

/// From behind the opening quote to behind the closing one.
fn quoted(source: &str, start: usize) -> usize {
    let mut escaped = false;
    for (index, character) in source[start..].char_indices() {
        match character {
            '"' if !escaped => return start + index + 1,
            _ => escaped = character == '\\' && !escaped,
        }
    }
    source.len()
}

/// A character, or the tick of a lifetime.
fn tick(source: &str) -> usize {
    let mut characters = source.char_indices().skip(1);
    match (characters.next(), characters.next()) {
        (Some((_, '\\')), Some((at, escaped))) => {
            let start = at + escaped.len_utf8();
            source[start..]
                .find('\'')
                .map_or(source.len(), |end| start + end + 1)
        }
        (Some(_), Some((end, '\''))) => end + 1,
        _ => 1 + word(&source[1..]).unwrap_or(0),
    }
}

/// A word or a number, with the literal that it is the prefix of.
fn word(source: &str) -> Option<usize> {
    let end = source
        .find(|c: char| !c.is_alphanumeric() && c != '_')
        .unwrap_or(source.len());
    let (name, after) = source.split_at(end);
    let hashes = after.len() - after.trim_start_matches('#').len();
    match name {
        "" => None,
        "r" | "br" | "cr" if after[hashes..].starts_with('"') => Some(raw(source, end, hashes)),
        "b" | "c" if after.starts_with('"') => Some(quoted(source, end + 1)),
        "b" if after.starts_with('\'') => Some(end + tick(after)),
        _ => Some(end),
    }
}

fn raw(source: &str, prefix: usize, hashes: usize) -> usize {
    let start = prefix + hashes + 1;
    let close = format!("\"{}", "#".repeat(hashes));
    source[start..]
        .find(&close)
        .map_or(source.len(), |end| start + end + close.len())
}

/// An open bracket: whether it may hold a tuple, and the commas so far.
struct Open {
    tuple: bool,
    commas: usize,
}

fn without_trailing_commas(tokens: &[&str]) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    for token in tokens {
        let before = kept.iter().rposition(|token| !is_comment(token));
        match *token {
            "(" | "[" | "{" => {
                let called = before.is_some_and(|index| is_called(&kept[index]));
                open.push(Open {
                    tuple: *token == "(" && !called,
                    commas: 0,
                });
            }
            "," => open
                .iter_mut()
                .last()
                .into_iter()
                .for_each(|open| open.commas += 1),
            ")" | "]" | "}" => {
                let one = open
                    .pop()
                    .is_some_and(|open| open.tuple && open.commas == 1);
                drop_comma(&mut kept, before.filter(|_| !one));
            }
            ">" => drop_comma(&mut kept, before),
            _ => {}
        }
        kept.push(normal(token));
    }
    kept
}

fn drop_comma(kept: &mut Vec<String>, index: Option<usize>) {
    if let Some(index) = index.filter(|&index| kept[index] == ",") {
        kept.remove(index);
    }
}

/// Whether a `(` after this token holds arguments or fields.
fn is_called(token: &str) -> bool {
    let is_word = token.starts_with(|c: char| c.is_alphanumeric() || c == '_');
    (is_word && !KEYWORDS.contains(&token)) || matches!(token, ")" | "]" | ">" | "?" | "!")
}

fn is_comment(token: &str) -> bool {
    token.starts_with("//") || token.starts_with("/*")
}

/// Comments are indented anew, and lose the blanks at the end of their lines.
fn normal(token: &str) -> String {
    if is_comment(token) {
        token.lines().map(str::trim).collect::<Vec<_>>().join("\n")
    } else {
        token.to_owned()
    }
}

//! The words of CEL
//! (<https://github.com/google/cel-spec/blob/v0.24.0/doc/langdef.md#syntax>).

/// One token, and where it begins.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    /// What it is.
    pub(super) word: Word,
    /// Its first byte.
    pub(super) start: usize,
}

/// What a token is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Word {
    /// A name; those in back-ticks are names of fields only.
    Name(String),
    /// A name in back-ticks.
    Quoted(String),
    /// A number.
    Number,
    /// A string or bytes; the text as written, without quotes.
    Text(String),
    /// An operator or a bracket.
    Sign(&'static str),
}

/// Signs, the longer first.
const SIGNS: [&str; 25] = [
    "&&", "||", "<=", ">=", "==", "!=", "+", "-", "*", "/", "%", "!", "<", ">", "?", ":", ".", ",",
    "(", ")", "[", "]", "{", "}", "=",
];

/// Takes a rule apart.
///
/// # Errors
/// What is no word of CEL, and the byte at which it begins.
pub(super) fn tokens(rule: &str) -> Result<Vec<Token>, (usize, String)> {
    let mut tokens = Vec::new();
    let mut start = 0;
    while start < rule.len() {
        let rest = &rule[start..];
        let blank = blank_length(rest);
        if blank > 0 {
            start += blank;
            continue;
        }
        let (word, length) = word(rest).map_err(|why| (start, why))?;
        tokens.push(Token { word, start });
        start += length;
    }
    Ok(tokens)
}

/// White space, and comments to the end of the line.
fn blank_length(rest: &str) -> usize {
    if rest.starts_with("//") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    let blank = |letter: char| matches!(letter, ' ' | '\t' | '\n' | '\r' | '\u{c}');
    rest.len() - rest.trim_start_matches(blank).len()
}

fn word(rest: &str) -> Result<(Word, usize), String> {
    let first = rest.chars().next().unwrap_or(' ');
    if let Some(found) = text(rest) {
        return found;
    }
    if first == '`' {
        let length = rest[1..].find('`').ok_or("a back-tick is not closed")?;
        let name = &rest[1..=length];
        return Ok((Word::Quoted(name.to_owned()), length + 2));
    }
    if first == '_' || first.is_ascii_alphabetic() {
        let part = |letter: char| letter == '_' || letter.is_ascii_alphanumeric();
        let length = rest.find(|letter| !part(letter)).unwrap_or(rest.len());
        return Ok((Word::Name(rest[..length].to_owned()), length));
    }
    let digit = |text: &str| text.starts_with(|letter: char| letter.is_ascii_digit());
    if digit(rest) || (first == '.' && digit(&rest[1..])) {
        return Ok((Word::Number, number_length(rest)));
    }
    let sign = SIGNS.into_iter().find(|sign| rest.starts_with(sign));
    match sign {
        Some("=") => Err("`=` is no operator: `==` compares".to_owned()),
        Some(sign) => Ok((Word::Sign(sign), sign.len())),
        None => Err(match first {
            '&' | '|' => format!("`{first}` is no operator: write `{first}{first}`"),
            _ => format!("`{first}` is no part of CEL"),
        }),
    }
}

/// `12`, `0x1f`, `12u`, `1.5`, `.5`, `1e-3`.
fn number_length(rest: &str) -> usize {
    let run = |from: usize, is: fn(char) -> bool| {
        let tail = &rest[from..];
        from + tail.find(|letter| !is(letter)).unwrap_or(tail.len())
    };
    let digit = |letter: char| letter.is_ascii_digit();
    let mut end = if rest.starts_with("0x") || rest.starts_with("0X") {
        run(2, |letter| letter.is_ascii_hexdigit())
    } else {
        let mut end = run(0, digit);
        let fraction = rest[end..].strip_prefix('.');
        if fraction.is_some_and(|tail| tail.starts_with(digit)) {
            end = run(end + 1, digit);
        }
        exponent(rest, end, run)
    };
    if rest[end..].starts_with(['u', 'U']) {
        end += 1;
    }
    end
}

fn exponent(rest: &str, end: usize, run: impl Fn(usize, fn(char) -> bool) -> usize) -> usize {
    let Some(tail) = rest[end..].strip_prefix(['e', 'E']) else {
        return end;
    };
    let signed = usize::from(tail.starts_with(['+', '-']));
    let digits = run(end + 1 + signed, |letter| letter.is_ascii_digit());
    if digits == end + 1 + signed {
        end
    } else {
        digits
    }
}

/// A string with its prefix (`r`, `b`), in one quote or three.
fn text(rest: &str) -> Option<Result<(Word, usize), String>> {
    let letters = rest.find(['"', '\''])?;
    let prefix = rest[..letters].to_ascii_lowercase();
    if !matches!(prefix.as_str(), "" | "r" | "b" | "rb" | "br") {
        return None;
    }
    let raw = prefix.contains('r');
    let quote = &rest[letters..=letters];
    let triple = quote.repeat(3);
    let mark = if rest[letters..].starts_with(&triple) {
        triple.as_str()
    } else {
        quote
    };
    let start = letters + mark.len();
    Some(match ending(&rest[start..], mark, raw) {
        Ok(length) => {
            let inner = rest[start..start + length].to_owned();
            Ok((Word::Text(inner), start + length + mark.len()))
        }
        Err(why) => Err(why),
    })
}

/// How long a string is, up to `mark`.
fn ending(rest: &str, mark: &str, raw: bool) -> Result<usize, String> {
    let mut escaped = false;
    for (position, letter) in rest.char_indices() {
        if escaped {
            escaped = false;
            if !"abfnrtv\\?\"'`xXuU01234567".contains(letter) {
                return Err(format!(
                    "`\\{letter}` is no escape; in a raw string, r'…', it needs none"
                ));
            }
        } else if letter == '\\' && !raw {
            escaped = true;
        } else if rest[position..].starts_with(mark) {
            return Ok(position);
        } else if letter == '\n' && mark.len() == 1 {
            break;
        }
    }
    Err(format!("a string that begins with {mark} has no end"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rule: &str, expected: &[Word]) {
        let found = tokens(rule).unwrap();
        let words: Vec<_> = found.into_iter().map(|token| token.word).collect();
        assert_eq!(words, expected, "{rule}");
    }

    fn fails(rule: &str, start: usize, why: &str) {
        assert_eq!(tokens(rule), Err((start, why.to_owned())), "{rule}");
    }

    #[test]
    fn words_are_told_apart() {
        let name = |text: &str| Word::Name(text.to_owned());
        let string = |text: &str| Word::Text(text.to_owned());
        check(
            "self.a<=1",
            &[
                name("self"),
                Word::Sign("."),
                name("a"),
                Word::Sign("<="),
                Word::Number,
            ],
        );
        check("1.5 0x1Fu .5 1e-3 2u", &[const { Word::Number }; 5]);
        check("1.e", &[Word::Number, Word::Sign("."), name("e")]);
        check(
            r#"'a' "b\"" r'\d' b"c" '''d'e'''"#,
            &["a", "b\\\"", "\\d", "c", "d'e"].map(string),
        );
        check("r // to the end\n+", &[name("r"), Word::Sign("+")]);
        check(
            "a.`b-c`",
            &[name("a"), Word::Sign("."), Word::Quoted("b-c".to_owned())],
        );
        check("", &[]);
    }

    #[test]
    fn what_is_no_word_is_named() {
        fails("a = b", 2, "`=` is no operator: `==` compares");
        fails("a & b", 2, "`&` is no operator: write `&&`");
        fails("a # b", 2, "`#` is no part of CEL");
        fails("'a", 0, "a string that begins with ' has no end");
        fails(
            "'\\d'",
            0,
            "`\\d` is no escape; in a raw string, r'…', it needs none",
        );
        fails("`a", 0, "a back-tick is not closed");
    }
}

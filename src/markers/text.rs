//! Reads the text of one marker, character by character, as Go's
//! `text/scanner` does for controller-gen.
//!
//! Only what the marker grammar needs of that scanner: white space is skipped
//! between tokens, a token is a quoted string, a back-ticked string, a word or
//! a single character (<https://pkg.go.dev/text/scanner>). This module must not
//! know any argument.

/// What is left of a marker's text.
#[derive(Clone, Debug)]
pub(super) struct Text<'a> {
    rest: &'a str,
}

impl<'a> Text<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { rest: text.trim() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// The next character that is no white space, not taken.
    pub(super) fn peek(&mut self) -> Option<char> {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\r', '\n']);
        self.rest.chars().next()
    }

    /// Takes `expected`, or says what stands in its place.
    pub(super) fn expect(&mut self, expected: char) -> Result<(), String> {
        if self.peek() == Some(expected) {
            self.rest = &self.rest[expected.len_utf8()..];
            return Ok(());
        }
        Err(format!("expected `{expected}`, found {}", self.found()))
    }

    /// Takes a name: a letter or `_`, then letters, digits and `_`.
    pub(super) fn name(&mut self) -> Result<&'a str, String> {
        let begins = self.peek().is_some_and(|c| c == '_' || c.is_alphabetic());
        if !begins {
            return Err(format!(
                "expected the name of an argument, found {}",
                self.found()
            ));
        }
        let end = self.rest.find(|c: char| c != '_' && !c.is_alphanumeric());
        Ok(self.take(end.unwrap_or(self.rest.len())))
    }

    /// Takes what stands before the next separator or white space, quotes and all.
    pub(super) fn token(&mut self) -> &'a str {
        self.peek();
        let end = self
            .rest
            .find(|c: char| c.is_whitespace() || ",;:}".contains(c));
        self.take(end.unwrap_or(self.rest.len()))
    }

    /// Takes a string: quoted, back-ticked, or bare up to a separator.
    pub(super) fn string(&mut self) -> Result<String, String> {
        match self.peek() {
            Some('"') => self.quoted().and_then(unquote),
            Some('`') => self
                .quoted()
                .map(|raw| raw.trim_matches('`').replace('\r', "")),
            _ => self.bare(),
        }
    }

    /// A bare string ends before `,`, `;`, `:`, `}`. Its first token belongs to
    /// it whatever it is (so `a=,b` is the text `,b`), and a quoted part inside
    /// it may hold separators, keeps its quotes, and must be a valid string all
    /// the same. White space inside it stays.
    ///
    /// One difference on purpose: controller-gen 0.21 loses the last token
    /// before white space (`groups=apps ,…` grants the core group); here the
    /// white space is dropped and the token stays.
    fn bare(&mut self) -> Result<String, String> {
        let start = self.rest;
        let mut length = 0;
        loop {
            match self.peek() {
                None => break,
                Some(',' | ';' | ':' | '}') if length > 0 => break,
                Some('"') => drop(self.quoted().and_then(unquote)?),
                Some('`') => drop(self.quoted()?),
                Some(character) => drop(self.take(character.len_utf8())),
            }
            length = start.len() - self.rest.len();
        }
        Ok(start[..length].to_owned())
    }

    /// Takes a quoted token with its quotes. The first character is the quote;
    /// `\` escapes only inside `"`.
    fn quoted(&mut self) -> Result<&'a str, String> {
        let quote = if self.rest.starts_with('"') { '"' } else { '`' };
        let mut escaped = false;
        for (position, character) in self.rest.char_indices().skip(1) {
            match character {
                _ if escaped => escaped = false,
                '\\' => escaped = quote == '"',
                _ if character == quote => return Ok(self.take(position + 1)),
                _ => {}
            }
        }
        Err(format!("a string that begins with `{quote}` has no end"))
    }

    fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        taken
    }

    fn found(&self) -> String {
        match self.rest {
            "" => "the end".to_owned(),
            rest => format!("`{rest}`"),
        }
    }
}

/// The text that a double-quoted Go string stands for
/// (<https://go.dev/ref/spec#String_literals>).
fn unquote(quoted: &str) -> Result<String, String> {
    let invalid = || format!("{quoted} is no valid string");
    let mut bytes = Vec::new();
    let mut rest = &quoted[1..quoted.len() - 1];
    while let Some(character) = rest.chars().next() {
        rest = &rest[character.len_utf8()..];
        match character {
            '\\' => rest = escape(rest, &mut bytes).ok_or_else(invalid)?,
            _ => bytes.extend(character.to_string().bytes()),
        }
    }
    String::from_utf8(bytes).map_err(|_| invalid())
}

/// Decodes the escape at the start of `rest` (after its `\`) and gives what
/// follows it.
fn escape<'a>(rest: &'a str, bytes: &mut Vec<u8>) -> Option<&'a str> {
    let (byte, length) = match rest.bytes().next()? {
        b'a' => (0x07, 1),
        b'b' => (0x08, 1),
        b'f' => (0x0c, 1),
        b'n' => (b'\n', 1),
        b'r' => (b'\r', 1),
        b't' => (b'\t', 1),
        b'v' => (0x0b, 1),
        same @ (b'\\' | b'"') => (same, 1),
        b'x' => (u8::from_str_radix(digits(rest, 1, 3)?, 16).ok()?, 3),
        b'0'..=b'7' => (u8::from_str_radix(digits(rest, 0, 3)?, 8).ok()?, 3),
        b'u' => return unicode(rest, 5, bytes),
        b'U' => return unicode(rest, 9, bytes),
        _ => return None,
    };
    bytes.push(byte);
    rest.get(length..)
}

fn unicode<'a>(rest: &'a str, end: usize, bytes: &mut Vec<u8>) -> Option<&'a str> {
    let code = u32::from_str_radix(digits(rest, 1, end)?, 16).ok()?;
    bytes.extend(char::from_u32(code)?.to_string().bytes());
    rest.get(end..)
}

/// The digits of an escape; a sign, which `from_str_radix` takes, is none.
fn digits(rest: &str, start: usize, end: usize) -> Option<&str> {
    let digits = rest.get(start..end)?;
    digits
        .chars()
        .all(|c| c.is_ascii_hexdigit())
        .then_some(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<&str, &str>, rest: &str) {
        let mut scanned = Text::new(text);
        let found = scanned.string();
        assert_eq!(
            found.as_deref().map_err(String::as_str),
            expected,
            "in: {text}"
        );
        if expected.is_ok() {
            assert_eq!(scanned.rest.trim_start(), rest, "after: {text}");
        }
    }

    #[test]
    fn bare_strings_end_at_a_separator() {
        check("apps,b", Ok("apps"), ",b");
        check("apps ,b", Ok("apps"), ",b");
        check("a b;c", Ok("a b"), ";c");
        check("a}b", Ok("a"), "}b");
        check("a:b", Ok("a"), ":b");
        check("/metrics/*", Ok("/metrics/*"), "");
        check(",b,c", Ok(",b"), ",c");
        check("a\"b,c\"d,e", Ok("a\"b,c\"d"), ",e");
        check("'a,b'", Ok("'a"), ",b'");
        check("é,b", Ok("é"), ",b");
        check("", Ok(""), "");
    }

    #[test]
    fn quoted_strings_are_go_strings() {
        check(r#""",b"#, Ok(""), ",b");
        check(r#""a,b;c",d"#, Ok("a,b;c"), ",d");
        check(r#""\"\\\n\t" x"#, Ok("\"\\\n\t"), "x");
        check(r#""\x41\101\u00e9\U0001F600""#, Ok("AAé😀"), "");
        check(r"`a\n,b`,c", Ok("a\\n,b"), ",c");
        check("``", Ok(""), "");
    }

    #[test]
    fn broken_strings_are_refused() {
        check(
            "\"abc",
            Err("a string that begins with `\"` has no end"),
            "",
        );
        check("`abc", Err("a string that begins with ``` has no end"), "");
        check(
            "a\"bc",
            Err("a string that begins with `\"` has no end"),
            "",
        );
        check(r#"a"\q""#, Err(r#""\q" is no valid string"#), "");
        check(r#""\q""#, Err(r#""\q" is no valid string"#), "");
        check(r#""\'""#, Err(r#""\'" is no valid string"#), "");
        check(r#""\x+1""#, Err(r#""\x+1" is no valid string"#), "");
        check(r#""\400""#, Err(r#""\400" is no valid string"#), "");
        check(r#""\xff""#, Err(r#""\xff" is no valid string"#), "");
        check(r#""\ud800""#, Err(r#""\ud800" is no valid string"#), "");
        check(r#""\u12""#, Err(r#""\u12" is no valid string"#), "");
    }
}

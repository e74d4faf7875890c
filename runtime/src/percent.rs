//! Percent encoding (RFC 3986 §2.1).

/// The text without it. What is no code stays as it is.
pub(crate) fn decoded(text: &str) -> String {
    let mut parts = text.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let digits = part.get(..2);
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                bytes.extend(part.bytes().skip(2));
            }
            None => bytes.extend(std::iter::once(b'%').chain(part.bytes())),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_become_bytes_and_the_rest_stays() {
        for (text, expected) in [
            ("", ""),
            ("a%5Bb%5dc", "a[b]c"),
            ("%C3%BC", "ü"),
            ("%", "%"),
            ("%4", "%4"),
            ("100%zz%25", "100%zz%"),
            ("%%41", "%A"),
            ("%ü", "%ü"),
        ] {
            assert_eq!(decoded(text), expected, "{text}");
        }
    }
}

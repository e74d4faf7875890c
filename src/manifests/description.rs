//! Cuts the descriptions of a schema.
//!
//! Doc comments become descriptions, and a long one, repeated wherever its type
//! is used, makes a CRD too big for client-side `kubectl apply`. What else is in
//! a schema is not for this module.

use serde_json::{Map, Value};

/// Cuts the description of `schema` to `max_length` characters; an empty one
/// goes.
pub(super) fn shorten(schema: &mut Map<String, Value>, max_length: Option<usize>) {
    let Some(Value::String(description)) = schema.get_mut("description") else {
        return;
    };
    if let Some(max_length) = max_length {
        *description = shortened(description, max_length);
    }
    if description.is_empty() {
        schema.remove("description");
    }
}

/// Cuts after the last whole sentence, else after the last whole word, else in
/// the middle of one, much as controller-gen's `maxDescLen` does. A stop inside
/// a word, as in `example.com`, ends no sentence.
fn shortened(text: &str, max_length: usize) -> String {
    let Some((end, _)) = text.char_indices().nth(max_length) else {
        return text.to_owned();
    };
    let ends_sentence = |position: &usize| text[position + 1..].starts_with(char::is_whitespace);
    let mut stops = text[..end]
        .rmatch_indices(['.', '!', '?'])
        .map(|(position, _)| position);
    if let Some(position) = stops.find(ends_sentence) {
        return text[..=position].to_owned();
    }
    let text = &text[..end];
    match text.rfind(char::is_whitespace) {
        Some(position) => format!("{}…", text[..position].trim_end()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn descriptions_are_cut() {
        let check = |text: &str, max_length, expected: Option<&str>| {
            let schema =
                |text: Option<&str>| text.map_or(json!({}), |t| json!({ "description": t }));
            let mut found = schema(Some(text));
            // The second cut finds nothing to cut.
            for _ in 0..2 {
                shorten(found.as_object_mut().unwrap(), Some(max_length));
                assert_eq!(found, schema(expected), "of: {text}");
            }
        };
        check("One. Two three", 100, Some("One. Two three"));
        check("One. Two three", 14, Some("One. Two three"));
        check("One. Two three", 13, Some("One."));
        check("One. Two", 4, Some("One."));
        check("One! At example.com there", 22, Some("One!"));
        check("At example.com there", 16, Some("At example.com…"));
        check("One two three", 12, Some("One two…"));
        check("Onetwothree", 4, Some("Onet"));
        check("äöüß", 3, Some("äöü"));
        check("äöü ß", 4, Some("äöü…"));
        check("One", 0, None);
    }
}

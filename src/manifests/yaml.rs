//! Prints manifests as YAML that every Kubernetes tool reads the same way.
//!
//! Why not serde_yaml: it writes YAML 1.2, where `on`, `no`, `y` and `1_000` are
//! strings and need no quotes; kubectl and the API server read YAML 1.1, where
//! they are not (<https://yaml.org/type/bool.html>). An enum value `on` would
//! arrive as `true`. Here a string is left bare only where no reader can take
//! it for anything else. Keys are sorted, so the same value gives the same
//! bytes whatever order it was built in.
//!
//! Reading YAML is not for this module.

use serde_json::{Map, Value};

/// `value` as a YAML document, with a newline at its end and without `---`.
pub fn to_string(value: &Value) -> String {
    let mut text = String::new();
    match value {
        Value::Object(map) if !map.is_empty() => write_map(&mut text, map, 0),
        Value::Array(list) if !list.is_empty() => write_list(&mut text, list, 0),
        _ => write_value(&mut text, value, 0),
    }
    text
}

fn write_map(text: &mut String, map: &Map<String, Value>, depth: usize) {
    let mut entries: Vec<_> = map.iter().collect();
    entries.sort_by_key(|(key, _)| *key);
    for (position, (key, value)) in entries.into_iter().enumerate() {
        // The first key stands where the caller has moved to: after `- `.
        if position > 0 || at_line_start(text) {
            indent(text, depth);
        }
        text.push_str(&single_line(key));
        text.push(':');
        match value {
            Value::Object(map) if !map.is_empty() => {
                text.push('\n');
                write_map(text, map, depth + 1);
            }
            // A list stands at its key's depth, as Kubernetes' own tools print it.
            Value::Array(list) if !list.is_empty() => {
                text.push('\n');
                write_list(text, list, depth);
            }
            _ => {
                text.push(' ');
                write_value(text, value, depth + 1);
            }
        }
    }
}

fn write_list(text: &mut String, list: &[Value], depth: usize) {
    for (position, value) in list.iter().enumerate() {
        if position > 0 || at_line_start(text) {
            indent(text, depth);
        }
        text.push_str("- ");
        match value {
            Value::Object(map) if !map.is_empty() => write_map(text, map, depth + 1),
            Value::Array(list) if !list.is_empty() => write_list(text, list, depth + 1),
            _ => write_value(text, value, depth + 1),
        }
    }
}

fn at_line_start(text: &str) -> bool {
    text.is_empty() || text.ends_with('\n')
}

fn indent(text: &mut String, depth: usize) {
    text.extend(std::iter::repeat_n("  ", depth));
}

/// A value that needs no lines of keys or items below it.
fn write_value(text: &mut String, value: &Value, depth: usize) {
    match value {
        Value::String(string) if is_block(string) => return write_block(text, string, depth),
        Value::String(string) => text.push_str(&single_line(string)),
        // The rest prints as JSON does, which is YAML: null, true, 1, [], {}.
        _ => text.push_str(&value.to_string()),
    }
    text.push('\n');
}

/// Whether lines can be printed below `|`: no character needs an escape, the
/// first line shows the indentation, and at most one newline ends it.
fn is_block(string: &str) -> bool {
    string.contains('\n')
        && string
            .chars()
            .all(|c| c == '\n' || c == '\t' || is_printable(c))
        && !string.starts_with([' ', '\t', '\n'])
        && !string.ends_with("\n\n")
}

fn write_block(text: &mut String, string: &str, depth: usize) {
    text.push_str(if string.ends_with('\n') {
        "|\n"
    } else {
        "|-\n"
    });
    for line in string.lines() {
        if !line.is_empty() {
            indent(text, depth);
            text.push_str(line);
        }
        text.push('\n');
    }
}

/// A name as templates write it into YAML: quoted where a reader would take it
/// for a number, a boolean or nothing.
pub fn name(name: &str) -> String {
    single_line(name)
}

/// A string on one line: bare, 'quoted', or "escaped" where it must be.
fn single_line(string: &str) -> String {
    if !string.chars().all(is_printable) {
        return escaped(string);
    }
    if is_bare(string) {
        string.to_owned()
    } else {
        format!("'{}'", string.replace('\'', "''"))
    }
}

/// What YAML takes as it is (<https://yaml.org/spec/1.1/#id868524>), without the
/// blanks and breaks that fold.
fn is_printable(character: char) -> bool {
    matches!(character, ' '..='~' | '\u{a0}'..)
        && !matches!(
            character,
            '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
        )
}

/// Words that some reader takes for a boolean or for nothing.
const RESERVED: [&str; 10] = [
    "y", "n", "yes", "no", "on", "off", "true", "false", "null", ".nan",
];

/// Whether no reader takes `string` for anything but itself. It begins with a
/// letter, a slash, or a dot before a letter, so it is no number and no sign
/// of YAML.
fn is_bare(string: &str) -> bool {
    let begins_well = |text: &str| text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/');
    let begins_well = begins_well(string) || string.strip_prefix('.').is_some_and(begins_well);
    let lower = string.to_ascii_lowercase();
    begins_well
        && !RESERVED.contains(&lower.as_str())
        && lower != ".inf"
        && !string.contains(": ")
        && !string.contains(" #")
        && !string.ends_with([':', ' '])
}

fn escaped(string: &str) -> String {
    let mut text = String::from("\"");
    for character in string.chars() {
        match character {
            '"' | '\\' => text.extend(['\\', character]),
            '\n' => text.push_str("\\n"),
            '\t' => text.push_str("\\t"),
            '\r' => text.push_str("\\r"),
            _ if is_printable(character) => text.push(character),
            // The `x` form would do for some, the `u` form does for all of them:
            // whatever needs an escape lies below U+10000.
            _ => text.extend(format!("\\u{:04x}", u32::from(character)).chars()),
        }
    }
    text.push('"');
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(value: &Value, expected: &str) {
        assert_eq!(to_string(value), expected, "of: {value}");
        let read: Value = serde_yaml::from_str(expected).unwrap();
        assert_eq!(&read, value, "what was read back");
    }

    #[test]
    fn the_layout_is_that_of_kubernetes_tools() {
        check(
            &json!({"b": {"d": 1, "c": [1, {"y": true, "x": [2]}, [3, 4]]}, "a": "text"}),
            "a: text\nb:\n  c:\n  - 1\n  - x:\n    - 2\n    'y': true\n  - - 3\n    - 4\n  d: 1\n",
        );
        check(
            &json!({"a": [], "b": {}, "c": null}),
            "a: []\nb: {}\nc: null\n",
        );
        check(&json!([{"a": {"b": {}}}, "x"]), "- a:\n    b: {}\n- x\n");
        check(&json!("a"), "a\n");
        check(&json!({}), "{}\n");
        check(
            &json!([1.5, -1, 1e-7, u64::MAX]),
            "- 1.5\n- -1\n- 1e-7\n- 18446744073709551615\n",
        );
    }

    #[test]
    fn what_yaml_1_1_reads_as_something_else_is_quoted() {
        let words = "y Y n N yes No ON off True FALSE null Null ~ 1_000 0o7 012 0x1F 1e3 1. .5 \
                     12:30:45 2020-01-01 = << - ? .inf .NaN +1 -0 * & ! % @ ` | > { [ # , 'a \"a";
        for word in words.split_whitespace() {
            let quoted = format!("'{}'\n", word.replace('\'', "''"));
            check(&json!(word), &quoted);
        }
        check(&json!({"on": "on"}), "'on': 'on'\n");
        for text in ["", " a", "a ", "a: b", "a:", "a #b", "é"] {
            check(&json!(text), &format!("'{text}'\n"));
        }
    }

    #[test]
    fn plain_words_stay_bare() {
        for text in [
            "a",
            "a b",
            "/metrics",
            "v1",
            "date-time",
            ".spec.replicas",
            "a,b",
            "a:b",
            "a#b",
            "it's",
            "say \"a\"",
            "[a]",
            "x é 😀",
            "size(self) > 0 && has(self.a)",
        ] {
            let bare = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '.');
            let expected = if bare {
                format!("{text}\n")
            } else {
                format!("'{text}'\n")
            };
            check(&json!(text), &expected);
        }
    }

    #[test]
    fn lines_are_printed_as_lines() {
        check(&json!({"a": "b\n\n  c\td"}), "a: |-\n  b\n\n    c\td\n");
        check(&json!({"a": ["b: c\n"]}), "a:\n- |\n  b: c\n");
        check(&json!({"a": " b\nc"}), "a: \" b\\nc\"\n");
        check(&json!("b\n\n"), "\"b\\n\\n\"\n");
        check(&json!({"a\nb": 1}), "\"a\\nb\": 1\n");
        check(
            &json!("a\u{85}\u{7f}\u{2028}\u{0}\r\"\\"),
            "\"a\\u0085\\u007f\\u2028\\u0000\\r\\\"\\\\\"\n",
        );
    }

    proptest::proptest! {
        #[test]
        fn what_is_printed_is_read_back(
            key in ".{0,6}", text in r#"[ -~\n\t]{0,12}|\PC{0,6}|[a-z\n :#'"-]{0,10}"#, item in ".{0,5}",
        ) {
            let value = json!({ key: [{"a": text}, text, [item]], "x": {"y": text} });
            let read: Value = serde_yaml::from_str(&to_string(&value)).unwrap();
            assert_eq!(read, value);
        }
    }
}

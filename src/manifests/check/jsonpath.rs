//! JSON paths of print columns, scale and selectable fields.
//!
//! The grammar is kubectl's (<https://kubernetes.io/docs/reference/kubectl/jsonpath/>)
//! as far as a column has it: a dot, names, and what stands in brackets. Where a
//! path leads in a schema is said here; whether that is wrong, in `columns`.

use serde_json::Value;

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// `.name` or `['name']`.
    Name(String),
    /// `[0]`, `[*]`, `[1:2]`, `[?(…)]`: items of a list.
    Items,
    /// `..` and `.*`: anything.
    Any,
}

/// Where a path leads.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Target<'a> {
    /// To this schema.
    Schema(&'a Value),
    /// To something that the schema does not describe.
    Open,
    /// To nothing: this step has no place.
    Nothing(String),
}

/// Takes a path apart.
///
/// # Errors
/// What kubectl's parser would not take.
pub(super) fn parse(path: &str) -> Result<Vec<Part>, String> {
    if !path.starts_with(['.', '[']) {
        return Err("a path begins with a dot".to_owned());
    }
    let mut parts = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        let (part, tail) = match rest.as_bytes()[0] {
            b'.' => after_dot(&rest[1..])?,
            b'[' => brackets(&rest[1..])?,
            _ => return Err(format!("`{rest}` follows without a dot")),
        };
        parts.push(part);
        rest = tail;
    }
    Ok(parts)
}

fn after_dot(rest: &str) -> Result<(Part, &str), String> {
    if rest.starts_with('.') {
        return Ok((Part::Any, rest));
    }
    let (mut name, mut escaped) = (String::new(), false);
    let mut end = rest.len();
    for (position, letter) in rest.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' => {
                escaped = true;
                continue;
            }
            '.' | '[' => {
                end = position;
                break;
            }
            _ => {}
        }
        name.push(letter);
    }
    let part = match name.as_str() {
        "" => return Err("a dot is followed by no name".to_owned()),
        "*" => Part::Any,
        _ => Part::Name(name),
    };
    Ok((part, &rest[end..]))
}

fn brackets(rest: &str) -> Result<(Part, &str), String> {
    let end = closing(rest).ok_or("a `[` is not closed")?;
    let (inner, tail) = (rest[..end].trim(), &rest[end + 1..]);
    let quoted = |quote: char| inner.strip_prefix(quote)?.strip_suffix(quote);
    let part = match quoted('\'').or_else(|| quoted('"')) {
        Some(name) => Part::Name(name.to_owned()),
        None if inner.is_empty() => return Err("`[]` says nothing".to_owned()),
        None => Part::Items,
    };
    Ok((part, tail))
}

/// Where the bracket that is open ends; brackets in quotes do not count.
fn closing(text: &str) -> Option<usize> {
    let (mut depth, mut quote) = (0, None);
    for (position, letter) in text.char_indices() {
        match (quote, letter) {
            (Some(open), _) if letter == open => quote = None,
            (None, '\'' | '"') => quote = Some(letter),
            (None, '[' | '(') => depth += 1,
            (None, ']') if depth == 0 => return Some(position),
            (None, ']' | ')') => depth -= 1,
            _ => {}
        }
    }
    None
}

/// Follows `parts` from the root of an object with this schema.
pub(super) fn follow<'a>(schema: &'a Value, parts: &[Part]) -> Target<'a> {
    if let [Part::Name(first), below @ ..] = parts
        && matches!(first.as_str(), "metadata" | "apiVersion" | "kind")
    {
        return follow_metadata(first, below);
    }
    let mut here = schema;
    for part in parts {
        match step(here, part) {
            Target::Schema(next) => here = next,
            other => return other,
        }
    }
    Target::Schema(here)
}

fn step<'a>(schema: &'a Value, part: &Part) -> Target<'a> {
    let open = |key: &str| schema.get(key) == Some(&Value::Bool(true));
    if open("x-kubernetes-preserve-unknown-fields") || open("x-kubernetes-embedded-resource") {
        return Target::Open;
    }
    let found = match part {
        Part::Any => return Target::Open,
        Part::Items => schema.get("items"),
        Part::Name(name) => schema
            .get("properties")
            .and_then(|properties| properties.get(name))
            .or_else(|| schema.get("additionalProperties")),
    };
    match (found, part) {
        (Some(Value::Bool(true)), _) => Target::Open,
        (Some(found), _) => Target::Schema(found),
        (None, Part::Name(name)) => Target::Nothing(format!("there is no `{name}`")),
        (None, _) => Target::Nothing("an item is asked for, and there is no list".to_owned()),
    }
}

/// The fields of every object
/// (<https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/>).
const METADATA: [&str; 15] = [
    "annotations",
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "finalizers",
    "generateName",
    "generation",
    "labels",
    "managedFields",
    "name",
    "namespace",
    "ownerReferences",
    "resourceVersion",
    "selfLink",
    "uid",
];

fn follow_metadata(first: &str, below: &[Part]) -> Target<'static> {
    match below {
        [Part::Name(name), ..] if first == "metadata" && !METADATA.contains(&name.as_str()) => {
            Target::Nothing(format!("no object's metadata has `{name}`"))
        }
        [_, ..] if first != "metadata" => Target::Nothing(format!("`{first}` is one word")),
        _ => Target::Open,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn paths_are_taken_apart_as_kubectl_does() {
        let name = |name: &str| Part::Name(name.to_owned());
        let check = |path: &str, expected: &[Part]| assert_eq!(parse(path).unwrap(), expected);
        check(".spec.foo", &[name("spec"), name("foo")]);
        check(
            ".status.conditions[?(@.type=='Rea]dy')].status",
            &[
                name("status"),
                name("conditions"),
                Part::Items,
                name("status"),
            ],
        );
        check(
            r".metadata.labels.app\.kubernetes\.io/name",
            &[
                name("metadata"),
                name("labels"),
                name("app.kubernetes.io/name"),
            ],
        );
        check(
            ".a['b.c'][0][*]",
            &[name("a"), name("b.c"), Part::Items, Part::Items],
        );
        check("..a", &[Part::Any, name("a")]);
        for wrong in ["spec", "", ".a.", ".a[0", ".a[]", ".a[0]b"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_path_leads_to_a_schema_or_to_nothing() {
        let string = json!({"type": "string"});
        let schema = json!({"type": "object", "properties": {
            "spec": {"type": "object", "properties": {
                "name": string, "list": {"type": "array", "items": {"type": "object", "properties": {"a": string}}},
                "map": {"type": "object", "additionalProperties": string},
                "any": {"type": "object", "x-kubernetes-preserve-unknown-fields": true},
            }},
        }});
        let found = |path: &str| follow(&schema, &parse(path).unwrap());
        for path in [
            ".spec.name",
            ".spec.list[0].a",
            ".spec.list[*].a",
            ".spec.map.x",
            ".spec.map['x']",
        ] {
            assert_eq!(found(path), Target::Schema(&string), "{path}");
        }
        for path in [
            ".spec.any.x.y",
            ".metadata.labels.a",
            ".kind",
            "..name",
            ".metadata.name",
        ] {
            assert_eq!(found(path), Target::Open, "{path}");
        }
        let nothing = |path: &str, why: &str| {
            assert_eq!(found(path), Target::Nothing(why.to_owned()), "{path}");
        };
        nothing(".spec.nme", "there is no `nme`");
        nothing(".spec.name.a", "there is no `a`");
        nothing(".spec.list.a", "there is no `a`");
        nothing(
            ".spec.name[0]",
            "an item is asked for, and there is no list",
        );
        nothing(".metadata.nme", "no object's metadata has `nme`");
        nothing(".kind.x", "`kind` is one word");
    }
}

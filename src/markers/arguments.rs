//! The arguments of a marker: `name=value,name=value`, each with its type.
//!
//! The grammar is controller-gen's
//! (<https://book.kubebuilder.io/reference/markers#marker-syntax>, and where
//! the book is silent
//! <https://github.com/kubernetes-sigs/controller-tools/blob/v0.21.0/pkg/markers/parse.go>):
//! a list is `a;b` or `{a,b}`, a string is bare, "quoted" or `back-ticked`, an
//! argument given twice counts with its last value. Which arguments a marker
//! has is for its own file to say; this one must not know any.

use std::collections::BTreeMap;

use super::text::Text;

/// What an argument takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    /// One string.
    String,
    /// Any number of strings.
    List,
    /// `true` or `false`.
    Boolean,
    /// A whole number.
    Integer,
}

/// One argument that a marker knows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Field {
    /// Its name as written in the marker.
    pub(crate) name: &'static str,
    /// What it takes.
    pub(crate) value: Type,
    /// Whether a marker without it is refused.
    pub(crate) required: bool,
}

/// The value of one argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    /// See [`Type::String`].
    String(String),
    /// See [`Type::List`].
    List(Vec<String>),
    /// See [`Type::Boolean`].
    Boolean(bool),
    /// See [`Type::Integer`].
    Integer(i64),
}

/// The arguments of one marker, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Arguments(BTreeMap<&'static str, Value>);

impl Arguments {
    /// Takes the list called `name`; empty when it was not given.
    pub(crate) fn list(&mut self, name: &str) -> Vec<String> {
        match self.0.remove(name) {
            Some(Value::List(list)) => list,
            _ => Vec::new(),
        }
    }

    /// Takes the string called `name`; an empty one counts as not given.
    pub(crate) fn string(&mut self, name: &str) -> Option<String> {
        match self.0.remove(name) {
            Some(Value::String(string)) if !string.is_empty() => Some(string),
            _ => None,
        }
    }
}

impl Arguments {
    /// Takes the flag called `name`; false when it was not given.
    pub(crate) fn boolean(&mut self, name: &str) -> bool {
        matches!(self.0.remove(name), Some(Value::Boolean(true)))
    }

    /// Takes the number called `name`.
    pub(crate) fn integer(&mut self, name: &str) -> Option<i64> {
        match self.0.remove(name) {
            Some(Value::Integer(number)) => Some(number),
            _ => None,
        }
    }
}

/// Reads `text` by `schema`. The error says what was expected where.
pub(crate) fn parse(text: &str, schema: &[Field]) -> Result<Arguments, String> {
    let mut text = Text::new(text);
    let mut arguments = Arguments::default();
    while !text.is_empty() {
        let (name, value) = argument(&mut text, schema)?;
        arguments.0.insert(name, value);
        if text.is_empty() {
            break;
        }
        text.expect(',')?;
        if text.is_empty() {
            text.name()?;
        }
    }
    let missing = |field: &&Field| field.required && !arguments.0.contains_key(field.name);
    match schema.iter().find(missing) {
        Some(field) => Err(format!("argument `{}` is missing", field.name)),
        None => Ok(arguments),
    }
}

fn argument(text: &mut Text<'_>, schema: &[Field]) -> Result<(&'static str, Value), String> {
    let name = text.name()?;
    text.expect('=')?;
    let Some(field) = schema.iter().find(|field| field.name == name) else {
        let known: Vec<_> = schema
            .iter()
            .map(|field| format!("`{}`", field.name))
            .collect();
        return Err(format!(
            "unknown argument `{name}`, there are {}",
            known.join(", ")
        ));
    };
    let value = value(text, field.value).map_err(|why| format!("argument `{name}`: {why}"))?;
    Ok((field.name, value))
}

fn value(text: &mut Text<'_>, kind: Type) -> Result<Value, String> {
    match kind {
        Type::String => text.string().map(Value::String),
        Type::List => list(text).map(Value::List),
        Type::Boolean => boolean(text.token()).map(Value::Boolean),
        Type::Integer => integer(text.token()).map(Value::Integer),
    }
}

fn list(text: &mut Text<'_>) -> Result<Vec<String>, String> {
    match text.peek() {
        Some('{') => braced_list(text),
        _ => semicolon_list(text),
    }
}

/// `{a, b}`, with a comma after the last one if one likes.
fn braced_list(text: &mut Text<'_>) -> Result<Vec<String>, String> {
    let mut items = Vec::new();
    text.expect('{')?;
    while !matches!(text.peek(), Some('}') | None) {
        items.push(text.string()?);
        if matches!(text.peek(), Some('}') | None) {
            break;
        }
        text.expect(',')?;
    }
    text.expect('}').map(|()| items)
}

/// `a;b`, with a semicolon after the last one if one likes; ends at a comma.
fn semicolon_list(text: &mut Text<'_>) -> Result<Vec<String>, String> {
    let mut items = Vec::new();
    while !matches!(text.peek(), Some(',' | '}') | None) {
        items.push(text.string()?);
        if matches!(text.peek(), Some(',' | '}') | None) {
            break;
        }
        text.expect(';')?;
    }
    Ok(items)
}

fn boolean(word: &str) -> Result<bool, String> {
    word.parse()
        .map_err(|_| format!("expected `true` or `false`, found `{word}`"))
}

/// Go's decimal integer, perhaps after a minus; a plus, a quote or a base is none.
fn integer(word: &str) -> Result<i64, String> {
    let digits = word.strip_prefix('-').unwrap_or(word);
    // What begins with a 0 is octal to Go's scanner, and decimal to what reads it then.
    let octal = digits.len() < 2 || !digits.starts_with('0') || !digits.contains(['8', '9']);
    let plain = octal && digits.bytes().all(|byte| byte.is_ascii_digit());
    let number = plain.then(|| word.parse().ok()).flatten();
    number.ok_or_else(|| format!("expected a whole number, found `{word}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCHEMA: [Field; 5] = [
        Field {
            name: "verbs",
            value: Type::List,
            required: true,
        },
        Field {
            name: "groups",
            value: Type::List,
            required: false,
        },
        Field {
            name: "namespace",
            value: Type::String,
            required: false,
        },
        Field {
            name: "mutating",
            value: Type::Boolean,
            required: false,
        },
        Field {
            name: "timeout",
            value: Type::Integer,
            required: false,
        },
    ];

    fn check(text: &str, groups: &[&str], namespace: Option<&str>) {
        let mut arguments = parse(&format!("verbs=get,{text}"), &SCHEMA).unwrap();
        assert_eq!(arguments.list("verbs"), ["get"], "in: {text}");
        assert_eq!(arguments.list("groups"), groups, "in: {text}");
        assert_eq!(
            arguments.string("namespace").as_deref(),
            namespace,
            "in: {text}"
        );
    }

    fn check_error(text: &str, expected: &str) {
        assert_eq!(parse(text, &SCHEMA), Err(expected.to_owned()), "in: {text}");
    }

    #[test]
    fn lists_are_read_in_both_forms() {
        check("groups=a;b", &["a", "b"], None);
        check("groups={a,b}", &["a", "b"], None);
        check("groups={a, \"b,c\", `d`, }", &["a", "b,c", "d"], None);
        check("groups=\"\";apps", &["", "apps"], None);
        check("groups = a ; b , namespace = n", &["a", "b"], Some("n"));
        check("groups=a;,namespace=n", &["a"], Some("n"));
        check("groups=a;;b", &["a", ";b"], None);
        check("groups=,namespace=n", &[], Some("n"));
        check("groups={},namespace=n", &[], Some("n"));
    }

    #[test]
    fn the_last_of_two_equal_arguments_counts() {
        check(
            "groups=a,groups=b,namespace=m,namespace=n",
            &["b"],
            Some("n"),
        );
    }

    #[test]
    fn strings_may_be_empty() {
        check("namespace=\"\"", &[], None);
        check("namespace=", &[], None);
        check("namespace=,groups=a", &[], Some(",groups=a"));
    }

    #[test]
    fn flags_and_numbers_are_typed() {
        let arguments = parse("verbs=x,mutating=true,timeout=-5", &SCHEMA).unwrap();
        assert_eq!(arguments.0["mutating"], Value::Boolean(true));
        assert_eq!(arguments.0["timeout"], Value::Integer(-5));
        let arguments = parse("verbs=x,timeout=007 ,mutating=false", &SCHEMA).unwrap();
        assert_eq!(arguments.0["timeout"], Value::Integer(7));
    }

    #[test]
    fn what_cannot_be_read_is_refused_with_its_place() {
        check_error("groups=a", "argument `verbs` is missing");
        check_error("", "argument `verbs` is missing");
        check_error(
            "verbs=get,",
            "expected the name of an argument, found the end",
        );
        check_error(
            "verbs=get,,groups=a",
            "expected the name of an argument, found `,groups=a`",
        );
        check_error("=get", "expected the name of an argument, found `=get`");
        check_error("verbs", "expected `=`, found the end");
        check_error(
            "verbs={get",
            "argument `verbs`: expected `}`, found the end",
        );
        check_error(
            "verbs={get;list}",
            "argument `verbs`: expected `,`, found `;list}`",
        );
        check_error("verbs=get}", "expected `,`, found `}`");
        check_error(
            "verbs=get:list",
            "argument `verbs`: expected `;`, found `:list`",
        );
        check_error(
            "verbs=\"get\"x",
            "argument `verbs`: expected `;`, found `x`",
        );
        check_error(
            "verbs=\"get",
            "argument `verbs`: a string that begins with `\"` has no end",
        );
        check_error(
            "verbs=x,mutating=1",
            "argument `mutating`: expected `true` or `false`, found `1`",
        );
        check_error(
            "verbs=x,timeout=x",
            "argument `timeout`: expected a whole number, found `x`",
        );
        for wrong in [
            "+5", "\"5\"", "`5`", "08", "0x5", "1_0", "5.0", "--5", "-", "",
        ] {
            check_error(
                &format!("verbs=x,timeout={wrong}"),
                &format!("argument `timeout`: expected a whole number, found `{wrong}`"),
            );
        }
        check_error(
            "verbs=x,mutating=\"true\"",
            "argument `mutating`: expected `true` or `false`, found `\"true\"`",
        );
        check_error(
            "verb=get",
            "unknown argument `verb`, there are `verbs`, `groups`, `namespace`, `mutating`, `timeout`",
        );
    }
}

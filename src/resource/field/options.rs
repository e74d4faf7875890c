//! What stands behind the type of a field: `min=1,max=5,doc="…"`.

use super::error::Refusal;
use super::format::Format;
use super::name::FieldName;
use super::text;

/// The options of a field. Which of them fit which type is for `check` to say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The least number, length of a text, or count of items.
    pub min: Option<i64>,
    /// The greatest number, length of a text, or count of items.
    pub max: Option<i64>,
    /// What a text, or each text of a list, must match.
    pub pattern: Option<String>,
    /// All texts that are allowed; empty where any is.
    pub values: Vec<String>,
    /// A format that the API server knows.
    pub format: Option<Format>,
    /// No item is in the list twice.
    pub unique: bool,
    /// The fields of an item that tell it from the others.
    pub keys: Vec<FieldName>,
    /// It does not change once it is set.
    pub immutable: bool,
    /// What the sample says.
    pub example: Option<String>,
    /// The description: one line.
    pub doc: Option<String>,
}

const NAMES: &str =
    "`min`, `max`, `pattern`, `enum`, `format`, `unique`, `key`, `immutable`, `example`, `doc`";

impl Options {
    pub(super) fn parse(parts: &[&str]) -> Result<Self, Refusal> {
        let mut options = Self::default();
        let mut seen = Vec::new();
        for part in parts {
            let (name, value) = match part.split_once('=') {
                Some((name, value)) => (name.trim_end(), Some(text::unquoted(value.trim_start())?)),
                None => (*part, None),
            };
            if seen.contains(&name) {
                return Err(Refusal::new(format!("`{name}` is given twice")));
            }
            seen.push(name);
            options.set(name, value)?;
        }
        Ok(options)
    }

    fn set(&mut self, name: &str, value: Option<String>) -> Result<(), Refusal> {
        if matches!(name, "unique" | "immutable") {
            let flag = if name == "unique" {
                &mut self.unique
            } else {
                &mut self.immutable
            };
            *flag = true;
            return match value {
                None => Ok(()),
                Some(_) => Err(Refusal::new(format!(
                    "`{name}` stands alone, without a value"
                ))),
            };
        }
        let known = NAMES.contains(&format!("`{name}`"));
        let Some(value) = value.filter(|_| known) else {
            return Err(unknown(name, known));
        };
        match name {
            "min" => self.min = Some(number(name, &value)?),
            "max" => self.max = Some(number(name, &value)?),
            "pattern" => self.pattern = Some(value),
            "enum" => self.values = value.split('|').map(str::to_owned).collect(),
            "format" => self.format = Some(Format::parse(&value)?),
            "key" => {
                self.keys = value
                    .split('|')
                    .map(FieldName::new)
                    .collect::<Result<_, _>>()?;
            }
            "example" => self.example = Some(value),
            _ => self.doc = Some(value),
        }
        Ok(())
    }

    /// As [`Options::parse`] reads them, in one order.
    pub(super) fn parts(&self) -> Vec<String> {
        let pair = |name: &str, value: &str| format!("{name}={}", text::quoted(value));
        let number = |name: &str, value: Option<i64>| value.map(|value| format!("{name}={value}"));
        let given = |name: &str, value: Option<&str>| value.map(|value| pair(name, value));
        let list =
            |name: &str, list: Vec<&str>| (!list.is_empty()).then(|| pair(name, &list.join("|")));
        let flag = |name: &str, set: bool| set.then(|| name.to_owned());
        let parts = [
            number("min", self.min),
            number("max", self.max),
            given("pattern", self.pattern.as_deref()),
            list("enum", self.values.iter().map(String::as_str).collect()),
            given("format", self.format.map(Format::as_str)),
            flag("unique", self.unique),
            list("key", self.keys.iter().map(FieldName::as_str).collect()),
            flag("immutable", self.immutable),
            given("example", self.example.as_deref()),
            given("doc", self.doc.as_deref()),
        ];
        parts.into_iter().flatten().collect()
    }
}

fn number(name: &str, value: &str) -> Result<i64, Refusal> {
    value
        .parse()
        .map_err(|_| Refusal::new(format!("`{name}` is a whole number, and `{value}` is none")))
}

fn unknown(name: &str, known: bool) -> Refusal {
    if known {
        return Refusal::new(format!("`{name}` needs a value"))
            .with_help(format!("write `{name}=…`"));
    }
    let refusal = Refusal::new(format!("`{name}` is no option"));
    let meant = match name {
        "minimum" | "minLength" | "minItems" => "min",
        "maximum" | "maxLength" | "maxItems" => "max",
        "values" | "oneOf" => "enum",
        "set" => "unique",
        "keys" => "key",
        "description" => "doc",
        "regex" => "pattern",
        "optional" => {
            return refusal
                .with_help("an optional field has a `?` behind its type: `size:string?`");
        }
        "default" => {
            return refusal.with_help("a default stands behind the type: `replicas:int32=1`");
        }
        _ => {
            return refusal.with_help(format!(
                "the options are {NAMES}; a value that holds a comma stands in double quotes"
            ));
        }
    };
    refusal.with_help(format!("use `{meant}`"))
}

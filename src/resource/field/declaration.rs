//! One field as it is declared: `replicas:int32=1,min=0`.

use super::check;
use super::error::{FieldError, Refusal};
use super::options::Options;
use super::path::FieldPath;
use super::text;
use super::types::FieldType;

/// Whether a field must be given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Presence {
    /// The API server refuses an object without it.
    Required,
    /// It may be left out.
    Optional,
    /// Where it is left out, the API server fills in this.
    Default(String),
}

/// A field, checked by itself; [`super::Fields`] checks what holds among several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    pub(super) path: FieldPath,
    pub(super) declared_type: FieldType,
    pub(super) presence: Presence,
    pub(super) options: Options,
}

impl Field {
    /// Reads `path:type[?][=default][,option…]`.
    ///
    /// # Errors
    /// When it is no field, or no API server would take its schema.
    pub fn new(declaration: &str) -> Result<Self, FieldError> {
        let field = read(declaration).map_err(|refusal| refusal.of(declaration))?;
        check::field(&field).map_err(|refusal| refusal.of(declaration))?;
        Ok(field)
    }

    /// Where the field lies, as it is declared.
    pub fn path(&self) -> String {
        self.path.to_string()
    }
}

impl std::str::FromStr for Field {
    type Err = FieldError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::new(text)
    }
}

/// The one way to write it, which PROJECT holds.
impl std::fmt::Display for Field {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}:{}", self.path, self.declared_type)?;
        match &self.presence {
            Presence::Required => {}
            Presence::Optional => formatter.write_str("?")?,
            Presence::Default(value) => write!(formatter, "={}", text::quoted(value))?,
        }
        self.options
            .parts()
            .iter()
            .try_for_each(|part| write!(formatter, ",{part}"))
    }
}

fn read(declaration: &str) -> Result<Field, Refusal> {
    let parts = text::split(declaration)?;
    let (head, options) = parts.split_first().unwrap_or((&"", &[]));
    let Some((path, rest)) = head.split_once(':') else {
        return Err(Refusal::new("it has no type")
            .with_help("a field is `name:type`, for example `replicas:int32=1,min=0`"));
    };
    let (named, default) = match rest.split_once('=') {
        Some((named, default)) => (
            named.trim_end(),
            Some(text::unquoted(default.trim_start())?),
        ),
        None => (rest, None),
    };
    let named = named.trim();
    let presence = match (default, named.ends_with('?')) {
        // What has a default is never absent, so a `?` beside it says nothing.
        (Some(default), _) => Presence::Default(default),
        (None, true) => Presence::Optional,
        (None, false) => Presence::Required,
    };
    Ok(Field {
        path: FieldPath::parse(path.trim())?,
        declared_type: FieldType::parse(named.strip_suffix('?').unwrap_or(named))?,
        presence,
        options: Options::parse(options)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_has_one_way_to_be_written() {
        let check = |text: &str, expected: &str| {
            let field = Field::new(text).unwrap();
            assert_eq!(field.to_string(), expected);
            assert_eq!(Field::new(expected).unwrap(), field);
        };
        check("name:string", "name:string");
        check(" name : string? ", "name:string?");
        check(
            "replicas:int32?=1,max=9,min=0",
            "replicas:int32=1,min=0,max=9",
        );
        check(
            "a:string=\"x, y\",doc=\"Say \"\"x\"\", then.\"",
            "a:string=\"x, y\",doc=\"Say \"\"x\"\", then.\"",
        );
        check("a:string=\"\"", "a:string=\"\"");
        check("a:string=b=c", "a:string=b=c");
        check("m:map[string]string?,max=5", "m:map[string]string?,max=5");
        check(
            "p[].n:string,pattern=\"^[a-z]{1,3}$\"",
            "p[].n:string,pattern=\"^[a-z]{1,3}$\"",
        );
        check("p:[]object,key=n|m", "p:[]object,key=n|m");
        check("t:string,enum=a|b,doc=T.", "t:string,enum=a|b,doc=T.");
        check(
            "t:[]string,unique,immutable,example=a|b",
            "t:[]string,unique,immutable,example=a|b",
        );
        check(
            "at:date-time,example=2030-01-01T00:00:00Z",
            "at:date-time,example=2030-01-01T00:00:00Z",
        );
    }
}

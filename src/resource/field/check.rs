//! What must hold for one field: that its options fit its type and each other.
//! That its default and its example keep to them is checked in `given.rs`.
//!
//! The API server would refuse the same, later and in other words:
//! <https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema>.

use super::declaration::Field;
use super::error::Refusal;
use super::given;
use super::pattern;
use super::types::{Element, Scalar, Shape};

pub(super) type Checked = Result<(), Refusal>;

/// JSON readers may take numbers for doubles; up to here (and a little beyond) each has its own.
const EXACT: u64 = 9_000_000_000_000_000;

const ENUM_VALUE: usize = 63;
/// The API server reckons with the greatest length, and a request has 3 MiB at most.
const COMPARED: i64 = 1_000_000;
const DOC: usize = 1000;

pub(super) fn field(field: &Field) -> Checked {
    bounds(field)?;
    texts(field)?;
    values(field)?;
    lists(field)?;
    doc(field)?;
    given::default(field)?;
    given::example(field)
}

pub(super) fn refuse(reason: impl Into<String>) -> Checked {
    Err(Refusal::new(reason))
}

fn bounds(field: &Field) -> Checked {
    let (min, max) = (field.options.min, field.options.max);
    let given: Vec<i64> = min.into_iter().chain(max).collect();
    if given.is_empty() {
        return Ok(());
    }
    let counts = field.counts();
    let scalar = field.scalar();
    if !counts && !scalar.is_some_and(|scalar| scalar.is_integer() || scalar == Scalar::String) {
        return refuse(format!(
            "`min` and `max` are about numbers, the length of texts, and the count of items, not about `{}`",
            field.declared_type
        ));
    }
    if min.zip(max).is_some_and(|(min, max)| min > max) {
        return refuse("`min` is greater than `max`");
    }
    let length = counts || scalar == Some(Scalar::String);
    if length
        && given
            .iter()
            .any(|bound| *bound < 0 || *bound > i64::from(u32::MAX))
    {
        return refuse("a length or count lies between 0 and 4294967295");
    }
    if scalar == Some(Scalar::Int32)
        && !counts
        && given.iter().any(|bound| i32::try_from(*bound).is_err())
    {
        return Err(Refusal::new("a bound is no `int32`").with_help("use `int64`"));
    }
    match given.iter().any(|bound| bound.unsigned_abs() > EXACT) {
        true => refuse("JSON readers may round a bound beyond 9000000000000000"),
        false => Ok(()),
    }
}

fn texts(field: &Field) -> Checked {
    let options = &field.options;
    let of_texts = field.scalar() == Some(Scalar::String);
    if let Some(own) = &options.pattern {
        if !of_texts || field.declared_type.shape == Shape::Map {
            return refuse("a pattern is for a text or a list of texts");
        }
        pattern::compiled(own)?;
    }
    match options.format {
        Some(_) if !of_texts || field.declared_type.shape != Shape::One => {
            Err(Refusal::new("a format is for a text")
                .with_help("for the texts of a list use `pattern`"))
        }
        _ => Ok(()),
    }
}

/// The enum.
fn values(field: &Field) -> Checked {
    let options = &field.options;
    if options.values.is_empty() {
        return Ok(());
    }
    match field.scalar() {
        Some(Scalar::String) => {}
        Some(Scalar::Bool) => return refuse("an enum lists texts; a `bool` has two values anyhow"),
        Some(scalar) if scalar.is_integer() => {
            return Err(Refusal::new("an enum lists texts")
                .with_help("bound a number with `min` and `max`"));
        }
        _ => return refuse("an enum lists texts"),
    }
    if options.pattern.is_some()
        || options.format.is_some()
        || (!field.counts() && options.min.or(options.max).is_some())
    {
        return refuse("an enum says all: no pattern, format or length beside it");
    }
    let mut variants = std::collections::BTreeMap::new();
    for value in &options.values {
        let variant = super::variant::name(value).ok_or_else(|| {
            Refusal::new(format!("the enum's value `{value}` makes no name in Rust"))
                .with_help("a value holds a letter or a digit")
        })?;
        if value.len() > ENUM_VALUE {
            return refuse(format!("an enum's value may have {ENUM_VALUE} bytes"));
        }
        if let Some(other) = variants.insert(variant.clone(), value) {
            return refuse(match other == value {
                true => format!("the enum has `{value}` twice"),
                false => {
                    format!("the enum's `{other}` and `{value}` would both be `{variant}` in Rust")
                }
            });
        }
    }
    Ok(())
}

fn lists(field: &Field) -> Checked {
    let options = &field.options;
    let is_list = field.declared_type.shape == Shape::List;
    let scalar = field.scalar();
    if options.unique
        && !(is_list
            && scalar.is_some_and(|scalar| scalar.is_integer() || scalar == Scalar::String))
    {
        return Err(Refusal::new("`unique` is for a list of texts or numbers")
            .with_help("items that are objects are told apart by `key=…`"));
    }
    let may_have_keys = is_list && field.declared_type.element == Element::Object;
    if !options.keys.is_empty() && !may_have_keys {
        return refuse("`key` is for a list of objects, `[]object`");
    }
    let plain = scalar.is_some_and(|scalar| scalar != Scalar::Any) && !field.counts();
    if options.immutable && !plain {
        return Err(Refusal::new(
            "`immutable` is for a plain value: the API server limits what a comparison may cost",
        )
        .with_help("mark the fields of an object one by one"));
    }
    let long = scalar == Some(Scalar::String) && options.max.is_some_and(|max| max > COMPARED);
    if options.immutable && long {
        return Err(Refusal::new("the API server limits what a comparison may cost, and a text of that length costs more")
            .with_help(format!("give a `max` of at most {COMPARED}, or none")));
    }
    match options.immutable
        && field
            .path
            .parents
            .iter()
            .any(|(_, shape)| *shape != Shape::One)
    {
        true => refuse(
            "`immutable` is not for a field within a list or a map: the API server cannot always tell which item was which",
        ),
        false => Ok(()),
    }
}

fn doc(field: &Field) -> Checked {
    let Some(doc) = &field.options.doc else {
        return Ok(());
    };
    match doc {
        _ if doc.is_empty() || doc.trim() != doc => {
            refuse("`doc` is empty, or has blanks around it")
        }
        _ if doc.starts_with('#') => {
            refuse("a `doc` that begins with `#` would be a heading, and no description")
        }
        _ if doc.chars().count() > DOC => refuse(format!("a `doc` may have {DOC} letters")),
        _ => Ok(()),
    }
}

impl Field {
    /// Whether `min` and `max` count items.
    pub(super) fn counts(&self) -> bool {
        self.declared_type.shape != Shape::One
    }

    pub(super) fn scalar(&self) -> Option<Scalar> {
        match self.declared_type.element {
            Element::Scalar(scalar) => Some(scalar),
            Element::Object => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(declaration: &str, expected: &str) {
        let error = Field::new(declaration).unwrap_err().to_string();
        assert!(error.contains(expected), "{declaration}: {error}");
        assert!(error.starts_with("the field `"), "{error}");
    }

    #[test]
    fn options_fit_their_type() {
        check("a", "it has no type");
        check("a:bool,min=1", "not about `bool`");
        check("a:object?,min=1", "not about `object`");
        check("a:quantity,max=1", "not about `quantity`");
        check("a:int32,pattern=x", "a pattern is for a text");
        check("a:map[string]string,pattern=x", "a pattern is for a text");
        check("a:int32,format=email", "a format is for a text");
        check("a:[]string,format=email", "a format is for a text");
        check("a:string,format=phone", "`phone` is no format");
        check("a:bool,enum=true|false", "two values anyhow");
        check("a:int32,enum=1|2", "an enum lists texts");
        check("a:object,enum=a", "an enum lists texts");
        check("a:string,unique", "`unique` is for a list");
        check("a:[]bool,unique", "`unique` is for a list");
        check("a:[]object,unique", "told apart by `key=…`");
        check("a:[]string,key=b", "`key` is for a list of objects");
        check(
            "a[].b:string,immutable",
            "`immutable` is not for a field within a list",
        );
        check("a:[]string,immutable", "`immutable` is for a plain value");
        check(
            "a:string,max=4294967295,immutable",
            "limits what a comparison may cost",
        );
        check("a:any?,immutable", "`immutable` is for a plain value");
        check("a:object,immutable", "`immutable` is for a plain value");
        check("a:string,foo=1", "`foo` is no option");
        check("a:string,min", "`min` needs a value");
        check("a:string,unique=1", "stands alone");
        check("a:string,min=1,min=2", "`min` is given twice");
        check("a:string,pattern=^a{1,3}$", "stands in double quotes");
    }

    #[test]
    fn bounds_can_be_kept() {
        check("a:int32,min=5,max=1", "`min` is greater than `max`");
        check("a:int32,max=3000000000", "no `int32`");
        check("a:int64,max=9999999999999999", "may round a bound");
        check("a:string,min=-1", "between 0 and");
        check("a:string,min=x", "is a whole number");
        check("a:int64?,min=-9223372036854775808", "may round a bound");
        check("a:[]string,min=2,max=1", "`min` is greater than `max`");
    }

    #[test]
    fn a_default_keeps_to_its_own_rules() {
        check("a:int32=0,min=1", "`0` is below its own `min`, 1");
        check("a:int32=9,max=1", "`9` is above its own `max`, 1");
        check("a:int32=x", "no whole number");
        check("a:int32=3000000000", "no whole number of 32 bits");
        check("a:bool=yes", "no `true` or `false`");
        check("a:string=c,enum=a|b", "`c` is not in its own enum, `a|b`");
        check(
            "a:string=B,pattern=^[a-z]$",
            "does not match its own pattern",
        );
        check("a:string=abc,max=2", "the length of `abc`, 3, is above");
        check("a:string=x,format=email", "has not its own format, `email`");
        check("a:quantity=much", "no quantity");
        check("a:duration=5", "no duration");
        check("a:duration=4000000000h4000000000h", "no duration");
        check("a:object=x", "the defaults of its fields");
        check("a:[]string=x", "no default here");
        check("a:date-time=2030-01-01T00:00:00Z", "has no default");
        check("a:secret-key-selector=x", "has no default");
        check(
            &format!("a:string={}", "x".repeat(61)),
            "better written in Rust",
        );
    }

    #[test]
    fn an_example_keeps_to_its_own_rules() {
        check("a:int32,min=1,example=0", "below its own `min`");
        check(
            "a:[]string,max=1,example=a|b",
            "against its own `min` or `max`",
        );
        check("a:[]string,unique,example=a|a", "against its own `unique`");
        check("a:[]string,enum=a|b,example=c", "not in its own enum");
        check("a:map[string]string,example=a", "a map has no example");
        check("a:any,example=a", "cannot be given as text");
        check("a:date-time,example=today", "no moment");
        check("a:byte,example=a", "no base64");
        check("a:byte,example=\"\"", "no base64");
        check("a:byte,example=YR==", "no base64");
        check("a:date-time,example=9999-12-31T23:59:59Z", "no moment");
    }

    #[test]
    fn an_enum_makes_names_in_rust() {
        check("a:string,enum=a|a", "has `a` twice");
        check("a:string,enum=a-b|aB", "would both be `AB` in Rust");
        check("a:string,enum=a||b", "makes no name in Rust");
        check("a:string,enum=a|b,pattern=a", "an enum says all");
        check("a:string,enum=a|b,min=1", "an enum says all");
    }

    #[test]
    fn a_doc_is_a_description() {
        check("a:string,doc=#x", "would be a heading");
        check("a:string,doc=\"\"", "`doc` is empty");
        check("a:string,doc=\" x\"", "blanks around");
        check("a:string,doc=\"a\nb\"", "is one line");
        check("a:string,doc=a\u{202e}b", "direction of text");
        check("a:string,pattern=^\u{2066}$", "direction of text");
    }
}

//! Values of a type: read from text, checked, and made up for samples.

use serde_json::{Value, json};

use super::duration;
use super::error::Refusal;
use super::options::Options;
use super::pattern;
use super::types::Scalar;

/// The value that `text` says, for a default or an example.
pub(super) fn parse(scalar: Scalar, text: &str) -> Result<Value, Refusal> {
    let refuse = |what: &str| Refusal::new(format!("`{text}` is no {what}"));
    match scalar {
        Scalar::String => Ok(json!(text)),
        Scalar::Bool => text
            .parse::<bool>()
            .map(Value::from)
            .map_err(|_| refuse("`true` or `false`")),
        Scalar::Int32 => text
            .parse::<i32>()
            .map(Value::from)
            .map_err(|_| refuse("whole number of 32 bits")),
        Scalar::Int64 => text
            .parse::<i64>()
            .map(Value::from)
            .map_err(|_| refuse("whole number of 64 bits")),
        Scalar::IntOrString => Ok(text
            .parse::<i32>()
            .map_or_else(|_| json!(text), Value::from)),
        Scalar::Quantity if matches(QUANTITY, text) => Ok(json!(text)),
        Scalar::Quantity => {
            Err(refuse("quantity").with_help("a quantity is `500m`, `1.5`, `1Gi`, …"))
        }
        Scalar::Duration if duration::parse(text).is_some() => Ok(json!(text)),
        Scalar::Duration => Err(refuse("duration")
            .with_help("a duration is `300ms`, `90s`, `1h30m`, …, of whole numbers")),
        Scalar::DateTime if matches(DATE_TIME, text) => Ok(json!(text)),
        Scalar::DateTime => Err(refuse("moment").with_help("a moment is `2030-01-31T12:00:00Z`")),
        // The API server takes no empty one.
        Scalar::Byte if !text.is_empty() && matches(BASE64, text) => Ok(json!(text)),
        Scalar::Byte => Err(refuse("base64")),
        _ => Err(Refusal::new(format!(
            "a value of the type `{}` cannot be given as text",
            scalar.as_str()
        ))),
    }
}

/// <https://github.com/kubernetes/apimachinery/blob/master/pkg/api/resource/quantity.go>
pub const QUANTITY: &str =
    r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)(([KMGTPE]i)|[numkMGTPE]|([eE][+-]?[0-9]+))?$";
/// Narrower than [`MOMENT`]: no day that a month may lack.
const DATE_TIME: &str = r"^([0-8][0-9]{3}|9[0-8][0-9]{2})-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])T([01][0-9]|2[0-3])(:[0-5][0-9]){2}Z$";

/// Base64 whose last letter has no bits to spare; Rust's decoder refuses those.
pub const BASE64: &str =
    r"^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$";

/// RFC 3339, in the years and the offsets that Rust's `jiff` has; the format
/// `date-time` says less.
pub const MOMENT: &str = r"^([0-8][0-9]{3}|9[0-8][0-9]{2})-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$";

pub(super) fn matches(pattern: &str, text: &str) -> bool {
    regex::Regex::new(pattern).is_ok_and(|pattern| pattern.is_match(text))
}

/// Whether `value`, of the right type, keeps to the options. `counts` says that
/// `min` and `max` are about how many values there are, so not about this one.
pub(super) fn check(options: &Options, counts: bool, value: &Value) -> Result<(), Refusal> {
    let Value::String(text) = value else {
        let number = value.as_i64();
        return match number {
            Some(number) if !counts => within(options, number, &format!("`{number}`")),
            _ => Ok(()),
        };
    };
    if !options.values.is_empty() && !options.values.contains(text) {
        return Err(Refusal::new(format!(
            "`{text}` is not in its own enum, `{}`",
            options.values.join("|")
        )));
    }
    if !counts {
        let length = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
        within(
            options,
            length,
            &format!("the length of `{text}`, {length},"),
        )?;
    }
    if let Some(own) = &options.pattern
        && !pattern::compiled(own)?.is_match(text)
    {
        return Err(Refusal::new(format!(
            "`{text}` does not match its own pattern, `{own}`"
        )));
    }
    match options.format {
        Some(format) if !format.admits(text) => Err(Refusal::new(format!(
            "`{text}` has not its own format, `{}`",
            format.as_str()
        ))),
        _ => Ok(()),
    }
}

fn within(options: &Options, number: i64, what: &str) -> Result<(), Refusal> {
    if let Some(min) = options.min.filter(|min| number < *min) {
        return Err(Refusal::new(format!(
            "{what} is below its own `min`, {min}"
        )));
    }
    match options.max.filter(|max| number > *max) {
        Some(max) => Err(Refusal::new(format!(
            "{what} is above its own `max`, {max}"
        ))),
        None => Ok(()),
    }
}

/// A value that keeps to the options, the `index`th of several that differ;
/// `None` where none comes to mind.
pub(super) fn made_up(
    scalar: Scalar,
    options: &Options,
    counts: bool,
    index: usize,
) -> Option<Value> {
    let index = i64::try_from(index).ok()?;
    match scalar {
        Scalar::String => text(options, counts, usize::try_from(index).ok()?),
        Scalar::Bool => Some(json!(index == 0)),
        Scalar::Int32 | Scalar::Int64 => number(options, counts, index),
        Scalar::Quantity => Some(json!((index + 1).to_string())),
        Scalar::IntOrString => Some(json!(index + 1)),
        Scalar::Duration => Some(json!(format!("{}s", 30 + index))),
        Scalar::DateTime => Some(json!("2030-01-01T00:00:00Z")),
        Scalar::Byte => Some(json!("c2FtcGxl")),
        Scalar::Any => Some(json!({})),
        Scalar::LocalObjectReference => Some(json!({"name": "sample"})),
        Scalar::ObjectReference => {
            Some(json!({"apiVersion": "v1", "kind": "ConfigMap", "name": "sample"}))
        }
        Scalar::SecretKeySelector | Scalar::ConfigMapKeySelector => {
            Some(json!({"name": "sample", "key": "key"}))
        }
    }
}

fn number(options: &Options, counts: bool, index: i64) -> Option<Value> {
    let bounds = [Some(1), options.min, options.max, Some(0)];
    let near = |bound: i64| [bound.checked_add(index), bound.checked_sub(index)];
    let candidates = bounds.into_iter().flatten().flat_map(near).flatten();
    candidates
        .map(Value::from)
        .find(|value| check(options, counts, value).is_ok())
}

/// Texts that many a pattern likes.
const TEXTS: [&str; 16] = [
    "sample",
    "Sample",
    "SAMPLE",
    "a",
    "A",
    "1",
    "10",
    "a1",
    "v1",
    "v1.0.0",
    "1.0.0",
    "sample.txt",
    "example.com",
    "/sample",
    "registry.example.com/sample:v1",
    "sample@example.com",
];

/// A longer text nobody wants to read in a sample.
const LONGEST: usize = 1000;

fn text(options: &Options, counts: bool, index: usize) -> Option<Value> {
    if !options.values.is_empty() {
        return options.values.get(index).map(|value| json!(value));
    }
    let told = options.format.map(super::format::Format::sample);
    let candidates = told.into_iter().chain(TEXTS).map(|text| match index {
        0 => text.to_owned(),
        _ => format!("{text}{}", index + 1),
    });
    let length = |bound: Option<i64>| {
        bound
            .filter(|_| !counts)
            .and_then(|bound| usize::try_from(bound).ok())
    };
    let least = length(options.min).unwrap_or(0);
    if least > LONGEST {
        return None;
    }
    let fitted = candidates.map(|text| {
        let long: String = text
            .chars()
            .cycle()
            .take(least.max(text.chars().count()))
            .collect();
        long.chars()
            .take(length(options.max).unwrap_or(usize::MAX))
            .collect::<String>()
    });
    fitted
        .map(Value::from)
        .find(|value| check(options, counts, value).is_ok())
}

//! Texts: of a pattern, of a format, or any.

use proptest::prelude::any;
use proptest::strategy::{BoxedStrategy, Strategy as _};
use proptest::string::string_regex;
use serde_json::Value;

use super::{SchemaError, pattern};

/// How much longer a text is than it must be.
const MORE: u64 = 12;

/// The formats of Kubernetes, <https://github.com/kubernetes/kube-openapi/tree/master/pkg/validation/strfmt>.
const FORMATS: [(&str, &str); 14] = [
    ("byte", "([A-Za-z0-9+/]{4}){0,4}"),
    ("cidr", "10\\.[0-9]\\.[0-9]\\.0/(24|28)"),
    ("date", "20[0-9]{2}-0[1-9]-[12][0-9]"),
    ("duration", "[1-9][0-9]{0,2}(ms|s|m|h)"),
    ("email", "[a-z]{1,8}@[a-z]{1,8}\\.example\\.com"),
    ("hexcolor", "#[0-9a-f]{6}"),
    ("hostname", "[a-z]{1,8}(\\.[a-z]{1,8}){0,2}"),
    ("ip", "10\\.[0-9]\\.[0-9]{2}\\.[1-9]"),
    ("ipv4", "10\\.[0-9]\\.[0-9]{2}\\.[1-9]"),
    ("ipv6", "fd00:[1-9a-f]:[1-9a-f]{2}::[1-9a-f]"),
    ("mac", "([0-9a-f]{2}:){5}[0-9a-f]{2}"),
    ("uri", "https://[a-z]{1,8}\\.example\\.com/[a-z0-9]{0,8}"),
    ("url", "https://[a-z]{1,8}\\.example\\.com/[a-z0-9]{0,8}"),
    (
        "uuid",
        "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
    ),
];

/// Texts that `schema` allows. A pattern says more than a format.
pub(super) fn of(schema: &Value) -> Result<BoxedStrategy<Value>, SchemaError> {
    let least = schema["minLength"].as_u64().unwrap_or(0);
    let most = schema["maxLength"].as_u64();
    let format = schema["format"].as_str().unwrap_or_default();
    let expression = FORMATS.iter().find(|(name, _)| *name == format);
    let texts = match (schema["pattern"].as_str(), expression) {
        (Some(pattern), _) => matching(pattern)?,
        (None, Some((_, expression))) => matching(expression)?,
        (None, None) if matches!(format, "date-time" | "datetime") => date_time(),
        (None, None) => return Ok(plain(least, most)),
    };
    let fits = move |text: &String| {
        let length = text.chars().count() as u64;
        least <= length && most.is_none_or(|most| length <= most)
    };
    let fitting = texts.prop_filter("a text that is neither too short nor too long", fits);
    Ok(fitting.prop_map(Value::from).boxed())
}

/// The texts of a field that may be a number instead.
pub(super) fn int_or_string(schema: &Value) -> Result<BoxedStrategy<Value>, SchemaError> {
    let pattern = schema["pattern"].as_str().unwrap_or("[1-9][0-9]?%");
    Ok(matching(pattern)?.prop_map(Value::from).boxed())
}

/// Texts of any characters that can be seen.
pub(super) fn plain(least: u64, most: Option<u64>) -> BoxedStrategy<Value> {
    let longer = least.saturating_add(MORE);
    let most = most.map_or(longer, |most| most.clamp(least, longer));
    let count = |number| usize::try_from(number).unwrap_or(usize::MAX);
    let characters = proptest::collection::vec(character(), count(least)..=count(most));
    characters
        .prop_map(|characters| Value::from(characters.into_iter().collect::<String>()))
        .boxed()
}

/// Mostly ASCII: what goes wrong with a `/` is found sooner.
fn character() -> BoxedStrategy<char> {
    let others = any::<char>().prop_filter("no control character", |it| !it.is_control());
    proptest::prop_oneof![4 => (b' '..=b'~').prop_map(char::from), 1 => others].boxed()
}

fn date_time() -> BoxedStrategy<String> {
    let moments = (0_i64..4_000_000_000).prop_map(k8s_openapi::jiff::Timestamp::from_second);
    moments
        .prop_map(|moment| moment.unwrap_or_default().to_string())
        .boxed()
}

fn matching(pattern: &str) -> Result<BoxedStrategy<String>, SchemaError> {
    let texts = string_regex(&pattern::to_generate(pattern));
    let texts = texts.map_err(|error| SchemaError::Pattern {
        pattern: pattern.to_owned(),
        reason: error.to_string(),
    });
    Ok(texts?.boxed())
}

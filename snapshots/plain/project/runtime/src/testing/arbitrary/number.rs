//! Numbers. The bounds themselves are made often: that is where conversions go wrong.

use proptest::prelude::Just;
use proptest::prop_oneof;
use proptest::strategy::{BoxedStrategy, Strategy as _};
use serde_json::Value;

/// Binary fractions are the same as `f32`, as `f64` and as text.
const QUARTER: f64 = 4.0;

pub(super) fn integer(schema: &Value) -> BoxedStrategy<Value> {
    let step = bound(schema, "multipleOf").map_or(1, whole).max(1);
    let (low, high) = bounds(schema);
    let (low, high) = (
        low.div_euclid(step) + i64::from(low.rem_euclid(step) > 0),
        high.div_euclid(step),
    );
    steps(low, high.max(low))
        .prop_map(move |steps| Value::from(steps * step))
        .boxed()
}

pub(super) fn number(schema: &Value) -> BoxedStrategy<Value> {
    let (low, high) = bounds(schema);
    let quarters = i64::from(i16::MIN)..=i64::from(i16::MAX);
    let low = low.clamp(*quarters.start(), *quarters.end());
    let high = high.clamp(low, *quarters.end());
    let fraction = |whole: i64, quarters: u8| {
        #[expect(clippy::cast_precision_loss, reason = "it is small")]
        let whole = whole as f64;
        whole + f64::from(quarters) / QUARTER
    };
    let inner = (low..=high, 0_u8..4).prop_map(move |(whole, quarters)| {
        let quarters = if whole == high { 0 } else { quarters };
        fraction(whole, quarters)
    });
    inner.prop_map(Value::from).boxed()
}

fn steps(low: i64, high: i64) -> BoxedStrategy<i64> {
    let small = low.max(-9).min(high)..=high.min(9).max(low);
    prop_oneof![2 => small, 2 => low..=high, 1 => Just(low), 1 => Just(high)].boxed()
}

/// The smallest and the largest whole number.
fn bounds(schema: &Value) -> (i64, i64) {
    let (mut low, mut high) = of_format(schema["format"].as_str().unwrap_or_default());
    if let Some(minimum) = bound(schema, "minimum") {
        let open = schema["exclusiveMinimum"] == true;
        low = low.max(whole(minimum.ceil()).saturating_add(i64::from(open)));
    }
    if let Some(maximum) = bound(schema, "maximum") {
        let open = schema["exclusiveMaximum"] == true;
        high = high.min(whole(maximum.floor()).saturating_sub(i64::from(open)));
    }
    (low, high.max(low))
}

fn bound(schema: &Value, name: &str) -> Option<f64> {
    schema[name].as_f64()
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a bound beyond `i64` is none"
)]
fn whole(bound: f64) -> i64 {
    bound as i64
}

/// The range of a Rust type, by schemars' name for it.
fn of_format(format: &str) -> (i64, i64) {
    match format {
        "int8" => (i8::MIN.into(), i8::MAX.into()),
        "int16" => (i16::MIN.into(), i16::MAX.into()),
        "int64" | "int" => (i64::MIN, i64::MAX),
        "uint8" => (0, u8::MAX.into()),
        "uint16" => (0, u16::MAX.into()),
        "uint32" => (0, u32::MAX.into()),
        "uint64" | "uint" => (0, i64::MAX),
        _ => (i32::MIN.into(), i32::MAX.into()),
    }
}

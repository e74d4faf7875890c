//! The values that a declaration gives: its default and its example. Both keep to
//! the field's own rules, as the API server would ask.

use std::collections::BTreeSet;

use super::check::{Checked, refuse};
use super::declaration::{Field, Presence};
use super::error::Refusal;
use super::types::{Scalar, Shape};
use super::value;

/// The longest default that has a line in Rust; longer ones are for the user to write.
const DEFAULT: usize = 60;
const SHORT_DEFAULT: usize = 40;

/// The default keeps to the field's own rules, and has a line of Rust.
pub(super) fn default(field: &Field) -> Checked {
    let Presence::Default(text) = &field.presence else {
        return Ok(());
    };
    if field.counts() {
        return Err(Refusal::new("a list or map has no default here")
            .with_help("write `?`: what is left out is empty"));
    }
    let Some(scalar) = field.scalar() else {
        return Err(
            Refusal::new("an object's default is made of the defaults of its fields")
                .with_help("give those a default, and write `?` for the object"),
        );
    };
    if matches!(scalar, Scalar::DateTime | Scalar::Byte | Scalar::Any) || scalar.is_reference() {
        return Err(
            Refusal::new(format!("a `{}` has no default", scalar.as_str()))
                .with_help("write `?`: it may be left out"),
        );
    }
    let longest = if scalar == Scalar::String {
        DEFAULT
    } else {
        SHORT_DEFAULT
    };
    if text.escape_debug().count() > longest {
        return Err(Refusal::new(format!(
            "a default of more than {longest} letters is better written in Rust"
        )));
    }
    value::check(&field.options, false, &value::parse(scalar, text)?)
}

/// The example keeps to the field's own rules.
pub(super) fn example(field: &Field) -> Checked {
    let Some(text) = &field.options.example else {
        return Ok(());
    };
    let Some(scalar) = field.scalar() else {
        return refuse("an object's example is made of those of its fields");
    };
    if field.declared_type.shape == Shape::Map {
        return refuse("a map has no example here");
    }
    let texts: Vec<&str> = match field.declared_type.shape {
        Shape::One => vec![text],
        _ => text.split('|').collect(),
    };
    for text in &texts {
        value::check(&field.options, field.counts(), &value::parse(scalar, text)?)?;
    }
    if field.counts() {
        items(field, &texts)?;
    }
    Ok(())
}

/// The example of a list has as many items as the list may have, and none twice.
fn items(field: &Field, texts: &[&str]) -> Checked {
    let count = i64::try_from(texts.len()).unwrap_or(i64::MAX);
    let options = &field.options;
    if options.min.is_some_and(|min| count < min) || options.max.is_some_and(|max| count > max) {
        return Err(Refusal::new(format!(
            "the example has {count} items, against its own `min` or `max`"
        ))
        .with_help("separate items with `|`"));
    }
    let distinct: BTreeSet<_> = texts.iter().collect();
    match options.unique && distinct.len() < texts.len() {
        true => refuse("the example has an item twice, against its own `unique`"),
        false => Ok(()),
    }
}

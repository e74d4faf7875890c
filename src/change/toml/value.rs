//! What a TOML item means, whatever it looks like.

use std::collections::BTreeMap;

use toml_edit::{DocumentMut, Item, TableLike, Value};

/// A TOML value without comments, order of keys, or style: a table, a dotted
/// key and an inline table are the same, and so are the two kinds of quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    Text(String),
    Other(String),
    List(Vec<Meaning>),
    Table(BTreeMap<String, Meaning>),
}

/// The meaning of a whole document.
pub(super) fn of_document(document: &DocumentMut) -> Meaning {
    of_table(document.as_table())
}

/// The meaning of one item; `None` for an item that is not there.
pub(super) fn of(item: &Item) -> Option<Meaning> {
    match item {
        Item::None => None,
        Item::Value(value) => Some(of_value(value)),
        Item::Table(table) => Some(of_table(table)),
        Item::ArrayOfTables(tables) => Some(Meaning::List(
            tables.iter().map(|table| of_table(table)).collect(),
        )),
    }
}

fn of_value(value: &Value) -> Meaning {
    match value {
        Value::String(text) => Meaning::Text(text.value().clone()),
        Value::Integer(number) => Meaning::Other(number.value().to_string()),
        Value::Float(number) => Meaning::Other(format!("{:?}", number.value())),
        Value::Boolean(truth) => Meaning::Other(truth.value().to_string()),
        Value::Datetime(time) => Meaning::Other(time.value().to_string()),
        Value::Array(array) => Meaning::List(array.iter().map(of_value).collect()),
        Value::InlineTable(table) => of_table(table),
    }
}

fn of_table(table: &dyn TableLike) -> Meaning {
    let pair = |(key, item): (&str, &Item)| Some((key.to_owned(), of(item)?));
    Meaning::Table(table.iter().filter_map(pair).collect())
}

/// Each comment in and above `key`, to see whether the user has written one.
pub(super) fn comments(table: &dyn TableLike, key: &str) -> Vec<String> {
    let (Some(key), Some(item)) = (table.key(key), table.get(key)) else {
        return Vec::new();
    };
    let mut alone = DocumentMut::new();
    alone.as_table_mut().insert_formatted(key, item.clone());
    let text = alone.to_string();
    text.lines()
        .filter_map(|line| Some(line.split_once('#')?.1.trim().to_owned()))
        .collect()
}

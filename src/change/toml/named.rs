//! Lists of tables whose entries have names, such as `[[bin]]`.
//!
//! Each entry is merged on its own, as if its name were a key.

use std::collections::HashSet;

use toml_edit::{ArrayOfTables, Item, Table};

/// The entries by name, in their order; `None` when a name is missing or
/// stands twice.
pub(super) fn by_name(tables: &ArrayOfTables) -> Option<Table> {
    let names = tables
        .iter()
        .map(|table| table.get("name")?.as_str())
        .collect::<Option<HashSet<_>>>()?;
    if names.len() < tables.len() {
        return None;
    }
    let mut entries = Table::new();
    for table in tables {
        entries.insert(table.get("name")?.as_str()?, Item::Table(table.clone()));
    }
    Some(entries)
}

/// The list again.
pub(super) fn in_order(named: Table) -> ArrayOfTables {
    named
        .into_iter()
        .filter_map(|(_, item)| item.into_table().ok())
        .collect()
}

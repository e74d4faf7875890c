//! Dependencies, which have a short form and a long one.
//!
//! See <https://doc.rust-lang.org/cargo/reference/specifying-dependencies.html>.

use toml_edit::{InlineTable, Item, Value};

/// Where in a manifest a table stands; dependencies have rules of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Elsewhere,
    Workspace,
    /// The rows that members inherit: `[workspace.dependencies]`.
    Shared,
    Dependencies,
    Dependency,
}

impl Place {
    /// Where the table stands that `key` names in a table at this place.
    pub(super) fn inside(self, key: &str) -> Self {
        match (self, key) {
            (Self::Shared | Self::Dependencies, _) => Self::Dependency,
            (Self::Elsewhere, "workspace") => Self::Workspace,
            (Self::Workspace, "dependencies") => Self::Shared,
            (Self::Elsewhere, "dependencies" | "dev-dependencies" | "build-dependencies") => {
                Self::Dependencies
            }
            _ => Self::Elsewhere,
        }
    }

    /// Whether the keys of the table are dependencies.
    pub(super) fn lists_dependencies(self) -> bool {
        matches!(self, Self::Shared | Self::Dependencies)
    }
}

/// Whether a member's row takes its version from the workspace's.
pub(super) fn inherits(item: &Item) -> bool {
    let table = item.as_table_like();
    let workspace = table.and_then(|table| table.get("workspace"));
    workspace.and_then(Item::as_bool).unwrap_or_default()
}

/// A dependency in the short form `x = "1"` as the table that it stands for.
pub(super) fn unfolded(item: &Item, dependency: bool) -> Item {
    match item {
        Item::Value(version @ Value::String(_)) if dependency => {
            let mut table = InlineTable::new();
            let mut bare = version.clone();
            *bare.decor_mut() = toml_edit::Decor::default();
            table.insert("version", bare);
            *table.decor_mut() = version.decor().clone();
            Item::Value(Value::InlineTable(table))
        }
        item => item.clone(),
    }
}

/// Folds a dependency again that was folded, and spaces an inline table anew
/// whose length has changed (unless comments stand in it).
pub(super) fn tidied(mut item: Item, folded: bool, resized: bool) -> Item {
    let Some(table) = item.as_inline_table_mut() else {
        return item;
    };
    if resized && !table.to_string().contains('#') {
        let decor = table.decor().clone();
        table.fmt();
        *table.decor_mut() = decor;
    }
    let Some(version) = table.get("version").filter(|_| folded && table.len() == 1) else {
        return item;
    };
    let mut version = version.clone();
    *version.decor_mut() = table.decor().clone();
    Item::Value(version)
}

//! What is said of a dependency that stays as the user has it.

use toml_edit::{DocumentMut, TableLike};

/// The scaffold dropped a dependency that the user changed.
pub(super) fn kept(key: &str) -> String {
    format!("`{key}` stays as you have it; the scaffold needs it no more")
}

/// The scaffold brings in a dependency that the user has already.
pub(super) fn stands(theirs: &dyn TableLike, key: &str) -> String {
    let line = line(theirs, key).unwrap_or_else(|| format!("a `{key}` of its own"));
    format!("your `{key}` stands; the scaffold would have {line}")
}

/// The entry as the scaffold writes it, when that is one line.
fn line(table: &dyn TableLike, key: &str) -> Option<String> {
    let mut alone = DocumentMut::new();
    let item = table.get(key)?.clone();
    alone.as_table_mut().insert_formatted(table.key(key)?, item);
    let text = alone.to_string();
    let mut lines = text.lines().map(str::trim).filter(|line| {
        let blank = line.is_empty();
        !blank && !line.starts_with('#')
    });
    let line = lines.next()?;
    lines.next().is_none().then(|| format!("`{line}`"))
}

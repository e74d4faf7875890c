//! Carries keys from one document into another, with what stands around them.

use toml_edit::{Item, Table, TableLike};

/// Makes `key` in `ours` what it is in `from`: replaced in its place, inserted
/// at the end of its table, or removed.
pub(super) fn take(ours: &mut dyn TableLike, from: &dyn TableLike, key: &str) {
    let Some(item) = from.get(key) else {
        ours.remove(key);
        return;
    };
    let mut item = item.clone();
    forget_position(&mut item);
    match (ours.get_mut(key), from.key(key)) {
        (Some(slot), _) => {
            keep_decor(slot, &mut item);
            *slot = item;
        }
        (None, Some(key)) => drop(ours.entry_format(key).or_insert(item)),
        (None, None) => drop(ours.insert(key, item)),
    }
}

/// Makes `key` in `ours` what it was in `base`, comments and all.
pub(super) fn restore(ours: &mut dyn TableLike, base: &dyn TableLike, key: &str) {
    take(ours, base, key);
    if let (Some(slot), Some(item)) = (ours.get_mut(key), base.get(key)) {
        let mut item = item.clone();
        forget_position(&mut item);
        *slot = item;
    }
    if let (Some(mut ours), Some(base)) = (ours.key_mut(key), base.key(key)) {
        *ours.leaf_decor_mut() = base.leaf_decor().clone();
    }
}

/// The user's comment behind a value stays when the value changes.
fn keep_decor(old: &Item, new: &mut Item) {
    match (old, new) {
        (Item::Value(old), Item::Value(new)) => *new.decor_mut() = old.decor().clone(),
        (Item::Table(old), Item::Table(new)) => *new.decor_mut() = old.decor().clone(),
        _ => {}
    }
}

/// Tables carry their place in the document they come from; here they go last.
fn forget_position(item: &mut Item) {
    match item {
        Item::Table(table) => forget_positions(table),
        Item::ArrayOfTables(tables) => tables.iter_mut().for_each(forget_positions),
        _ => {}
    }
}

fn forget_positions(table: &mut Table) {
    table.set_position(None);
    table.iter_mut().for_each(|(_, item)| forget_position(item));
}

//! Dependencies that stay because another row of theirs stays.
//!
//! A member's `x.workspace = true` and the row `x` of `[workspace.dependencies]`
//! are one dependency: cargo refuses the first without the second, and whoever
//! changed the second wants the first.
//! <https://doc.rust-lang.org/cargo/reference/workspaces.html#the-dependencies-table>

use std::collections::{BTreeMap, BTreeSet};

use toml_edit::{DocumentMut, Item, TableLike};

use super::dependency::{Place, inherits, unfolded};
use super::value::{Meaning, of};
use super::walk::{self, Side};

/// Rows that the scaffold drops, that the user left as they were, and that stay
/// nevertheless.
#[derive(Debug, Default)]
pub(super) struct Lasting {
    /// In `[workspace.dependencies]`: a row that stays inherits them.
    shared: BTreeSet<String>,
    /// In the tables of members: what they inherit is the user's.
    inherited: BTreeSet<String>,
}

impl Lasting {
    /// Looks at what a merge without this rule comes to, however its conflicts
    /// are settled.
    pub(super) fn of(base: &DocumentMut, ours: &DocumentMut, theirs: &DocumentMut) -> Self {
        let rows = [base, ours, theirs].map(shared);
        Self {
            shared: [Side::Ours, Side::Theirs]
                .into_iter()
                .map(|side| walk::merged(base, ours, theirs, side, &Self::default()))
                .flat_map(|walked| dangling(&walked.document))
                .filter(|key| rows[1].contains_key(key))
                .collect(),
            inherited: changed_and_dropped(rows),
        }
    }

    /// Whether the row `item` of the key stays.
    pub(super) fn holds(&self, place: Place, key: &str, item: &Item) -> bool {
        match place {
            Place::Shared => self.shared.contains(key),
            Place::Dependencies => self.inherited.contains(key) && inherits(item),
            _ => false,
        }
    }
}

/// What the rows of `[workspace.dependencies]` say.
fn shared(document: &DocumentMut) -> BTreeMap<String, Meaning> {
    let workspace = document.get("workspace");
    let rows = workspace.and_then(|workspace| workspace.get("dependencies"));
    let rows = rows.and_then(Item::as_table_like);
    rows.into_iter()
        .flat_map(TableLike::iter)
        .filter_map(|(key, item)| Some((key.to_owned(), of(&unfolded(item, true))?)))
        .collect()
}

/// The rows that the user changed and that the scaffold has no more.
fn changed_and_dropped(rows: [BTreeMap<String, Meaning>; 3]) -> BTreeSet<String> {
    let [base, ours, theirs] = rows;
    ours.into_iter()
        .filter(|(key, row)| base.get(key).is_some_and(|was| was != row))
        .map(|(key, _)| key)
        .filter(|key| !theirs.contains_key(key))
        .collect()
}

/// The keys that a member inherits from a row that is not there.
fn dangling(document: &DocumentMut) -> BTreeSet<String> {
    let (mut keys, rows) = (BTreeSet::new(), shared(document));
    collect_inherited(document.as_table(), Place::Elsewhere, &mut keys);
    keys.retain(|key| !rows.contains_key(key));
    keys
}

/// The keys that members' rows inherit.
fn collect_inherited(table: &dyn TableLike, place: Place, keys: &mut BTreeSet<String>) {
    for (key, item) in table.iter() {
        if place == Place::Dependencies && inherits(item) {
            keys.insert(key.to_owned());
        } else if let Some(table) = item.as_table_like() {
            collect_inherited(table, place.inside(key), keys);
        }
    }
}

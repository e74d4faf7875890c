//! The merge itself: key by key, into the user's document.

use std::cmp::Ordering;

use toml_edit::{Array, DocumentMut, Item, Table, TableLike};

use super::dependency::{Place, tidied, unfolded};
use super::lasting::Lasting;
use super::named::{by_name, in_order};
use super::take::{restore, take};
use super::value::{Meaning, comments, of};
use super::{list, remark, requirement};

/// Which side a conflict is settled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Base,
    Ours,
    Theirs,
}

/// What the merge came to.
pub(super) struct Walked {
    pub(super) document: DocumentMut,
    /// How many keys were in conflict.
    pub(super) conflicts: usize,
    /// What was settled for the user, in words.
    pub(super) remarks: Vec<String>,
}

/// Merges into a copy of `ours`.
pub(super) fn merged(
    base: &DocumentMut,
    ours: &DocumentMut,
    theirs: &DocumentMut,
    side: Side,
    lasting: &Lasting,
) -> Walked {
    let mut document = ours.clone();
    let mut walk = Walk {
        side,
        lasting,
        fresh: base.is_empty(),
        conflicts: 0,
        remarks: Vec::new(),
    };
    walk.tables(
        base.as_table(),
        document.as_table_mut(),
        theirs.as_table(),
        Place::Elsewhere,
    );
    Walked {
        document,
        conflicts: walk.conflicts,
        remarks: walk.remarks,
    }
}

struct Walk<'a> {
    side: Side,
    lasting: &'a Lasting,
    /// The scaffold is laid over a manifest for the first time, and needs the
    /// features of its dependencies there.
    fresh: bool,
    conflicts: usize,
    remarks: Vec<String>,
}

impl Walk<'_> {
    fn tables(
        &mut self,
        base: &dyn TableLike,
        ours: &mut dyn TableLike,
        theirs: &dyn TableLike,
        place: Place,
    ) {
        let removed = base
            .iter()
            .map(|(key, _)| key)
            .filter(|key| !theirs.contains_key(key));
        let keys: Vec<&str> = theirs.iter().map(|(key, _)| key).chain(removed).collect();
        for key in keys {
            self.key(base, ours, theirs, key, place);
        }
    }

    fn key(
        &mut self,
        base: &dyn TableLike,
        ours: &mut dyn TableLike,
        theirs: &dyn TableLike,
        key: &str,
        place: Place,
    ) {
        let [was, is, wanted] = [
            meaning(base, key, place),
            meaning(ours, key, place),
            meaning(theirs, key, place),
        ];
        if was == wanted || is == wanted {
            return;
        }
        if self.stays(base, ours, theirs, key, place)
            || self.inside(base, ours, theirs, key, place)
            || self.named(base, ours, theirs, key)
            || merge_lists(base, ours, theirs, key)
        {
            return;
        }
        if was == is && keeps_comments(base, ours, theirs, key) {
            return take(ours, theirs, key);
        }
        match higher(was.as_ref(), is.as_ref(), wanted.as_ref(), key, place) {
            Some(Ordering::Less) => take(ours, theirs, key),
            Some(_) => {}
            None => self.conflict(base, ours, theirs, key),
        }
    }

    /// A dependency of which the two sides want different things, and which is
    /// the user's; true when it stays as it is.
    fn stays(
        &mut self,
        base: &dyn TableLike,
        ours: &dyn TableLike,
        theirs: &dyn TableLike,
        key: &str,
        place: Place,
    ) -> bool {
        let Some(item) = ours.get(key).filter(|_| place.lists_dependencies()) else {
            return false;
        };
        let remark = match (base.contains_key(key), theirs.contains_key(key)) {
            (true, false)
                if meaning(base, key, place) != meaning(ours, key, place)
                    || self.lasting.holds(place, key, item) =>
            {
                remark::kept(key)
            }
            (false, true) if !self.fresh => remark::stands(theirs, key),
            _ => return false,
        };
        if !self.remarks.contains(&remark) {
            self.remarks.push(remark);
        }
        true
    }

    /// Goes into a table that both sides have; false when one of them has none.
    fn inside(
        &mut self,
        base: &dyn TableLike,
        ours: &mut dyn TableLike,
        theirs: &dyn TableLike,
        key: &str,
        place: Place,
    ) -> bool {
        let tables = place.lists_dependencies();
        let [old, new] =
            [base, theirs].map(|side| side.get(key).map(|item| unfolded(item, tables)));
        let (Some(new), Some(slot)) = (new, ours.get_mut(key)) else {
            return false;
        };
        let folded = tables && slot.is_str();
        let mut item = unfolded(slot, tables);
        let (Some(into), Some(from)) = (item.as_table_like_mut(), new.as_table_like()) else {
            return false;
        };
        let (nothing, length) = (Table::new(), into.len());
        let old = old
            .as_ref()
            .and_then(Item::as_table_like)
            .unwrap_or(&nothing);
        self.tables(old, into, from, place.inside(key));
        let resized = into.len() != length;
        *slot = tidied(item, folded, resized);
        true
    }

    /// Merges lists of named tables entry by entry; false when a side is none.
    fn named(
        &mut self,
        base: &dyn TableLike,
        ours: &mut dyn TableLike,
        theirs: &dyn TableLike,
        key: &str,
    ) -> bool {
        let read = |item: Option<&Item>| by_name(item?.as_array_of_tables()?);
        let (Some(mut into), Some(from)) = (read(ours.get(key)), read(theirs.get(key))) else {
            return false;
        };
        self.tables(
            &read(base.get(key)).unwrap_or_default(),
            &mut into,
            &from,
            Place::Elsewhere,
        );
        ours.insert(key, Item::ArrayOfTables(in_order(into)));
        true
    }

    fn conflict(
        &mut self,
        base: &dyn TableLike,
        ours: &mut dyn TableLike,
        theirs: &dyn TableLike,
        key: &str,
    ) {
        self.conflicts += 1;
        match self.side {
            Side::Base => restore(ours, base, key),
            Side::Ours => {}
            Side::Theirs => take(ours, theirs, key),
        }
    }
}

fn meaning(table: &dyn TableLike, key: &str, place: Place) -> Option<Meaning> {
    of(&unfolded(table.get(key)?, place.lists_dependencies()))
}

/// Merges two lists of strings; false when one of the sides is none.
fn merge_lists(
    base: &dyn TableLike,
    ours: &mut dyn TableLike,
    theirs: &dyn TableLike,
    key: &str,
) -> bool {
    let names = |item: Option<&'_ Item>| -> Option<Vec<String>> {
        let strings = list::strings(item?.as_array()?)?;
        Some(strings.into_iter().map(str::to_owned).collect())
    };
    let (old, new) = (
        names(base.get(key)).unwrap_or_default(),
        names(theirs.get(key)),
    );
    let is_list = names(ours.get(key)).is_some();
    let array: Option<&mut Array> = ours
        .get_mut(key)
        .and_then(Item::as_array_mut)
        .filter(|_| is_list);
    let (Some(new), Some(array)) = (new, array) else {
        return false;
    };
    let [old, new] = [&old, &new].map(|names| names.iter().map(String::as_str).collect::<Vec<_>>());
    list::merge(&old, array, &new);
    true
}

/// False when a change would take a comment along that the user has written. A
/// simple value keeps the one behind it.
fn keeps_comments(
    base: &dyn TableLike,
    ours: &dyn TableLike,
    theirs: &dyn TableLike,
    key: &str,
) -> bool {
    let simple = |item: &Item| item.is_value() && !item.is_array() && !item.is_inline_table();
    let known = comments(base, key);
    let replaced = theirs.contains_key(key) && ours.get(key).is_some_and(simple);
    replaced
        || comments(ours, key)
            .iter()
            .all(|comment| known.contains(comment))
}

/// How our version compares with the scaffold's, when both sides raised it. A
/// version that the user *lowered* is a decision, and stays a conflict.
fn higher(
    was: Option<&Meaning>,
    is: Option<&Meaning>,
    wanted: Option<&Meaning>,
    key: &str,
    place: Place,
) -> Option<Ordering> {
    let is_version = key == "rust-version" || (place == Place::Dependency && key == "version");
    let (Some(Meaning::Text(is)), Some(Meaning::Text(wanted)), true) = (is, wanted, is_version)
    else {
        return None;
    };
    if let Some(Meaning::Text(was)) = was
        && requirement::compare(was, is)? == Ordering::Greater
    {
        return None;
    }
    requirement::compare(is, wanted)
}

//! A second, simpler merge as the judge: manifests as flat maps of keys.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use proptest::prelude::*;
use toml_edit::DocumentMut;

use crate::change::{Favor, Merge, has_conflict_markers, merge};
use crate::tree::RelativePath;

/// Table and key to number.
type Flat = BTreeMap<(char, char), u8>;

fn manifest(base: &str, ours: &str, theirs: &str) -> Merge {
    let path = RelativePath::new("Cargo.toml").unwrap();
    merge(&path, base.as_bytes(), ours.as_bytes(), theirs.as_bytes())
}

fn flat() -> impl Strategy<Value = Flat> {
    prop::collection::btree_map(
        (prop::char::range('p', 'r'), prop::char::range('a', 'e')),
        0..3_u8,
        0..9,
    )
}

/// Each change sets a key, or removes it.
fn changes() -> impl Strategy<Value = Vec<((char, char), Option<u8>)>> {
    let key = (prop::char::range('p', 'r'), prop::char::range('a', 'e'));
    prop::collection::vec((key, prop::option::of(0..4_u8)), 0..4)
}

fn changed(flat: &Flat, changes: &[((char, char), Option<u8>)]) -> Flat {
    let mut flat = flat.clone();
    for (key, value) in changes {
        match value {
            Some(value) => drop(flat.insert(*key, *value)),
            None => drop(flat.remove(key)),
        }
    }
    flat
}

/// Tables stay when they are empty, so that only keys can conflict. The user
/// sorts the other way round, and writes comments and dotted keys.
fn written(flat: &Flat, mine: bool) -> String {
    let mut text = String::from(if mine { "# mine\n" } else { "" });
    let tables = if mine {
        ['r', 'q', 'p']
    } else {
        ['p', 'q', 'r']
    };
    for table in tables {
        let _ = writeln!(
            text,
            "[metadata.{table}]{}",
            if mine { " # why" } else { "" }
        );
        let mut keys: Vec<_> = flat.iter().filter(|((of, _), _)| *of == table).collect();
        if mine {
            keys.reverse();
        }
        for ((_, key), value) in keys {
            let _ = writeln!(text, "{}{key}.value = {value}", indent(mine));
        }
    }
    text
}

fn indent(mine: bool) -> &'static str {
    if mine { "  " } else { "" }
}

fn read(text: &str) -> Flat {
    let document: DocumentMut = text.parse().unwrap();
    let mut flat = Flat::new();
    for (table, keys) in document["metadata"].as_table().unwrap() {
        for (key, item) in keys.as_table().unwrap() {
            let value = item
                .get("value")
                .and_then(toml_edit::Item::as_integer)
                .unwrap();
            flat.insert((first(table), first(key)), u8::try_from(value).unwrap());
        }
    }
    flat
}

fn first(text: &str) -> char {
    text.chars().next().unwrap()
}

/// What the merge must come to, with conflicts settled by `favor`, and whether there are any.
fn expected(base: &Flat, ours: &Flat, theirs: &Flat, favor: Favor) -> (Flat, bool) {
    let (mut flat, mut clean) = (Flat::new(), true);
    for table in 'p'..='r' {
        for key in 'a'..='e' {
            let [was, is, wanted] = [base, ours, theirs].map(|side| side.get(&(table, key)));
            let conflict = was != is && was != wanted && is != wanted;
            let settled = match conflict {
                true if favor == Favor::Theirs => wanted,
                false if was == is => wanted,
                _ => is,
            };
            clean &= !conflict;
            flat.extend(settled.map(|value| ((table, key), *value)));
        }
    }
    (flat, clean)
}

proptest! {
    #[test]
    fn a_manifest_is_merged_key_by_key(base in flat(), ours in changes(), theirs in changes(), mine: bool) {
        let (ours, theirs) = (changed(&base, &ours), changed(&base, &theirs));
        let texts = [written(&base, false), written(&ours, mine), written(&theirs, false)];
        let merged = manifest(&texts[0], &texts[1], &texts[2]);
        for favor in [Favor::Ours, Favor::Theirs] {
            let (flat, clean) = expected(&base, &ours, &theirs, favor);
            prop_assert_eq!(merged.is_clean(), clean);
            let text = String::from_utf8(merged.resolve(favor)).unwrap();
            prop_assert_eq!(text.starts_with("# mine"), mine);
            prop_assert_eq!(read(&text), flat);
            let again = manifest(&texts[2], &text, &texts[2]);
            prop_assert_eq!(again.resolve(Favor::Markers), text.into_bytes());
        }
        prop_assert_eq!(has_conflict_markers(&merged.resolve(Favor::Markers)), !merged.is_clean());
    }
}

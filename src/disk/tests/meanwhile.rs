//! Somebody edits a file while the apply is running.

use std::path::Path;

use super::sandbox::{empty, operations, picture, pictures, project, put};
use crate::disk::fault::meanwhile;
use crate::disk::{Hindrance, Obstacle, Root};

/// Saves as most editors do: a new file under the old name.
fn save(folder: &Path, name: &str) {
    let beside = folder.join("saved-by-editor");
    std::fs::write(&beside, "edited").unwrap();
    std::fs::rename(beside, folder.join(name)).unwrap();
}

fn overwrite(folder: &Path, name: &str) {
    put(folder, name, "edited");
}

/// Edits `name` before change 1, 2, 3, … of an apply. The edit survives, but
/// for the one moment between the last look at the file and its renaming.
fn check(name: &'static str, edit: fn(&Path, &str)) {
    let (old, _) = pictures();
    let (mut lost, mut refused) = (0, 0);
    for at in 1..500 {
        let (_guard, folder) = empty();
        project(&folder);
        let place = folder.clone();
        meanwhile::happens(at, move || edit(&place, name));
        let result = Root::open(&folder).unwrap().apply(&operations());
        if meanwhile::is_waiting() {
            break;
        }
        let mut found = picture(&folder);
        if found[name].1 != "edited" {
            lost += 1;
        }
        let Err(error) = result else {
            continue;
        };
        let obstacle = error.downcast::<Obstacle>().unwrap();
        assert_eq!(obstacle.hindrance, Hindrance::Changed);
        found.insert(name.to_owned(), old[name].clone());
        assert_eq!(found, old, "edited at {at}");
        refused += 1;
    }
    assert!(lost <= 1, "{lost} edits of {name} are lost");
    assert!(refused > 20, "only {refused} edits of {name} are seen");
}

#[test]
fn an_edit_during_the_apply_stops_it() {
    for name in ["secret.txt", "real/text.txt", "PROJECT"] {
        check(name, save);
        check(name, overwrite);
    }
}

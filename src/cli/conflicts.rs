//! Questions about conflicts, file by file.
//!
//! They come after a plan and before the next one, which follows the answers.
//! Files that are not in conflict are none of an answer's business.

use anyhow::Result;

use super::terminal::Question;
use crate::change::{Change, ChangeSet, OnConflict, Policy};
use crate::report::Reporter;
use crate::tree::Owner;

/// What can be said of a file, and in which words.
const ANSWERS: [(OnConflict, &str); 4] = [
    (OnConflict::Abort, "abort: stop, and write nothing at all"),
    (OnConflict::Ours, "ours: keep your side"),
    (OnConflict::Theirs, "theirs: take the scaffold's side"),
    (
        OnConflict::Markers,
        "markers: write both, between conflict markers",
    ),
];

/// An answer that is offered.
struct Answer {
    says: OnConflict,
    /// It is for all files that are left.
    for_the_rest: bool,
    words: String,
}

/// Asks about each conflict and takes the answers into the policy. `false` when
/// the command shall stop.
///
/// # Errors
/// When there is no terminal, or a question is not answered.
pub(super) fn settle(changes: &ChangeSet, policy: &mut Policy, reporter: Reporter) -> Result<bool> {
    let conflicts = changes.conflicts();
    announce(conflicts.len(), reporter);
    let mut for_the_rest = None;
    for (position, conflict) in conflicts.iter().enumerate() {
        let mut says = for_the_rest.filter(|says| is_possible(*says, conflict, policy));
        if says.is_none() {
            let answer = ask(conflict, policy, conflicts.len() - position)?;
            says = answer.as_ref().map(|answer| answer.says);
            if answer.is_some_and(|answer| answer.for_the_rest) {
                for_the_rest = says;
            }
        }
        match says {
            None | Some(OnConflict::Abort) => return Ok(false),
            Some(says) => policy.files.insert(conflict.path.clone(), says),
        };
    }
    Ok(true)
}

fn announce(count: usize, reporter: Reporter) {
    let files = if count == 1 { "file" } else { "files" };
    reporter.progress(&format!(
        "your changes and the scaffold's meet in {count} {files}; `--dry-run --diff` shows where"
    ));
}

/// Asks about one file, of so many that are left.
fn ask(conflict: &Change, policy: &Policy, left: usize) -> Result<Option<Answer>> {
    let words = format!("What shall stand in {}?", conflict.path);
    let question = Question {
        words: &words,
        instead: "say it with `--on-conflict abort`, `ours`, `theirs` or `markers`",
    };
    let mut answers = answers(conflict, policy, left);
    let shown: Vec<&str> = answers.iter().map(|answer| answer.words.as_str()).collect();
    let chosen = question.choose(&shown)?;
    Ok((chosen < answers.len()).then(|| answers.swap_remove(chosen)))
}

fn answers(conflict: &Change, policy: &Policy, left: usize) -> Vec<Answer> {
    let possible = ANSWERS
        .iter()
        .filter(|(says, _)| is_possible(*says, conflict, policy));
    let for_this = possible.clone().map(|(says, words)| Answer {
        says: *says,
        for_the_rest: false,
        words: (*words).to_owned(),
    });
    let for_the_rest = possible.skip(1).map(|(says, words)| Answer {
        says: *says,
        for_the_rest: true,
        words: format!("{words}, in all {left} files that are left"),
    });
    let for_the_rest = for_the_rest.filter(|_| left > 1);
    for_this.chain(for_the_rest).collect()
}

/// Markers need a text that is merged: not one that rustop renders whole, and not
/// one for which they were the answer already.
fn is_possible(says: OnConflict, conflict: &Change, policy: &Policy) -> bool {
    says != OnConflict::Markers
        || (conflict.owner != Owner::Rustop && !policy.files.contains_key(&conflict.path))
}

//! Merges a `Cargo.toml` by key, in the user's own document.
//!
//! Lines are the wrong unit here: a dependency added beside ours, or a version
//! that a bot has bumped, touches our lines without touching our meaning. So
//! the keys are merged, into what the user wrote, with his comments, order and
//! formatting. Where a merge by lines says the same, its text is taken, because
//! that also places our additions where the scaffold has them.

mod dependency;
mod lasting;
mod list;
mod named;
mod remark;
mod requirement;
mod take;
mod value;
mod walk;

#[cfg(test)]
mod dependency_tests;
#[cfg(test)]
mod model;
#[cfg(test)]
mod style_tests;
#[cfg(test)]
mod tests;

use toml_edit::DocumentMut;

use super::lines::{Lines, aligned, join};
use super::merged::{Favor, Hunk, Merge};
use super::text;
use lasting::Lasting;
use walk::{Side, Walked};

/// Merges three TOML documents by key; `None` when that cannot be done without
/// harm, because a side is no TOML or would not come out as it was written.
pub(super) fn merge(base: &[u8], ours: &[u8], theirs: &[u8]) -> Option<Merge> {
    let [base_text, ours_text, theirs_text] = [base, ours, theirs].map(unix);
    let (base_text, ours_text, theirs_text) = (base_text?, ours_text?, theirs_text?);
    let document = faithful(&ours_text)?;
    let (base_document, theirs_document) = (parsed(&base_text)?, parsed(&theirs_text)?);
    let lasting = Lasting::of(&base_document, &document, &theirs_document);
    let settled = |side| walk::merged(&base_document, &document, &theirs_document, side, &lasting);
    let Walked {
        document: ours_settled,
        conflicts,
        remarks,
    } = settled(Side::Ours);
    let merge = if conflicts == 0 {
        let by_lines = text::merge(
            base_text.as_bytes(),
            ours_text.as_bytes(),
            theirs_text.as_bytes(),
        );
        Merge::clean(same_meaning(&by_lines, &ours_settled)?.as_bytes())
    } else {
        let sides = [
            settled(Side::Base).document,
            ours_settled,
            settled(Side::Theirs).document,
        ];
        conflict(&ours_text, &sides.map(|side| side.to_string()))
    };
    let (ours, theirs) = (Lines::of(ours), Lines::of(theirs));
    let merge = merge.map(|bytes| join(&Lines::of(bytes).lines, &ours, &theirs));
    Some(merge.with_remarks(remarks))
}

fn unix(bytes: &[u8]) -> Option<String> {
    Some(std::str::from_utf8(bytes).ok()?.replace("\r\n", "\n"))
}

fn parsed(text: &str) -> Option<DocumentMut> {
    text.parse().ok()
}

/// The document, if it is written again as it was read.
fn faithful(text: &str) -> Option<DocumentMut> {
    let document = parsed(text)?;
    (document.to_string() == text).then_some(document)
}

/// The text of the merge by lines when it means what `by_key` means, else the
/// text of `by_key`; `None` when that one would not be read back as it is.
fn same_meaning(by_lines: &Merge, by_key: &DocumentMut) -> Option<String> {
    let meaning = value::of_document(by_key);
    let means_it = |text: &String| {
        text.parse()
            .is_ok_and(|document| value::of_document(&document) == meaning)
    };
    let lines = || {
        String::from_utf8(by_lines.resolve(Favor::Ours))
            .ok()
            .filter(|_| by_lines.is_clean())
    };
    lines()
        .filter(&means_it)
        .or_else(|| Some(by_key.to_string()).filter(&means_it))
}

/// The three documents differ in nothing but the conflicts, so a merge of them
/// by lines has those for its hunks. Should it see none, the documents are
/// shown whole: what the keys call a conflict is never passed over.
fn conflict(disk: &str, [base, ours, theirs]: &[String; 3]) -> Merge {
    let against = |base: &str| text::merge(base.as_bytes(), ours.as_bytes(), theirs.as_bytes());
    let by_lines = Some(against(base))
        .filter(|merge| !merge.is_clean())
        .unwrap_or_else(|| against(""));
    let origins = aligned(
        &Lines::of(disk.as_bytes()).lines,
        &Lines::of(ours.as_bytes()).lines,
    );
    let on_disk = |hunk: &Hunk| Hunk {
        line: text::line_of(&origins, hunk.line - 1),
        ..hunk.clone()
    };
    let hunks = by_lines.conflicts().iter().map(on_disk).collect();
    let markers = by_lines.resolve(Favor::Markers);
    Merge::new(
        hunks,
        ours.clone().into_bytes(),
        theirs.clone().into_bytes(),
        markers,
    )
}

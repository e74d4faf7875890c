//! Merges by lines, as `git merge-file --diff3` does.
//!
//! The diff3 algorithm is diffy's. It merges the numbers of the lines and not
//! the lines, so its markers cannot be mixed up with markers in the text.
//! See <https://git-scm.com/docs/git-merge-file> for the behaviour we follow.

use super::lines::{Line, Lines, Numbers, aligned, join};
use super::merged::{Favor, Hunk, Merge};

/// Lines that are settled, or the three sides of a conflict.
enum Segment<'a> {
    Clean(Vec<Line<'a>>),
    Conflict(Sides<'a>),
}

#[derive(Default)]
struct Sides<'a> {
    base: Vec<Line<'a>>,
    ours: Vec<Line<'a>>,
    theirs: Vec<Line<'a>>,
}

/// Merges three texts by lines, with the line ends of `ours`.
pub(super) fn merge(base: &[u8], ours: &[u8], theirs: &[u8]) -> Merge {
    let (base, ours, theirs) = (Lines::of(base), Lines::of(ours), Lines::of(theirs));
    let segments = segments(&base.lines, &ours.lines, &theirs.lines);
    let settled = |favor| join(&flattened(&segments, favor), &ours, &theirs);
    Merge::new(
        hunks(&segments, &ours.lines),
        settled(Favor::Ours),
        settled(Favor::Theirs),
        settled(Favor::Markers),
    )
}

fn segments<'a>(base: &[Line<'a>], ours: &[Line<'a>], theirs: &[Line<'a>]) -> Vec<Segment<'a>> {
    let mut numbers = Numbers::default();
    let [base, ours, theirs] = [base, ours, theirs].map(|lines| numbers.write(lines));
    match diffy::MergeOptions::new().merge(&base, &ours, &theirs) {
        Ok(text) => vec![Segment::Clean(
            text.lines().filter_map(|line| numbers.read(line)).collect(),
        )],
        Err(text) => read_segments(&text, &numbers),
    }
}

/// Reads diffy's answer: numbers between markers.
fn read_segments<'a>(text: &str, numbers: &Numbers<'a>) -> Vec<Segment<'a>> {
    let mut segments = Vec::new();
    let (mut clean, mut sides, mut section) = (Vec::new(), Sides::default(), ' ');
    for line in text.lines() {
        let first = line.chars().next().unwrap_or(' ');
        match (first, numbers.read(line)) {
            ('<', _) => segments.push(Segment::Clean(std::mem::take(&mut clean))),
            ('>', _) => segments.push(Segment::Conflict(std::mem::take(&mut sides))),
            (_, Some(line)) => match section {
                '<' => sides.ours.push(line),
                '|' => sides.base.push(line),
                '=' => sides.theirs.push(line),
                _ => clean.push(line),
            },
            (_, None) => {}
        }
        if matches!(first, '<' | '|' | '=' | '>') {
            section = first;
        }
    }
    segments.push(Segment::Clean(clean));
    segments
}

fn flattened<'a>(segments: &[Segment<'a>], favor: Favor) -> Vec<Line<'a>> {
    let mut lines = Vec::new();
    for segment in segments {
        match (segment, favor) {
            (Segment::Clean(clean), _) => lines.extend_from_slice(clean),
            (Segment::Conflict(sides), Favor::Ours) => lines.extend_from_slice(&sides.ours),
            (Segment::Conflict(sides), Favor::Theirs) => lines.extend_from_slice(&sides.theirs),
            (Segment::Conflict(sides), Favor::Markers) => push_marked(&mut lines, sides),
        }
    }
    lines
}

/// Git's labels and order; like git, finishes an unfinished line before a marker.
fn push_marked<'a>(lines: &mut Vec<Line<'a>>, sides: &Sides<'a>) {
    let mut section = |marker: &'static [u8], side: &[Line<'a>]| {
        lines.push(Line::finished(marker));
        lines.extend(side.iter().map(|line| Line::finished(line.text)));
    };
    section(b"<<<<<<< yours", &sides.ours);
    section(b"||||||| base", &sides.base);
    section(b"=======", &sides.theirs);
    section(b">>>>>>> rustop", &[]);
}

fn hunks(segments: &[Segment<'_>], ours: &[Line<'_>]) -> Vec<Hunk> {
    let origins = aligned(ours, &flattened(segments, Favor::Ours));
    let mut hunks = Vec::new();
    let mut position = 0;
    for segment in segments {
        match segment {
            Segment::Clean(lines) => position += lines.len(),
            Segment::Conflict(sides) => {
                hunks.push(hunk(sides, line_of(&origins, position)));
                position += sides.ours.len();
            }
        }
    }
    hunks
}

fn hunk(sides: &Sides<'_>, line: usize) -> Hunk {
    Hunk {
        line,
        base: shown(&sides.base),
        ours: shown(&sides.ours),
        theirs: shown(&sides.theirs),
    }
}

/// The line of the user's file, counted from 1, that stands at `position`.
pub(super) fn line_of(origins: &[Option<usize>], position: usize) -> usize {
    let here = origins.get(position).copied().flatten();
    let before = || {
        origins
            .iter()
            .take(position)
            .rev()
            .find_map(|&origin| origin)
            .map(|index| index + 1)
    };
    here.or_else(before).unwrap_or(0) + 1
}

fn shown(lines: &[Line<'_>]) -> String {
    let mut text = String::new();
    for line in lines {
        text.push_str(&String::from_utf8_lossy(line.text));
        if line.finished {
            text.push('\n');
        }
    }
    text
}

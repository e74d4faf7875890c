//! Lines, and the bytes that end them.
//!
//! A merge compares lines by their text and by whether they end at all, which
//! is how git sees a missing last newline, but not by *how* they end: an editor
//! that turned a file into CRLF has changed nothing that a merge should stop
//! at. So the ends are taken off here, and put back as the user's file has them.

use std::collections::HashMap;
use std::fmt::Write as _;

/// A line without its end. Only the last line of a file may be unfinished.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Line<'a> {
    pub(super) text: &'a [u8],
    pub(super) finished: bool,
}

impl<'a> Line<'a> {
    /// A line that ends.
    pub(super) fn finished(text: &'a [u8]) -> Self {
        Self {
            text,
            finished: true,
        }
    }
}

/// The lines of a file and, for each, whether it ends in CRLF.
pub(super) struct Lines<'a> {
    pub(super) lines: Vec<Line<'a>>,
    carriage_returns: Vec<bool>,
}

impl<'a> Lines<'a> {
    /// Splits after each `\n`; every other byte stays where it is.
    pub(super) fn of(bytes: &'a [u8]) -> Self {
        let (lines, carriage_returns) = bytes
            .split_inclusive(|&byte| byte == b'\n')
            .map(without_end)
            .unzip();
        Self {
            lines,
            carriage_returns,
        }
    }

    /// Whether most lines end in CRLF; `None` when no line ends.
    fn mostly_carriage_returns(&self) -> Option<bool> {
        let finished = self.lines.iter().filter(|line| line.finished).count();
        let with = self.carriage_returns.iter().filter(|&&with| with).count();
        (finished > 0).then_some(with * 2 > finished)
    }

    fn is_mixed(&self) -> bool {
        let with = self.carriage_returns.iter().filter(|&&with| with).count();
        with > 0 && self.lines.iter().filter(|line| line.finished).count() > with
    }
}

fn without_end(bytes: &[u8]) -> (Line<'_>, bool) {
    match bytes {
        [text @ .., b'\r', b'\n'] => (Line::finished(text), true),
        [text @ .., b'\n'] => (Line::finished(text), false),
        text => (
            Line {
                text,
                finished: false,
            },
            false,
        ),
    }
}

/// Writes `lines` with the line ends of `ours`: line by line where `ours` mixes
/// them, else all alike. A file without any line end takes those of `theirs`.
pub(super) fn join(lines: &[Line<'_>], ours: &Lines<'_>, theirs: &Lines<'_>) -> Vec<u8> {
    let usual = ours
        .mostly_carriage_returns()
        .or_else(|| theirs.mostly_carriage_returns())
        .unwrap_or(false);
    let origins = if ours.is_mixed() {
        aligned(&ours.lines, lines)
    } else {
        vec![None; lines.len()]
    };
    let mut bytes = Vec::new();
    for (line, origin) in lines.iter().zip(origins) {
        let carriage_return = origin.map_or(usual, |index| ours.carriage_returns[index]);
        bytes.extend_from_slice(line.text);
        bytes.extend_from_slice(end(line.finished, carriage_return));
    }
    bytes
}

fn end(finished: bool, carriage_return: bool) -> &'static [u8] {
    match (finished, carriage_return) {
        (false, _) => b"",
        (true, false) => b"\n",
        (true, true) => b"\r\n",
    }
}

/// For each line of `new`, which line of `old` it is.
pub(super) fn aligned(old: &[Line<'_>], new: &[Line<'_>]) -> Vec<Option<usize>> {
    if old == new {
        return (0..new.len()).map(Some).collect();
    }
    let mut numbers = Numbers::default();
    let (old_text, new_text) = (numbers.write(old), numbers.write(new));
    let mut options = diffy::DiffOptions::new();
    options.set_context_len(old.len() + new.len());
    let mut next_old = 0;
    let mut origins = Vec::new();
    for hunk in options.create_patch(&old_text, &new_text).hunks() {
        for line in hunk.lines() {
            match line {
                diffy::Line::Context(_) => origins.push(Some(next_old)),
                diffy::Line::Insert(_) => origins.push(None),
                diffy::Line::Delete(_) => {}
            }
            next_old += usize::from(!matches!(line, diffy::Line::Insert(_)));
        }
    }
    origins
}

/// Gives equal lines equal numbers, so that a text of numbers can be merged in
/// place of the lines: nothing in it can be taken for a conflict marker.
#[derive(Default)]
pub(super) struct Numbers<'a> {
    by_line: HashMap<Line<'a>, usize>,
    by_number: Vec<Line<'a>>,
}

impl<'a> Numbers<'a> {
    /// One number to a line.
    pub(super) fn write(&mut self, lines: &[Line<'a>]) -> String {
        let mut text = String::new();
        for line in lines {
            let _ = writeln!(text, "{}", self.number(*line));
        }
        text
    }

    fn number(&mut self, line: Line<'a>) -> usize {
        *self.by_line.entry(line).or_insert_with(|| {
            self.by_number.push(line);
            self.by_number.len() - 1
        })
    }

    /// The line that has the number which is written in `text`.
    pub(super) fn read(&self, text: &str) -> Option<Line<'a>> {
        self.by_number.get(text.parse::<usize>().ok()?).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(ours: &str, text: &str, expected: &str) {
        let lines = Lines::of(text.as_bytes());
        let joined = join(&lines.lines, &Lines::of(ours.as_bytes()), &lines);
        assert_eq!(
            String::from_utf8_lossy(&joined),
            expected,
            "{ours:?} {text:?}"
        );
    }

    #[test]
    fn line_ends_are_those_of_the_users_file() {
        check("a\nb\n", "a\r\nc\r\n", "a\nc\n");
        check("a\r\nb\r\n", "a\nc\n", "a\r\nc\r\n");
        check("a\r\nb", "a\nc", "a\r\nc");
        check("a\r\nb\nc\r\n", "a\nb\nnew\nc\n", "a\r\nb\nnew\r\nc\r\n");
        check("a\nb\nc\r\n", "x\na\nb\nc\n", "x\na\nb\nc\r\n");
        check("", "a\r\nb\r\n", "a\r\nb\r\n");
        check("one", "a\nb\n", "a\nb\n");
    }

    #[test]
    fn lone_carriage_returns_belong_to_the_text() {
        check("a\rb\n", "a\rb\nc\r", "a\rb\nc\r");
        check("a\r\n", "a\r\r\n", "a\r\r\n");
    }

    #[test]
    fn lines_are_aligned_in_order() {
        let aligned = |old: &str, new: &str| {
            aligned(
                &Lines::of(old.as_bytes()).lines,
                &Lines::of(new.as_bytes()).lines,
            )
        };
        assert_eq!(aligned("a\nb\n", "a\nb\n"), [Some(0), Some(1)]);
        assert_eq!(aligned("a\nb\nc\n", "a\nx\nc\n"), [Some(0), None, Some(2)]);
        assert_eq!(aligned("", "x\n"), [None]);
        assert_eq!(aligned("x\n", ""), []);
    }
}

//! Says what was done: for people on standard error, as data on standard output.
//!
//! The only module that prints. The JSON has a version of its own; what is in
//! it is described in `docs/json.md`, and fields are only ever added.

use std::collections::BTreeSet;
use std::fmt::{Arguments, Write as _};
use std::io::Write as _;

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use crate::change::{Change, ChangeSet, Hunk, Verdict, unified_diff};
use crate::tree::{File, RelativePath};

/// The version of the JSON.
pub const JSON_VERSION: u32 = 1;

/// How much is said, and in which form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reporter {
    /// Data instead of text.
    pub json: bool,
    /// Errors only.
    pub quiet: bool,
    /// Also what stays as it is.
    pub verbose: bool,
    /// Unified diffs of what changes.
    pub diff: bool,
}

/// What a command did, or would do.
#[derive(Debug)]
pub struct Outcome<'a> {
    /// The command, for example `create api`.
    pub command: &'a str,
    /// Nothing was written.
    pub dry_run: bool,
    /// File by file.
    pub changes: &'a ChangeSet,
    /// What the user should know.
    pub notes: &'a [String],
    /// Commands that come next.
    pub next: &'a [String],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Json<'a> {
    version: u32,
    command: &'a str,
    dry_run: bool,
    changed: bool,
    conflicts: usize,
    files: Vec<JsonFile<'a>>,
    notes: &'a [String],
    next: &'a [String],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct JsonFile<'a> {
    path: &'a str,
    action: &'static str,
    owner: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hunks: Vec<JsonHunk<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    diff: Option<String>,
}

#[derive(Serialize)]
struct JsonHunk<'a> {
    line: usize,
    base: &'a str,
    yours: &'a str,
    rustop: &'a str,
}

impl Reporter {
    /// Says what a command did.
    pub fn outcome(self, outcome: &Outcome<'_>) {
        if self.json {
            return self.print_json(outcome);
        }
        if !self.quiet {
            say(format_args!("{}", self.text(outcome)));
        }
    }

    /// A line for people while a command runs.
    pub fn progress(self, line: &str) {
        if !self.quiet && !self.json {
            say(format_args!("{line}\n"));
        }
    }

    /// What a program that was started has said, as it is: its errors and warnings.
    pub fn pass_on(self, said: &[u8]) {
        let _ = anstream::stderr().lock().write_all(said);
    }

    /// A line that is the command's answer.
    pub fn data(self, line: &str) {
        answer(line);
    }

    /// Why a command stopped. Lines that begin with `help:` stand out.
    pub fn error(error: &anyhow::Error) {
        let (red, bold) = (style(AnsiColor::Red).bold(), Style::new().bold());
        let text = format!("{error:#}");
        let mut lines = text.lines();
        let first = lines.next().unwrap_or_default();
        say(format_args!("{red}error{red:#}: {first}\n"));
        for line in lines {
            match line.strip_prefix("help: ") {
                Some(help) => say(format_args!("{bold}help{bold:#}: {help}\n")),
                None => say(format_args!("{line}\n")),
            }
        }
    }

    fn print_json(self, outcome: &Outcome<'_>) {
        let changes = &outcome.changes.changes;
        let conflicts = outcome.changes.conflicts().len();
        let json = Json {
            version: JSON_VERSION,
            command: outcome.command,
            dry_run: outcome.dry_run,
            // A conflict stops the command before anything is written.
            changed: conflicts == 0 && !outcome.changes.is_empty(),
            conflicts,
            files: changes
                .iter()
                .map(|change| self.json_file(change))
                .collect(),
            notes: outcome.notes,
            next: outcome.next,
        };
        answer(&serde_json::to_string_pretty(&json).unwrap_or_default());
    }

    fn json_file<'a>(self, change: &'a Change) -> JsonFile<'a> {
        let hunk = |hunk: &'a Hunk| JsonHunk {
            line: hunk.line,
            base: &hunk.base,
            yours: &hunk.ours,
            rustop: &hunk.theirs,
        };
        JsonFile {
            path: change.path.as_str(),
            action: word(change.verdict),
            owner: change.owner.as_str(),
            from: change.from.as_ref().map(RelativePath::as_str),
            note: change.note.as_deref(),
            hunks: change.hunks.iter().map(hunk).collect(),
            diff: self.diff.then(|| diff(change)),
        }
    }

    fn text(self, outcome: &Outcome<'_>) -> String {
        let mut text = String::new();
        let stopped = !outcome.changes.conflicts().is_empty();
        let changes = &outcome.changes.changes;
        let moved: BTreeSet<_> = changes
            .iter()
            .filter_map(|change| change.from.as_ref())
            .collect();
        let shown = changes.iter().filter(|change| match stopped {
            true => change.verdict == Verdict::Conflict,
            false => self.shows(change, &moved),
        });
        for change in shown {
            push_change(&mut text, change);
            if self.diff {
                text.push_str(&diff(change));
            }
        }
        for note in outcome.notes {
            let _ = writeln!(text, "note: {note}");
        }
        push_end(&mut text, outcome);
        text
    }

    /// A file that moved needs no line for the place that it left, but for its diff.
    fn shows(self, change: &Change, moved: &BTreeSet<&RelativePath>) -> bool {
        let left = change.verdict == Verdict::Delete && moved.contains(&change.path);
        match left {
            true => self.diff,
            false => self.verbose || speaks(change),
        }
    }
}

/// Text for people. A reader that went away (`| head`) is no reason to fail:
/// what the report is about is done.
fn say(text: Arguments<'_>) {
    let _ = anstream::stderr().lock().write_fmt(text);
}

/// A line of data; the same holds for its reader.
fn answer(line: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

/// Files that stay as they are need no line, unless there is a reason to give.
fn speaks(change: &Change) -> bool {
    match change.verdict {
        Verdict::Identical => false,
        Verdict::Keep => change.note.is_some() || change.from.is_some() || !change.hunks.is_empty(),
        _ => true,
    }
}

fn push_change(text: &mut String, change: &Change) {
    let moves = moves_whole(change);
    let style = if moves.is_some() {
        style(AnsiColor::Cyan)
    } else {
        style_of(change.verdict)
    };
    let word = moves.map_or(word(change.verdict), |_| "move");
    let _ = write!(text, "{style}{word:>9}{style:#}  ");
    let _ = match (moves, &change.from) {
        (Some(from), _) => write!(text, "{from} -> {}", change.path),
        (None, Some(from)) => write!(text, "{} (was {from})", change.path),
        (None, None) => write!(text, "{}", change.path),
    };
    if let Some(note) = &change.note {
        let _ = write!(text, "  ({note})");
    }
    text.push('\n');
    for hunk in &change.hunks {
        push_hunk(text, hunk);
    }
}

/// Where a file lay that moves as it is.
fn moves_whole(change: &Change) -> Option<&RelativePath> {
    let whole = matches!(change.verdict, Verdict::Create | Verdict::Keep);
    change.from.as_ref().filter(|_| whole)
}

/// How much of a hunk is shown.
const MOST_LINES: usize = 40;

/// What could not be merged: the lines as they are, and the lines to paste.
fn push_hunk(text: &mut String, hunk: &Hunk) {
    let line = hunk.line;
    if hunk.theirs.is_empty() {
        let _ = writeln!(
            text,
            "           at line {line}, rustop would have nothing there"
        );
        return;
    }
    let _ = writeln!(text, "           at line {line}, rustop would have:");
    for line in hunk.theirs.lines().take(MOST_LINES) {
        let _ = writeln!(text, "           | {line}");
    }
    if hunk.theirs.lines().count() > MOST_LINES {
        text.push_str("           | … (`--output json` has all of it)\n");
    }
}

fn push_end(text: &mut String, outcome: &Outcome<'_>) {
    if !outcome.changes.conflicts().is_empty() {
        return;
    }
    if outcome.changes.is_empty() {
        text.push_str("nothing to do: everything is as asked for\n");
    }
    if outcome.dry_run {
        text.push_str("dry run: nothing was written\n");
        return;
    }
    if !outcome.next.is_empty() {
        text.push_str("next:\n");
    }
    for command in outcome.next {
        let _ = writeln!(text, "  {command}");
    }
}

fn diff(change: &Change) -> String {
    let bytes = |file: &Option<File>| file.as_ref().map(|file| file.bytes.clone());
    unified_diff(
        &change.path,
        bytes(&change.before).as_deref(),
        bytes(&change.after).as_deref(),
    )
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Create => "create",
        Verdict::Update => "update",
        Verdict::Merge => "merge",
        Verdict::Identical => "identical",
        Verdict::Keep => "keep",
        Verdict::Delete => "delete",
        Verdict::Conflict => "conflict",
    }
}

fn style_of(verdict: Verdict) -> Style {
    match verdict {
        Verdict::Create => style(AnsiColor::Green),
        Verdict::Update | Verdict::Merge => style(AnsiColor::Cyan),
        Verdict::Identical => Style::new().dimmed(),
        Verdict::Keep => style(AnsiColor::Yellow),
        Verdict::Delete => style(AnsiColor::Magenta),
        Verdict::Conflict => style(AnsiColor::Red).bold(),
    }
}

const fn style(color: AnsiColor) -> Style {
    Style::new().fg_color(Some(anstyle::Color::Ansi(color)))
}

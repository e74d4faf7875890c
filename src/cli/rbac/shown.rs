//! The findings for people, and as data. `docs/rbac-audit.md` describes both.

use std::fmt::Write as _;

use serde::Serialize;

use crate::audit::{Findings, Missing, Place, Record, Unjudged, Unneeded};
use crate::report::JSON_VERSION;

/// One paragraph for each finding, the sum at the end.
pub(super) fn text(record: &Record, findings: &Findings) -> String {
    let mut text = String::new();
    for one in &findings.missing {
        push_missing(&mut text, one);
    }
    for one in &findings.unneeded {
        push_unneeded(&mut text, one);
    }
    for Unjudged { place, rights } in &findings.unjudged {
        let rights = rights.join("; ");
        let _ = writeln!(text, "not judged: {}: {rights}", at(place));
        text.push_str("  no request shows whether this is needed; it is kept\n");
    }
    for note in &findings.notes {
        let _ = writeln!(text, "note: {note}");
    }
    let (missing, unneeded) = (findings.missing.len(), findings.unneeded.len());
    let _ = write!(
        text,
        "{} requests: {} missing, {} with more than is needed",
        record.requests,
        counted(missing, "right"),
        counted(unneeded, "marker")
    );
    text
}

fn counted(number: usize, what: &str) -> String {
    match number {
        1 => format!("1 {what}"),
        _ => format!("{number} {what}s"),
    }
}

fn at(place: &Place) -> String {
    format!("{}:{}", place.file, place.line)
}

fn push_missing(text: &mut String, missing: &Missing) {
    let times = match missing.times {
        1 => "once".to_owned(),
        times => format!("{times} times"),
    };
    let _ = writeln!(text, "missing: {}", missing.right);
    let _ = writeln!(text, "  seen {times}: {}", missing.seen.join(", "));
    let _ = match (&missing.marker, &missing.near) {
        (Some(marker), Some(near)) => {
            writeln!(text, "  help: add at {}: `{marker}`", at(near))
        }
        (Some(marker), None) => {
            writeln!(text, "  help: add to the file that does it: `{marker}`")
        }
        (None, _) => writeln!(
            text,
            "  no marker can give it: the project is for one namespace, and this lies outside of it"
        ),
    };
}

fn push_unneeded(text: &mut String, unneeded: &Unneeded) {
    let rights = unneeded.rights.join("; ");
    let _ = writeln!(text, "not needed: {}: {rights}", at(&unneeded.place));
    if unneeded.replacement.is_empty() {
        text.push_str("  help: take the marker away\n");
    }
    for (position, line) in unneeded.replacement.iter().enumerate() {
        let word = if position == 0 { "write" } else { "and" };
        let _ = writeln!(text, "  help: {word} `{line}`");
    }
}

#[derive(Serialize)]
struct Json<'a> {
    version: u32,
    command: &'static str,
    requests: usize,
    missing: Vec<JsonMissing<'a>>,
    unneeded: Vec<JsonUnneeded<'a>>,
    unjudged: Vec<JsonUnjudged<'a>>,
    notes: &'a [String],
}

#[derive(Serialize)]
struct JsonMissing<'a> {
    right: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    marker: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    near: Option<JsonPlace<'a>>,
    seen: &'a [String],
    times: usize,
}

#[derive(Serialize)]
struct JsonUnneeded<'a> {
    #[serde(flatten)]
    place: JsonPlace<'a>,
    rights: &'a [String],
    replacement: &'a [String],
}

#[derive(Serialize)]
struct JsonUnjudged<'a> {
    #[serde(flatten)]
    place: JsonPlace<'a>,
    rights: &'a [String],
}

#[derive(Serialize)]
struct JsonPlace<'a> {
    file: &'a str,
    line: usize,
}

/// The same as one JSON object.
pub(super) fn json(record: &Record, findings: &Findings) -> String {
    let json = Json {
        version: JSON_VERSION,
        command: "rbac audit",
        requests: record.requests,
        missing: findings.missing.iter().map(json_missing).collect(),
        unneeded: findings.unneeded.iter().map(json_unneeded).collect(),
        unjudged: findings.unjudged.iter().map(json_unjudged).collect(),
        notes: &findings.notes,
    };
    serde_json::to_string_pretty(&json).unwrap_or_default()
}

fn place(place: &Place) -> JsonPlace<'_> {
    JsonPlace {
        file: place.file.as_str(),
        line: place.line,
    }
}

fn json_missing(missing: &Missing) -> JsonMissing<'_> {
    JsonMissing {
        right: &missing.right,
        marker: missing.marker.as_deref(),
        near: missing.near.as_ref().map(place),
        seen: &missing.seen,
        times: missing.times,
    }
}

fn json_unneeded(unneeded: &Unneeded) -> JsonUnneeded<'_> {
    JsonUnneeded {
        place: place(&unneeded.place),
        rights: &unneeded.rights,
        replacement: &unneeded.replacement,
    }
}

fn json_unjudged(unjudged: &Unjudged) -> JsonUnjudged<'_> {
    JsonUnjudged {
        place: place(&unjudged.place),
        rights: &unjudged.rights,
    }
}

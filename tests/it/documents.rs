//! What the documents show is what happens: each command in a `sh` block is run
//! (those of make with `-n`), each `console` block is a session that is played
//! again, each link leads to a file.

use std::path::Path;
use std::process::Command;

use crate::sandbox::{Run, Sandbox};

/// The documents of this repository.
const OURS: [&str; 20] = [
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "docs/built-in-certificates.md",
    "docs/crd-markers.md",
    "docs/create-api.md",
    "docs/existing-crate.md",
    "docs/external-types.md",
    "docs/external-crds.md",
    "docs/fields.md",
    "docs/json.md",
    "docs/manifests.md",
    "docs/multi-version.md",
    "docs/names.md",
    "docs/rbac-audit.md",
    "docs/webhook-certificates.md",
    "docs/webhooks.md",
    "examples/myapp/README.md",
    "bench/README.md",
];

/// The documents of a generated project.
const THEIRS: [&str; 2] = ["README.md", "AGENTS.md"];

/// How lines begin that are not run here, and why.
const NOT_RUN: [(&str, &str); 8] = [
    (
        "FUZZ_SECONDS=",
        "looks for minutes, with a nightly compiler",
    ),
    (
        "rustop rbac audit",
        "runs the tests of a project; the slow ring does",
    ),
    (
        "cargo install --locked --path .",
        "a release build of this repository",
    ),
    ("git diff snapshots", "shows, does nothing"),
    ("bench/run.sh", "measures for minutes"),
    ("RUNS=", "measures for minutes"),
    ("export IMG=", "a place for the reader's own image"),
    (
        "kubectl ",
        "needs a cluster; the slow ring applies the same folders to one",
    ),
];

/// Are followed to the letter by `slow/existing.rs` and `slow/webhooks/`, edits and all.
const FOLLOWED: [&str; 2] = ["docs/existing-crate.md", "docs/multi-version.md"];

#[test]
fn every_command_that_our_documents_show_runs() {
    for document in OURS.into_iter().filter(|one| !FOLLOWED.contains(one)) {
        let text = std::fs::read_to_string(document).unwrap();
        let sandbox = Sandbox::empty();
        for line in blocks(&text, "sh").concat() {
            runs(document, &line, &sandbox, Path::new("."));
        }
    }
}

#[test]
fn every_command_that_a_generated_document_shows_runs() {
    let sandbox = Sandbox::project();
    for document in THEIRS {
        let text = sandbox.read(document);
        let lines = blocks(&text, "sh").concat();
        assert!(!lines.is_empty(), "{document} shows no command");
        for line in lines {
            runs(document, &line, &sandbox, sandbox.path());
        }
    }
}

/// Runs one line: rustop's in the sandbox, make's (without doing it) in `folder`.
fn runs(document: &str, line: &str, sandbox: &Sandbox, folder: &Path) {
    if NOT_RUN.iter().any(|(start, _)| line.starts_with(start)) {
        return;
    }
    let run = match line.split_once(' ') {
        Some(("rustop", arguments)) => sandbox.run(arguments),
        Some(("make", targets)) => dry_make(targets, folder),
        _ => panic!("{document}: nothing runs `{line}`; add it to NOT_RUN with a reason"),
    };
    assert_eq!(run.code, 0, "{document}: `{line}`:\n{}", run.stderr);
}

fn dry_make(targets: &str, folder: &Path) -> Run {
    let mut command = Command::new("make");
    command
        .arg("-n")
        .args(targets.split(' '))
        .current_dir(folder);
    Run::of(command.output().unwrap())
}

/// The README's session, word for word; a line `…` stands for some that are left out.
#[test]
fn the_session_in_the_readme_is_a_real_one() {
    let text = std::fs::read_to_string("README.md").unwrap();
    let sandbox = Sandbox::empty();
    std::fs::create_dir(sandbox.join("myapp-operator")).unwrap();
    let sessions = blocks(&text, "console");
    assert_eq!(sessions.len(), 2);
    play(&sandbox, &sessions[0]);
    let controller = "myapp-operator/src/controller/my_app.rs";
    let changed = sandbox.read(controller) + "// changed\n";
    sandbox.write(controller, changed);
    play(&sandbox, &sessions[1]);
}

fn play(sandbox: &Sandbox, session: &[String]) {
    let mut lines = session.iter().peekable();
    while let Some(line) = lines.next() {
        let mut shown = Vec::new();
        while let Some(line) = lines.next_if(|line| !line.starts_with("$ ")) {
            shown.push(line.as_str());
        }
        let Some(arguments) = line.strip_prefix("$ rustop ") else {
            assert_eq!(line, "$ mkdir myapp-operator && cd myapp-operator");
            continue;
        };
        let mut command = sandbox.command(arguments);
        command.current_dir(sandbox.join("myapp-operator"));
        let run = Run::of(command.output().unwrap());
        assert_shown(&shown, &(run.stdout + &run.stderr), line);
    }
}

fn assert_shown(shown: &[&str], output: &str, command: &str) {
    let actual: Vec<&str> = output.lines().collect();
    let mut rest = actual.as_slice();
    for (position, part) in shown.split(|line| line.trim() == "…").enumerate() {
        let at = match position {
            0 => rest.starts_with(part).then_some(0),
            _ => rest.windows(part.len()).position(|window| window == part),
        };
        let at = at.unwrap_or_else(|| panic!("`{command}` does not say {part:#?} in:\n{output}"));
        rest = &rest[at + part.len()..];
    }
    assert!(rest.is_empty(), "`{command}` says more: {rest:#?}");
}

#[test]
fn links_between_documents_lead_somewhere() {
    for document in OURS {
        let text = std::fs::read_to_string(document).unwrap();
        let folder = Path::new(document).parent().unwrap();
        let links = text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split([')', '#']).next());
        for link in links.filter(|link| !link.contains("://") && !link.is_empty()) {
            assert!(folder.join(link).exists(), "{document} links to `{link}`");
        }
    }
}

/// What a page tells its reader to do.
pub(crate) enum Block {
    /// Lines for a shell.
    Commands(Vec<String>),
    /// The text of a file, or what comes to its end; its path stands beside the block's language.
    File {
        path: String,
        end: bool,
        text: String,
    },
    /// Lines that the command above says, among others.
    Output(Vec<String>),
}

/// The blocks of one section, in their order.
pub(crate) fn titled_blocks(document: &str, section: &str) -> Vec<Block> {
    let page = std::fs::read_to_string(document).unwrap();
    let (_, rest) = page.split_once(&format!("\n## {section}\n")).unwrap();
    let section = rest.split("\n## ").next().unwrap();
    let fenced = section.split("```").skip(1).step_by(2);
    let block = |block: &str| {
        let (info, text) = block.split_once('\n').unwrap();
        match info.split_once(' ') {
            None if info == "sh" => Some(Block::Commands(lines(text, "sh"))),
            None if info == "text" => Some(Block::Output(lines(text, "text"))),
            None => None,
            Some((_, path)) => {
                let place = path.strip_suffix(" (at the end)");
                Some(Block::File {
                    path: place.unwrap_or(path).to_owned(),
                    end: place.is_some(),
                    text: text.to_owned(),
                })
            }
        }
    };
    fenced.filter_map(block).collect()
}

/// The lines of each fenced block of the language, without comments and empty ones.
fn blocks(text: &str, language: &str) -> Vec<Vec<String>> {
    let fence = format!("```{language}\n");
    let blocks = text.split(&fence).skip(1);
    let body = |block: &str| block.split("```").next().unwrap_or_default().to_owned();
    blocks.map(|block| lines(&body(block), language)).collect()
}

fn lines(block: &str, language: &str) -> Vec<String> {
    let comment = |line: &str| match language {
        "sh" => line
            .split(" #")
            .next()
            .unwrap_or_default()
            .trim()
            .to_owned(),
        _ => line.to_owned(),
    };
    let lines = block.lines().map(comment);
    lines
        .filter(|line| !line.is_empty() && !line.starts_with("# "))
        .collect()
}

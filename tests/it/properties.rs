//! Random sequences of commands and of edits by a user, and what must hold
//! after each: a dry run tells the truth, a second run changes nothing, what
//! the user wrote is still there, a failed command leaves no trace.

use proptest::prelude::*;

use crate::sandbox::{Sandbox, assert_same};

const KINDS: [&str; 3] = ["MyApp", "HTTPRoute", "Zebra"];

/// Files that a user edits; those of a kind follow below.
const FILES: [&str; 6] = [
    "Makefile",
    "Cargo.toml",
    "src/main.rs",
    "README.md",
    "config/manager/manager.yaml",
    "config/default/kustomization.yaml",
];

const MODULES: [&str; 3] = ["my_app", "http_route", "zebra"];

const HANDLERS: [&str; 2] = ["--defaulting", "--programmatic-validation"];

#[derive(Clone, Debug)]
enum Step {
    Create { kind: usize, controller: bool },
    Replural { kind: usize },
    Delete { kind: usize },
    Webhook { kind: usize, handler: usize },
    DeleteWebhook { kind: usize, handler: usize },
    Edit { file: usize, place: Place },
    Crlf { file: usize },
    Remove { file: usize },
}

#[derive(Clone, Copy, Debug)]
enum Place {
    Top,
    Middle,
    End,
}

fn step() -> impl Strategy<Value = Step> {
    let kind = 0..KINDS.len();
    let file = 0..FILES.len() + 4 * MODULES.len();
    let webhook = (kind.clone(), 0..HANDLERS.len());
    let place = prop_oneof![Just(Place::Top), Just(Place::Middle), Just(Place::End)];
    prop_oneof![
        4 => (kind.clone(), any::<bool>()).prop_map(|(kind, controller)| Step::Create { kind, controller }),
        1 => kind.clone().prop_map(|kind| Step::Replural { kind }),
        3 => kind.prop_map(|kind| Step::Delete { kind }),
        3 => webhook.clone().prop_map(|(kind, handler)| Step::Webhook { kind, handler }),
        2 => webhook.prop_map(|(kind, handler)| Step::DeleteWebhook { kind, handler }),
        4 => (file.clone(), place).prop_map(|(file, place)| Step::Edit { file, place }),
        1 => file.clone().prop_map(|file| Step::Crlf { file }),
        1 => file.prop_map(|file| Step::Remove { file }),
    ]
}

fn path(file: usize) -> String {
    let Some(rest) = file.checked_sub(FILES.len()) else {
        return FILES[file].to_owned();
    };
    let module = MODULES[rest / 4];
    match rest % 4 {
        0 => format!("api/src/v1/{module}.rs"),
        1 => format!("src/controller/{module}.rs"),
        2 => format!("src/webhook/v1/{module}/defaulter.rs"),
        _ => format!("src/webhook/v1/{module}/validator.rs"),
    }
}

fn command(step: &Step) -> Option<String> {
    let key = |kind: usize| format!("--group crew --version v1 --kind {}", KINDS[kind]);
    let api = |kind: usize| format!("api {}", key(kind));
    let webhook = |kind, handler: usize| format!("webhook {} {}", key(kind), HANDLERS[handler]);
    match step {
        Step::Create { kind, controller } => Some(format!(
            "create {} --resource --controller={controller}",
            api(*kind)
        )),
        Step::Replural { kind } => Some(format!(
            "create {} --plural things{kind} --force --resource --controller",
            api(*kind)
        )),
        Step::Delete { kind } => Some(format!("delete {}", api(*kind))),
        Step::Webhook { kind, handler } => Some(format!("create {}", webhook(*kind, *handler))),
        Step::DeleteWebhook { kind, handler } => {
            Some(format!("delete {}", webhook(*kind, *handler)))
        }
        _ => None,
    }
}

/// A line that no template holds, as a comment of the file's own language.
fn line(path: &str, number: usize) -> String {
    let comment = if std::path::Path::new(path)
        .extension()
        .is_some_and(|extension| extension == "rs")
    {
        "//"
    } else {
        "#"
    };
    format!("{comment} the user wrote this: {number}")
}

fn edit(sandbox: &Sandbox, path: &str, place: Place, line: &str) {
    let text = sandbox.read(path);
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
    let added = format!("{line}{end}");
    let position = match place {
        Place::Top => 0,
        Place::Middle => lines.len() / 2,
        Place::End => lines.len(),
    };
    lines.insert(position, &added);
    sandbox.write(path, lines.concat());
}

fn holds(sandbox: &Sandbox, line: &str) -> bool {
    sandbox.files().iter().any(|(path, (bytes, _))| {
        !path.starts_with(".rustop/") && String::from_utf8_lossy(bytes).contains(line)
    })
}

fn play(steps: &[Step]) {
    let sandbox = Sandbox::empty();
    sandbox.ok("init --domain example.com --project-name demo");
    let mut written: Vec<(String, String)> = Vec::new();
    for (number, step) in steps.iter().enumerate() {
        match step {
            Step::Edit { file, place } if sandbox.exists(&path(*file)) => {
                let line = line(&path(*file), number);
                edit(&sandbox, &path(*file), *place, &line);
                written.push((path(*file), line));
            }
            Step::Crlf { file } if sandbox.exists(&path(*file)) => {
                let text = sandbox
                    .read(&path(*file))
                    .replace("\r\n", "\n")
                    .replace('\n', "\r\n");
                sandbox.write(&path(*file), text);
            }
            Step::Remove { file } if sandbox.exists(&path(*file)) && *file < FILES.len() => {
                std::fs::remove_file(sandbox.join(&path(*file))).unwrap();
                written.retain(|(edited, _)| edited != &path(*file));
            }
            step => command(step)
                .into_iter()
                .for_each(|command| obey(&sandbox, &command)),
        }
        for (path, line) in &written {
            assert!(
                holds(&sandbox, line),
                "step {number} of {steps:?} lost `{line}` of {path}"
            );
        }
    }
}

fn obey(sandbox: &Sandbox, command: &str) {
    let before = sandbox.files();
    let dry = sandbox.run(&format!("{command} --output json --dry-run"));
    assert_same(&before, &sandbox.files(), "a dry run");
    let real = sandbox.run(&format!("{command} --output json"));
    assert_eq!(
        dry.code, real.code,
        "{command}:\n{}\n{}",
        dry.stderr, real.stderr
    );
    if real.code != 0 {
        return assert_same(&before, &sandbox.files(), command);
    }
    assert_eq!(
        dry.json()["files"],
        real.json()["files"],
        "the dry run of `{command}` told another story"
    );
    assert_eq!(
        real.json()["changed"],
        before != sandbox.files(),
        "{command}: {}",
        real.stdout
    );
    if command.starts_with("create") {
        let after = sandbox.files();
        let again = sandbox.ok(&format!("{command} --output json")).json();
        assert_eq!(again["changed"], false, "a second `{command}`: {again}");
        assert_same(&after, &sandbox.files(), command);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_lost_in_any_order(steps in proptest::collection::vec(step(), 1..9)) {
        play(&steps);
    }
}

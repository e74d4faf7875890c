//! The marker scanner: any text is a source, and what its markers give is YAML that says it.

use std::collections::BTreeSet;

use rustop::manifests::role::{RoleOptions, derive};
use rustop::manifests::webhook;
use rustop::markers::{Problem, rbac, scan};
use rustop::tree::RelativePath;
use serde_json::Value;

/// Reads `data` as one Rust source.
pub fn check(data: &[u8]) {
    let source = String::from_utf8_lossy(data).into_owned();
    let path = RelativePath::literal("src/a.rs");
    let (markers, problems) = scan(&path, &source);
    let lines: Vec<&str> = source.split('\n').collect();
    for marker in &markers {
        let line = lines[marker.line - 1];
        let written = format!("+{}:{}", marker.prefix, marker.name);
        assert!(line.contains(&written), "{line:?} has no {written}");
        assert!(line.contains(&marker.arguments), "{line:?}: {marker:?}");
    }
    assert!(markers.is_sorted_by_key(|marker| marker.line));
    check_places(&problems, lines.len());
    let more = format!("{source}\n");
    assert_eq!(scan(&path, &more), (markers, problems), "a line end more");
    let count = lines.len();
    check_manifests(&path, source, count);
}

fn check_places(problems: &[Problem], lines: usize) {
    for problem in problems {
        assert!((1..=lines).contains(&problem.line), "{problem}");
        assert!(!problem.message.is_empty());
    }
}

fn check_manifests(path: &RelativePath, source: String, lines: usize) {
    let sources = [(path.clone(), source)];
    for namespaced in [false, true] {
        let options = RoleOptions {
            namespaced,
            ..RoleOptions::default()
        };
        match derive(&sources, &options) {
            Ok(roles) => check_roles(&sources, &roles.text),
            Err(problems) => {
                assert!(!problems.is_empty());
                check_places(&problems, lines);
            }
        }
    }
    match webhook::derive(&sources) {
        Ok(None) => {}
        Ok(Some(text)) => check_webhooks(&documents(&text)),
        Err(problems) => {
            assert!(!problems.is_empty());
            check_places(&problems, lines);
        }
    }
}

/// Everything that a marker says is in some role, and nothing else.
fn check_roles(sources: &[(RelativePath, String)], text: &str) {
    let documents = documents(text);
    assert!(!documents.is_empty());
    let mut said: BTreeSet<String> = BTreeSet::new();
    for (path, source) in sources {
        let (markers, _) = scan(path, source);
        for marker in markers.iter().filter(|marker| rbac::is_rbac(marker)) {
            let rule = rbac::parse(marker).expect("the roles were made of it");
            let full_name = |group: &String| match group.as_str() {
                "core" => String::new(),
                _ => group.clone(),
            };
            said.extend(rule.groups.iter().map(full_name));
            let asterisk = rule.verbs.iter().any(|verb| verb == "*");
            said.extend(rule.verbs.into_iter().filter(|_| !asterisk));
            said.extend(asterisk.then(|| "*".to_owned()));
            said.extend([rule.resources, rule.resource_names, rule.urls].concat());
        }
    }
    let written: BTreeSet<String> = documents.iter().flat_map(words_of_rules).collect();
    let lost: Vec<_> = said.difference(&written).collect();
    let invented: Vec<_> = written.difference(&said).collect();
    // An asterisk in one marker swallows the verbs of another for the same resource.
    assert!(
        lost.is_empty() || written.contains("*"),
        "lost {lost:?}\n{text}"
    );
    assert!(invented.is_empty(), "invented {invented:?}\n{text}");
}

fn words_of_rules(document: &Value) -> Vec<String> {
    let rules = document["rules"].as_array().expect("a list of rules");
    let fields = rules.iter().flat_map(|rule| {
        assert!(
            rule["verbs"]
                .as_array()
                .is_some_and(|verbs| !verbs.is_empty())
        );
        rule.as_object().into_iter().flatten()
    });
    let items = fields.flat_map(|(_, list)| list.as_array().into_iter().flatten());
    items
        .map(|item| item.as_str().expect("a word, and no number").to_owned())
        .collect()
}

fn check_webhooks(documents: &[Value]) {
    assert!(!documents.is_empty());
    for document in documents {
        let kind = document["kind"].as_str().unwrap_or_default();
        assert!(kind == "MutatingWebhookConfiguration" || kind == "ValidatingWebhookConfiguration");
        let webhooks = document["webhooks"].as_array().expect("a list of webhooks");
        assert!(!webhooks.is_empty());
        for webhook in webhooks {
            assert!(webhook["name"].is_string(), "{webhook}");
            let client = &webhook["clientConfig"];
            assert!(client["url"].is_string() != client["service"].is_object());
        }
    }
}

fn documents(text: &str) -> Vec<Value> {
    let documents = serde_yaml::Deserializer::from_str(text);
    documents
        .map(|document| serde::Deserialize::deserialize(document).expect("YAML"))
        .collect()
}

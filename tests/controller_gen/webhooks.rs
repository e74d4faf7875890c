//! Compares our webhook configurations with those of controller-gen.
//!
//! A random marker is a good one with some fields changed, so that together the markers have every field with every kind
//! of value. What controller-gen refuses, rustop refuses; what both take, is the same. What rustop alone refuses has to be
//! something that no API server takes: [`API_SERVER_REFUSES`] names what it says then, and one test asks a real API
//! server about each (`it::slow::webhook_markers`).

use std::path::Path;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use rustop::manifests::webhook::derive;
use rustop::tree::RelativePath;

use crate::tool::{self, Verdict, agree, controller_gen};

/// The beginnings of refusals that are ours alone.
const API_SERVER_REFUSES: [&str; 14] = [
    "`name` is ",
    "`failurePolicy` is ",
    "`reinvocationPolicy` is ",
    "`verbs` ",
    "`groups` ",
    "`versions` ",
    "`resources` ",
    "`admissionReviewVersions` names no version",
    "`path` is ",
    "`servicePort` is ",
    "`url` is ",
    "another webhook is named ",
    "`sideEffects` is ",
    "this configuration is named already",
];

/// Each field and what it may be given, right and wrong.
const FIELDS: [(&str, &[&str]); 18] = [
    ("mutating", &["true", "false", "1"]),
    ("failurePolicy", &["fail", "Ignore", "IGNORE", "retry"]),
    ("matchPolicy", &["exact", "Equivalent", "near", "\"\""]),
    (
        "sideEffects",
        &["None", "noneOnDryRun", "some", "Unknown", "x"],
    ),
    ("timeoutSeconds", &["0", "1", "30", "31", "-1", "x"]),
    (
        "groups",
        &["core", "apps;batch", "*", "\"\"", "{a,core}", "*;a"],
    ),
    ("resources", &["pods", "pods;pods/status", "*", "*/*", "{}"]),
    (
        "verbs",
        &["create", "CREATE;update;Delete", "connect", "*", "get"],
    ),
    ("versions", &["v1", "v1;v1beta1", "*", "\"\""]),
    ("name", &["a.b.c", "b.example.com", "a.b", "A.b.c"]),
    ("serviceName", &["webhooks", "\"\""]),
    ("serviceNamespace", &["here"]),
    ("servicePort", &["443", "8443", "0"]),
    ("path", &["/a", "/mutate-v1", "a", "\"\""]),
    ("webhookVersions", &["v1", "v1;v1", "v1beta1"]),
    ("admissionReviewVersions", &["v1", "v1;v1beta1", "v2", "{}"]),
    ("reinvocationPolicy", &["Never", "ifNeeded", "often"]),
    ("url", &["\"https://a.b:9443/c\"", "\"http://a.b\"", "\"\""]),
];

const GOOD: &str = "mutating=true,failurePolicy=fail,sideEffects=None,groups=apps,resources=deployments,verbs=create,\
    versions=v1,admissionReviewVersions=v1,path=/mutate";

#[test]
fn webhooks_of_random_markers_are_those_of_controller_gen() {
    let Some(tool) = controller_gen() else { return };
    let markers = prop::collection::vec(marker(), 1..4);
    compare(&tool, (markers, configurations()), 250);
}

/// One changed field at a time, so that each value of each field is seen.
#[test]
fn each_value_of_each_field_is_read_as_controller_gen_reads_it() {
    let Some(tool) = controller_gen() else { return };
    for (field, values) in FIELDS {
        for value in values {
            let marker = format!("webhook:{GOOD},name=a.example.com,{field}={value}");
            check(&tool, &[marker]).unwrap();
        }
    }
    for field in GOOD.split(',') {
        let rest = GOOD.replace(field, "").replace(",,", ",");
        let rest = rest.trim_matches(',');
        check(&tool, &[format!("webhook:{rest},name=a.example.com")]).unwrap();
    }
}

fn marker() -> impl Strategy<Value = String> {
    let field = (0..FIELDS.len()).prop_flat_map(|field| {
        let (name, values) = FIELDS[field];
        // The first values are right, and come more often.
        let value = (0..values.len(), 0..values.len()).prop_map(|(a, b)| a.min(b));
        value.prop_map(move |value| format!(",{name}={}", values[value]))
    });
    let name = prop::sample::select(vec!["a", "b", "c"]);
    (name, prop::collection::vec(field, 0..5)).prop_map(|(name, fields)| {
        format!("webhook:{GOOD},name={name}.example.com{}", fields.concat())
    })
}

fn configurations() -> impl Strategy<Value = Vec<String>> {
    let names = vec![
        "mutating=true",
        "mutating=true,name=mine",
        "mutating=false,name=mine",
        "name=mine",
    ];
    let marker = prop::sample::select(names);
    prop::collection::vec(
        marker.prop_map(|text| format!("webhookconfiguration:{text}")),
        0..2,
    )
}

fn compare(tool: &Path, markers: impl Strategy<Value = (Vec<String>, Vec<String>)>, cases: u32) {
    let config = Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    };
    let verdict = TestRunner::new(config).run(&markers, |(webhooks, configurations)| {
        let markers = [webhooks, configurations].concat();
        check(tool, &markers).map_err(TestCaseError::fail)
    });
    if let Err(failure) = verdict {
        panic!("{failure}");
    }
}

fn check(tool: &Path, markers: &[String]) -> Result<(), String> {
    let (theirs, ours) = (theirs(tool, markers), ours(markers));
    if agree(&theirs, &ours) || stricter(&ours) {
        return Ok(());
    }
    Err(format!("{markers:?}\ntheirs: {theirs:?}\nours: {ours:?}"))
}

/// Whether each thing that rustop refuses is one that no API server takes.
fn stricter(ours: &Verdict) -> bool {
    let Err(problems) = ours else { return false };
    let messages = problems.lines().filter_map(|line| line.split_once("`: "));
    let mut messages = messages.map(|(_, message)| message).peekable();
    messages.peek().is_some()
        && messages.all(|message| {
            API_SERVER_REFUSES
                .iter()
                .any(|known| message.starts_with(known))
        })
}

fn ours(markers: &[String]) -> Verdict {
    let path = RelativePath::new("src/a.rs").unwrap();
    match derive(&[(path, comments(markers, "rustop"))]) {
        Ok(text) => Ok(tool::documents(&text.unwrap_or_default())),
        Err(problems) => Err(problems
            .iter()
            .map(|problem| format!("{problem}\n"))
            .collect()),
    }
}

fn theirs(tool: &Path, markers: &[String]) -> Verdict {
    let source = comments(markers, "kubebuilder");
    let output = tool::run(tool, &["webhook", "output:webhook:stdout"], &source);
    output.map(|text| tool::documents(&text))
}

fn comments(markers: &[String], prefix: &str) -> String {
    let line = |marker: &String| format!("// +{prefix}:{marker}\n");
    markers.iter().map(line).collect()
}

//! Compares our webhook configurations with those of controller-gen.
//!
//! A random marker is a good one with some fields changed, so that together the markers have every field with every kind
//! of value. What controller-gen refuses, rustop refuses; what both take, is the same. rustop alone refuses no more than
//! the values that [`FIELDS`] gives as refused, of which another test asks a real API server (`it::slow::webhook_markers`),
//! and names given twice.

use std::path::Path;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use rustop::manifests::webhook::derive;
use rustop::tree::RelativePath;

use crate::fields::{FIELDS, Values};
use crate::tool::{self, Verdict, agree, controller_gen};

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
    for values in FIELDS {
        let field = values.field;
        let path = if field == "url" { ",path=\"\"" } else { "" };
        for value in [values.taken, values.refused, values.unreadable].concat() {
            let marker = format!("webhook:{GOOD},name=a.example.com{path},{field}={value}");
            check(&tool, std::slice::from_ref(&marker)).unwrap();
            let taken = ours(&[marker]).is_ok();
            assert_eq!(taken, values.taken.contains(&value), "{field}={value}");
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
        let Values {
            field,
            taken,
            refused,
            unreadable,
        } = FIELDS[field];
        let values = [taken, refused, unreadable].concat();
        // The first values are right, and come more often.
        let value = (0..values.len(), 0..values.len()).prop_map(|(a, b)| a.min(b));
        value.prop_map(move |value| format!(",{field}={}", values[value]))
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
    if agree(&theirs, &ours) || stricter(markers, &ours) {
        return Ok(());
    }
    Err(format!("{markers:?}\ntheirs: {theirs:?}\nours: {ours:?}"))
}

/// Whether each thing that rustop refuses is one that no API server takes.
fn stricter(markers: &[String], ours: &Verdict) -> bool {
    let Err(problems) = ours else { return false };
    let mut problems = problems
        .lines()
        .filter(|line| line.starts_with("src/a.rs:"));
    problems.all(|problem| {
        let line = problem.split(':').nth(1).unwrap().parse::<usize>().unwrap();
        is_refused(problem, &markers[line - 1]) || is_twice(problem, &markers[..line])
    })
}

/// The field that the problem names first has a value in this marker that is refused.
fn is_refused(problem: &str, marker: &str) -> bool {
    let (_, message) = problem.split_once("`: ").unwrap();
    let named = message.strip_prefix('`').and_then(|it| it.split_once('`'));
    let Some((named, _)) = named else {
        return false;
    };
    let values = FIELDS.iter().find(|values| values.field == named);
    values.is_some_and(|values| values.refused.contains(&given(marker, named)))
}

/// The value that counts: the last one.
fn given<'a>(marker: &'a str, field: &str) -> &'a str {
    let start = marker.rfind(&format!(",{field}="));
    let rest = start.map_or("", |start| &marker[start + field.len() + 2..]);
    // No value holds a comma before a small letter, but in braces.
    match rest.starts_with('{') {
        true => &rest[..=rest.find('}').unwrap()],
        false => rest.split(',').next().unwrap(),
    }
}

/// A name that a marker before this has given already.
fn is_twice(problem: &str, markers: &[String]) -> bool {
    let (last, before) = markers.split_last().unwrap();
    let kind = |marker: &str| marker.split(':').next().unwrap().to_owned();
    let is_mutating = |marker: &str| match given(marker, "mutating") {
        "" => marker.contains(":mutating=true"),
        value => value == "true",
    };
    let same =
        |marker: &&String| kind(marker) == kind(last) && is_mutating(marker) == is_mutating(last);
    let mut same = before.iter().filter(same);
    match kind(last).as_str() {
        "webhook" => {
            let twice = format!("another webhook is named `{}`", given(last, "name"));
            problem.contains(&twice) && same.any(|it| given(it, "name") == given(last, "name"))
        }
        _ => problem.contains("this configuration is named already") && same.next().is_some(),
    }
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

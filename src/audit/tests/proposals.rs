//! What is proposed is what is needed, whatever was asked for.

use super::*;
use crate::audit::{rule, wording};

/// A right in words of few letters, so that rights meet often.
const MARKER: &str = r"groups=(core|a|\*),resources=(x|y|x/s|\*/s|\*)(;y)?(,resourceNames=m)?,verbs=(get|list|\*)(;create)?";
const REQUEST: &str = r"(get|list|create) (core|a|b)/(x|y)(/s)? (n|home) m";

proptest::proptest! {
    /// What the comparison proposes is what is needed: with it, nothing is found.
    #[test]
    fn what_is_proposed_leaves_nothing_to_find(
        markers in proptest::collection::vec(MARKER, 0..4),
        requests in proptest::collection::vec(REQUEST, 0..8),
    ) {
        let events: Vec<Value> = requests.iter().map(|words| event(words)).collect();
        let markers: Vec<&str> = markers.iter().map(String::as_str).collect();
        let findings = compared(&WIDE(), &markers, &events);
        let mut proposed: Vec<String> = Vec::new();
        for (position, marker) in markers.iter().enumerate() {
            match findings.unneeded.iter().find(|one| one.place.line == position + 1) {
                Some(one) => proposed.extend(one.replacement.iter().map(|line| line.replace("// +rustop:rbac:", ""))),
                None => proposed.push((*marker).to_owned()),
            }
        }
        let added = findings.missing.iter().filter_map(|one| one.marker.clone());
        proposed.extend(added.map(|line| line.replace("// +rustop:rbac:", "")));
        let proposed: Vec<&str> = proposed.iter().map(String::as_str).collect();
        assert_eq!(lines(&compared(&WIDE(), &proposed, &events)), Vec::<String>::new(), "{proposed:?}");
    }

    /// Whatever a value is, the marker that is written says it.
    #[test]
    fn a_written_marker_is_read_as_what_it_says(
        values in proptest::collection::vec("[a-z:;, \"\\\\`{}é*/.-]{1,8}", 2),
        verb in "[a-z]{1,6}",
    ) {
        let rule = rule::Rule {
            groups: vec!["g.example.com".to_owned(), String::new()],
            resources: vec![values[0].clone()],
            names: vec![values[1].clone()],
            verbs: vec![verb],
            urls: Vec::new(),
        };
        let line = wording::line(&rule, wording::Target::default());
        let (found, problems) = crate::markers::scan(&RelativePath::literal("src/a.rs"), &line);
        assert_eq!(problems, []);
        let read = crate::markers::rbac::parse(&found[0]).unwrap();
        assert_eq!(rule::Rule::from(&read), rule);
    }
}

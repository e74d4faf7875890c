//! Records against roles: what a request is written as here, and what is found.

mod places;
mod proposals;
mod records;
mod rights;

use serde_json::{Value, json};

use super::*;
use crate::tree::RelativePath;

const USER: &str = "operator";

/// The roles and bindings that every project has.
const FIXED: &str = "\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: manager-rolebinding}
roleRef: {kind: ClusterRole, name: manager-role}
subjects: [{kind: ServiceAccount, name: controller-manager, namespace: system}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: leader-election-role, namespace: system}
rules: [{apiGroups: [coordination.k8s.io], resources: [leases], verbs: [create, get, update]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: leader-election-rolebinding, namespace: system}
roleRef: {kind: Role, name: leader-election-role}
subjects: [{kind: ServiceAccount, name: controller-manager, namespace: system}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: metrics-reader}
rules: [{nonResourceURLs: [/metrics], verbs: [get]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: metrics-auth-role}
rules: [{apiGroups: [authentication.k8s.io], resources: [tokenreviews], verbs: [create]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: metrics-auth-rolebinding}
roleRef: {kind: ClusterRole, name: metrics-auth-role}
subjects: [{kind: ServiceAccount, name: controller-manager, namespace: system}]
";

/// In a project for one namespace the manager's role is a Role.
const NAMESPACED: &str = "\
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: manager-rolebinding, namespace: system}
roleRef: {kind: Role, name: manager-role}
subjects: [{kind: ServiceAccount, name: controller-manager, namespace: system}]
";

/// A request: `verb group/resource[/sub] [namespace] [name]`, `verb /path` for a URL.
/// `-` stands for none, `core` for the group without a name.
fn event(words: &str) -> Value {
    let words: Vec<&str> = words.split_whitespace().collect();
    let word = |position: usize| words.get(position).copied().filter(|word| *word != "-");
    let what = words[1];
    let mut event = json!({
        "kind": "Event", "verb": words[0], "user": {"username": USER, "groups": ["system:masters"]},
        "requestURI": format!("/at/{what}?x=1"), "responseStatus": {"code": 200},
    });
    if what.starts_with('/') {
        event["requestURI"] = json!(format!("{what}?timeout=1s"));
        return event;
    }
    let mut parts = what.split('/');
    let group = parts.next().filter(|group| *group != "core");
    let mut object = json!({"resource": parts.next(), "apiVersion": "v1"});
    let rest = [
        ("apiGroup", group),
        ("subresource", parts.next()),
        ("namespace", word(2)),
        ("name", word(3)),
    ];
    for (field, value) in rest {
        if let Some(value) = value {
            object[field] = json!(value);
        }
    }
    event["objectRef"] = object;
    event
}

fn log(events: &[Value]) -> String {
    events.iter().map(|event| format!("{event}\n")).collect()
}

fn record(events: &[Value]) -> Record {
    let mut record = Record::default();
    record.add(&log(events), USER).unwrap();
    record
}

struct Case {
    manifests: String,
    namespaced: bool,
}

const WIDE: fn() -> Case = || Case {
    manifests: FIXED.to_owned(),
    namespaced: false,
};

fn compared(case: &Case, markers: &[&str], events: &[Value]) -> Findings {
    let lines: Vec<String> = markers
        .iter()
        .map(|text| format!("// +rustop:rbac:{text}"))
        .collect();
    let path = |path: &str| RelativePath::new(path).unwrap();
    let own = ["home", "default"];
    let own = own.into_iter().take(if case.namespaced { 2 } else { 1 });
    let inputs = Inputs {
        record: &record(events),
        sources: &[(path("src/a.rs"), lines.join("\n"))],
        manifests: &[(path("config/rbac/all.yaml"), case.manifests.clone())],
        role_name: "manager-role",
        namespaced: case.namespaced,
        home: &Home {
            recorded: own.map(str::to_owned).collect(),
            deployed: "demo-system".to_owned(),
        },
    };
    super::compare(&inputs).unwrap()
}

/// Each finding in one line: `missing MARKER`, `LINE: RIGHTS -> REPLACEMENT`, `LINE?: RIGHTS`.
fn lines(findings: &Findings) -> Vec<String> {
    let bare = |line: &String| line.replace("// +rustop:rbac:", "");
    let missing = findings.missing.iter().map(|one| match &one.marker {
        Some(marker) => format!("missing {}", bare(marker)),
        None => format!("impossible {}", one.right),
    });
    let unneeded = findings.unneeded.iter().map(|one| {
        let instead: Vec<String> = one.replacement.iter().map(bare).collect();
        format!(
            "{}: {} -> {}",
            one.place.line,
            one.rights.join("; "),
            instead.join(" & ")
        )
    });
    let unjudged = findings
        .unjudged
        .iter()
        .map(|one| format!("{}?: {}", one.place.line, one.rights.join("; ")));
    missing.chain(unneeded).chain(unjudged).collect()
}

#[track_caller]
fn check(markers: &[&str], requests: &[&str], expected: &[&str]) {
    check_in(&WIDE(), markers, requests, expected);
}

#[track_caller]
fn check_in(case: &Case, markers: &[&str], requests: &[&str], expected: &[&str]) {
    let events: Vec<Value> = requests.iter().map(|words| event(words)).collect();
    let findings = compared(case, markers, &events);
    assert_eq!(lines(&findings), expected, "{markers:?} {requests:?}");
}

const PODS: &str = "groups=core,resources=pods,verbs=get;list";

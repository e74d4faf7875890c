//! Records against roles, one case each: what is missing, what is too much.

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

#[test]
fn what_is_used_and_allowed_is_not_mentioned() {
    check(&[PODS], &["get core/pods ns a", "list core/pods"], &[]);
    check(&[], &[], &[]);
}

#[test]
fn a_request_that_no_role_allows_is_missing() {
    check(
        &[PODS],
        &["get core/pods", "list core/pods", "delete core/pods ns a"],
        &["missing groups=core,resources=pods,verbs=delete"],
    );
    check(
        &[],
        &[
            "watch apps/deployments",
            "list apps/deployments",
            "get apps/deployments/scale ns a",
        ],
        &[
            "missing groups=apps,resources=deployments,verbs=list;watch",
            "missing groups=apps,resources=deployments/scale,verbs=get",
        ],
    );
    // The same verbs of one group go into one marker.
    check(
        &[],
        &[
            "get core/pods ns a",
            "get core/secrets ns a",
            "get apps/pods ns a",
        ],
        &[
            "missing groups=core,resources=pods;secrets,verbs=get",
            "missing groups=apps,resources=pods,verbs=get",
        ],
    );
}

#[test]
fn a_right_that_no_request_needs_is_too_much() {
    check(
        &["groups=core,resources=pods;secrets,verbs=get;list"],
        &[
            "get core/pods ns a",
            "list core/pods",
            "get core/secrets ns a",
        ],
        &[
            "1: `list` of `secrets` -> groups=core,resources=pods,verbs=get;list & groups=core,resources=secrets,verbs=get",
        ],
    );
    check(&[PODS], &[], &["1: `get`, `list` of `pods` -> "]);
    // Of one group is not of another.
    check(
        &["groups=core;events.k8s.io,resources=events,verbs=create"],
        &["create events.k8s.io/events ns"],
        &["1: `create` of `events` -> groups=events.k8s.io,resources=events,verbs=create"],
    );
}

#[test]
fn an_asterisk_is_too_much_and_gives_way_to_what_was_used() {
    check(
        &["groups=apps,resources=*,verbs=*"],
        &["get apps/deployments ns a", "patch apps/deployments ns a"],
        &["1: `*` of `*.apps` -> groups=apps,resources=deployments,verbs=get;patch"],
    );
    check(
        &["groups=*,resources=*/status,verbs=get"],
        &["get apps/deployments/status ns a"],
        &["1: `get` of `*.*/status` -> groups=apps,resources=deployments/status,verbs=get"],
    );
}

#[test]
fn names_narrow_a_right_but_not_for_what_is_judged_without_one() {
    let marker = "groups=core,resources=configmaps,resourceNames=a;b,verbs=get;create";
    check(
        &[marker],
        &["get core/configmaps ns a", "create core/configmaps ns a"],
        &[
            "missing groups=core,resources=configmaps,verbs=create",
            "1: `create` of `configmaps` named `a`; `get`, `create` of `configmaps` named `b` -> groups=core,resources=configmaps,resourceNames=a,verbs=get",
        ],
    );
    // The URL of a subresource has the name, a list can be for one name.
    let marker = "groups=core,resources=serviceaccounts/token,resourceNames=a,verbs=create";
    check(&[marker], &["create core/serviceaccounts/token ns a"], &[]);
    let marker = "groups=core,resources=pods,resourceNames=a,verbs=watch";
    check(&[marker], &["watch core/pods ns a"], &[]);
}

#[test]
fn paths_are_judged_with_their_asterisk() {
    check(
        &["urls=/metrics/*;/logs,verbs=get"],
        &["get /metrics/cadvisor", "get /debug"],
        &[
            "missing urls=/debug,verbs=get",
            "1: `get` of `/logs` -> urls=/metrics/*,verbs=get",
        ],
    );
}

#[test]
fn what_everybody_may_needs_no_role() {
    check(
        &[],
        &[
            "get /version",
            "get /apis/apps/v1",
            "get /readyz",
            "create authorization.k8s.io/selfsubjectaccessreviews",
        ],
        &[],
    );
    check(
        &[],
        &["post /version"],
        &["missing urls=/version,verbs=post"],
    );
}

#[test]
fn fixed_roles_count_where_they_hold() {
    let lease = "update coordination.k8s.io/leases home lock";
    check(
        &[],
        &[lease, "create authentication.k8s.io/tokenreviews"],
        &[],
    );
    check(
        &[],
        &["update coordination.k8s.io/leases other lock"],
        &["missing groups=coordination.k8s.io,resources=leases,verbs=update"],
    );
    // A marker for what a fixed role allows anyway is too much.
    check(
        &["groups=coordination.k8s.io,resources=leases,verbs=update"],
        &[lease],
        &["1: `update` of `leases.coordination.k8s.io` -> "],
    );
    // Nobody bound the manager to `metrics-reader`.
    check(&[], &["get /metrics"], &["missing urls=/metrics,verbs=get"]);
}

#[test]
fn a_project_for_one_namespace_has_rights_there_only() {
    let namespaced = Case {
        manifests: NAMESPACED.to_owned(),
        namespaced: true,
    };
    check_in(
        &namespaced,
        &[PODS],
        &[
            "get core/pods default a",
            "list core/pods home",
            "get core/secrets default a",
        ],
        &["missing groups=core,resources=secrets,verbs=get"],
    );
    check_in(
        &namespaced,
        &[PODS],
        &[
            "list core/pods -",
            "get core/nodes - a",
            "get core/pods default a",
        ],
        &[
            "impossible `get` of `nodes`",
            "impossible `list` of `pods`",
            "1: `list` of `pods` -> groups=core,resources=pods,verbs=get",
        ],
    );
}

#[test]
fn a_marker_whose_role_is_bound_to_nobody_allows_nothing() {
    let marker = "groups=core,resources=pods,verbs=get,roleName=other";
    let events = [event("get core/pods ns a")];
    let findings = compared(&WIDE(), &[marker], &events);
    assert_eq!(
        lines(&findings),
        ["missing groups=core,resources=pods,verbs=get"]
    );
    assert!(
        findings.notes[0].contains("src/a.rs:1: nothing binds the manager to the role `other`")
    );
}

#[test]
fn a_marker_keeps_its_role_and_namespace() {
    let binding = "\
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: x, namespace: ns}
roleRef: {kind: Role, name: other}
subjects: [{kind: ServiceAccount, name: controller-manager}]
";
    let case = Case {
        manifests: binding.to_owned(),
        namespaced: false,
    };
    check_in(
        &case,
        &["groups=core,resources=pods,verbs=get;list,roleName=other,namespace=ns"],
        &["get core/pods ns a", "list core/pods other"],
        &[
            "missing groups=core,resources=pods,verbs=list",
            "1: `list` of `pods` -> groups=core,resources=pods,verbs=get,namespace=ns,roleName=other",
        ],
    );
}

#[test]
fn what_no_request_shows_is_kept_and_said() {
    check(
        &[
            "groups=example.com,resources=apps/finalizers,verbs=update",
            "groups=rbac.authorization.k8s.io,resources=roles,verbs=escalate;get",
        ],
        &[],
        &[
            "2: `get` of `roles.rbac.authorization.k8s.io` -> groups=rbac.authorization.k8s.io,resources=roles,verbs=escalate",
            "1?: `update` of `apps.example.com/finalizers`",
            "2?: `escalate` of `roles.rbac.authorization.k8s.io`",
        ],
    );
}

#[test]
fn an_object_that_a_patch_created_needs_both_rights() {
    let mut applied = event("patch core/configmaps ns a");
    applied["responseStatus"] = json!({"code": 201});
    let findings = compared(&WIDE(), &[], &[applied]);
    assert_eq!(
        lines(&findings),
        ["missing groups=core,resources=configmaps,verbs=create;patch"]
    );
}

#[test]
fn who_speaks_for_another_needs_the_right_to_and_no_more() {
    let mut spoken = event("delete core/pods ns a");
    spoken["impersonatedUser"] = json!({
        "username": "system:serviceaccount:ns:robot",
        "groups": ["system:serviceaccounts", "system:serviceaccounts:ns", "system:authenticated", "extra"],
    });
    let findings = compared(&WIDE(), &[], &[spoken]);
    assert_eq!(
        lines(&findings),
        ["missing groups=core,resources=groups;serviceaccounts,verbs=impersonate"]
    );
}

#[test]
fn a_cluster_admin_lacks_nothing_and_another_foreign_role_is_named() {
    let bound = |role: &str| Case {
        manifests: FIXED.replace(
            "name: metrics-auth-role}\nsubjects",
            &format!("name: {role}}}\nsubjects"),
        ),
        namespaced: false,
    };
    check_in(
        &bound("cluster-admin"),
        &[],
        &["delete core/nodes - a", "get /x"],
        &[],
    );
    let findings = compared(&bound("view"), &[], &[event("get core/pods ns a")]);
    assert_eq!(findings.missing.len(), 1);
    assert!(findings.notes[0].contains("`view`"), "{:?}", findings.notes);
}

#[test]
fn another_account_of_the_deployment_counts_instead() {
    let deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: controller-manager}\n\
        spec: {template: {spec: {serviceAccountName: robot}}}\n";
    let bound = |account: &str| Case {
        manifests: format!(
            "{deployment}---\n{}",
            FIXED.replace("name: controller-manager,", &format!("name: {account},"))
        ),
        namespaced: false,
    };
    let requests = ["get core/pods ns a", "list core/pods"];
    check_in(&bound("robot"), &[PODS], &requests, &[]);
    let missing = "missing groups=core,resources=pods,verbs=get;list";
    check_in(&bound("controller-manager"), &[PODS], &requests, &[missing]);
}

#[test]
fn only_the_operators_requests_count_and_a_watch_counts_once() {
    let mut other = event("delete core/pods ns a");
    other["user"]["username"] = json!("test");
    let mut began = event("watch core/pods");
    began["auditID"] = json!("1");
    began["stage"] = json!("ResponseStarted");
    let mut ended = began.clone();
    ended["stage"] = json!("ResponseComplete");
    let record = record(&[other, began, ended]);
    assert_eq!(record.requests, 1);
    let seen: Vec<_> = record
        .seen
        .iter()
        .map(|(it, seen)| (it.to_string(), seen.times))
        .collect();
    assert_eq!(seen, [("watch pods".to_owned(), 1)]);
    assert_eq!(record.others.into_iter().collect::<Vec<_>>(), ["test"]);
}

#[test]
fn an_unfinished_last_line_is_left_out_and_any_other_line_is_named() {
    let whole = log(&[event("get core/pods ns a")]);
    let mut record = Record::default();
    record.add(&format!("{whole}{{\"verb\":"), USER).unwrap();
    assert_eq!(record.requests, 1);
    assert_eq!(
        Record::default().add(&format!("{whole}\n{{}}\n"), USER),
        Err(3)
    );
    assert_eq!(Record::default().add("no event\n", USER), Err(1));
}

#[test]
fn where_a_missing_marker_belongs_and_how_it_showed_are_said() {
    let requests = [
        "create core/pods ns",
        "create core/pods ns2",
        "get core/pods ns a",
    ];
    let events: Vec<Value> = requests.iter().map(|words| event(words)).collect();
    let findings = compared(&WIDE(), &["groups=core,resources=pods,verbs=get"], &events);
    let missing = &findings.missing[0];
    assert_eq!(missing.near.as_ref().unwrap().line, 1);
    assert_eq!(
        (missing.times, missing.seen.as_slice()),
        (2, ["create /at/core/pods".to_owned()].as_slice())
    );
    assert_eq!(missing.right, "`create` of `pods`");
}

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

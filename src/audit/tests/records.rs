//! What a log says was needed.

use super::*;

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
        [
            "missing groups=core,resources=groups,resourceNames=extra,verbs=impersonate",
            "missing groups=core,resources=serviceaccounts,resourceNames=robot,verbs=impersonate",
        ]
    );
}

#[test]
fn what_else_is_said_of_somebody_needs_rights_too() {
    let mut spoken = event("delete core/pods ns a");
    spoken["impersonatedUser"] = json!({
        "username": "ann", "uid": "7", "extra": {"scopes": ["a", "b"]},
    });
    let findings = compared(&WIDE(), &[], &[spoken]);
    assert_eq!(
        lines(&findings),
        [
            "missing groups=core,resources=users,resourceNames=ann,verbs=impersonate",
            "missing groups=authentication.k8s.io,resources=uids,resourceNames=7,verbs=impersonate",
            "missing groups=authentication.k8s.io,resources=userextras/scopes,resourceNames=a;b,verbs=impersonate",
        ]
    );
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

//! What a rule allows, one case each.

use super::*;

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
            "missing groups=core,resources=pods;secrets,resourceNames=a,verbs=get",
            "missing groups=apps,resources=pods,resourceNames=a,verbs=get",
        ],
    );
}

/// A test's objects are examples, unless the operator never looks for others.
#[test]
fn names_are_proposed_where_nothing_else_is_asked_for() {
    let named =
        |names: &str| format!("missing groups=core,resources=secrets{names},verbs=get;update");
    let of = |names: &[&str]| -> Vec<String> {
        let verbs = ["get", "update"];
        let of_name = |name: &&str| verbs.map(|verb| format!("{verb} core/secrets ns {name}"));
        names.iter().flat_map(of_name).collect()
    };
    let check_names = |names: &[&str], expected: &str| {
        let requests = of(names);
        let requests: Vec<&str> = requests.iter().map(String::as_str).collect();
        check(&[], &requests, &[&named(expected)]);
    };
    check_names(&["a"], ",resourceNames=a");
    check_names(&["a", "b", "c"], ",resourceNames=a;b;c");
    check_names(&["a", "b", "c", "d"], "");
    for (other, more) in [
        ("list core/secrets", "list"),
        ("create core/secrets ns", "create"),
    ] {
        let found = format!("missing groups=core,resources=secrets,verbs=get;{more}");
        check(&[], &["get core/secrets ns a", other], &[&found]);
    }
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

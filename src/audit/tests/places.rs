//! Which role the manager has, and where it holds.

use super::*;

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
        &["missing groups=coordination.k8s.io,resources=leases,resourceNames=lock,verbs=update"],
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
        &["missing groups=core,resources=secrets,resourceNames=a,verbs=get"],
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
fn what_lies_in_the_managers_own_namespace_needs_a_right_there_only() {
    let wide = "missing groups=core,resources=configmaps,verbs=create;patch";
    let home = format!("{wide},namespace=demo-system");
    let both = Case {
        manifests: format!("{FIXED}---\n{NAMESPACED}"),
        namespaced: false,
    };
    let asked = [
        "create core/configmaps home",
        "patch core/configmaps home a",
    ];
    check_in(&both, &[], &asked, &[&home]);
    // Without a binding the manager would not have that Role.
    check(&[], &asked, &[wide]);
    let more = [&asked[..], &["patch core/configmaps other a"]].concat();
    check_in(&both, &[], &more, &[wide]);
    // A path lies in no namespace.
    check_in(&both, &[], &["get /a"], &["missing urls=/a,verbs=get"]);
}

#[test]
fn a_marker_whose_role_is_bound_to_nobody_allows_nothing() {
    let marker = "groups=core,resources=pods,verbs=get,roleName=other";
    let events = [event("get core/pods ns a")];
    let findings = compared(&WIDE(), &[marker], &events);
    assert_eq!(
        lines(&findings),
        ["missing groups=core,resources=pods,resourceNames=a,verbs=get"]
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

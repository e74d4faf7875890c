//! Names that two CRDs share.
//!
//! The API server takes both, and then serves one of them only: `NamesAccepted`
//! is false for the other
//! (<https://github.com/kubernetes/apiextensions-apiserver/blob/v0.35.0/pkg/controller/status/naming_controller.go>).
//! PROJECT's own names are checked when it is read; this sees what attributes say.

use std::collections::BTreeMap;

use serde_json::Value;

use super::text;
use crate::manifests::lint::CrdProblem;
use crate::manifests::place::CrdPlace;

/// Two CRDs of one name, which is a plural used twice.
pub(super) fn twice(crds: &[Value]) -> Vec<CrdProblem> {
    let mut seen: BTreeMap<&str, &Value> = BTreeMap::new();
    let mut problems = Vec::new();
    for crd in crds {
        let Some(first) = seen.insert(text(crd, "/metadata/name"), crd) else {
            continue;
        };
        let kinds = [first, crd].map(|crd| text(crd, "/spec/names/kind"));
        let plural = text(crd, "/spec/names/plural");
        let place = CrdPlace::default().with_literal(plural);
        problems.push(if kinds[0] == kinds[1] {
            CrdProblem::refused(crd, &place, "there are two of this name")
                .with_help("join the versions of one kind with `merge_crds`")
        } else {
            let [first, second] = kinds;
            let message = format!("`{first}` and `{second}` have the same plural, `{plural}`");
            CrdProblem::refused(crd, &place, message)
                .with_help("give one of them another with `#[kube(plural = \"…\")]` and in PROJECT")
        });
    }
    problems
}

/// Names that a CRD of the same group has already.
pub(super) fn shared(crds: &[Value]) -> Vec<CrdProblem> {
    let mut owners: BTreeMap<(&str, bool, &str), &Value> = BTreeMap::new();
    let mut problems = Vec::new();
    for crd in crds {
        let group = text(crd, "/spec/group");
        for (is_kind, name) in names(crd) {
            let owner = *owners.entry((group, is_kind, name)).or_insert(crd);
            if !std::ptr::eq(owner, crd) && crd_name(owner) != crd_name(crd) {
                problems.push(taken(crd, owner, name));
            }
        }
    }
    problems
}

fn crd_name(crd: &Value) -> &str {
    text(crd, "/metadata/name")
}

fn taken(crd: &Value, owner: &Value, name: &str) -> CrdProblem {
    let group = text(crd, "/spec/group");
    let kind = text(owner, "/spec/names/kind");
    let message = format!(
        "the name `{name}` is `{kind}`'s already, in the group `{group}`: the API server would serve one of the two"
    );
    CrdProblem::refused(crd, &CrdPlace::default().with_literal(name), message)
        .with_help("give one of them another name in its `#[kube(…)]`")
}

/// What must be one kind's own: names in URLs and on the command line, and, apart
/// from those, kinds.
fn names(crd: &Value) -> Vec<(bool, &str)> {
    let one = |key: &str| text(crd, &format!("/spec/names/{key}"));
    let short = crd.pointer("/spec/names/shortNames");
    let short = short.and_then(Value::as_array).into_iter().flatten();
    let mut names: Vec<_> = short
        .filter_map(Value::as_str)
        .map(|n| (false, n))
        .collect();
    names.extend([(false, one("plural")), (false, one("singular"))]);
    names.extend([(true, one("kind")), (true, one("listKind"))]);
    names.retain(|(_, name)| !name.is_empty());
    names
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn crd(group: &str, names: &Value) -> Value {
        let name = format!("{}.{group}", names["plural"].as_str().unwrap());
        json!({"metadata": {"name": name}, "spec": {"group": group, "names": names}})
    }

    fn check(first: &Value, second: &Value, expected: &[&str]) {
        let crds = [crd("a.b", first), crd("a.b", second)];
        let found: Vec<_> = shared(&crds).into_iter().map(|it| it.message).collect();
        assert_eq!(found, expected);
        assert_eq!(shared(&[crd("a.b", first), crd("c.d", second)]), []);
    }

    #[test]
    fn names_of_a_group_belong_to_one_kind() {
        let ships = json!({"kind": "Ship", "listKind": "ShipList", "plural": "ships",
            "singular": "ship", "shortNames": ["sh"]});
        let boats = |change: &Value| {
            let mut names = json!({"kind": "Boat", "plural": "boats", "singular": "boat"});
            for (key, value) in change.as_object().unwrap() {
                names[key] = value.clone();
            }
            names
        };
        let said = |name: &str| {
            format!(
                "the name `{name}` is `Ship`'s already, in the group `a.b`: the API server would serve one of the two"
            )
        };
        check(&ships, &boats(&json!({})), &[]);
        check(
            &ships,
            &boats(&json!({"shortNames": ["sh"]})),
            &[&said("sh")],
        );
        check(
            &ships,
            &boats(&json!({"singular": "ships"})),
            &[&said("ships")],
        );
        check(
            &ships,
            &boats(&json!({"shortNames": ["ship"]})),
            &[&said("ship")],
        );
        check(
            &ships,
            &boats(&json!({"kind": "ShipList"})),
            &[&said("ShipList")],
        );
        // Kinds and resources are apart.
        check(&ships, &boats(&json!({"kind": "sh"})), &[]);
    }

    #[test]
    fn a_plural_used_twice_names_both_kinds() {
        let of = |kind: &str| crd("a.b", &json!({"kind": kind, "plural": "ships"}));
        let found = twice(&[of("Ship"), of("Boat")]);
        assert_eq!(
            found[0].message,
            "`Ship` and `Boat` have the same plural, `ships`"
        );
        assert_eq!(found[0].kind, "Boat");
    }
}

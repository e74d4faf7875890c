//! What `rustop manifests` refuses, an API server refuses too; and it is refused
//! at the line where it is written, with the project's own generator.

use serde_json::Value;

use super::cluster::Cluster;
use super::generated::{Generated, turn};
use crate::sandbox::{Run, slow};

const CASE: &str = "myapp";
const TYPES: &str = "api/src/v1/my_app.rs";
const CREATE: &str = "create --dry-run=server --validate=strict -f -";

/// What stands in place of the example field, the line (of those) where it is
/// mended, and rustop's words.
const REFUSED: [(&str, usize, &str); 13] = [
    (
        "#[x_kube(validation = \"self <\")]\npub foo: String,",
        1,
        "the rule `self <` of `v1.spec.foo` is no CEL",
    ),
    (
        "#[x_kube(validation = \"self.all(x.y, true)\")]\npub foo: Vec<String>,",
        1,
        "the first argument of `all` is not a plain name",
    ),
    (
        "#[x_kube(validation = \"slef != ''\")]\npub foo: String,",
        1,
        "names `slef`, which is nothing here",
    ),
    (
        "#[x_kube(validation = \"self.bar != ''\")]\npub foo: Foo,",
        1,
        "asks for `self.bar`, and there is no such field",
    ),
    (
        "#[x_kube(validation = \"self.all(a, self.exists(b, a == b))\")]\npub foo: Vec<String>,",
        1,
        "times what the API server allows",
    ),
    (
        "#[schemars(length(max = 4))]\n#[schemars(extend(\"items\" = {\"type\": \"array\", \"items\": {\"type\": \"string\", \
         \"x-kubernetes-validations\": [{\"rule\": \"self.matches('^(a|b|c)*$') && self.matches('^(a|b|c)*$') && \
         self.size() + self.size() + self.size() + self.size() + self.size() + self.size() + self.size() + self.size() \
         + self.size() + self.size() + self.size() + self.size() > 1\"}]}}))]\npub foo: Vec<Vec<String>>,",
        2,
        "times what the API server allows",
    ),
    (
        "#[schemars(regex(pattern = \"a(?=b)\"))]\npub foo: String,",
        1,
        "the pattern `a(?=b)` is not RE2",
    ),
    (
        "#[schemars(extend(\"default\" = 1))]\npub foo: String,",
        2,
        "the default of `v1.spec.foo` does not fit",
    ),
    (
        "#[schemars(extend(\"x-kubernetes-list-type\" = \"set\"))]\npub foo: String,",
        2,
        "has an `x-kubernetes-list-type`",
    ),
    (
        "#[schemars(extend(\"x-kubernetes-list-type\" = \"map\"))]\npub foo: Vec<Foo>,",
        2,
        "has no `x-kubernetes-list-map-keys`",
    ),
    (
        "#[schemars(extend(\"x-kubernetes-list-type\" = \"map\", \"x-kubernetes-list-map-keys\" = [\"bar\"]))]\n\
         pub foo: Vec<Foo>,",
        2,
        "has a list map key that its items need not have",
    ),
    (
        "#[schemars(extend(\"allOf\" = [{\"type\": \"string\"}]))]\npub foo: String,",
        2,
        "chooses between schemas, one of which says more than rules",
    ),
    ("pub foo: serde_json::Value,", 1, "has no type"),
];

/// A struct that the fields may use.
const HELD: &str = "\n/// Held.\n#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]\npub struct Foo {\n    \
    pub namespace: Option<String>,\n}\n";

const FIELD: &str = "    #[serde(default, skip_serializing_if = \"Option::is_none\")]\n    \
    #[schemars(length(min = 1, max = 63))]\n    pub foo: Option<String>,\n";

/// The project with another field, and the line at which that begins.
fn project(field: &str) -> (Generated, usize) {
    let project = Generated::named(CASE);
    let before = String::from_utf8(project.files()[TYPES].0.clone()).unwrap();
    let line = before[..before.find(FIELD).unwrap()].lines().count() + 1;
    project.replace(TYPES, FIELD, &format!("    {field}\n"));
    project.replace(
        TYPES,
        "#[derive(CustomResource, Clone",
        "#[derive(CustomResource, kube::KubeSchema, Clone",
    );
    project.replace(
        TYPES,
        "Serialize, JsonSchema)]\n#[kube(\n",
        "Serialize)]\n#[kube(\n",
    );
    project.replace(
        TYPES,
        "\n/// What the controller found.",
        &format!("{HELD}\n/// What the controller found."),
    );
    (project, line)
}

/// What the generator prints.
fn printed(project: &Generated) -> Value {
    let package = project.package();
    let run = format!("run --quiet --package {package}-api --bin {package}-crdgen");
    let list: Value = serde_json::from_str(&project.ok("cargo", &run).stdout).unwrap();
    list["items"][0].clone()
}

#[test]
fn an_api_server_refuses_what_rustop_refuses() {
    if !slow("refused CRDs") {
        return;
    }
    let _turn = turn();
    let cluster = Cluster::start();
    for (field, below, words) in REFUSED {
        let (project, line) = project(field);
        let run = project.rustop("manifests");
        assert_eq!(run.code, 1, "{field}: {}", run.stderr);
        let place = format!("{TYPES}:{}: ", line + below - 1);
        let said = run
            .stderr
            .lines()
            .any(|it| it.starts_with(&place) && it.contains(words));
        assert!(
            said,
            "{field}: no `{place}` with `{words}` in:\n{}",
            run.stderr
        );
        let verdict = cluster.kubectl(CREATE, &printed(&project).to_string());
        println!(
            "{field}\n  rustop: {}\n  server: {}",
            run.stderr.trim(),
            verdict.stderr.trim()
        );
        assert_ne!(verdict.code, 0, "{field}: the API server takes it");
        assert!(
            verdict.stderr.contains("is invalid") || verdict.stderr.contains("BadRequest"),
            "{}",
            verdict.stderr
        );
    }
}

/// Rules and fields that are good: neither refuses them.
const TAKEN: [&str; 9] = [
    "#[x_kube(validation = \"self.all(x, x != '')\")]\n#[schemars(length(max = 4))]\npub foo: Vec<String>,",
    "#[x_kube(validation = \"!has(self.__namespace__) || self.__namespace__ == ''\")]\npub foo: Foo,",
    "#[x_kube(validation = \"!has(self.namespace) || self.namespace == ''\")]\npub foo: Foo,",
    "#[x_kube(validation = \"self.?__namespace__.orValue('') == ''\")]\npub foo: Foo,",
    "#[x_kube(validation = \"quantity(self).isLessThan(quantity('1Gi')) || ip.isCanonical(self)\")]\npub foo: String,",
    "#[x_kube(validation = \"self.all(i, v, v > i) && self.map(x, x > 1, x * 2).exists_one(y, y == 4)\")]\n\
     #[schemars(length(max = 4))]\npub foo: Vec<i64>,",
    "#[x_kube(validation = \"self == oldSelf || [1, 2,].exists(x, x in [1]) && {'a': 1,}['a'] == 1 && type(self) == string\")]\n\
     pub foo: String,",
    "#[x_kube(validation = \"self.matches(r'^\\\\d+$') ? self.size() < 3 : -1 < 0 // why\\n\")]\npub foo: String,",
    "#[x_kube(validation = \"cidr('10.0.0.0/8').containsIP('10.0.0.1') && sets.contains([1], [1]) && optional.none().orValue(1) == 1\")]\n\
     pub foo: String,",
];

#[test]
fn rustop_takes_what_an_api_server_takes() {
    if !slow("good CRDs") {
        return;
    }
    let _turn = turn();
    let cluster = Cluster::start();
    for field in TAKEN {
        let (project, _) = project(field);
        let verdict = cluster.kubectl(CREATE, &printed(&project).to_string());
        assert_eq!(verdict.code, 0, "{field}: {}", verdict.stderr);
        let run = project.rustop("manifests");
        assert_eq!(run.code, 0, "{field}: {}", run.stderr);
        assert!(!run.stderr.contains("note:"), "{field}: {}", run.stderr);
    }
}

/// What kube's derive panics on, with the line of the enum.
const PANICS: [(&str, usize, &str); 2] = [
    (
        "pub enum Held {\n    Off,\n    On { speed: i32 },\n}\n",
        1,
        "`Held` has variants that hold something and variants that hold nothing",
    ),
    (
        "#[serde(untagged)]\npub enum Held {\n    Git { path: String },\n    Disk { path: i32 },\n}\n",
        4,
        "two variants of `Held` have a field `path`",
    ),
];

#[test]
fn a_panic_of_kubes_derive_leads_to_its_enum() {
    if !slow("panics") {
        return;
    }
    let _turn = turn();
    for (source, below, words) in PANICS {
        let (project, _) = project("pub foo: Option<Held>,");
        let derive = "#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]\n";
        let held = format!("\n/// Held.\n{derive}{source}");
        project.replace(
            TYPES,
            "\n/// What the controller found.",
            &format!("{held}\n/// What the controller found."),
        );
        let text = String::from_utf8(project.files()[TYPES].0.clone()).unwrap();
        let line = text[..text.find(source).unwrap()].lines().count() + below;
        let run = project.rustop("manifests");
        assert_eq!(run.code, 1, "{}", run.stderr);
        let expected = format!("{TYPES}:{line}: {words}");
        assert!(
            run.stderr.contains(&expected),
            "no `{expected}` in:\n{}",
            run.stderr
        );
        assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
    }
}

#[test]
fn a_server_is_asked_and_its_refusal_has_a_place() {
    if !slow("manifests --server") {
        return;
    }
    let _turn = turn();
    // A function that there is not: rustop does not know them all.
    let field = "#[x_kube(validation = \"self.sizee() > 1\")]\npub foo: String,";
    let (refused, line) = project(field);
    assert_eq!(refused.rustop("manifests").code, 0);
    let run = refused.rustop("manifests --server=local");
    let place = format!("{TYPES}:{}: ", line + 1);
    said(
        &run,
        1,
        &[
            "the API server refuses these CRDs",
            &place,
            "undeclared reference to 'sizee'",
        ],
    );
    let cluster = Cluster::start();
    let run = refused.rustop_at(cluster.kubeconfig_path(), "manifests --server");
    said(&run, 1, &["the API server refuses these CRDs", &place]);
    let good = Generated::named(CASE);
    for arguments in [
        "manifests --check --server=local",
        "manifests --check --server",
    ] {
        let run = good.rustop_at(cluster.kubeconfig_path(), arguments);
        said(&run, 0, &["nothing to do"]);
    }
    let list = cluster.silent("get crd -o name", "", "nothing was kept");
    assert_eq!(list, "", "a dry run keeps nothing");
    let nowhere = std::path::Path::new("/nowhere");
    let run = good.rustop_at(nowhere, "manifests --check --server");
    said(&run, 1, &["the API server could not be asked"]);
}

#[track_caller]
fn said(run: &Run, code: i32, words: &[&str]) {
    assert_eq!(run.code, code, "{}", run.stderr);
    for word in words {
        assert!(run.stderr.contains(word), "no `{word}` in:\n{}", run.stderr);
    }
}

use super::*;
use crate::manifests::place::CrdPlace;

const SOURCE: &str = r#"use kube::CustomResource;
/// What is asked for.
#[derive(CustomResource)]
#[kube(group = "a.b", version = "v1", kind = "Ship", plural = "ships", status = "ShipStatus", namespaced)]
#[kube(printcolumn(
    name = "Size",
    json_path = ".spec.sise"
))]
#[serde(rename_all = "camelCase")]
pub struct ShipSpec {
    /// How many.
    pub max_crew: i32,
    #[serde(rename = "type")]
    pub kind_of: String,
    pub cannons: Option<Vec<Cannon>>,
    #[serde(flatten)]
    pub hull: Hull,
    pub harbours: BTreeMap<String, Harbour>,
    pub mode: Mode,
}

#[kube(validation = "self.a > 1")]
pub struct Cannon {
    #[schemars(extend("x-kubernetes-validations" = [{"rule": "self != ''"}]))]
    pub name: String,
}

pub struct Hull {
    pub wood: String,
}

pub struct ShipStatus {
    pub conditions: Vec<Condition>,
}

#[serde(rename_all = "camelCase")]
pub enum Mode {
    FullSpeed,
    ToPort { knots: i32 },
}
"#;

fn types(sources: &[(&str, &str)]) -> Types {
    let source =
        |(path, text): &(&str, &str)| (RelativePath::new(*path).unwrap(), (*text).to_owned());
    Types::read(&sources.iter().map(source).collect::<Vec<_>>())
}

fn place(path: &str) -> CrdPlace {
    let steps = path.split('.').filter(|part| !part.is_empty());
    steps.fold(CrdPlace::version("v1"), |place, part| match part {
        "[]" => place.below(Step::Items),
        "[*]" => place.below(Step::Values),
        name => place.field(name),
    })
}

fn check(place: &CrdPlace, expected: Option<(&str, usize)>) {
    let types = types(&[
        ("api/src/v1/ship.rs", SOURCE),
        (
            "api/src/v1/harbour.rs",
            "\npub struct Harbour {\n    pub depth: i32,\n}\n",
        ),
        ("api/src/broken.rs", "pub struct"),
    ]);
    let found = types.locate("ships.a.b", "Ship", place);
    assert_eq!(
        found.map(|(file, line)| (file.as_str(), line)),
        expected,
        "{place:?}"
    );
}

#[test]
fn a_field_is_found_where_it_is_declared() {
    let ship = |path: &str, line| check(&place(path), Some(("api/src/v1/ship.rs", line)));
    ship("", 10);
    ship("spec", 10);
    ship("spec.maxCrew", 12);
    ship("spec.type", 14);
    ship("spec.cannons.[]", 15);
    ship("spec.cannons.[].name", 25);
    ship("spec.wood", 29);
    ship("spec.mode.toPort", 39);
    ship("spec.mode.knots", 39);
    ship("status.conditions.[].reason", 33);
    check(
        &place("spec.harbours.[*].depth"),
        Some(("api/src/v1/harbour.rs", 3)),
    );
    // Not there: the nearest that is.
    ship("spec.cannons.[].what", 15);
    ship("spec.what.ever", 10);
}

#[test]
fn a_text_is_found_in_its_attribute() {
    let ship = |path: &str, text: &str, line| {
        check(
            &place(path).with_literal(text),
            Some(("api/src/v1/ship.rs", line)),
        );
    };
    ship("", ".spec.sise", 7);
    ship("spec.cannons.[]", "self.a > 1", 22);
    ship("spec.cannons.[].name", "self != ''", 24);
    ship("spec.maxCrew", "not there", 12);
}

#[test]
fn a_version_has_its_own_types() {
    let mut other = place("spec.maxCrew");
    other.version = "v2".to_owned();
    check(&other, None);
    other.version = String::new();
    check(&other, Some(("api/src/v1/ship.rs", 12)));
}

fn panics(source: &str, stderr: &str) -> Vec<(usize, String)> {
    let found = types(&[("a.rs", source)]).panics(stderr);
    found.into_iter().map(|it| (it.line, it.message)).collect()
}

const FIELD: &str = "thread 'main' panicked at src/schema.rs:537:29:\nProperty \"path\" has the schema Object(SchemaObject \
    { .. }) but was already defined as Object(..) in another subschema. The schemas for a property …";
const MIXED: &str = "Enum variant set [String(\"Off\")] has type Single(String) but was already defined as \
    Some(Single(Object)). The instance type must be equal for all subschema variants.";

#[test]
fn a_panic_leads_to_its_enum() {
    let source = "#[serde(untagged)]\nenum Source {\n    Git { path: String },\n    Disk {\n        path: i32,\n    },\n}\n";
    let said = "two variants of `Source` have a field `path`, and the two differ: in a CRD it is one field";
    assert_eq!(panics(source, FIELD), [(5, said.to_owned())]);
    let held = "#[serde(tag = \"type\")]\nenum Source {\n    Git(Git),\n    Disk(Disk),\n}\nstruct Git { path: String }\nstruct Disk { path: i32 }\n";
    assert_eq!(panics(held, FIELD), [(4, said.to_owned())]);
    // Each variant is a field of its own.
    assert_eq!(panics(&source.replace("#[serde(untagged)]", ""), FIELD), []);
    let mixed = "enum Mode {\n    Off,\n    On { speed: i32 },\n}\nenum Plain { A, B }\n";
    let found = panics(mixed, MIXED);
    assert_eq!(found.len(), 1);
    assert!(
        found[0]
            .1
            .starts_with("`Mode` has variants that hold something"),
        "{found:?}"
    );
    assert_eq!(panics(mixed, "error: could not compile"), []);
    // These are objects, all of them.
    assert_eq!(
        panics(&format!("#[serde(tag = \"type\")]\n{mixed}"), MIXED),
        []
    );
}

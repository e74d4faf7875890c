//! CRDs of our own making, each for what others have been seen to hold.

use super::*;

const GADGETS: &str = include_str!("../../tests/data/external/gadgets.yaml");
const RATINGS: &str = include_str!("../../tests/data/external/ratings.yaml");
const LIST: &str = include_str!("../../tests/data/external/list.json");
const OLD: &str = include_str!("../../tests/data/external/old.yaml");

fn types(text: &str, version: &str) -> String {
    let definitions = definitions(text).unwrap();
    definitions[0].types(version).unwrap()
}

/// The lines of the type `name`, without its attributes and comments.
fn lines(text: &str, name: &str) -> Vec<String> {
    let (_, rest) = text.split_once(&format!(" {name} {{\n")).expect(name);
    let (body, _) = rest.split_once("}\n").unwrap();
    let lines = body.lines().map(str::trim);
    let lines = lines.filter(|line| !line.starts_with("///") && !line.contains("Option::is_none"));
    lines.map(str::to_owned).collect()
}

#[test]
fn each_property_gets_the_type_that_its_schema_asks_for() {
    let text = types(GADGETS, "v1");
    let field = |name: &str, property: &str, expected: &str| {
        let line = format!("pub {property}: {expected},");
        let lines = lines(&text, name);
        assert!(lines.contains(&line), "{line} is not in {lines:#?}");
    };
    let spec = |property, expected| field("GadgetSpec", property, expected);
    spec("mode", "GadgetMode");
    spec("maybe", "Option<String>");
    spec("level", "Option<i64>");
    spec("_8bit", "Option<i32>");
    spec("field", "Option<f64>");
    spec("r#type", "Option<String>");
    spec("r#gen", "Option<i64>");
    spec("self_", "Option<bool>");
    spec("port", "Option<IntOrString>");
    spec("sizes", "Option<BTreeMap<String, IntOrString>>");
    spec("anything", "Option<serde_json::Value>");
    spec("free", "Option<BTreeMap<String, serde_json::Value>>");
    spec("template", "Option<BTreeMap<String, serde_json::Value>>");
    spec("empty", "Option<GadgetEmpty>");
    spec("matrix", "Option<Vec<Vec<GadgetMatrix>>>");
    spec("by_name", "Option<BTreeMap<String, Vec<GadgetByName>>>");
    spec("labels", "Option<BTreeMap<String, String>>");
    spec("owner", "ObjectReference");
    spec("others", "Option<BTreeMap<String, ObjectReference>>");
    spec("since", "Option<String>");
    let any = "Option<BTreeMap<String, Vec<Vec<serde_json::Value>>>>";
    spec("deep", any);
    spec("memory", "Option<Quantity>");
    spec("limits", "Option<BTreeMap<String, Quantity>>");
    spec("steps", "Option<Vec<Quantity>>");
    spec("surge", "Option<IntOrString>");
    spec("loose", "Option<IntOrString>");
    spec("aliases", "Option<Vec<Option<String>>>");
    let scores = "Option<BTreeMap<String, Option<Vec<Option<i64>>>>>";
    spec("scores", scores);
    spec("wheels", "Option<Vec<Option<GadgetWheels>>>");
    spec("any_list", "Option<Vec<serde_json::Value>>");
    field("GadgetStatus", "conditions", "Option<Vec<Condition>>");
    field(
        "GadgetStatus",
        "undated",
        "Option<Vec<GadgetStatusUndated>>",
    );
    let rest = "BTreeMap<String, serde_json::Value>";
    field("GadgetPartly", "other", rest);
}

#[test]
fn no_two_types_and_no_two_fields_share_a_name() {
    let text = types(GADGETS, "v1");
    assert_eq!(lines(&text, "GadgetBackendTls"), ["pub b: Option<String>,"]);
    assert_eq!(
        lines(&text, "GadgetBackendTls2"),
        ["pub a: Option<String>,"]
    );
    assert_eq!(lines(&text, "GadgetABC"), ["pub d: Option<String>,"]);
    assert_eq!(lines(&text, "GadgetStatus2"), ["pub x: Option<String>,"]);
    let spec = lines(&text, "GadgetSpec").join("\n");
    assert!(spec.contains("pub jwks_uri: "), "{spec}");
    assert!(spec.contains("pub jwks_uri2: "), "{spec}");
}

#[test]
fn values_become_variants_that_are_written_as_they_were() {
    let expected = [
        "#[serde(rename = \"fast\")]",
        "Fast,",
        "#[serde(rename = \"Fast\")]",
        "Fast2,",
        "#[serde(rename = \"\")]",
        "Empty,",
        "#[serde(rename = \"self\")]",
        "Self_,",
        "#[serde(rename = \"1.3\")]",
        "_13,",
        "#[serde(rename = \">=\")]",
        "Other,",
        "#[serde(rename = \"a \\\"b\\\"\")]",
        "AB,",
    ];
    assert_eq!(lines(&types(GADGETS, "v1"), "GadgetMode"), expected);
}

#[test]
fn only_what_can_have_a_default_derives_it() {
    let text = types(GADGETS, "v1");
    let derives = |name: &str| {
        let (before, _) = text.split_once(&format!("pub struct {name} ")).unwrap();
        before
            .rsplit("#[derive(")
            .next()
            .unwrap()
            .contains("Default")
    };
    assert!(!derives("GadgetSpec"), "its mode has none");
    assert!(derives("GadgetStatus"));
}

#[test]
fn a_spec_of_any_fields_keeps_them() {
    let text = types(GADGETS, "v1beta1");
    for name in ["GadgetSpec", "GadgetStatus"] {
        let lines = lines(&text, name);
        let expected = "pub other: BTreeMap<String, serde_json::Value>,";
        assert_eq!(lines, ["#[serde(flatten)]", expected]);
    }
    assert!(
        text.contains("status = \"GadgetStatus\", namespaced"),
        "{text}"
    );
}

#[test]
fn objects_without_a_spec_are_whole() {
    let text = types(RATINGS, "v1alpha1");
    let envelope = [
        "pub api_version: String,",
        "pub kind: String,",
        "#[serde(default)]",
    ];
    assert_eq!(lines(&text, "Rating")[..3], envelope);
    assert!(text.contains("type Scope = k8s_openapi::ClusterResourceScope;"));
    assert!(text.contains("pub fn new(name: &str) -> Self"), "{text}");
    assert!(!text.contains("CustomResource"), "{text}");
}

#[test]
fn a_file_may_hold_several_in_several_ways() {
    let names = |text: &str| -> Vec<String> {
        let found = definitions(text).unwrap();
        found.iter().map(Definition::name).collect()
    };
    let both = format!("---\n{GADGETS}---\nkind: Namespace\n--- # next\n{RATINGS}");
    let gadgets = "gadgets.example.org";
    assert_eq!(names(&both), [gadgets, "ratings.example.org"]);
    assert_eq!(names(LIST), ["wheels.example.org", "axles.example.org"]);
    assert_eq!(names(&format!("\u{feff}{GADGETS}")), [gadgets]);
    assert_eq!(names(&GADGETS.replace('\n', "\r\n")), [gadgets]);
}

#[test]
fn what_is_kept_is_the_text_as_it_stood_or_yaml() {
    let both = format!("---\n{GADGETS}---\n{RATINGS}\n\n");
    let found = definitions(&both).unwrap();
    assert_eq!(found[0].text, GADGETS);
    assert_eq!(found[1].text, RATINGS);
    let found = definitions(LIST).unwrap();
    assert!(
        found[0]
            .text
            .starts_with("apiVersion: apiextensions.k8s.io/v1\nkind: ")
    );
    assert!(
        found[0].text.contains("enum:\n                - 'on'\n"),
        "{}",
        found[0].text
    );
    for one in &found {
        assert_eq!(definitions(&one.text).unwrap()[0], *one);
    }
}

#[test]
fn the_stored_version_is_the_one_that_is_meant() {
    let definition = &definitions(GADGETS).unwrap()[0];
    assert_eq!(definition.stored().name, "v1");
    assert!(definition.namespaced);
}

#[test]
fn what_cannot_be_used_is_refused_with_the_reason() {
    fn check(text: &str, expected: &str) {
        let answer = definitions(text).and_then(|found| {
            let one = found.last().unwrap();
            one.types(&one.stored().name)
        });
        let error = answer.unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
    check("", "it holds no `CustomResourceDefinition`");
    check("kind: Pod", "it holds no `CustomResourceDefinition`");
    check("{{- if .Values.crds }}\nkind: a", "`helm template`");
    check("a: [", "it is no YAML");
    check(
        OLD,
        "`relics.example.org`: it is written for `apiextensions.k8s.io/v1beta1`",
    );
    check(LIST, "`axles.example.org`: its schema names no property");
    check(
        &GADGETS.replace("  scope: Namespaced\n", ""),
        "it has no `spec.scope`",
    );
    check(
        &GADGETS.replace("k8s.io/v1\n", "k8s.io/v2\n"),
        "not `apiextensions.k8s.io/v1`",
    );
    check(
        &GADGETS.replace("kind: Gadget\n", "kind: Option\n"),
        "need a type that is called `Option`",
    );
    let error = definitions(GADGETS).unwrap()[0].types("v3").unwrap_err();
    assert_eq!(
        error.to_string(),
        "custom resource definition `gadgets.example.org`: it has no version `v3`\nhelp: it serves `v1beta1`, `v1`"
    );
    let deep = "{type: object, properties: {a: ".repeat(70) + "{type: object}" + &"}}".repeat(70);
    check(&deep_crd(&deep), "it is no YAML: recursion limit exceeded");
}

fn deep_crd(schema: &str) -> String {
    let (head, _) = RATINGS.split_once("        description:").unwrap();
    format!("{head}        type: object\n        properties:\n          spec: {schema}\n")
}

/// Nobody could read an object in it: the API server answers with 404.
#[test]
fn a_version_that_is_not_served_is_refused() {
    fn check(text: &str, version: &str, expected: &str) {
        let error = definitions(text).unwrap()[0].types(version).unwrap_err();
        let expected = format!("custom resource definition `gadgets.example.org`: {expected}");
        assert_eq!(error.to_string(), expected);
    }
    let text = GADGETS.replacen("served: true", "served: false", 1);
    check(
        &text,
        "v1beta1",
        "it does not serve its version `v1beta1`\nhelp: it serves `v1`",
    );
    check(&text, "v3", "it has no version `v3`\nhelp: it serves `v1`");
    assert!(definitions(&text).unwrap()[0].types("v1").is_ok());
    let text = text.replace("served: true", "served: false");
    check(
        &text,
        "v1",
        "it does not serve its version `v1`, nor any other",
    );
}

/// Kubernetes' own type is taken only where it reads all that the schema admits.
#[test]
fn a_condition_or_reference_of_another_shape_gets_its_own_type() {
    fn check(from: &str, to: &str, property: &str, type_: &str) {
        assert!(GADGETS.contains(from), "{from}");
        let text = types(&GADGETS.replacen(from, to, 1), "v1");
        let line = format!("pub {property}: {type_},");
        assert!(text.contains(&line), "{from} -> {to}: {text}");
    }
    const TIME: &str = "lastTransitionTime: {type: string, format: date-time}";
    const GENERATION: &str = "observedGeneration: {type: integer, format: int64}";
    let condition = |from: &str, to: &str| {
        let own = "Option<Vec<GadgetStatusConditions>>";
        check(from, to, "conditions", own);
    };
    check(TIME, TIME, "conditions", "Option<Vec<Condition>>");
    condition(TIME, "lastTransitionTime: {type: string}");
    let null = "lastTransitionTime: {type: string, format: date-time, nullable: true}";
    condition(TIME, null);
    condition(GENERATION, "observedGeneration: {type: string}");
    let reference = |to: &str| {
        let own = "Option<BTreeMap<String, GadgetOthers>>";
        check("fieldPath: {type: string}", to, "others", own);
    };
    reference("fieldPath: {type: integer}");
    reference("fieldPath: {type: string, nullable: true}");
}

#[test]
fn names_that_are_no_part_of_a_path_are_refused() {
    assert!(kept_path("../../x", "y").is_err());
    assert!(kept_path("a", "..\\b").is_err());
    let path = kept_path("example.org", "gadgets").unwrap();
    assert_eq!(
        path.as_str(),
        "config/crd/external/example.org_gadgets.yaml"
    );
}

//! The sources of the rows: a kind each, in Rust and in Go.

use std::fmt::Write as _;

use crate::crd_markers::Row;

pub(super) const OURS: &str = "rows.example.com";
pub(super) const THEIRS: &str = "go.example.com";

/// The version that some rows have as well.
pub(super) const OLDER: &str = "v1alpha1";

/// Go packages by the name that they are used with.
const PACKAGES: [(&str, &str); 3] = [
    (
        "apiextensionsv1",
        "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1",
    ),
    ("intstr", "k8s.io/apimachinery/pkg/util/intstr"),
    ("runtime", "k8s.io/apimachinery/pkg/runtime"),
];

const IMPORTS: &str = "#![allow(unused_imports, reason = \"what some rows need\")]
use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use kube::core::DynamicObject;
use kube::{CustomResource, KubeSchema};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
";

pub(super) fn kind(row: &Row) -> String {
    let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
    row.name.split('-').map(capital).collect::<String>() + "Row"
}

pub(super) fn plural(row: &Row) -> String {
    let given = row
        .key("create")
        .and_then(|flags| flags.strip_prefix("--plural "));
    let given = given.and_then(|rest| rest.split(' ').next());
    given.map_or_else(|| kind(row).to_lowercase() + "s", str::to_owned)
}

pub(super) fn is_namespaced(row: &Row) -> bool {
    !row.key("create")
        .is_some_and(|flags| flags.contains("--namespaced=false"))
}

pub(super) fn rust(row: &Row, version: &str) -> String {
    let (kind, schema) = (kind(row), row.key("derive").unwrap_or("JsonSchema"));
    let mut arguments = format!("group = \"{OURS}\", version = \"{version}\", kind = \"{kind}\"");
    if !row.section("rust kind").contains("plural") {
        let _ = write!(arguments, ", plural = \"{}\"", plural(row));
    }
    if is_namespaced(row) {
        arguments += ", namespaced";
    }
    let mut text = format!(
        "{IMPORTS}\n{}#[derive(Clone, Debug, CustomResource, Deserialize, Serialize, {schema})]\n\
         #[kube({arguments})]\n{}\n#[serde(rename_all = \"camelCase\")]\n{}\npub struct {kind}Spec {{\n{}\n}}\n",
        types(row.section("rust types")),
        row.section("rust kind"),
        row.section("rust spec"),
        row.section("rust")
    );
    if row.has("rust status") {
        let fields = row.section("rust status");
        text += &types(&format!("pub struct {kind}Status {{\n{fields}\n}}"));
    }
    text
}

/// Structs and enums with what is derived for them.
fn types(text: &str) -> String {
    let derive = "#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]\n";
    let item = |item: &str| match item.starts_with("fn ") {
        true => format!("{item}\n\n"),
        false => format!("{derive}{item}\n\n"),
    };
    let items = text.split("\n\n").filter(|item| !item.is_empty());
    items.map(item).collect()
}

pub(super) fn go(row: &Row, version: &str) -> String {
    let kind = kind(row);
    let section = match version {
        OLDER => "go older",
        _ => "go kind",
    };
    let mut markers = row.section(section).to_owned();
    if !markers.contains("kubebuilder:resource") {
        let _ = write!(markers, "\n// +kubebuilder:resource:path={}", plural(row));
    }
    let mut body = format!(
        "{}\n\n{}\ntype {kind}Spec struct {{\n{}\n}}\n",
        row.section("go types"),
        row.section("go spec"),
        row.section("go")
    );
    let mut status = String::new();
    if row.has("go status") {
        let fields = row.section("go status");
        let _ = write!(body, "\ntype {kind}Status struct {{\n{fields}\n}}\n");
        status = format!(
            "// +optional\n// +nullable\nStatus {kind}Status `json:\"status,omitempty\"`\n"
        );
    }
    let _ = write!(
        body,
        "\n{}\ntype {kind} struct {{\nmetav1.TypeMeta `json:\",inline\"`\n\
         metav1.ObjectMeta `json:\"metadata,omitempty\"`\nSpec {kind}Spec `json:\"spec\"`\n{status}}}\n",
        markers.trim()
    );
    format!("package {version}\n\n{}\n{body}", imports(&body))
}

fn imports(body: &str) -> String {
    let mut text = "import metav1 \"k8s.io/apimachinery/pkg/apis/meta/v1\"\n".to_owned();
    for (name, path) in PACKAGES {
        if body.contains(&format!("{name}.")) {
            let _ = writeln!(text, "import {name} \"{path}\"");
        }
    }
    text
}

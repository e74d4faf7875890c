//! Odd values of each type: what the API server admits, the Rust types read. An
//! object that they cannot read fails the list of its whole kind.

use serde_json::{Value, json};

use super::cluster::Cluster;
use crate::sandbox::Sandbox;

const TEST: &str = "api/tests/edges.rs";
const OBJECTS: &str = "api/tests/edges.json";

/// A type, a default, and values that are odd in YAML, JSON, Go or Rust.
const TYPES: [(&str, &str, &str); 13] = [
    ("string", "a", r#"["", "\u0000", 1]"#),
    ("bool", "true", r#"["true", 1]"#),
    (
        "int64",
        "1",
        "[9223372036854775807, -9223372036854775808, 9223372036854775808, 1.0, 1e3, 1.5]",
    ),
    (
        "quantity",
        "1",
        r#"[1, -5, 5000000000, 1.5, "", "1e3", ".5", "1.5Gi", "9223372036854775808"]"#,
    ),
    (
        "int-or-string",
        "50%",
        r#"[5000000000, 2147483647, 2147483648, -2147483648, -2147483649, 1.5, 1e3, "", "5000000000"]"#,
    ),
    (
        "duration",
        "1h",
        r#"["", "0", "0s", "-1h", "+1h", "1.5h", "1µs", "1μs", "1e9h", "99999999999999999999999h", "999999999999.999999999h", "1h 1m"]"#,
    ),
    (
        "date-time",
        "",
        r#"["9999-12-31T23:59:59Z", "9899-12-31T23:59:59-23:59", "0000-01-01T00:00:00+23:59", "2030-01-01t00:00:00z", "2030-01-01 00:00:00Z", "2030-01-01T00:00:00.123456789Z", "2030-01-01T00:00:00.1234567891Z", "2030-01-01T00:00:00+99:99", "2030-01-01T00:00:00+24:00", "2028-02-29T00:00:00Z", "2030-02-29T00:00:00Z", "2030-01-01T23:59:60Z", "2030-01-01T24:00:00Z"]"#,
    ),
    (
        "byte",
        "",
        r#"["", "YQ==", "YR==", "YWI=", "YWJ=", "YQ", "YQ==\n", "_-8=", "////"]"#,
    ),
    ("any", "", r#"[{}, {"a": null, "b": [1.5]}, [], "a"]"#),
    (
        "local-object-reference",
        "",
        r#"[{}, {"name": ""}, {"name": null}, {"name": "a", "b": 1}]"#,
    ),
    (
        "object-reference",
        "",
        r#"[{}, {"apiVersion": "v1", "kind": "A", "name": "a", "uid": null, "namespace": ""}]"#,
    ),
    (
        "secret-key-selector",
        "",
        r#"[{"name": "a"}, {"name": "a", "key": "b"}, {"name": "a", "key": "b", "optional": null}]"#,
    ),
    (
        "config-map-key-selector",
        "",
        r#"[{"name": null, "key": "b"}, {"name": "a", "key": "b", "optional": false}]"#,
    ),
];

/// The names of a type's fields: one that may be left out, one with a default, a
/// list, a map.
fn names(position: usize) -> [String; 4] {
    ["maybe", "default", "list", "map"].map(|name| format!("{name}{position}"))
}

/// Adds the kind that has them all.
pub(super) fn add_kind(sandbox: &Sandbox) {
    let mut command = sandbox.command(
        "create api --quiet --group g --version v1 --kind Edges --plural edges --controller=false --field mode:string?,enum=a|b",
    );
    for (position, (name, default, _)) in TYPES.iter().enumerate() {
        let [maybe, with_default, list, map] = names(position);
        command.arg("--field").arg(format!("{maybe}:{name}?"));
        command.arg("--field").arg(format!("{list}:[]{name}?"));
        command
            .arg("--field")
            .arg(format!("{map}:map[string]{name}?"));
        if !default.is_empty() {
            command
                .arg("--field")
                .arg(format!("{with_default}:{name}={default}"));
        }
    }
    let run = crate::sandbox::Run::of(command.output().unwrap());
    assert_eq!(run.code, 0, "{}", run.stderr);
}

/// Each value in each place, one an object.
fn specs() -> Vec<Value> {
    let mut specs = vec![json!({}), json!({"mode": null}), json!({"mode": "a"})];
    for (position, (_, _, values)) in TYPES.iter().enumerate() {
        let mut values: Vec<Value> = serde_json::from_str(values).unwrap();
        values.push(Value::Null);
        let [maybe, with_default, list, map] = names(position);
        for value in values {
            specs.push(json!({ &maybe: value }));
            specs.push(json!({ &with_default: value }));
            specs.push(json!({ &list: [value] }));
            specs.push(json!({ &map: {"a": value} }));
        }
        specs.push(json!({ &list: null }));
        specs.push(json!({ &map: null }));
    }
    specs
}

/// Lets the API server judge them, and writes a test that reads what it took.
pub(super) fn write_test(cluster: &Cluster, sandbox: &Sandbox) {
    let objects = specs().into_iter().enumerate().map(|(position, spec)| {
        let name = json!({"name": format!("edge-{position}"), "namespace": "default"});
        json!({"apiVersion": "g.example.com/v1", "kind": "Edges", "metadata": name, "spec": spec})
            .to_string()
    });
    let objects: Vec<String> = objects.collect();
    let command = "create --dry-run=server --validate=ignore -o json -f -";
    let run = cluster.kubectl(command, &objects.join("\n"));
    let admitted = serde_json::Deserializer::from_str(&run.stdout).into_iter();
    let admitted: Vec<Value> = admitted.collect::<Result<_, _>>().unwrap();
    // About half of them are right.
    assert!(
        admitted.len() > 80 && admitted.len() + 40 < objects.len(),
        "{} of {}: {}",
        admitted.len(),
        objects.len(),
        run.stderr
    );
    println!("{} of {} are admitted", admitted.len(), objects.len());
    sandbox.write(OBJECTS, &Value::from(admitted).to_string());
    sandbox.write(TEST, include_str!("../../data/field_edges.rs"));
}

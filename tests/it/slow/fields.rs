//! Fields of all sorts: formatted as they are written, taken by a real API
//! server with their samples, and a value that breaks a rule is refused.
//!
//! That the CRDs are those of the Rust, `projects` shows with the snapshot `fields`,
//! and the random fields here.

use std::fmt::Write as _;
use std::process::Command;

use rustop::resource::{Field, Fields};
use serde_json::{Value, json};

use super::cluster::{Cluster, documents};
use super::field_edges;
use super::generated::{Generated, turn};
use crate::sandbox::{Run, Sandbox, slow};
use crate::snapshots;

/// Numbers that look random and are the same each time: splitmix64.
struct Random(u64);

impl Random {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % below as u64).unwrap()
    }

    fn of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[self.next(all.len())]
    }

    fn name(&mut self) -> String {
        let words = [
            "type",
            "self",
            "a",
            "userID",
            "port",
            "ports",
            "gen",
            "http2",
            "clusterIPs",
            "Ref",
            "Name",
            "VeryLongWord",
        ];
        let mut name = self.of(&words[..9]).to_owned();
        for _ in 0..self.next(6) {
            name.push_str(self.of(&words[9..]));
        }
        if self.next(2) == 0 {
            let _ = write!(name, "{}", self.next(99));
        }
        name
    }

    fn path(&mut self, parents: &mut Vec<String>) -> String {
        if self.next(3) == 0 {
            let outer = if parents.is_empty() || self.next(3) == 0 {
                String::new()
            } else {
                parents[self.next(parents.len())].clone()
            };
            let parent = format!("{outer}{}{}.", self.name(), self.of(&["", "[]", "{}"]));
            parents.push(parent);
        }
        let parent = match parents.is_empty() || self.next(2) == 0 {
            true => String::new(),
            false => parents[self.next(parents.len())].clone(),
        };
        parent + &self.name()
    }

    fn field(&mut self, parents: &mut Vec<String>) -> String {
        let scalars = [
            "string",
            "string",
            "string",
            "bool",
            "int32",
            "int64",
            "quantity",
            "int-or-string",
            "duration",
            "date-time",
            "byte",
            "any",
            "local-object-reference",
            "object-reference",
            "secret-key-selector",
            "config-map-key-selector",
        ];
        let mut text = format!(
            "{}:{}{}",
            self.path(parents),
            self.of(&["", "", "", "[]", "map[string]"]),
            self.of(&scalars)
        );
        text.push_str(self.of(&[
            "",
            "",
            "?",
            "?",
            "?",
            "=1",
            "=true",
            "=sample",
            "=1h30m",
            "=50%",
            "=\"a long text with \"\"quotes\"\" and \\ and some more\"",
        ]));
        for _ in 0..self.next(4) {
            text.push_str(self.of(&[
                ",min=1", ",min=0", ",max=9", ",max=4294967295", ",min=2", ",unique", ",immutable", ",enum=a|b|c-d", ",enum=TCP|UDP", ",enum=x y|1",
                ",pattern=\"^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$\"", r",pattern=^(\d+|[A-Za-z\.-]+)$", ",format=email", ",format=ipv6", ",doc=What it is.", ",doc=\"Long, \"\"quoted\"\" text: with `code`, [brackets] and # all that goes on and on beyond one hundred columns.\"",
                ",pattern=\"^(sample|[a-z]+(/[a-z]+)*\\.example\\.com|and-a-pattern-that-goes-on|beyond-one-hundred-columns)$\"", ",example=sample",
            ]));
        }
        text
    }

    /// Legal declarations that go together; the types of all objects get names that
    /// are not too long.
    fn fields(&mut self, kind: &str, wanted: usize) -> Vec<Field> {
        let fits = |fields: &Fields| {
            let mut suffixes = fields.type_suffixes().into_iter();
            suffixes.all(|suffix| kind.len() + suffix.len() <= 72)
        };
        let mut fields = Fields::default();
        let mut parents = Vec::new();
        for _ in 0..wanted * 20 {
            let field = Field::new(&self.field(&mut parents));
            let more = field.and_then(|field| fields.with(&[field], false));
            if let Some(more) = more.ok().filter(fits) {
                fields = more;
            }
            if fields.declared().len() == wanted {
                break;
            }
        }
        fields.declared().to_vec()
    }
}

/// A kind of so many letters.
fn kind(position: usize) -> String {
    let letters = "Abcdefghij".chars().cycle().take(1 + (position * 7) % 33);
    let number = char::from(b'A' + u8::try_from(position % 26).unwrap());
    format!("{number}{}{position}", letters.collect::<String>())
}

fn random_project(kinds: usize, fields: usize) -> Sandbox {
    let sandbox = Sandbox::in_memory();
    sandbox.ok("init --domain example.com --project-name demo --quiet");
    let mut random = Random(5);
    for position in 0..kinds {
        let mut command = sandbox.command(&format!(
            "create api --quiet --group g --version v1 --kind {} --controller",
            kind(position)
        ));
        let declared = random.fields(&kind(position), fields);
        assert!(
            declared.len() * 2 > fields,
            "only {} fields are legal",
            declared.len()
        );
        for field in &declared {
            command.arg("--field").arg(field.to_string());
        }
        let run = Run::of(command.output().unwrap());
        assert_eq!(run.code, 0, "{}\n{declared:#?}", run.stderr);
    }
    sandbox
}

#[test]
fn fields_of_all_sorts_are_formatted_and_admitted_with_their_samples() {
    if !slow("random fields") {
        return;
    }
    let sandbox = random_project(26, 30);
    field_edges::add_kind(&sandbox);
    let files = sandbox.files();
    let sources = files
        .keys()
        .filter(|path| path.ends_with(".rs") && !path.starts_with("runtime/"));
    let mut rustfmt = Command::new("rustfmt");
    rustfmt.args(["--check", "--edition", "2024"]).args(sources);
    let run = Run::of(rustfmt.current_dir(sandbox.path()).output().unwrap());
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);

    let cluster = Cluster::start();
    let below = |folder: &str| -> Vec<&str> {
        let paths = files
            .keys()
            .filter(|path| path.starts_with(folder) && path.ends_with(".yaml"));
        paths
            .map(String::as_str)
            .filter(|path| !path.contains("kustomization"))
            .collect()
    };
    for path in below("config/crd/bases/") {
        cluster.silent(
            "apply --server-side --validate=strict -f -",
            &sandbox.read(path),
            path,
        );
    }
    cluster.silent(
        "wait --for=condition=Established --timeout=60s crd --all",
        "",
        "CRDs",
    );
    for path in below("config/samples/") {
        cluster.silent(
            "create --dry-run=server --validate=strict -f -",
            &sandbox.read(path),
            path,
        );
    }
    field_edges::write_test(&cluster, &sandbox);
    agrees_with_its_types(&sandbox);
}

/// The CRDs are those of the Rust, and the Rust reads what the API server took.
fn agrees_with_its_types(sandbox: &Sandbox) {
    let _turn = turn();
    let project = Generated::new("random-fields", sandbox);
    let run = project.rustop("manifests --check");
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    project.ok("cargo", "test --locked --package demo-api --test edges");
}

/// A change of the sample, and words of the API server's verdict.
const BROKEN: [(&str, &str, &str); 20] = [
    ("/string", "null", "spec.string: Required value"),
    ("/int64", "\"1\"", "must be of type integer"),
    ("/bool", "\"true\"", "must be of type boolean"),
    (
        "/quantity",
        "\"much\"",
        "spec.quantity in body should match",
    ),
    ("/intOrString", "true", "spec.intOrString"),
    (
        "/duration",
        "\"5 minutes\"",
        "spec.duration in body should match",
    ),
    (
        "/dateTime",
        "\"today\"",
        "spec.dateTime in body must be of type date-time",
    ),
    ("/byte", "\"?\"", "spec.byte in body must be of type byte"),
    (
        "/secretKeySelector/key",
        "\"\"",
        "spec.secretKeySelector.key in body should be at least 1 chars",
    ),
    (
        "/listNeeded",
        "[\"a\"]",
        "spec.listNeeded in body should have at least 2 items",
    ),
    (
        "/listNeeded",
        "[\"a\", \"a\"]",
        "spec.listNeeded[1]: Duplicate value",
    ),
    (
        "/mapNeeded",
        "{}",
        "spec.mapNeeded in body should have at least 1 properties",
    ),
    ("/mode", "\"Never\"", "Unsupported value: \"Never\""),
    ("/odd", "[\"AB\"]", "Unsupported value: \"AB\""),
    ("/slug", "\"A-\"", "spec.slug in body should match"),
    ("/hosts", "[\"-\"]", "spec.hosts[0] in body should match"),
    ("/ip", "\"1.2.3\"", "spec.ip in body must be of type ipv4"),
    ("/uuid", "\"1\"", "spec.uuid in body must be of type uuid"),
    (
        "/ports/1/name",
        "null",
        "spec.ports[1].name: Required value",
    ),
    (
        "/big",
        "9000000000000001",
        "spec.big in body should be less than or equal to",
    ),
];

#[test]
fn a_value_that_breaks_a_rule_is_refused() {
    if !slow("values that break a rule") {
        return;
    }
    let sandbox = snapshots::run(std::path::Path::new("snapshots/fields"));
    let cluster = Cluster::start();
    let crd = sandbox.read("config/crd/bases/auth.demo.welcome.domain_everything.yaml");
    cluster.silent("apply --server-side --validate=strict -f -", &crd, "CRD");
    cluster.silent(
        "wait --for=condition=Established --timeout=30s crd --all",
        "",
        "CRD",
    );
    let sample = sandbox.read("config/samples/auth_v1alpha1_everything.yaml");
    let sample = documents(&sample).remove(0);
    for (pointer, value, words) in BROKEN {
        let broken = changed(&sample, pointer, &serde_json::from_str(value).unwrap());
        refused(
            &cluster,
            "create --dry-run=server --validate=strict -f -",
            &broken,
            words,
        );
    }
    check_stored(&cluster, &sample);
}

/// Defaults are filled in, and what is immutable stays.
fn check_stored(cluster: &Cluster, sample: &Value) {
    let mut bare = sample.clone();
    for name in ["flag", "timeout", "mode", "storage"] {
        bare["spec"].as_object_mut().unwrap().remove(name);
    }
    let stored = cluster.silent(
        "create --validate=strict -o json -f -",
        &bare.to_string(),
        "sample",
    );
    let stored: Value = serde_json::from_str(&stored).unwrap();
    let spec = &stored["spec"];
    assert_eq!(
        (&spec["flag"], &spec["timeout"], &spec["mode"]),
        (&json!(true), &json!("5400s"), &json!("Fast"))
    );
    cluster.silent(
        "apply --server-side --force-conflicts --validate=strict -f -",
        &sample.to_string(),
        "sample",
    );
    let apply = "apply --server-side --force-conflicts --validate=strict -f -";
    for (pointer, words) in [
        ("/userID", "userID is immutable"),
        ("/storage/className", "className is immutable"),
    ] {
        refused(
            cluster,
            apply,
            &changed(sample, pointer, &json!("other")),
            words,
        );
    }
}

fn changed(sample: &Value, pointer: &str, value: &Value) -> Value {
    let mut changed = sample.clone();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let parent = changed.pointer_mut(&format!("/spec{parent}")).unwrap();
    match value {
        Value::Null => drop(parent.as_object_mut().unwrap().remove(name)),
        _ => parent[name] = value.clone(),
    }
    changed
}

#[track_caller]
fn refused(cluster: &Cluster, command: &str, object: &Value, words: &str) {
    let run = cluster.kubectl(command, &object.to_string());
    assert_ne!(run.code, 0, "`{words}` was not said of {object:#}");
    assert!(
        run.stderr.contains(words),
        "`{words}` is not in: {}",
        run.stderr
    );
}

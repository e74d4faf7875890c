//! What a real API server makes of both CRDs of each row, and of the row's objects.

use serde_json::{Value, json};

use super::super::cluster::Cluster;
use super::Crds;
use super::compare::includes;
use super::sources::{OURS, THEIRS, is_namespaced, kind, plural};
use crate::crd_markers::Row;

const INSTALL: &str = "apply --server-side --validate=strict -f -";
const APPLY: &str = "apply --server-side --validate=strict -o json -f - --field-manager=";

/// One server has the CRDs of both sides, in a group each. All that is wrong.
pub(super) fn verdicts(rows: &[Row], ours: &Crds, theirs: &Crds) -> Vec<String> {
    let cluster = Cluster::start();
    let is_taken = |row: &&Row| row.key("go refused").is_none();
    let of_go: Vec<&Row> = rows.iter().filter(is_taken).collect();
    install(&cluster, ours, &rows.iter().collect::<Vec<_>>());
    install(&cluster, theirs, &of_go);
    let wait = "wait --for=condition=Established --timeout=90s crd --all";
    cluster.silent(wait, "", "CRDs");
    let mut wrong = refusals_of_go(&cluster, rows, theirs);
    for (group, rows) in [(OURS, rows.iter().collect()), (THEIRS, of_go)] {
        let side = Side {
            cluster: &cluster,
            group,
            rows,
        };
        wrong.extend(side.objects());
    }
    wrong
}

fn install(cluster: &Cluster, crds: &Crds, rows: &[&Row]) {
    let crds = rows.iter().map(|row| crds[&row.name].clone());
    let crds: Vec<Value> = crds.collect();
    cluster.silent(INSTALL, &list(&crds), "CRDs");
}

/// Where no server takes what controller-gen makes.
fn refusals_of_go(cluster: &Cluster, rows: &[Row], theirs: &Crds) -> Vec<String> {
    let refused = rows
        .iter()
        .filter_map(|row| Some((row, row.key("go refused")?)));
    let wrong = refused.filter_map(|(row, words)| {
        let run = cluster.kubectl(INSTALL, &theirs[&row.name].to_string());
        (run.code == 0 || !run.stderr.contains(words))
            .then(|| format!("{}: of controller-gen's CRD: {}", row.name, run.stderr))
    });
    wrong.collect()
}

/// The objects of one group, which are the same in both.
struct Side<'a> {
    cluster: &'a Cluster,
    group: &'a str,
    rows: Vec<&'a Row>,
}

impl Side<'_> {
    /// All that is wrong.
    fn objects(&self) -> Vec<String> {
        self.apply("before", "one");
        let stored = self.apply("good", "one");
        let mut wrong = self.differences(&stored, "stored", includes);
        wrong.extend(self.kubectl());
        let merged = self.apply("over", "two --force-conflicts");
        wrong.extend(self.differences(&merged, "merged", |whole, part| whole == part));
        let bad = self.rows.iter().filter(|row| row.has("bad"));
        wrong.extend(bad.filter_map(|row| self.refusal(row)));
        wrong
    }

    /// Applies the objects of a section, and gives them as they are stored.
    fn apply(&self, section: &str, manager: &str) -> Vec<Value> {
        let rows = self.rows.iter().filter(|row| row.has(section));
        let objects: Vec<Value> = rows.map(|row| self.object(row, section, "")).collect();
        let command = format!("{APPLY}{manager}");
        let what = format!("{section} in {}", self.group);
        let applied = self.cluster.silent(&command, &list(&objects), &what);
        let applied: Value = serde_json::from_str(&applied).unwrap();
        applied["items"].as_array().unwrap().clone()
    }

    fn object(&self, row: &Row, section: &str, suffix: &str) -> Value {
        let spec: Value = serde_yaml::from_str(row.section(section)).unwrap();
        let mut metadata = json!({"name": format!("{}{suffix}", row.name)});
        if is_namespaced(row) {
            metadata["namespace"] = json!("default");
        }
        json!({"apiVersion": format!("{}/v1", self.group), "kind": kind(row),
            "metadata": metadata, "spec": spec})
    }

    fn differences(
        &self,
        found: &[Value],
        section: &str,
        fits: fn(&Value, &Value) -> bool,
    ) -> Vec<String> {
        let rows = self.rows.iter().filter(|row| row.has(section));
        let wrong = rows.filter_map(|row| {
            let wanted: Value = serde_yaml::from_str(row.section(section)).unwrap();
            let mut named = found
                .iter()
                .filter(|one| one["metadata"]["name"] == row.name);
            let spec = &named.next().unwrap()["spec"];
            (!fits(spec, &wanted))
                .then(|| format!("{} in {}: {section}: {spec}", row.name, self.group))
        });
        wrong.collect()
    }

    /// What is wrong with the refusal of the row's bad object.
    fn refusal(&self, row: &Row) -> Option<String> {
        let (command, suffix) = match (row.has("before"), row.key("refused by")) {
            (true, _) => ("replace", ""),
            (_, Some("apply")) => ("apply --server-side", "-bad"),
            _ => ("create", "-bad"),
        };
        let object = self.object(row, "bad", suffix);
        let command = format!("{command} --dry-run=server --validate=strict -f -");
        let run = self.cluster.kubectl(&command, &object.to_string());
        let said = run.code != 0 && run.stderr.contains(row.section("says"));
        (!said).then(|| format!("{} in {}: bad: {}", row.name, self.group, run.stderr))
    }

    fn kubectl(&self) -> Vec<String> {
        let lines = self
            .rows
            .iter()
            .flat_map(|row| row.section("kubectl").lines().map(move |line| (row, line)));
        let wrong = lines.filter_map(|(row, line)| {
            let rows = format!("{}.{}", plural(row), self.group);
            let line = line.replace("ROWS", &rows).replace("GROUP", self.group);
            let (arguments, words) = line.split_once(" => ").unwrap();
            let run = self.cluster.kubectl(arguments, "");
            let said = run.stdout + &run.stderr;
            (!said.contains(words)).then(|| format!("{}: kubectl {arguments}: {said}", row.name))
        });
        wrong.collect()
    }
}

fn list(items: &[Value]) -> String {
    json!({"apiVersion": "v1", "kind": "List", "items": items}).to_string()
}

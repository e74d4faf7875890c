//! docs/multi-version.md, followed to the letter: a hub and two spokes, objects that are
//! migrated, a version that retires. What webhooks do on the project that comes of it is
//! `scenario`'s.

mod scenario;

use serde_json::{Value, json};

use super::cluster::{Cluster, documents};
use super::generated::turn;
use super::reader::Reader;
use crate::documents::Block;
use crate::sandbox::slow;
use scenario::Served;

const PAGE: &str = "docs/multi-version.md";
const CRD: &str = "config/crd/bases/store.example.com_backups.yaml";

/// What the defaulters and validators of the test do, as edits of the stubs.
const HANDLERS: [(&str, &str, &str); 10] = [
    (
        "src/webhook/v1/backup/defaulter.rs",
        "        tracing::debug!(name = object.metadata.name, \"defaulted\");\n",
        "        object.spec.keep.get_or_insert(7);\n",
    ),
    (
        "src/webhook/v1/backup/validator.rs",
        "        let errors = field::ErrorList::new();\n        errors.into_result()?;\n        Ok(Warnings::new())\n",
        "        let spec = field::Path::new(\"spec\");\n        \
         let keep = object.spec.keep.unwrap_or_default();\n        \
         let mut errors = field::ErrorList::new();\n        \
         if keep > 30 {\n            \
         errors.push(field::Error::invalid(&spec.child(\"keep\"), keep, \"at most 30 are kept\"));\n        }\n        \
         if object.spec.hour == 2 {\n            \
         errors.push(field::Error::forbidden(&spec.child(\"hour\"), \"the store is closed\"));\n        }\n        \
         errors.into_result()?;\n        \
         let many = (keep > 14).then(|| \"that is a lot\".to_owned());\n        \
         Ok(many.into_iter().collect())\n",
    ),
    (
        "src/webhook/v1/backup/validator.rs",
        "        _old: &Self::Object,",
        "        old: &Self::Object,",
    ),
    (
        "src/webhook/v1/backup/validator.rs",
        "        // Compare with `_old` here what must not change.\n",
        "        if old.spec.minute != new.spec.minute {\n            \
         let minute = field::Path::new(\"spec\").child(\"minute\");\n            \
         Err(field::Error::forbidden(&minute, \"must not change\"))?;\n        }\n",
    ),
    (
        "src/webhook/v1/backup/validator.rs",
        "        // Who must stay is kept with `Err(Denied::forbidden(\"…\"))`.\n",
        "        if object.metadata.name.as_deref() == Some(\"forever\") {\n            \
         return Err(Denied::forbidden(\"it is for ever\"));\n        }\n",
    ),
    (
        "src/webhook/v1/backup/validator.rs",
        "verbs=create;update,",
        "verbs=create;update;delete,",
    ),
    (
        "src/webhook/v1beta1/backup/defaulter.rs",
        "        tracing::debug!(name = object.metadata.name, \"defaulted\");\n",
        "        let labels = object.metadata.labels.get_or_insert_default();\n        \
         labels.insert(\"by\".to_owned(), \"v1beta1\".to_owned());\n",
    ),
    (
        "src/webhook/v1beta1/backup/defaulter.rs",
        "versions=v1beta1,",
        "versions=v1beta1,matchPolicy=exact,",
    ),
    (
        "src/webhook/v1beta1/backup/validator.rs",
        "        let errors = field::ErrorList::new();\n",
        "        let mut errors = field::ErrorList::new();\n        \
         if object.spec.minute == 59 {\n            \
         let minute = field::Path::new(\"spec\").child(\"minute\");\n            \
         errors.push(field::Error::not_supported(&minute, 59, &[\"0\", \"30\"]));\n        }\n",
    ),
    (
        "src/webhook/v1beta1/backup/validator.rs",
        "versions=v1beta1,",
        "versions=v1beta1,matchPolicy=exact,",
    ),
];

/// What the project's own integration tests see: the operator serves its webhooks there, and
/// an object of another version than the handlers' is converted for them.
const INTEGRATION: &str = r#"
#[tokio::test]
async fn webhooks_are_served() {
    use api::store::v1alpha1::Backup;

    let operator = Operator::start().await;
    let objects: Api<Backup> = Api::namespaced(operator.client(), "default");
    let create = async |at: &str| {
        let spec = serde_json::from_value(serde_json::json!({"at": at})).unwrap();
        let parameters = PostParams::default();
        objects.create(&parameters, &Backup::new("sample", spec)).await
    };
    let refused = create("02:00").await.unwrap_err().to_string();
    assert!(refused.contains("the store is closed"), "{refused}");
    let created = create("03:00").await.unwrap();
    assert_eq!(created.metadata.annotations.unwrap()["store.example.com/keep"], "7");
}
"#;

#[test]
fn several_versions_live_together_on_a_real_api_server() {
    if !slow("several versions and webhooks") {
        return;
    }
    let _turn = turn();
    let mut reader = Reader::new(PAGE, "backups");
    let cluster = Cluster::start();
    let served = Served::new(&cluster);

    reader.follows("Begin with one version");
    cluster.apply(&reader.read(CRD), "the first version");
    cluster.create("v1alpha1", "old", &json!({"at": "04:30"}), 0, "");

    reader.follows("Add the next ones");
    loses_something(&mut reader, "Choose the hub");
    reader.follows("Write the conversions");
    adds_handlers(&mut reader);
    served.install(&reader);
    let running = served.start();
    reader.kubeconfig = Some(cluster.kubeconfig().to_owned());

    reader.follows("Deploy it");
    scenario::each_version_is_read_as_every_other(&cluster);
    scenario::handlers_of_two_versions_are_asked(&cluster);
    scenario::updates_and_deletions_are_judged(&cluster);
    drop(running);
    scenario::a_webhook_that_is_down_fails_or_is_ignored(&cluster, &served, &reader);

    let running = served.start();
    assert_eq!(stored(&cluster), json!(["v1alpha1", "v1"]));
    reader.follows("Migrate what is stored");
    assert_eq!(stored(&cluster), json!(["v1"]));
    drop(running);
    let old = cluster.get("v1", "old").json();
    assert_eq!(old["spec"]["hour"], 4, "read without a conversion: {old}");

    let _running = served.start();
    retires(&mut reader, &cluster, &served);
}

/// The tests of the stubs say what the page shows.
fn loses_something(reader: &mut Reader, section: &str) {
    let mut said = String::new();
    for block in reader.blocks(section) {
        match block {
            Block::Commands(lines) => {
                for line in lines {
                    if line == "make test" {
                        let run = reader.run("cargo test --package backups-api");
                        assert_ne!(run.code, 0, "nothing is lost: {}", run.stdout);
                        said = run.stdout + &run.stderr;
                    } else {
                        reader.types(&line);
                    }
                }
            }
            Block::Output(lines) => {
                for line in lines {
                    assert!(said.contains(&line), "`{line}` is not in:\n{said}");
                }
            }
            Block::File { path, .. } => panic!("{path} is not written here"),
        }
    }
}

/// Defaulting and validation for two versions; the stubs pass their tests before they are changed.
fn adds_handlers(reader: &mut Reader) {
    for version in ["v1", "v1beta1"] {
        reader.types(&format!(
            "rustop create webhook --group store --version {version} --kind Backup --defaulting --programmatic-validation"
        ));
    }
    reader.types("cargo fmt --all --check");
    reader.types("cargo clippy --package backups --all-targets --locked -- -D warnings");
    reader.types("cargo test --package backups --bins --locked");
    for (path, from, to) in HANDLERS {
        reader.replaces(path, from, to);
    }
    reader.types("rustop manifests");
    reader.appends("tests/integration/backup.rs", INTEGRATION);
    reader.types("make test");
    reader.types("cargo build --package backups --bins --locked");
}

fn stored(cluster: &Cluster) -> Value {
    cluster
        .kubectl("get crd backups.store.example.com -o json", "")
        .json()["status"]["storedVersions"]
        .clone()
}

/// Each block of the page is a release.
fn retires(reader: &mut Reader, cluster: &Cluster, served: &Served) {
    let mut releases = reader.blocks("Retire the old version").into_iter();
    let mut next = |reader: &mut Reader| {
        let Some(Block::Commands(lines)) = releases.next() else {
            panic!("{PAGE} has three releases");
        };
        for line in &lines {
            reader.types(line);
        }
        served.install_crd(reader);
        std::thread::sleep(std::time::Duration::from_secs(2));
        cluster.get("v1alpha1", "of-v1")
    };
    let warned = next(reader);
    assert_eq!(warned.code, 0, "{}", warned.stderr);
    let words = "Warning: store.example.com/v1alpha1 Backup is deprecated; use v1";
    assert!(warned.stderr.contains(words), "{}", warned.stderr);
    for release in ["unserved", "deleted"] {
        let gone = next(reader);
        assert_ne!(gone.code, 0, "{release}");
    }
    let versions = documents(&reader.read(CRD))[0]["spec"]["versions"].clone();
    assert_eq!(versions.as_array().unwrap().len(), 2, "{versions}");
    assert_eq!(
        cluster.get("v1beta1", "of-v1alpha1").json()["spec"]["hour"],
        3
    );
}

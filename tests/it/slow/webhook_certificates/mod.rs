//! From what `make deploy` applies to a webhook that works, on a real API server: with
//! certificates from cert-manager, from the manager itself, and on somebody's machine.
//!
//! The manager runs as the account and with the roles that are deployed, and is called
//! through its service: an EndpointSlice stands for what the kubelet and the endpoint
//! controller would do. cert-manager's controller is not ours to run; a stand-in does
//! what it would, from the objects that are deployed.

pub(super) mod issuer;
mod load;
mod manager;

use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::cluster::{Cluster, documents};
use super::generated::{Generated, target, turn};
use super::server::kustomize;
use crate::sandbox::{Sandbox, slow};
use issuer::Issuer;
use load::{Load, Outcome};
use manager::Manager;

const APPLY: &str = "apply --server-side --validate=strict -f -";
/// Fewer requests to the manager in a second may all pass beside what goes wrong for a
/// moment.
const RATE: f64 = 200.0;

/// So many objects are created before the next thing happens.
const SOME: usize = 300;

const CAPTAINS: &str = "captains.v1.crew.example.com";

/// A kind with a hub and a spoke, defaulting and validation, called `demo`.
fn project(certificates: &str) -> Sandbox {
    let project = Sandbox::empty();
    project.ok(&format!(
        "init --domain example.com --project-name demo --certificates {certificates}"
    ));
    for version in ["v1", "v2"] {
        project.ok(&format!(
            "create api --group crew --version {version} --kind Captain --resource --controller=false"
        ));
    }
    let webhooks = "--defaulting --programmatic-validation --conversion --spoke v2";
    project.ok(&format!(
        "create webhook --group crew --version v1 --kind Captain {webhooks}"
    ));
    project
}

/// The manager: it marks what it defaults, and refuses who is called `bad`.
fn build() -> PathBuf {
    let _turn = turn();
    let project = Generated::new("webhook-certificates", &project("builtin"));
    project.replace(
        "src/webhook/v1/captain/defaulter.rs",
        "        Ok(())\n    }\n}\n",
        "        let labels = object.metadata.labels.get_or_insert_default();\n        \
            labels.insert(\"defaulted\".to_owned(), \"yes\".to_owned());\n        Ok(())\n    }\n}\n",
    );
    project.replace(
        "src/webhook/v1/captain/validator.rs",
        "errors.into_result()?;",
        "if object.metadata.name.as_deref() == Some(\"bad\") {\n            \
            return Err(Denied::forbidden(\"nobody is called bad\"));\n        }\n        \
            errors.into_result()?;",
    );
    // So that a test sees the next certificate come.
    project.replace(
        "src/webhook/mod.rs",
        "\n        .secret(",
        "\n        .grace(std::time::Duration::from_secs(2))\n        .secret(",
    );
    project.ok("cargo", "build --locked");
    let built = target().join("debug").join(project.package());
    let binary = target().join("webhook-certificates");
    std::fs::copy(built, &binary).unwrap();
    binary
}

/// One for all tests.
fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(build)
}

/// An API server that finds services as a cluster's does: by their endpoints.
fn cluster() -> Cluster {
    Cluster::start_with(&["--enable-aggregator-routing=true"])
}

fn deploy(cluster: &Cluster, project: &Sandbox) -> Vec<Value> {
    let text = kustomize(project, "default");
    let all = documents(&text);
    cluster.silent(APPLY, &text, "config/default");
    for crd in all
        .iter()
        .filter(|one| one["kind"] == "CustomResourceDefinition")
    {
        let name = crd["metadata"]["name"].as_str().unwrap();
        let wait = format!("wait --for=condition=Established --timeout=30s crd/{name}");
        cluster.silent(&wait, "", name);
    }
    all
}

fn captain(name: &str) -> String {
    format!(
        "apiVersion: crew.example.com/v1\nkind: Captain\nmetadata: {{name: {name}}}\nspec: {{}}\n"
    )
}

/// What is refused, once the API server has heard of what refuses it.
#[track_caller]
fn refused(cluster: &Cluster, name: &str, words: &str) {
    manager::eventually(words, || {
        let run = cluster.kubectl("create --dry-run=server -f -", &captain(name));
        let said = run.code != 0 && run.stderr.contains(words);
        said.then_some(()).ok_or(run.stderr)
    });
}

/// Defaulted, refused, and read in the other version.
#[track_caller]
fn webhooks_work(cluster: &Cluster, name: &str, what: &str) {
    refused(cluster, "bad", "nobody is called bad");
    manager::eventually(what, || {
        let create = "create --dry-run=server -o json -f -";
        let run = cluster.kubectl(create, &captain(name));
        let defaulted = run.stdout.contains("\"defaulted\": \"yes\"");
        defaulted.then_some(()).ok_or(run.stderr)
    });
    cluster.silent("create -f -", &captain(name), what);
    let read = format!("get captains.v2.crew.example.com {name} -o json");
    let object = manager::eventually(what, || {
        let run = cluster.kubectl(&read, "");
        serde_json::from_str::<Value>(&run.stdout).map_err(|_| run.stderr)
    });
    assert_eq!(object["metadata"]["labels"]["defaulted"], "yes", "{what}");
    assert_eq!(object["apiVersion"], "crew.example.com/v2", "{what}");
}

#[test]
fn the_manager_makes_its_own_certificate_and_is_called() {
    if !slow("built-in certificates") {
        return;
    }
    let binary = binary();
    let cluster = cluster();
    let all = deploy(&cluster, &project("builtin"));
    refused(&cluster, "early", "failed calling webhook");
    let manager = Manager::deployed(&cluster, &all, binary, &[]);
    webhooks_work(&cluster, "first", "built-in");
    let secret = "get secret webhook-server-cert -n demo-system";
    let secret = cluster.silent(&format!("{secret} -o jsonpath={{.type}}"), "", "the Secret");
    assert_eq!(secret, "kubernetes.io/tls");
    // What somebody applies again has no bundle, and keeps the one that is there.
    deploy(&cluster, &project("builtin"));
    webhooks_work(&cluster, "second", "after it was applied again");
    rotates_under_load(&cluster, &manager);
    // Who connects and says nothing keeps it from nothing.
    let silent = TcpStream::connect(manager.address).unwrap();
    let began = Instant::now();
    let log = manager.stop();
    drop(silent);
    let took = began.elapsed();
    assert!(took < Duration::from_secs(5), "it ended after {took:?}");
    assert!(!log.contains("forbidden"), "it lacks a right:\n{log}");
}

/// A deleted Secret is a new pair and a new authority, each time.
fn rotates_under_load(cluster: &Cluster, manager: &Manager) {
    let _turn = turn();
    let load = Load::start(cluster.access(), manager.address);
    for times in 1..=2 {
        load.more(SOME);
        cluster.silent("delete secret webhook-server-cert -n demo-system", "", "");
        manager.says("the next webhook certificate is served", times);
    }
    load.more(SOME);
    nothing_failed(load, "built-in, renewed twice");
}

#[track_caller]
fn nothing_failed(load: Load, what: &str) {
    let Outcome { failed, rate } = load.stop(what);
    assert!(failed.is_empty(), "{what}: {} {}", failed.len(), failed[0]);
    assert!(rate >= RATE, "{rate} requests a second tell too little");
}

#[test]
fn cert_manager_issues_the_certificate_and_the_manager_is_called() {
    if !slow("certificates of cert-manager") {
        return;
    }
    let binary = binary();
    let cluster = cluster();
    issuer::install(&cluster);
    let all = deploy(&cluster, &project("cert-manager"));
    let mut issuer = Issuer::default();
    issuer.work(&cluster, "demo-system");
    let mount = tempfile::tempdir().unwrap();
    let secret = manager::mounted_secret(&all);
    manager::mount(&cluster, &secret, mount.path());
    let flag = format!("--webhook-cert-path={}", mount.path().display());
    let manager = Manager::deployed(&cluster, &all, binary, &[&flag]);
    webhooks_work(&cluster, "first", "cert-manager");
    {
        let _turn = turn();
        let load = Load::start(cluster.access(), manager.address);
        load.more(SOME);
        // Renewed: the pods get the new certificate some time after everybody else.
        issuer.work(&cluster, "demo-system");
        webhooks_work(&cluster, "second", "renewed, and not mounted yet");
        manager::mount(&cluster, &secret, mount.path());
        manager.says("certificate loaded", 2);
        load.more(SOME);
        nothing_failed(load, "mounted, renewed once");
    }
    webhooks_work(&cluster, "third", "renewed and mounted");
    // Of another authority, which alone is trusted, and not mounted: what happens without
    // a reload, so that the load does tell.
    Issuer::default().work(&cluster, "demo-system");
    let load = Load::start(cluster.access(), manager.address);
    manager::eventually("requests that fail", || {
        (load.failed() > 0).then_some(()).ok_or_else(String::new)
    });
    load.stop("of an authority that is not trusted");
    manager::mount(&cluster, &secret, mount.path());
    webhooks_work(&cluster, "fourth", "of another authority, and mounted");
    manager.stop();
}

#[test]
fn a_manager_on_somebodys_machine_is_called_as_long_as_it_runs() {
    if !slow("local webhooks") {
        return;
    }
    let binary = binary();
    let cluster = cluster();
    let project = project("builtin");
    let crds = kustomize(&project, "crd");
    cluster.silent(APPLY, &crds, "make install");
    let state = |cluster: &Cluster| {
        let get = "get crd captains.crew.example.com --show-managed-fields -o json";
        let crd: Value = serde_json::from_str(&cluster.silent(get, "", "the CRD")).unwrap();
        let managers = crd["metadata"]["managedFields"].clone();
        (crd["spec"]["conversion"].clone(), managers)
    };
    let before = state(&cluster);
    let manager = Manager::local(&cluster, binary, &project);
    webhooks_work(&cluster, "first", "local");
    assert!(state(&cluster).0.to_string().contains("https://127.0.0.1:"));
    manager.stop();
    let configurations =
        "get mutatingwebhookconfigurations,validatingwebhookconfigurations -o name";
    assert_eq!(cluster.silent(configurations, "", "what is left"), "");
    assert_eq!(state(&cluster), before);
    cluster.silent(APPLY, &crds, "make install again");
    // One that is killed leaves all of it behind, and the next clears it away.
    Manager::local(&cluster, binary, &project).kill();
    assert!(state(&cluster).0.to_string().contains("https://127.0.0.1:"));
    Manager::clean(&cluster, &project);
    assert_eq!(cluster.silent(configurations, "", "what is left"), "");
    cluster.silent(APPLY, &crds, "make install after a crash");
    assert_eq!(state(&cluster).0, before.0);
    let created = cluster.kubectl(&format!("get {CAPTAINS} first"), "");
    assert_eq!(created.code, 0, "{}", created.stderr);
}

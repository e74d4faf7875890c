//! All that webhooks do, as users see it with kubectl: versions that are read as each
//! other, defaults and rules in two versions, a webhook that is down.

use std::net::TcpListener;
use std::path::{Path, PathBuf};

use rustop::controlplane::control_plane::Authority;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::super::cluster::{Cluster, documents};
use super::super::generated::target;
use super::super::manager::Manager;
use super::super::reader::Reader;
use super::CRD;
use crate::sandbox::Run;

const CONFIGURATIONS: &str = "config/webhook/manifests.yaml";
const VERSIONS: [&str; 3] = ["v1alpha1", "v1beta1", "v1"];

/// An operator that serves webhooks on this machine, and how the API server gets to it.
pub(super) struct Served<'a> {
    cluster: &'a Cluster,
    authority: Authority,
    folder: TempDir,
    port: u16,
}

impl<'a> Served<'a> {
    pub(super) fn new(cluster: &'a Cluster) -> Self {
        let authority = Authority::new().unwrap();
        let identity = authority.serving("webhooks", &["127.0.0.1"]).unwrap();
        let folder = TempDir::new().unwrap();
        std::fs::write(folder.path().join("tls.crt"), identity.certificate).unwrap();
        std::fs::write(folder.path().join("tls.key"), identity.key).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        Self {
            cluster,
            authority,
            folder,
            port: listener.local_addr().unwrap().port(),
        }
    }

    fn client_config(&self, path: &str) -> Value {
        let bundle = base64(self.authority.certificate().as_bytes());
        json!({"url": format!("https://127.0.0.1:{}{path}", self.port), "caBundle": bundle})
    }

    /// Applies the CRD and the webhooks as the project has them, but for where they call.
    pub(super) fn install(&self, reader: &Reader) {
        self.install_crd(reader);
        for mut document in documents(&reader.read(CONFIGURATIONS)) {
            for webhook in document["webhooks"].as_array_mut().unwrap() {
                let service = &webhook["clientConfig"]["service"];
                let path = service["path"].as_str().unwrap().to_owned();
                webhook["clientConfig"] = self.client_config(&path);
            }
            self.cluster.apply(&document.to_string(), "webhooks");
        }
    }

    pub(super) fn install_crd(&self, reader: &Reader) {
        let mut crd = documents(&reader.read(CRD)).remove(0);
        crd["spec"]["conversion"] = json!({"strategy": "Webhook", "webhook": {
            "conversionReviewVersions": ["v1"], "clientConfig": self.client_config("/convert")}});
        self.cluster.apply(&crd.to_string(), "the CRD");
    }

    /// Starts the operator, and waits until it is ready. It may do nothing else, so that its
    /// controller writes, and so migrates, no object.
    pub(super) fn start(&self) -> Manager {
        let kubeconfig = self.folder.path().join("kubeconfig");
        std::fs::write(&kubeconfig, self.cluster.kubeconfig_of("nobody")).unwrap();
        let flags = [
            format!("--webhook-port={}", self.port),
            format!("--webhook-cert-path={}", self.folder.path().display()),
        ];
        let manager = Manager::start(&binary(), &kubeconfig, &flags);
        manager.wait();
        manager
    }
}

fn binary() -> PathBuf {
    Path::new(&target()).join("debug/backups")
}

/// Objects of this kind through kubectl, as users have it.
impl Cluster {
    pub(super) fn apply(&self, manifest: &str, what: &str) {
        self.silent("apply --server-side --force-conflicts -f -", manifest, what);
        let wait = "wait --for=condition=Established --timeout=60s crd --all";
        self.kubectl(wait, "");
    }

    pub(super) fn get(&self, version: &str, name: &str) -> Run {
        let arguments = format!("get backups.{version}.store.example.com {name} -o json");
        self.kubectl(&arguments, "")
    }

    /// Creates an object; kubectl ends with `code` and says `words`.
    #[track_caller]
    pub(super) fn create(&self, version: &str, name: &str, spec: &Value, code: i32, words: &str) {
        self.send("create", version, name, spec, code, words);
    }

    #[track_caller]
    fn send(&self, verb: &str, version: &str, name: &str, spec: &Value, code: i32, words: &str) {
        let object = json!({
            "apiVersion": format!("store.example.com/{version}"), "kind": "Backup",
            "metadata": {"name": name}, "spec": spec});
        let mut run = self.kubectl(&format!("{verb} -f -"), &object.to_string());
        for _ in 0..50 {
            // A CRD or a webhook that was just applied takes a moment.
            if !run.stderr.contains("no matches for kind") {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(100));
            run = self.kubectl(&format!("{verb} -f -"), &object.to_string());
        }
        assert_eq!(run.code, code, "{object}: {}{}", run.stdout, run.stderr);
        assert!(run.stderr.contains(words), "`{words}`: {}", run.stderr);
        assert!(!words.is_empty() || run.stderr.is_empty(), "{}", run.stderr);
    }
}

pub(super) fn each_version_is_read_as_every_other(cluster: &Cluster) {
    let specs = [
        json!({"at": "03:30"}),
        json!({"hour": 3, "minute": 30}),
        json!({"hour": 3, "minute": 30, "keep": 7}),
    ];
    for (version, spec) in VERSIONS.iter().zip(&specs) {
        cluster.create(version, &format!("of-{version}"), spec, 0, "");
    }
    for from in VERSIONS {
        for (to, spec) in VERSIONS.iter().zip(&specs) {
            let object = cluster.get(to, &format!("of-{from}")).json();
            assert_eq!(&object["spec"], spec, "{from} as {to}");
            let kept = object["metadata"]["annotations"]["store.example.com/keep"].as_str();
            assert_eq!(kept, (*to != "v1").then_some("7"), "{from} as {to}");
        }
    }
    // Older than the conversions, and never defaulted.
    let old = cluster.get("v1", "old").json();
    assert_eq!(old["spec"], json!({"hour": 4, "minute": 30}));
}

pub(super) fn handlers_of_two_versions_are_asked(cluster: &Cluster) {
    let labelled = |name: &str| cluster.get("v1", name).json()["metadata"]["labels"]["by"].clone();
    // The hub's are asked about all, those of `v1beta1` about their own: `matchPolicy=exact`.
    assert_eq!(labelled("of-v1beta1"), "v1beta1");
    assert_eq!(labelled("of-v1"), Value::Null);
    let minute = "spec.minute: Unsupported value: 59: supported values: \"0\", \"30\"";
    let late = json!({"hour": 1, "minute": 59});
    cluster.create("v1beta1", "late", &late, 1, minute);
    cluster.create("v1", "late", &late, 0, "");
    let keep = "spec.keep: Invalid value: 31: at most 30 are kept";
    let much = json!({"hour": 2, "minute": 0, "keep": 31});
    cluster.create("v1", "much", &much, 1, keep);
    let hour = "spec.hour: Forbidden: the store is closed";
    cluster.create("v1", "much", &much, 1, hour);
    cluster.create("v1alpha1", "closed", &json!({"at": "02:00"}), 1, hour);
    let warned = "Warning: that is a lot";
    let many = json!({"hour": 1, "minute": 0, "keep": 15});
    cluster.create("v1", "many", &many, 0, warned);
}

pub(super) fn updates_and_deletions_are_judged(cluster: &Cluster) {
    let later = |minute: i32| json!({"hour": 5, "minute": minute});
    cluster.create("v1", "changing", &later(0), 0, "");
    let refused = "The Backup \"changing\" is invalid: spec.minute: Forbidden: must not change";
    cluster.send("replace", "v1", "changing", &later(1), 1, refused);
    cluster.send(
        "replace",
        "v1alpha1",
        "changing",
        &json!({"at": "05:01"}),
        1,
        refused,
    );
    cluster.send(
        "replace",
        "v1alpha1",
        "changing",
        &json!({"at": "06:00"}),
        0,
        "",
    );
    assert_eq!(cluster.get("v1", "changing").json()["spec"]["hour"], 6);
    cluster.create("v1", "forever", &later(0), 0, "");
    let delete = |name: &str| cluster.kubectl(&format!("delete backup {name} --wait=false"), "");
    let run = delete("forever");
    assert_ne!(run.code, 0, "{}", run.stdout);
    assert!(run.stderr.contains("it is for ever"), "{}", run.stderr);
    assert_eq!(delete("changing").code, 0);
}

/// Nobody answers: `failurePolicy=fail` refuses, `ignore` lets pass what nobody looked at.
pub(super) fn a_webhook_that_is_down_fails_or_is_ignored(
    cluster: &Cluster,
    served: &Served,
    reader: &Reader,
) {
    let closed = json!({"hour": 2, "minute": 0});
    cluster.create("v1", "unseen", &closed, 1, "failed calling webhook");
    let ignoring = reader
        .read(CONFIGURATIONS)
        .replace("failurePolicy: Fail", "failurePolicy: Ignore");
    for mut document in documents(&ignoring) {
        for webhook in document["webhooks"].as_array_mut().unwrap() {
            webhook["clientConfig"] = served.client_config("/nobody");
        }
        cluster.apply(&document.to_string(), "webhooks");
    }
    // The API server learns of it from a watch.
    let object = json!({"apiVersion": "store.example.com/v1", "kind": "Backup",
        "metadata": {"name": "unseen"}, "spec": closed});
    let created = (0..50).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(100));
        cluster.kubectl("create -f -", &object.to_string()).code == 0
    });
    assert!(created, "it is not ignored");
    let object = cluster.get("v1", "unseen").json();
    assert_eq!(object["spec"], closed, "neither defaulted nor refused");
    for (version, name) in [("v1beta1", "unseen"), ("v1", "old")] {
        let run = cluster.get(version, name);
        assert!(run.stderr.contains("conversion webhook"), "{}", run.stderr);
    }
    cluster.kubectl("delete backup unseen --wait=false", "");
    served.install(reader);
}

/// RFC 4648, as `caBundle` wants it.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let group = |group: &[u8]| {
        let mut bits = [0_u8; 4];
        bits[1..=group.len()].copy_from_slice(group);
        let bits = u32::from_be_bytes(bits);
        let letter = |position: usize| match position <= group.len() {
            true => char::from(LETTERS[(bits >> (18 - 6 * position)) as usize & 63]),
            false => '=',
        };
        (0..4).map(letter).collect::<String>()
    };
    bytes.chunks(3).map(group).collect()
}

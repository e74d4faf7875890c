//! What cert-manager's controllers would do with the objects that are deployed, and no
//! more: issue what an Issuer in the namespace may issue, and write the CA into what
//! names the Certificate.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use rustop::controlplane::control_plane::Authority;
use serde_json::{Value, json};

use super::super::cluster::{Cluster, documents};

/// cert-manager as a Go module, and the checksum of what is read of it.
const MODULE: &str = "github.com/cert-manager/cert-manager@v1.18.2";
const SUM: &str = "h1:H2P75ycGcTMauV3gvpkDqLdS3RSXonWF2S49QGA1PZE=";

/// cert-manager's own CRDs, as its release has them. They are a Helm chart's, whose
/// directives stand in comments and labels.
fn crds() -> String {
    let mut command = Command::new("go");
    command.args(["mod", "download", "-json", MODULE]);
    let output = command.output().unwrap();
    let module: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(module["Sum"], SUM, "{module}");
    let folder = Path::new(text(&module["Dir"])).join("deploy/crds");
    let crd = |name: &str| {
        let text = std::fs::read_to_string(folder.join(name)).unwrap();
        let mut crd = documents(&text).remove(0);
        crd["metadata"] = json!({"name": crd["metadata"]["name"]});
        crd
    };
    let crds = ["crd-certificates.yaml", "crd-issuers.yaml"].map(crd);
    json!({"apiVersion": "v1", "kind": "List", "items": crds}).to_string()
}

/// Installs cert-manager's CRDs.
pub(in crate::slow) fn install(cluster: &Cluster) {
    let what = "cert-manager's CRDs";
    cluster.silent("apply --server-side -f -", &crds(), what);
    let names = "crd/certificates.cert-manager.io crd/issuers.cert-manager.io";
    cluster.silent(
        &format!("wait --for=condition=Established {names}"),
        "",
        what,
    );
}

/// It keeps the key of each CA that it made, which cert-manager keeps in the Secret.
#[derive(Default)]
pub(super) struct Issuer {
    authorities: BTreeMap<String, Authority>,
}

impl Issuer {
    /// One round: every Certificate is issued anew, CAs excepted, and told about.
    pub(super) fn work(&mut self, cluster: &Cluster, namespace: &str) {
        let certificates = items(
            cluster,
            &format!("certificates.cert-manager.io -n {namespace}"),
        );
        let (authorities, leaves): (Vec<_>, Vec<_>) = certificates
            .into_iter()
            .partition(|one| one["spec"]["isCA"] == true);
        for certificate in &authorities {
            self.authority(cluster, certificate);
        }
        for certificate in &leaves {
            self.leaf(cluster, certificate);
        }
        for kind in [
            "mutatingwebhookconfigurations",
            "validatingwebhookconfigurations",
            "crds",
        ] {
            for object in items(cluster, kind) {
                inject(cluster, kind, &object);
            }
        }
    }

    fn authority(&mut self, cluster: &Cluster, certificate: &Value) {
        assert!(!issuer(cluster, certificate)["spec"]["selfSigned"].is_null());
        let secret = text(&certificate["spec"]["secretName"]);
        if self.authorities.contains_key(secret) {
            return;
        }
        let authority = Authority::new().unwrap();
        let public = json!({"ca.crt": authority.certificate(), "tls.crt": authority.certificate()});
        write(cluster, certificate, "Opaque", &public);
        self.authorities.insert(secret.to_owned(), authority);
    }

    fn leaf(&self, cluster: &Cluster, certificate: &Value) {
        let issuer = issuer(cluster, certificate);
        let authority = &self.authorities[text(&issuer["spec"]["ca"]["secretName"])];
        let hosts = certificate["spec"]["dnsNames"].as_array().unwrap();
        let hosts: Vec<&str> = hosts.iter().map(text).collect();
        let identity = authority.serving("issued", &hosts).unwrap();
        let pair = json!({
            "tls.crt": identity.certificate, "tls.key": identity.key,
            "ca.crt": authority.certificate()});
        write(cluster, certificate, "kubernetes.io/tls", &pair);
    }
}

/// The Issuer that a Certificate names, in its own namespace.
fn issuer(cluster: &Cluster, certificate: &Value) -> Value {
    let reference = &certificate["spec"]["issuerRef"];
    assert_eq!(reference["kind"], "Issuer");
    let namespace = text(&certificate["metadata"]["namespace"]);
    let name = text(&reference["name"]);
    get(
        cluster,
        &format!("issuers.cert-manager.io {name} -n {namespace}"),
    )
}

fn write(cluster: &Cluster, certificate: &Value, kind: &str, data: &Value) {
    let secret = json!({
        "apiVersion": "v1", "kind": "Secret", "type": kind, "stringData": data,
        "metadata": {
            "name": certificate["spec"]["secretName"],
            "namespace": certificate["metadata"]["namespace"]}});
    cluster.silent("apply -f -", &secret.to_string(), "a Secret");
}

/// As cert-manager's `cainjector` does with `cert-manager.io/inject-ca-from`.
fn inject(cluster: &Cluster, kind: &str, object: &Value) {
    let annotation = &object["metadata"]["annotations"]["cert-manager.io/inject-ca-from"];
    let Some((namespace, name)) = annotation.as_str().and_then(|it| it.split_once('/')) else {
        return;
    };
    let certificate = get(
        cluster,
        &format!("certificates.cert-manager.io {name} -n {namespace}"),
    );
    let secret = text(&certificate["spec"]["secretName"]);
    let secret = get(cluster, &format!("secret {secret} -n {namespace}"));
    let bundle = &secret["data"]["ca.crt"];
    let webhooks = object["webhooks"].as_array().map_or(0, Vec::len);
    let admission = (0..webhooks).map(|index| format!("/webhooks/{index}/clientConfig/caBundle"));
    let conversion = object.pointer("/spec/conversion/webhook/clientConfig");
    let conversion =
        conversion.map(|_| "/spec/conversion/webhook/clientConfig/caBundle".to_owned());
    let operations: Vec<Value> = admission
        .chain(conversion)
        .map(|path| json!({"op": "add", "path": path, "value": bundle}))
        .collect();
    let name = text(&object["metadata"]["name"]);
    let patch = serde_json::to_string(&operations).unwrap();
    let patch = format!("patch {kind} {name} --type=json --field-manager=cainjector -p {patch}");
    cluster.silent(&patch, "", "the CA");
}

fn items(cluster: &Cluster, what: &str) -> Vec<Value> {
    get(cluster, what)["items"].as_array().unwrap().clone()
}

#[track_caller]
fn get(cluster: &Cluster, what: &str) -> Value {
    let text = cluster.silent(&format!("get {what} -o json"), "", what);
    serde_json::from_str(&text).unwrap()
}

#[track_caller]
fn text(value: &Value) -> &str {
    value
        .as_str()
        .unwrap_or_else(|| panic!("{value} is no text"))
}

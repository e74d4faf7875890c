//! What `config/` holds for webhooks: kustomize makes of it one whole in which every
//! reference leads somewhere, for each kind of certificate, also where somebody changed
//! the prefix and the namespace.

mod made;
mod references;

use std::process::Command;

use crate::sandbox::Sandbox;
use crate::slow::cluster::documents;
use crate::slow::server::kustomize;
use made::{Served, project};
use references::Deployed;

const CERTIFICATES: [&str; 3] = ["cert-manager", "builtin", "none"];

fn has_kubectl() -> bool {
    let found = Command::new("kubectl").arg("--help").output().is_ok();
    if !found {
        println!("skipped: there is no kubectl");
    }
    found
}

fn deployed(project: &Sandbox) -> Deployed {
    Deployed::new(documents(&kustomize(project, "default")))
}

#[test]
fn every_reference_leads_somewhere() {
    if !has_kubectl() {
        return;
    }
    for certificates in CERTIFICATES {
        for served in Served::ALL {
            let project = project(certificates, served);
            let what = format!("{certificates}, {served:?}");
            deployed(&project).check(certificates, served, &what);
        }
    }
}

#[test]
fn a_changed_prefix_and_namespace_are_followed() {
    if !has_kubectl() {
        return;
    }
    let kustomization = "config/default/kustomization.yaml";
    for certificates in CERTIFICATES {
        let project = project(certificates, Served::Both);
        project.replace(kustomization, "namePrefix: demo-", "namePrefix: other-");
        let namespace = ["namespace: demo-system", "namespace: elsewhere"];
        project.replace(kustomization, namespace[0], namespace[1]);
        let deployed = deployed(&project);
        deployed.check(certificates, Served::Both, certificates);
        assert_eq!(deployed.namespace(), "elsewhere");
        let text = kustomize(&project, "default");
        for left_over in ["demo-system", "name: demo-", "/demo-", "namespace: system"] {
            assert!(!text.contains(left_over), "{certificates}: {left_over}");
        }
    }
}

/// What the files of one kind of certificate say in none of the others.
#[test]
fn a_kind_of_certificate_brings_its_own_files_only() {
    let all = |project: &Sandbox| {
        let files = project.files();
        let config = files.iter().filter(|(path, _)| path.starts_with("config/"));
        let texts =
            config.map(|(path, (bytes, _))| format!("{path}\n{}", String::from_utf8_lossy(bytes)));
        texts.collect::<Vec<_>>().join("\n")
    };
    for certificates in CERTIFICATES {
        let project = project(certificates, Served::Both);
        let text = all(&project);
        let check = |words: &str, expected: bool| {
            assert_eq!(text.contains(words), expected, "{certificates}: {words}");
        };
        check("cert-manager.io", certificates == "cert-manager");
        check("rustop.dev/inject-ca", certificates == "builtin");
        check("certificates-role", certificates == "builtin");
        check("--webhook-cert-path", certificates != "builtin");
        let manifest = project.read("Cargo.toml");
        let feature = manifest.contains("features = [\"builtin-certificates\"]");
        assert_eq!(feature, certificates == "builtin");
    }
}

/// The same certificates without a webhook: nothing of them is deployed.
#[test]
fn without_webhooks_there_is_nothing_of_them() {
    for certificates in CERTIFICATES {
        let project = project(certificates, Served::Nothing);
        for path in [
            "config/webhook",
            "config/certmanager",
            "config/crd/patches",
            "config/crd/kustomizeconfig.yaml",
            "config/rbac/certificates_role.yaml",
            "config/default/manager_webhook_patch.yaml",
            "config/default/webhook_certificate_replacements.yaml",
            "config/network-policy/allow-webhook-traffic.yaml",
        ] {
            assert!(!project.exists(path), "{certificates}: {path}");
        }
        let kustomization = project.read("config/default/kustomization.yaml");
        assert!(!kustomization.contains("webhook"), "{kustomization}");
    }
}

/// Where the network enforces policies, the one about metrics closes every other port.
#[test]
fn the_network_policy_opens_the_pods_own_port_to_all() {
    if !has_kubectl() {
        return;
    }
    let project = project("cert-manager", Served::Admission);
    let policies = documents(&kustomize(&project, "network-policy"));
    let webhooks = policies
        .iter()
        .find(|policy| policy["metadata"]["name"] == "demo-allow-webhook-traffic");
    let ingress = &webhooks.unwrap()["spec"]["ingress"];
    let expected = serde_json::json!([{"ports": [{"port": 9443, "protocol": "TCP"}]}]);
    assert_eq!(*ingress, expected);
    deployed(&project).check_policy(webhooks.unwrap());
}

/// `config/webhook/manifests.yaml` follows the markers with every command.
#[test]
fn the_configurations_come_and_go_with_the_markers() {
    let manifests = "config/webhook/manifests.yaml";
    let another = |project: &Sandbox, kind: &str| {
        let kind = format!("--group crew --version v1 --kind {kind}");
        project.ok(&format!("create api {kind} --resource --controller=false"));
    };
    // PROJECT has webhooks: config/webhook lists the file, so it stays, empty.
    let listed = project("none", Served::Admission);
    assert!(listed.read(manifests).contains("kind: Mutating"));
    for handler in ["defaulter", "validator"] {
        let path = format!("src/webhook/v1/captain/{handler}.rs");
        listed.replace(&path, "// +rustop:webhook:", "// no marker: ");
    }
    another(&listed, "Sailor");
    assert!(!listed.read(manifests).contains("kind:"));
    if has_kubectl() {
        assert!(!kustomize(&listed, "default").contains("WebhookConfiguration"));
    }

    // PROJECT has none: the file goes with the last marker, unless somebody else wrote it.
    let bare = project("none", Served::Nothing);
    let marker = "// +rustop:webhook:path=/a,mutating=true,failurePolicy=fail,sideEffects=None,\
        groups=core,resources=pods,verbs=create,versions=v1,name=a.example.com,\
        admissionReviewVersions=v1\n";
    bare.write("src/own.rs", marker);
    another(&bare, "Sailor");
    assert!(bare.read(manifests).contains("name: a.example.com"));
    bare.write("src/own.rs", "");
    another(&bare, "Cook");
    assert!(!bare.exists("config/webhook"));
    bare.write(manifests, "# mine\n");
    another(&bare, "Pilot");
    assert_eq!(bare.read(manifests), "# mine\n");
}

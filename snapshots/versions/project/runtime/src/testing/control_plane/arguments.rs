//! The command lines of the servers.
//!
//! As near to a cluster as two processes can be: RBAC decides, the default
//! admission plugins are on (Pod Security among them). Only the plugin
//! `ServiceAccount` is off, as in envtest: it waits for tokens that a controller
//! would have to make.

use std::ffi::OsString;
use std::path::Path;

use super::Settings;

/// etcd listens on a socket in the private folder: no port, and nobody else gets in.
pub(super) const ETCD_SOCKET: &str = "etcd.sock:0";

/// Every request, without bodies.
pub(super) const AUDIT_POLICY: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules: [{level: Metadata}]\n";

/// etcd's arguments; it runs in the private folder. Its data need not survive
/// a power cut, so it never waits for the disk.
pub(super) fn etcd() -> Vec<OsString> {
    let arguments = [
        "--data-dir=etcd",
        "--unsafe-no-fsync",
        "--listen-client-urls=unix://etcd.sock:0",
        "--advertise-client-urls=unix://etcd.sock:0",
        "--listen-peer-urls=unix://peer.sock:0",
        "--initial-advertise-peer-urls=unix://peer.sock:0",
        "--initial-cluster=default=unix://peer.sock:0",
        "--log-level=warn",
    ];
    arguments.map(OsString::from).to_vec()
}

/// kube-apiserver's arguments; it runs in the private folder.
pub(super) fn api_server(settings: &Settings, port: u16) -> Vec<OsString> {
    let mut arguments = [
        "--etcd-servers=unix://etcd.sock:0",
        "--bind-address=127.0.0.1",
        "--advertise-address=127.0.0.1",
        "--tls-cert-file=apiserver.crt",
        "--tls-private-key-file=apiserver.key",
        "--client-ca-file=ca.crt",
        "--authorization-mode=RBAC",
        "--service-account-issuer=https://kubernetes.default.svc",
        "--service-account-key-file=service-account.pub",
        "--service-account-signing-key-file=service-account.key",
        "--service-cluster-ip-range=10.0.0.0/24",
        "--disable-admission-plugins=ServiceAccount",
        "--allow-privileged=true",
    ]
    .map(OsString::from)
    .to_vec();
    arguments.push(format!("--secure-port={port}").into());
    if let Some(log) = &settings.audit_log {
        arguments.push("--audit-policy-file=audit-policy.yaml".into());
        arguments.push(flag("--audit-log-path=", log));
    }
    arguments.extend(settings.api_server_arguments.iter().cloned());
    arguments
}

/// kube-controller-manager's arguments; it runs in the private folder.
pub(super) fn controller_manager() -> Vec<OsString> {
    let arguments = [
        "--kubeconfig=kubeconfig",
        "--leader-elect=false",
        "--secure-port=0",
        "--service-account-private-key-file=service-account.key",
        "--root-ca-file=ca.crt",
        "--use-service-account-credentials=false",
    ];
    arguments.map(OsString::from).to_vec()
}

fn flag(name: &str, path: &Path) -> OsString {
    let mut argument = OsString::from(name);
    argument.push(std::path::absolute(path).unwrap_or_else(|_| path.to_owned()));
    argument
}

//! What stands in for the servers in fast tests, and what the real ones are asked.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use rustop::controlplane::agent;
use rustop::controlplane::control_plane::{Access, ControlPlane};
use serde_json::{Value, json};
use tempfile::TempDir;

/// The real servers, in the slow ring only.
pub(crate) fn binaries() -> Option<PathBuf> {
    if std::env::var_os("RUSTOP_SLOW").is_none() {
        eprintln!("skipped: set RUSTOP_SLOW=1 to run it");
        return None;
    }
    let mut rustop = Command::new(env!("CARGO_BIN_EXE_rustop"));
    let found = rustop
        .args(["envtest", "use", "-p", "path"])
        .output()
        .unwrap();
    assert!(found.status.success(), "`make test` gets the servers first");
    Some(PathBuf::from(
        String::from_utf8(found.stdout).unwrap().trim_end(),
    ))
}

/// A folder with shell scripts named `etcd` and `kube-apiserver`.
pub(crate) struct Scripts(TempDir);

impl Scripts {
    /// Scripts that do what is expected of the servers, and then nothing.
    pub(crate) fn new() -> Self {
        let scripts = Self(tempfile::tempdir().unwrap());
        scripts.etcd("touch etcd.sock:0; exec sleep 100");
        scripts.api_server("exec sleep 100");
        scripts
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn etcd(&self, script: &str) {
        self.write("etcd", script);
    }

    pub(crate) fn api_server(&self, script: &str) {
        self.write("kube-apiserver", script);
    }

    fn write(&self, name: &str, script: &str) {
        let path = self.0.path().join(name);
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
    }
}

fn ask(access: &Access, method: &str, path: &str, body: Option<&Value>) -> (u16, Value) {
    let agent = agent(access, Duration::from_secs(10)).unwrap();
    let request = ureq::http::Request::builder()
        .method(method)
        .uri(format!("{}{path}", access.server))
        .header("content-type", "application/json")
        .body(body.map(Value::to_string).unwrap_or_default())
        .unwrap();
    let config = agent
        .configure_request(request)
        .http_status_as_error(false)
        .build();
    let mut answer = agent.run(config).unwrap();
    let text = answer.body_mut().read_to_string().unwrap();
    (
        answer.status().as_u16(),
        serde_json::from_str(&text).unwrap_or(Value::String(text)),
    )
}

pub(crate) fn says_its_version(access: &Access) {
    let (status, version) = ask(access, "GET", "/version", None);
    assert_eq!((status, &version["gitVersion"]), (200, &json!("v1.35.4")));
}

/// RBAC decides: a user without a role may not read what the administrator may.
pub(crate) fn refuses_what_is_not_granted(plane: &ControlPlane) {
    let jane = plane.access_as("jane", &["developers", "testers"]).unwrap();
    let path = "/api/v1/namespaces/default/secrets";
    assert_eq!(ask(plane.access(), "GET", path, None).0, 200);
    let (status, refusal) = ask(&jane, "GET", path, None);
    assert_eq!(status, 403);
    assert!(
        refusal["message"]
            .as_str()
            .unwrap()
            .contains(r#"User "jane" cannot list"#)
    );
    let who = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"});
    let path = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
    let (_, review) = ask(&jane, "POST", path, Some(&who));
    let groups = &review["status"]["userInfo"]["groups"];
    assert_eq!(
        groups,
        &json!(["developers", "testers", "system:authenticated"])
    );
}

/// A privileged pod is refused in a namespace that enforces `restricted`, a plain one is not.
pub(crate) fn pod_security_is_enforced(access: &Access) {
    let labels = json!({"pod-security.kubernetes.io/enforce": "restricted"});
    let namespace = json!({"metadata": {"name": "strict", "labels": labels}});
    assert_eq!(
        ask(access, "POST", "/api/v1/namespaces", Some(&namespace)).0,
        201
    );
    let pod = |security: Value| {
        let container = json!({"name": "app", "image": "app", "securityContext": security});
        json!({"metadata": {"name": "app"}, "spec": {"containers": [container]}})
    };
    let restricted = json!({"runAsNonRoot": true, "allowPrivilegeEscalation": false,
        "capabilities": {"drop": ["ALL"]}, "seccompProfile": {"type": "RuntimeDefault"}});
    let path = "/api/v1/namespaces/strict/pods";
    let (status, refusal) = ask(
        access,
        "POST",
        path,
        Some(&pod(json!({"privileged": true}))),
    );
    assert_eq!(status, 403, "{refusal}");
    assert!(
        refusal["message"]
            .as_str()
            .unwrap()
            .contains("violates PodSecurity")
    );
    let (status, answer) = ask(access, "POST", path, Some(&pod(restricted)));
    assert_eq!(status, 201, "{answer}");
}

/// A certificate of another authority is nobody's.
pub(crate) fn strangers_are_refused(access: &Access) {
    let other = rustop::controlplane::control_plane::Authority::new().unwrap();
    let identity = other.client("rustop-admin", &["system:masters"]).unwrap();
    let stranger = Access {
        identity,
        ..access.clone()
    };
    assert_eq!(ask(&stranger, "GET", "/api/v1/namespaces", None).0, 401);
}

//! A real API server, and kubectl to talk to it as users do.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rustop::controlplane::control_plane::{Access, ControlPlane, Settings};
use rustop::controlplane::get;
use serde_json::Value;

use super::generated::rustop;
use crate::sandbox::Run;

/// A fresh control plane; it ends when dropped.
pub(super) struct Cluster(ControlPlane);

impl Cluster {
    pub(super) fn start() -> Self {
        Self::start_with::<&str>(&[])
    }

    /// With further arguments for the API server.
    pub(super) fn start_with<T: AsRef<std::ffi::OsStr>>(arguments: &[T]) -> Self {
        let mut settings = Settings::new(binaries());
        settings.api_server_arguments = arguments.iter().map(Into::into).collect();
        Self(ControlPlane::start(&settings, get).unwrap())
    }

    /// The administrator's kubeconfig.
    pub(super) fn kubeconfig_path(&self) -> &Path {
        self.0.kubeconfig_path()
    }

    /// How the administrator reaches it.
    pub(super) fn access(&self) -> &Access {
        self.0.access()
    }

    /// kubectl with `input` on its standard input; the caller judges.
    pub(super) fn kubectl(&self, arguments: &str, input: &str) -> Run {
        let mut command = Command::new("kubectl");
        command
            .args(arguments.split_whitespace())
            .env("KUBECONFIG", self.0.kubeconfig_path());
        fed(command, input)
    }

    /// The kubeconfig of the administrator.
    pub(super) fn kubeconfig(&self) -> &Path {
        self.0.kubeconfig_path()
    }

    /// A kubeconfig of a user who may do what RBAC grants him, so at first nothing.
    pub(super) fn kubeconfig_of(&self, user: &str) -> String {
        self.0.access_as(user, &[]).unwrap().kubeconfig()
    }

    /// kubectl must succeed, and without a warning.
    #[track_caller]
    pub(super) fn silent(&self, arguments: &str, input: &str, what: &str) -> String {
        let run = self.kubectl(arguments, input);
        assert_eq!(run.code, 0, "{what}: {arguments}: {}", run.stderr);
        assert_eq!(run.stderr, "", "{what}: {arguments}");
        run.stdout
    }
}

fn binaries() -> PathBuf {
    let mut command = Command::new(rustop());
    command.args(["envtest", "use", "--print", "path"]);
    let run = fed(command, "");
    assert_eq!(run.code, 0, "{}", run.stderr);
    run.stdout.trim_end().into()
}

fn fed(mut command: Command, input: &str) -> Run {
    command.stdin(Stdio::piped());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let sent = child.stdin.take().unwrap().write_all(input.as_bytes());
    let run = Run::of(child.wait_with_output().unwrap());
    assert!(sent.is_ok(), "{command:?} read no input: {}", run.stderr);
    run
}

/// The documents of a YAML stream.
pub(crate) fn documents(text: &str) -> Vec<Value> {
    let stream = serde_yaml::Deserializer::from_str(text);
    stream
        .map(|document| serde::Deserialize::deserialize(document).unwrap())
        .collect()
}

/// The one document of this kind.
#[track_caller]
pub(crate) fn of_kind<'a>(documents: &'a [Value], kind: &str) -> &'a Value {
    let mut found = documents.iter().filter(|document| document["kind"] == kind);
    let first = found.next().unwrap_or_else(|| panic!("there is no {kind}"));
    assert!(found.next().is_none(), "there is more than one {kind}");
    first
}

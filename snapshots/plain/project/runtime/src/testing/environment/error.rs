//! Why a test environment did not start, with what to do about it.

use std::path::PathBuf;

use crate::testing::control_plane::StartError;

/// How to get the binaries.
const REMEDY: &str = "help: run the tests with `make test`, or set \
     KUBEBUILDER_ASSETS=\"$(rustop envtest use -p path)\"";

/// Why a test environment did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EnvironmentError {
    /// Nobody said where etcd and kube-apiserver are.
    #[error("there is no kube-apiserver to test with: KUBEBUILDER_ASSETS is not set\n{REMEDY}")]
    NoBinaries,
    /// They are not where they were said to be.
    #[error("there is no `{}`\n{REMEDY}", path.display())]
    MissingBinary {
        /// Where the binary was looked for.
        path: PathBuf,
    },
    /// A server did not start.
    #[error(transparent)]
    Start(StartError),
    /// The runtime was shut down meanwhile.
    #[error("the start was cancelled")]
    Cancelled,
    /// A folder or file with manifests cannot be read.
    #[error("failed to read manifests from `{}`: {reason}\nhelp: run `make manifests` to write them", path.display())]
    Read {
        /// The folder or file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// A patch names a CRD that is in none of the folders.
    #[error("there is no CRD `{name}` to patch\nhelp: name its folder with `crd_directory`")]
    PatchOfNothing {
        /// The CRD's name.
        name: String,
    },
    /// The API server refused an object.
    #[error("the API server refused the {kind} `{name}`: {source}")]
    Refused {
        /// The object's kind.
        kind: String,
        /// The object's name.
        name: String,
        /// What it answered.
        source: Box<kube::Error>,
    },
    /// A CRD was accepted and never served.
    #[error("the CRD `{name}` is not served after {seconds} s: {reason}")]
    UnservedCrd {
        /// The CRD's name.
        name: String,
        /// How long it was waited for.
        seconds: u64,
        /// What was last seen.
        reason: String,
    },
    /// What was written had no effect.
    #[error("{what} after {seconds} s: {reason}")]
    NoEffect {
        /// What did not come to pass.
        what: String,
        /// How long it was waited for.
        seconds: u64,
        /// What was last seen.
        reason: String,
    },
    /// A certificate for the webhook server could not be made or written.
    #[error("failed to write a certificate for the webhook server to `{}`", path.display())]
    Certificate {
        /// Where it was to be.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// The folder for recorded requests cannot be made.
    #[error("failed to create `{}`, which RUSTOP_AUDIT_DIRECTORY names", path.display())]
    Record {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
    /// No port is free for the webhook server.
    #[error("no port is free for the webhook server")]
    NoPort,
    /// The kubeconfig of the control plane was not understood.
    #[error(transparent)]
    Kubeconfig(#[from] kube::config::KubeconfigError),
    /// A client could not be made.
    #[error(transparent)]
    Client(#[from] kube::Error),
}

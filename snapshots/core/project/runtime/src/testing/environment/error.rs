//! Why a test environment did not start, with what to do about it.

use std::path::PathBuf;

use crate::testing::control_plane::StartError;

/// How to get the binaries.
const REMEDY: &str = "help: run the tests with `make test`, or set \
     KUBEBUILDER_ASSETS=\"$(rustop envtest use -p path)\"";

/// Why a test environment did not start.
#[derive(Debug, thiserror::Error)]
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
    /// A folder or file with CRDs cannot be read.
    #[error("failed to read CRDs from `{}`: {reason}\nhelp: run `make manifests` to write them", path.display())]
    ReadCrds {
        /// The folder or file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The API server refused a CRD.
    #[error("the API server refused the CRD `{name}`: {source}")]
    RefusedCrd {
        /// The CRD's name.
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
    /// The kubeconfig of the control plane was not understood.
    #[error(transparent)]
    Kubeconfig(#[from] kube::config::KubeconfigError),
    /// A client could not be made.
    #[error(transparent)]
    Client(#[from] kube::Error),
}

//! What all tests on a real API server ask first.

use std::path::PathBuf;

/// Where the binaries of the control plane are: those that rustop keeps, unless `KUBEBUILDER_ASSETS` says otherwise.
/// `None` outside of the slow ring, and the test is skipped.
pub(crate) fn slow_ring() -> Option<PathBuf> {
    if std::env::var_os("RUSTOP_SLOW").is_none() {
        eprintln!("skipped: set RUSTOP_SLOW=1 to run it");
        return None;
    }
    let kept = || {
        let home = PathBuf::from(std::env::var_os("HOME").unwrap());
        home.join(".cache/rustop/controlplane/1.35.4-linux-amd64")
    };
    Some(std::env::var_os("KUBEBUILDER_ASSETS").map_or_else(kept, PathBuf::from))
}

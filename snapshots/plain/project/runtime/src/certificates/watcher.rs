//! A certificate and its key in two files, as a mounted Secret has them: loaded, and loaded again when they change.
//!
//! The files are read every ten seconds and their contents compared, as controller-runtime's certwatcher does beside its
//! watch: that sees every way of writing a file, on every file system. A renewed certificate has weeks of time.
#![allow(
    clippy::disallowed_methods,
    reason = "reads what is mounted; no file of a project is touched"
)]

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::error::chain;
use crate::metrics::CertificateMetrics;
use crate::server::tls::{CertificateError, ServingCertificate};

/// How often the files are read.
const INTERVAL: Duration = Duration::from_secs(10);

/// How soon they are read again when they couldn't be used: whoever writes them may be half through.
const RETRY: Duration = Duration::from_secs(1);

/// How often a pair is read that changes while it is read.
const ATTEMPTS: usize = 5;

/// Why the files gave no certificate.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WatchError {
    /// One of them can't be read.
    #[error("failed to read `{path}`")]
    Read {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// They can't be served.
    #[error("`{certificate}` and `{key}` can't be served")]
    Unusable {
        /// The file with the chain.
        certificate: PathBuf,
        /// The file with the private key.
        key: PathBuf,
        /// What is wrong with them.
        #[source]
        source: CertificateError,
    },
}

/// Keeps what a server serves to what two files hold.
#[derive(Debug)]
pub(crate) struct CertificateWatcher {
    certificate: PathBuf,
    key: PathBuf,
    serving: ServingCertificate,
    metrics: CertificateMetrics,
    /// What is served.
    loaded: Option<Pair>,
    /// What was logged last, while it lasts.
    failure: Option<String>,
}

/// The contents of both files.
#[derive(PartialEq, Eq)]
struct Pair {
    chain: Vec<u8>,
    key: Vec<u8>,
}

impl CertificateWatcher {
    /// Watches the files `certificate` and `key` in `folder` for `serving`. Nothing is read yet.
    pub(crate) fn new(
        folder: &Path,
        certificate: &str,
        key: &str,
        serving: ServingCertificate,
        metrics: CertificateMetrics,
    ) -> Self {
        Self {
            certificate: folder.join(certificate),
            key: folder.join(key),
            serving,
            metrics,
            loaded: None,
            failure: None,
        }
    }

    /// Loads the files, and again whenever they change; never returns. What can't be used is logged, and what was
    /// served before stays. So at the start too: a server whose certificate is still to come fails its handshakes until
    /// then.
    pub(crate) async fn run(mut self) {
        loop {
            let pause = self.load_and_log();
            tokio::time::sleep(pause).await;
        }
    }

    /// [`load`](Self::load), with its outcome in the log, the same failure only once. Gives how long to wait for the next.
    pub(crate) fn load_and_log(&mut self) -> Duration {
        let error = match self.load() {
            Ok(changed) => {
                if changed {
                    tracing::info!(certificate = %self.certificate.display(), "certificate loaded");
                }
                self.failure = None;
                return INTERVAL;
            }
            Err(error) => chain(&error),
        };
        if self.failure.as_ref() != Some(&error) {
            let text = "certificate not loaded; help: put a certificate and its key there";
            tracing::error!(error, "{text}");
            self.failure = Some(error);
        }
        RETRY
    }

    /// Reads the files and serves them if they aren't served yet: then it is `true`.
    ///
    /// # Errors
    /// When they can't be read or served; what was served stays.
    pub(crate) fn load(&mut self) -> Result<bool, WatchError> {
        self.metrics.reads.inc();
        let result = self.load_changes();
        if result.is_err() {
            self.metrics.errors.inc();
        }
        result
    }

    fn load_changes(&mut self) -> Result<bool, WatchError> {
        let pair = until_whole(|| self.read_once())?;
        if self.loaded.as_ref() == Some(&pair) {
            return Ok(false);
        }
        let set = self.serving.set(&pair.chain, &pair.key);
        set.map_err(|source| WatchError::Unusable {
            certificate: self.certificate.clone(),
            key: self.key.clone(),
            source,
        })?;
        self.loaded = Some(pair);
        Ok(true)
    }

    fn read_once(&self) -> Result<Pair, WatchError> {
        Ok(Pair {
            chain: read(&self.certificate)?,
            key: read(&self.key)?,
        })
    }
}

/// A pair that was there as a whole: the same twice. The kubelet renews a Secret by pointing the link `..data` to another
/// folder, between the reading of two files, too.
fn until_whole(mut read: impl FnMut() -> Result<Pair, WatchError>) -> Result<Pair, WatchError> {
    let mut pair = read()?;
    for _ in 1..ATTEMPTS {
        let again = read()?;
        if again == pair {
            break;
        }
        pair = again;
    }
    Ok(pair)
}

/// A Secret is in memory: reading it never waits for a disk.
fn read(path: &Path) -> Result<Vec<u8>, WatchError> {
    std::fs::read(path).map_err(|source| WatchError::Read {
        path: path.to_owned(),
        source,
    })
}

impl std::fmt::Debug for Pair {
    /// The key stays out of logs.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Pair")
    }
}

#[cfg(test)]
mod tests;

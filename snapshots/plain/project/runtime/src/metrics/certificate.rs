//! `certwatcher_*`: how often the files of a certificate were read, and how often in vain.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::registry::Registry;

/// Counts the reading of certificates, those of all servers together. A handle.
#[derive(Clone, Debug, Default)]
pub(crate) struct CertificateMetrics {
    pub(crate) reads: Counter,
    pub(crate) errors: Counter,
}

impl CertificateMetrics {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let metrics = Self::default();
        registry.register(
            "certwatcher_read_certificate",
            "Certificate reads",
            metrics.reads.clone(),
        );
        registry.register(
            "certwatcher_read_certificate_errors",
            "Certificate reads that failed",
            metrics.errors.clone(),
        );
        metrics
    }
}

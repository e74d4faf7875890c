//! TLS for our servers: one certificate that can be replaced while connections are served.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

/// HTTP/2, as a client asks for it in its handshake.
pub(crate) const HTTP2: &[u8] = b"h2";

/// Why a certificate and its key can't be served.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CertificateError {
    #[error("the certificate is no PEM")]
    Certificate(#[source] pem::Error),
    #[error("there is no certificate in the PEM")]
    NoCertificate,
    #[error("the private key is no PEM")]
    Key(#[source] pem::Error),
    #[error("the certificate and its key can't be used")]
    Unusable(#[source] rustls::Error),
}

/// The certificate of a server; a handle, cheap to clone.
///
/// It is empty at first, and handshakes fail until it is [`set`](Self::set). A connection keeps the certificate it began
/// with; the next one gets the newest.
#[derive(Clone, Default)]
pub(crate) struct ServingCertificate(Arc<RwLock<Option<Arc<CertifiedKey>>>>);

impl ServingCertificate {
    /// Serves this chain and key from now on. What was served stays when they are unusable or don't belong together.
    pub(crate) fn set(&self, chain: &[u8], key: &[u8]) -> Result<(), CertificateError> {
        let chain = CertificateDer::pem_slice_iter(chain)
            .collect::<Result<Vec<_>, _>>()
            .map_err(CertificateError::Certificate)?;
        if chain.is_empty() {
            return Err(CertificateError::NoCertificate);
        }
        let key = PrivateKeyDer::from_pem_slice(key).map_err(CertificateError::Key)?;
        let certified = CertifiedKey::from_der(chain, key, &ring::default_provider())
            .map_err(CertificateError::Unusable)?;
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(certified));
        Ok(())
    }

    /// Whether there is a certificate.
    pub(crate) fn is_loaded(&self) -> bool {
        self.get().is_some()
    }

    /// How a server speaks TLS with this certificate. HTTP/2 is offered only on wish: Kubernetes' own advice after
    /// CVE-2023-44487, and kubebuilder's default.
    pub(crate) fn server_config(&self, http2: bool) -> Result<Arc<ServerConfig>, rustls::Error> {
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(self.clone()));
        config.alpn_protocols = if http2 {
            vec![HTTP2.to_vec(), b"http/1.1".to_vec()]
        } else {
            vec![b"http/1.1".to_vec()]
        };
        Ok(Arc::new(config))
    }

    /// The chain that is served, to tell one certificate from another.
    #[cfg(test)]
    pub(crate) fn chain(&self) -> Option<Vec<CertificateDer<'static>>> {
        self.get().map(|certified| certified.cert.clone())
    }

    fn get(&self) -> Option<Arc<CertifiedKey>> {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl ResolvesServerCert for ServingCertificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.get()
    }
}

impl fmt::Debug for ServingCertificate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = if self.is_loaded() { "loaded" } else { "empty" };
        formatter
            .debug_tuple("ServingCertificate")
            .field(&state)
            .finish()
    }
}

//! A certificate that a server makes for itself, so that what is read is encrypted although nobody gave it one.
//!
//! Whoever reads can't check it: they have to skip that, as with controller-runtime's and kube-controller-manager's.

use std::time::{Duration, SystemTime};

use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair};

use super::tls::{CertificateError, ServingCertificate};

/// How long a certificate lasts.
const LIFETIME: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// How long before its making it is valid: other clocks may be behind.
const BACKDATED: Duration = Duration::from_secs(60 * 60);

/// Why there is no certificate.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SelfSignedError {
    /// It couldn't be made.
    #[error("failed to make a self-signed certificate")]
    Make(#[from] rcgen::Error),
    /// It can't be served.
    #[error("a self-signed certificate can't be served")]
    Serve(#[from] CertificateError),
}

/// Serves another certificate whenever two thirds of the time of one are over. Never returns while that works.
pub(crate) async fn keep(serving: ServingCertificate) -> Result<(), SelfSignedError> {
    loop {
        tokio::time::sleep(LIFETIME * 2 / 3).await;
        renew(&serving)?;
    }
}

/// Serves a certificate that was made just now; its key is never written anywhere.
pub(crate) fn renew(serving: &ServingCertificate) -> Result<(), SelfSignedError> {
    let key = KeyPair::generate()?;
    let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
    let mut parameters = CertificateParams::new(names)?;
    parameters
        .distinguished_name
        .push(DnType::CommonName, "localhost");
    parameters.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let now = SystemTime::now();
    parameters.not_before = (now - BACKDATED).into();
    parameters.not_after = (now + LIFETIME).into();
    let certificate = parameters.self_signed(&key)?;
    serving.set(certificate.pem().as_bytes(), key.serialize_pem().as_bytes())?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_certificate_is_there_at_once_and_another_before_it_ends() {
        let serving = ServingCertificate::default();
        renew(&serving).unwrap();
        let task = tokio::spawn(keep(serving.clone()));
        let first = serving.chain();
        assert!(first.is_some());
        tokio::time::sleep(LIFETIME / 2).await;
        assert_eq!(serving.chain(), first);
        tokio::time::sleep(LIFETIME / 4).await;
        assert_ne!(serving.chain(), first);
        task.abort();
    }
}

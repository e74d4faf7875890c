//! How rustop asks its control plane whether it is ready.

use std::time::Duration;

use ureq::Agent;
use ureq::tls::{Certificate, ClientCert, PrivateKey, RootCerts, TlsConfig};

use super::control_plane::Access;

/// Sends one GET request for `path`; everything but status 200 is an error.
pub fn get(access: &Access, path: &str) -> Result<(), String> {
    let agent = agent(access, Duration::from_secs(5)).map_err(|error| error.to_string())?;
    let answer = agent.get(format!("{}{path}", access.server)).call();
    answer.map(drop).map_err(|error| error.to_string())
}

/// An HTTP client with the identity of `access`, which trusts only its server
/// and gives each request `timeout`.
pub fn agent(access: &Access, timeout: Duration) -> Result<Agent, ureq::Error> {
    let authority = Certificate::from_pem(access.authority.as_bytes())?;
    let certificate = Certificate::from_pem(access.identity.certificate.as_bytes())?;
    let key = PrivateKey::from_pem(access.identity.key.as_bytes())?;
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::new_with_certs(&[authority]))
        .client_cert(Some(ClientCert::new_with_certs(&[certificate], key)))
        .build();
    let config = Agent::config_builder()
        .tls_config(tls)
        .proxy(None)
        .timeout_global(Some(timeout))
        .build();
    Ok(config.new_agent())
}

//! Where the webhook server of a test listens, and with which certificate.
#![allow(
    clippy::disallowed_methods,
    reason = "a test environment has a temporary folder of its own"
)]

use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use k8s_openapi::ByteString;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::EnvironmentError;
use crate::testing::control_plane::{Authority, Identity};

/// Below the ports that systems give to outgoing connections, so that nobody takes it by chance before the server does.
const PORTS: std::ops::Range<u16> = 20_000..30_000;

/// How long the server may take to answer.
const TIMEOUT: Duration = Duration::from_secs(30);

/// What a webhook server has to be started with, to be called by the API server of a
/// [`TestEnvironment`](super::TestEnvironment).
///
/// ```no_run
/// # use clap::Parser as _;
/// # use rustop_runtime::{ManagerOptions, testing::environment::TestEnvironment};
/// # #[derive(clap::Parser)]
/// # struct Options { #[command(flatten)] manager: ManagerOptions }
/// # async fn test() -> Result<(), rustop_runtime::testing::environment::EnvironmentError> {
/// let environment = TestEnvironment::builder().webhook_directory("config/webhook").start().await?;
/// let flags = environment.webhook_options().flags();
/// let options = Options::parse_from(["manager".to_owned()].into_iter().chain(flags));
/// // run a manager with these options, then:
/// environment.webhook_options().wait_until_served().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct WebhookInstallOptions {
    port: u16,
    folder: PathBuf,
    authority: String,
}

impl WebhookInstallOptions {
    /// Finds a port, and puts a certificate for it into `parent`.
    pub(super) fn create(parent: &Path) -> Result<Self, EnvironmentError> {
        let authority = Authority::new()?;
        let identity = authority.serving("webhook-server", &["127.0.0.1", "localhost"])?;
        let options = Self {
            port: free_port()?,
            folder: parent.join("webhook-server"),
            authority: authority.certificate().to_owned(),
        };
        options.write(&identity)?;
        Ok(options)
    }

    /// Where the server has to listen.
    pub fn address(&self) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.port))
    }

    /// The folder with `tls.crt` and `tls.key`.
    pub fn certificate_directory(&self) -> &Path {
        &self.folder
    }

    /// The certificate that proves the server's, as PEM text: the `caBundle` of what calls it.
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// The URL under which the API server calls `path`.
    pub fn url(&self, path: &str) -> String {
        format!(
            "https://{}/{}",
            self.address(),
            path.trim_start_matches('/')
        )
    }

    /// The manager's flags, `--webhook-port` and `--webhook-cert-path`.
    pub fn flags(&self) -> [String; 2] {
        [
            format!("--webhook-port={}", self.port),
            format!("--webhook-cert-path={}", self.folder.display()),
        ]
    }

    /// Returns once the server answers with its certificate; objects whose webhooks it serves are refused before.
    ///
    /// # Errors
    /// When it doesn't within half a minute.
    pub async fn wait_until_served(&self) -> Result<(), EnvironmentError> {
        let deadline = Instant::now() + TIMEOUT;
        while let Err(error) = self.connect().await {
            if Instant::now() > deadline {
                return Err(EnvironmentError::NoEffect {
                    what: format!("no webhook server answers on {}", self.address()),
                    seconds: TIMEOUT.as_secs(),
                    reason: error.to_string(),
                });
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    async fn connect(&self) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(self.authority.as_bytes())?)?;
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let stream = TcpStream::connect(self.address()).await?;
        let host = ServerName::from(self.address().ip());
        TlsConnector::from(Arc::new(config))
            .connect(host, stream)
            .await?;
        Ok(())
    }

    /// As a `caBundle` in JSON.
    pub(super) fn authority_as_json(&self) -> Value {
        let bytes = ByteString(self.authority.as_bytes().to_vec());
        serde_json::to_value(bytes).unwrap_or_default()
    }

    /// Readable by its owner only; it goes with the folder that it is in.
    fn write(&self, identity: &Identity) -> Result<(), EnvironmentError> {
        let folder = std::fs::DirBuilder::new().mode(0o700).create(&self.folder);
        folder.map_err(|source| failed(&self.folder, source))?;
        for (name, text) in [
            ("tls.crt", &identity.certificate),
            ("tls.key", &identity.key),
        ] {
            let path = self.folder.join(name);
            write_private(&path, text).map_err(|source| failed(&path, source))?;
        }
        Ok(())
    }

    #[cfg(test)]
    pub(super) fn for_test(port: u16) -> Self {
        Self {
            port,
            folder: PathBuf::from("/nonexistent"),
            authority: Authority::new().unwrap().certificate().to_owned(),
        }
    }
}

fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    let mut file = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(text.as_bytes())
}

fn failed(path: &Path, source: std::io::Error) -> EnvironmentError {
    EnvironmentError::Certificate {
        path: path.to_owned(),
        source,
    }
}

/// A port that nobody listens on. Environments in one process never get the same one, and those in several processes
/// begin at different places.
fn free_port() -> Result<u16, EnvironmentError> {
    static NEXT: LazyLock<AtomicU16> = LazyLock::new(|| AtomicU16::new(fastrand::u16(PORTS)));
    for _ in 0..PORTS.len() {
        let port = NEXT.fetch_add(1, Ordering::Relaxed);
        let port = PORTS.start + port % (PORTS.end - PORTS.start);
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return Ok(port);
        }
    }
    Err(EnvironmentError::NoPort)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_gets_the_same_port() {
        let ports: std::collections::HashSet<u16> = (0..50).map(|_| free_port().unwrap()).collect();
        assert_eq!(ports.len(), 50);
    }

    #[test]
    fn a_port_that_is_taken_is_passed_over() {
        let next = free_port().unwrap() + 1;
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, next));
        let ports: Vec<u16> = (0..3).map(|_| free_port().unwrap()).collect();
        assert!(taken.is_err() || !ports.contains(&next), "{ports:?}");
    }

    #[test]
    fn a_url_has_one_slash() {
        let options = WebhookInstallOptions::for_test(9443);
        assert_eq!(options.url("/convert"), "https://127.0.0.1:9443/convert");
        assert_eq!(options.url(""), "https://127.0.0.1:9443/");
    }
}

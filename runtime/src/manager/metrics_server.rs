//! The metrics server: where its certificate comes from, and whom it lets in.

use crate::Error;
use std::net::SocketAddr;

use crate::certificates::watcher::CertificateWatcher;
use crate::server::access::Access;
use crate::server::metrics::MetricsHandler;
use crate::server::tls::ServingCertificate;
use crate::server::{self, self_signed};

use super::Manager;
use super::part::{Part, Parts};

impl Manager {
    /// Starts the metrics server, unless it is off, and says where it listens.
    pub(super) async fn start_metrics_server(
        &mut self,
        support: &mut Parts,
    ) -> Result<Option<SocketAddr>, Error> {
        let Some(address) = self.metrics_options.bind_address.socket_address() else {
            return Ok(None);
        };
        let secure = self.metrics_options.secure;
        let (tls, access) = if secure {
            let certificate = self.keep_metrics_certificate(support)?;
            let tls = certificate.server_config(self.enable_http2);
            let access = Access::new(self.review_client.clone());
            (Some(tls.map_err(Error::Tls)?), Some(access))
        } else {
            (None, None)
        };
        let listener = server::listen("metrics", address).await?;
        let address = listener.local_addr().unwrap_or(address);
        tracing::info!(server = "metrics", %address, secure, "serving");
        let handler = MetricsHandler::new(std::mem::take(&mut self.registry), access);
        support.start(Part::new("metrics", async {
            server::serve(listener, tls, handler).await;
            Ok::<(), Error>(())
        }));
        Ok(Some(address))
    }

    /// The certificate, kept up by a part: from the folder that was given, or self-signed.
    fn keep_metrics_certificate(&self, support: &mut Parts) -> Result<ServingCertificate, Error> {
        const NAME: &str = "metrics certificate";
        let serving = ServingCertificate::default();
        let kept = serving.clone();
        let options = &self.metrics_options;
        let Some(folder) = options.certificate_folder() else {
            let made = self_signed::renew(&serving);
            made.map_err(|error| Error::from_part(NAME.to_owned(), error.into()))?;
            support.start(Part::new(NAME, self_signed::keep(kept)));
            return Ok(serving);
        };
        let counts = self.metrics.certificates();
        let (certificate, key) = (&options.cert_name, &options.cert_key);
        let mut watcher = CertificateWatcher::new(folder, certificate, key, kept, counts);
        watcher.load_and_log();
        support.start(Part::new(NAME, async {
            watcher.run().await;
            Ok::<(), Error>(())
        }));
        Ok(serving)
    }
}

// All families are compared, those of webhooks too.
#[cfg(all(test, feature = "webhooks"))]
mod tests;

//! The manager's webhooks: what registers them, and how they are started.

use std::net::{Ipv6Addr, SocketAddr};

use serde::Serialize;
use tokio_util::sync::CancellationToken;

use super::Manager;
use super::part::{Part, Parts};
use crate::certificates::watcher::CertificateWatcher;
use crate::webhook::{self, AdmissionHandler, Webhook};
use crate::{Converter, Error, Object};

impl Manager {
    /// Serves the webhooks of a kind, on every replica. See [`Webhook`].
    ///
    /// Whatever is registered is served on `--webhook-port`; with `-1` there, or `ENABLE_WEBHOOKS=false`, nothing is.
    pub fn webhook<K: Object>(&mut self, webhook: Webhook<K>) {
        for (path, handler) in webhook.into_handlers() {
            self.webhooks.add_handler(path, handler);
        }
    }

    /// Converts the objects of a kind between its versions, at `/convert`. See [`Converter`].
    pub fn conversion<H: Object + Serialize>(&mut self, converter: Converter<H>) {
        self.webhooks.add_converter(converter);
    }

    /// Answers admission requests at `path` as they come. See [`AdmissionHandler`].
    pub fn admission_handler(&mut self, path: impl Into<String>, handler: impl AdmissionHandler) {
        self.webhooks
            .add_handler(path.into(), webhook::boxed(handler));
    }

    /// Adds the check `webhook` to `/readyz`, if webhooks are to be served.
    pub(super) fn add_webhook_check(&mut self) {
        if self.webhooks.is_empty() {
            return;
        }
        if self.webhook_options.port().is_some() {
            self.health.readyz.add("webhook", self.webhooks.check());
        } else {
            tracing::info!("webhooks are not served");
        }
    }

    /// Listens for webhooks, until `stop` is cancelled.
    pub(super) async fn start_webhooks(
        &mut self,
        servers: &mut Parts,
        stop: CancellationToken,
    ) -> Result<(), Error> {
        let webhooks = std::mem::take(&mut self.webhooks);
        let port = self.webhook_options.port();
        let Some(port) = port.filter(|_| !webhooks.is_empty()) else {
            return Ok(());
        };
        // First, so that a pod that is ready, since it has a certificate, can be called.
        let address = SocketAddr::from((Ipv6Addr::UNSPECIFIED, port));
        let listener = crate::server::listen("webhooks", address).await?;
        let files = webhooks.certificate_from_files().map(|certificate| {
            let mut watcher = CertificateWatcher::new(
                &self.webhook_options.certificate_folder(),
                &self.webhook_options.webhook_cert_name,
                &self.webhook_options.webhook_cert_key,
                certificate,
                self.metrics.certificates(),
            );
            watcher.load_and_log();
            watcher
        });
        let service = webhooks.into_service(&self.metrics, self.enable_http2)?;
        tracing::info!(server = "webhooks", %address, "serving");
        servers.start(Part::new("webhook server", async {
            let serve = webhook::serve(listener, service, stop);
            match files {
                // The watcher never ends by itself.
                Some(files) => tokio::select! { () = serve => {}, () = files.run() => {} },
                None => serve.await,
            }
            Ok::<(), Error>(())
        }));
        Ok(())
    }
}

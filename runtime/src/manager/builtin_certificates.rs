//! Certificates that the manager makes for its own webhook server.

use super::{Manager, Part};
use crate::Error;
use crate::certificates::builtin::{BuiltinCertificates, LastTrouble};

impl Manager {
    /// Makes the webhook server's certificate, keeps it in a Secret, renews it, and has the API server trust it; see
    /// [`BuiltinCertificates`]. It runs on every replica, and files with certificates are not looked for. Until there is
    /// a certificate, `/readyz/certificate` fails.
    ///
    /// With `--webhook-cert-path` the files there are served: nothing is made and nothing is written, so that a test and
    /// `rustop webhook local` can bring their own. Nor is it with `--webhook-port=-1` or `ENABLE_WEBHOOKS=false`.
    pub fn builtin_certificates(&mut self, certificates: BuiltinCertificates) {
        let options = &self.webhook_options;
        if options.port().is_none() || options.webhook_cert_path.is_some() {
            return;
        }
        let served = self.webhooks.provide_certificate();
        let trouble = LastTrouble::default();
        let (client, shutdown) = (self.client(), self.shutdown_token());
        let run = certificates.run(client, served.clone(), trouble.clone(), shutdown);
        // It waits for no cache: what is listed may need the conversion that is called with this certificate.
        let part = Part::new("certificates", async {
            run.await;
            Ok::<(), Error>(())
        });
        self.runnables.push(part);
        self.add_readyz_check("certificate", move || {
            if served.is_loaded() {
                return Ok(());
            }
            Err(trouble
                .get()
                .unwrap_or_else(|| "there is none yet".to_owned()))
        });
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::ManagerOptions;
    use crate::server::Page as _;
    use crate::testing::FakeApiServer;

    #[derive(clap::Parser)]
    struct Options {
        #[command(flatten)]
        manager: ManagerOptions,
    }

    /// A manager with certificates of its own, and its server.
    async fn manager(flags: &[&str]) -> (Manager, FakeApiServer) {
        let always = ["manager", "--health-probe-bind-address=0"];
        let options = Options::parse_from(always.iter().chain(flags)).manager;
        let server = FakeApiServer::new();
        let builder = Manager::builder(options).client(server.client());
        let mut manager = builder.build().await.unwrap();
        manager.builtin_certificates(BuiltinCertificates::new("webhook-service"));
        (manager, server)
    }

    #[tokio::test]
    async fn a_pod_is_ready_once_it_has_a_certificate() {
        let (mut manager, _) = manager(&[]).await;
        let ready = |manager: &Manager| manager.health.get("/readyz", "").status.as_u16();
        assert_eq!(ready(&manager), 500);
        let made = rcgen::generate_simple_self_signed(["a".to_owned()]).unwrap();
        let (chain, key) = (made.cert.pem(), made.signing_key.serialize_pem());
        let served = manager.webhooks.provide_certificate();
        served.set(chain.as_bytes(), key.as_bytes()).unwrap();
        assert_eq!(ready(&manager), 200);
    }

    #[tokio::test(start_paused = true)]
    async fn where_no_webhooks_are_served_or_files_are_nothing_is_asked_for() {
        let requests = async |flags: &[&str]| {
            let (manager, server) = manager(flags).await;
            let signals = futures::stream::pending();
            let run = manager.run_until(signals);
            let _ = tokio::time::timeout(std::time::Duration::from_secs(1), run).await;
            server.requests().len()
        };
        assert_eq!(requests(&["--webhook-port=-1"]).await, 0);
        assert_eq!(requests(&["--enable-webhooks=false"]).await, 0);
        assert_eq!(requests(&["--webhook-cert-path=/files"]).await, 0);
        assert_ne!(requests(&[]).await, 0);
    }
}

//! Certificates that the manager makes for its own webhook server.

use super::Manager;
use crate::certificates::builtin::{BuiltinCertificates, LastTrouble};

impl Manager {
    /// Makes the webhook server's certificate, keeps it in a Secret, renews it, and has the API server trust it; see
    /// [`BuiltinCertificates`]. It runs on every replica, before the caches are filled. Until there is a certificate,
    /// `/readyz/certificate` fails.
    pub fn builtin_certificates(&mut self, certificates: BuiltinCertificates) {
        let served = self.webhooks.provide_certificate();
        let trouble = LastTrouble::default();
        let (client, shutdown) = (self.client(), self.shutdown_token());
        let run = certificates.run(client, served.clone(), trouble.clone(), shutdown);
        self.add_runnable("certificates", async {
            run.await;
            Ok::<(), crate::Error>(())
        });
        self.add_readyz_check("certificate", move || {
            match (served.is_loaded(), trouble.get()) {
                (true, _) => Ok(()),
                (false, None) => Err("there is none yet".to_owned()),
                (false, Some(reason)) => Err(reason),
            }
        });
    }
}

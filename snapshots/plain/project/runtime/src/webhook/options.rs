//! The webhook server's flags, under kubebuilder's names.

use std::path::PathBuf;

/// The flags of the webhook server; a part of [`ManagerOptions`](crate::ManagerOptions).
#[derive(Clone, Debug, clap::Args)]
pub struct WebhookOptions {
    /// The port that webhooks are served on; `-1` is off
    #[arg(
        long,
        value_name = "PORT",
        default_value_t = 9443,
        allow_negative_numbers = true,
        value_parser = port
    )]
    pub webhook_port: i32,

    /// The folder with the webhook server's certificate [default: `k8s-webhook-server/serving-certs` below the folder
    /// for temporary files]
    #[arg(long, value_name = "FOLDER")]
    pub webhook_cert_path: Option<PathBuf>,

    /// The file with the certificate, in that folder
    #[arg(long, value_name = "FILE", default_value = "tls.crt")]
    pub webhook_cert_name: String,

    /// The file with the certificate's key, in that folder
    #[arg(long, value_name = "FILE", default_value = "tls.key")]
    pub webhook_cert_key: String,

    /// Serve webhooks; only `false` is no, as in kubebuilder
    #[arg(
        long,
        value_name = "BOOL",
        env = "ENABLE_WEBHOOKS",
        num_args = 0..=1,
        require_equals = true,
        default_value = "true",
        default_missing_value = "true",
        action = clap::ArgAction::Set,
        value_parser = enabled
    )]
    pub enable_webhooks: bool,
}

impl WebhookOptions {
    /// The port to listen on; `None` when webhooks are not to be served.
    pub fn port(&self) -> Option<u16> {
        let port = u16::try_from(self.webhook_port).ok();
        port.filter(|_| self.enable_webhooks)
    }

    /// The folder with the certificate, given or not.
    pub fn certificate_folder(&self) -> PathBuf {
        let default = || std::env::temp_dir().join("k8s-webhook-server/serving-certs");
        self.webhook_cert_path.clone().unwrap_or_else(default)
    }
}

fn port(text: &str) -> Result<i32, String> {
    match text.parse() {
        Ok(port @ (-1 | 1..=65535)) => Ok(port),
        _ => Err("help: write a port from 1 to 65535, or `-1` for off".to_owned()),
    }
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "clap wants a parser that may fail"
)]
fn enabled(text: &str) -> Result<bool, String> {
    Ok(text != "false")
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[derive(clap::Parser)]
    struct Options {
        #[command(flatten)]
        webhook: WebhookOptions,
    }

    fn check(arguments: &[&str], expected: Option<u16>) {
        let arguments = ["manager"].iter().chain(arguments);
        let options = Options::try_parse_from(arguments).unwrap();
        assert_eq!(options.webhook.port(), expected);
    }

    #[test]
    fn the_port_is_kubebuilders_and_can_be_off() {
        check(&[], Some(9443));
        check(&["--webhook-port=8443"], Some(8443));
        check(&["--webhook-port=-1"], None);
        check(&["--webhook-port", "-1"], None);
        check(&["--enable-webhooks=false"], None);
        check(&["--enable-webhooks=0"], Some(9443));
        for port in ["0", "-2", "65536", "https"] {
            let argument = format!("--webhook-port={port}");
            let refused = Options::try_parse_from(["manager", argument.as_str()]);
            assert!(refused.is_err(), "{port}");
        }
    }

    #[test]
    fn the_certificate_is_where_controller_runtime_looks() {
        let options = Options::parse_from(["manager"]).webhook;
        let folder = std::env::temp_dir().join("k8s-webhook-server/serving-certs");
        assert_eq!(options.certificate_folder(), folder);
        assert_eq!(options.webhook_cert_name, "tls.crt");
        assert_eq!(options.webhook_cert_key, "tls.key");
    }
}

//! The metrics server's flags, under kubebuilder's names.

use std::path::{Path, PathBuf};

use clap::builder::{OsStringValueParser, TypedValueParser as _};

use super::BindAddress;

/// The flags of the metrics server; a part of [`ManagerOptions`](crate::ManagerOptions).
#[derive(Clone, Debug, clap::Args)]
pub struct MetricsOptions {
    /// The address the metrics endpoint binds to, `:8443` for example; `0` is off
    #[arg(
        long = "metrics-bind-address",
        value_name = "ADDRESS",
        default_value = "0"
    )]
    pub bind_address: BindAddress,

    /// Serve metrics over HTTPS, to those whose token may read them; `false` is plain HTTP to everybody
    #[arg(
        long = "metrics-secure",
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_value_t = true,
        default_missing_value = "true",
        action = clap::ArgAction::Set
    )]
    pub secure: bool,

    /// The folder with the metrics server's certificate, which is loaded again when it changes [default: none, a
    /// self-signed one is made]
    #[arg(
        long = "metrics-cert-path",
        value_name = "FOLDER",
        value_parser = OsStringValueParser::new().map(PathBuf::from)
    )]
    pub cert_path: Option<PathBuf>,

    /// The file with the certificate, in that folder
    #[arg(
        long = "metrics-cert-name",
        value_name = "FILE",
        default_value = "tls.crt"
    )]
    pub cert_name: String,

    /// The file with the certificate's key, in that folder
    #[arg(
        long = "metrics-cert-key",
        value_name = "FILE",
        default_value = "tls.key"
    )]
    pub cert_key: String,
}

impl MetricsOptions {
    /// The folder with the certificate, or `None` for a self-signed one. As in kubebuilder, an empty one is none.
    pub fn certificate_folder(&self) -> Option<&Path> {
        let folder = self.cert_path.as_deref();
        folder.filter(|folder| !folder.as_os_str().is_empty())
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[derive(clap::Parser)]
    struct Options {
        #[command(flatten)]
        metrics: MetricsOptions,
    }

    fn options(arguments: &[&str]) -> MetricsOptions {
        Options::parse_from(["manager"].iter().chain(arguments)).metrics
    }

    #[test]
    fn defaults_are_those_of_kubebuilder() {
        let options = options(&[]);
        assert_eq!(options.bind_address, BindAddress::OFF);
        assert!(options.secure);
        assert_eq!(options.certificate_folder(), None);
        assert_eq!(options.cert_name, "tls.crt");
        assert_eq!(options.cert_key, "tls.key");
    }

    #[test]
    fn flags_are_those_of_kubebuilder() {
        let options = options(&[
            "--metrics-bind-address=:8443",
            "--metrics-secure=false",
            "--metrics-cert-path=/certs",
            "--metrics-cert-name=a.crt",
            "--metrics-cert-key=a.key",
        ]);
        assert_eq!(options.bind_address.to_string(), "[::]:8443");
        assert!(!options.secure);
        assert_eq!(options.certificate_folder(), Some(Path::new("/certs")));
        assert_eq!(options.cert_name, "a.crt");
        assert_eq!(options.cert_key, "a.key");
    }

    #[test]
    fn an_empty_folder_is_none() {
        assert_eq!(
            options(&["--metrics-cert-path="]).certificate_folder(),
            None
        );
    }
}

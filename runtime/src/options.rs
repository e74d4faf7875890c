//! The manager's flags: kubebuilder's, under the same names, as a clap struct to flatten.
//!
//! Only what works is here. A flag that is accepted and does nothing would be a lie to whoever wrote the Deployment.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;

/// The manager's flags, to be flattened into the operator's own.
///
/// ```
/// use clap::Parser;
/// use rustop_runtime::ManagerOptions;
///
/// #[derive(Parser)]
/// struct Options {
///     #[command(flatten)]
///     manager: ManagerOptions,
/// }
///
/// let options = Options::parse_from(["manager", "--leader-elect", "--metrics-bind-address=:8080"]);
/// assert!(options.manager.leader_elect);
/// assert_eq!(options.manager.metrics_bind_address.to_string(), "[::]:8080");
/// ```
#[derive(Clone, Debug, clap::Args)]
pub struct ManagerOptions {
    /// The address the probe endpoints `/healthz` and `/readyz` bind to; `0` is off
    #[arg(long, value_name = "ADDRESS", default_value = ":8081")]
    pub health_probe_bind_address: BindAddress,

    /// The address the metrics endpoint binds to, over plain HTTP; `0` is off
    #[arg(long, value_name = "ADDRESS", default_value = "0")]
    pub metrics_bind_address: BindAddress,

    /// Let only one of several replicas reconcile at a time
    #[arg(
        long,
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_value_t = false,
        default_missing_value = "true",
        action = clap::ArgAction::Set
    )]
    pub leader_elect: bool,

    /// The kubeconfig to use [default: `$KUBECONFIG`, then `~/.kube/config`, then the pod's service account]
    #[arg(long, value_name = "PATH")]
    pub kubeconfig: Option<PathBuf>,

    /// Whether and how webhooks are served
    #[cfg(feature = "webhooks")]
    #[command(flatten)]
    pub webhook: crate::webhook::WebhookOptions,

    /// What is logged, and how
    #[command(flatten)]
    pub log: LogOptions,
}

/// What is logged, and how.
#[derive(Clone, Debug, clap::Args)]
pub struct LogOptions {
    /// A level (`error`, `warn`, `info`, `debug`, `trace`) or a filter in `RUST_LOG`'s syntax
    #[arg(long, value_name = "FILTER", env = "RUST_LOG", default_value = "info")]
    pub log_level: String,

    /// One JSON object per line, or text for people
    #[arg(long, value_enum, value_name = "FORMAT", default_value_t = LogFormat::Json)]
    pub log_format: LogFormat,
}

/// How a log line looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// One JSON object per line.
    #[default]
    Json,
    /// Text for people.
    Text,
}

/// Where a server listens, in Go's notation: `:8081`, `127.0.0.1:8081`, `[::1]:8081`, `localhost:8081`, or `0` for off.
///
/// ```
/// use rustop_runtime::BindAddress;
///
/// let off: BindAddress = "0".parse()?;
/// assert_eq!(off.socket_address(), None);
/// # Ok::<(), rustop_runtime::InvalidBindAddress>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BindAddress(Option<SocketAddr>);

impl BindAddress {
    /// A server that isn't started.
    pub const OFF: Self = Self(None);

    /// The socket to listen on, or `None` when the server is off.
    pub fn socket_address(self) -> Option<SocketAddr> {
        self.0
    }
}

impl From<SocketAddr> for BindAddress {
    fn from(address: SocketAddr) -> Self {
        Self(Some(address))
    }
}

/// Why a text is no [`BindAddress`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no address to listen on; help: write `:8081`, `127.0.0.1:8081` or `0` for off")]
pub struct InvalidBindAddress(String);

impl FromStr for BindAddress {
    type Err = InvalidBindAddress;

    fn from_str(text: &str) -> Result<Self, InvalidBindAddress> {
        if text == "0" {
            return Ok(Self::OFF);
        }
        let invalid = || InvalidBindAddress(text.to_owned());
        let (host, port) = text.rsplit_once(':').ok_or_else(invalid)?;
        let port: u16 = port.parse().map_err(|_| invalid())?;
        let host = host_address(host).ok_or_else(invalid)?;
        Ok(Self(Some(SocketAddr::new(host, port))))
    }
}

/// No host means every interface, IPv6 and IPv4, as in Go.
fn host_address(host: &str) -> Option<IpAddr> {
    match host {
        "" => Some(Ipv6Addr::UNSPECIFIED.into()),
        "localhost" => Some(IpAddr::from([127, 0, 0, 1])),
        _ => match host
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
        {
            Some(inner) => inner.parse::<Ipv6Addr>().ok().map(IpAddr::from),
            None => host.parse().ok().filter(IpAddr::is_ipv4),
        },
    }
}

impl fmt::Display for BindAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(address) => write!(formatter, "{address}"),
            None => formatter.write_str("0"),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[derive(clap::Parser)]
    struct Options {
        #[command(flatten)]
        manager: ManagerOptions,
    }

    fn check(text: &str, expected: Option<&str>) {
        let actual = text
            .parse::<BindAddress>()
            .ok()
            .map(|address| address.to_string());
        assert_eq!(actual.as_deref(), expected, "{text}");
    }

    #[test]
    fn addresses_are_those_of_go() {
        check("0", Some("0"));
        check(":8081", Some("[::]:8081"));
        check(":0", Some("[::]:0"));
        check("127.0.0.1:80", Some("127.0.0.1:80"));
        check("0.0.0.0:80", Some("0.0.0.0:80"));
        check("[::1]:80", Some("[::1]:80"));
        check("localhost:80", Some("127.0.0.1:80"));
        check("8081", None);
        check("::1:80", None);
        check(":70000", None);
        check("example.com:80", None);
    }

    #[test]
    fn defaults_are_those_of_kubebuilder() {
        let options = Options::parse_from(["manager"]).manager;
        assert_eq!(options.health_probe_bind_address.to_string(), "[::]:8081");
        assert_eq!(options.metrics_bind_address, BindAddress::OFF);
        assert!(!options.leader_elect);
        assert_eq!(options.kubeconfig, None);
    }

    #[test]
    fn a_boolean_flag_takes_a_value_as_in_go() {
        for (flag, expected) in [
            ("--leader-elect", true),
            ("--leader-elect=true", true),
            ("--leader-elect=false", false),
        ] {
            let options = Options::parse_from(["manager", flag]).manager;
            assert_eq!(options.leader_elect, expected, "{flag}");
        }
    }
}

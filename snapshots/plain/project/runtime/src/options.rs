//! The manager's flags: kubebuilder's, under the same names, as a clap struct to flatten.
//!
//! Only what works is here. A flag that is accepted and does nothing would be a lie to whoever wrote the Deployment; the
//! one that there is says so in the log.

mod metrics;

use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;

pub use metrics::MetricsOptions;

use crate::telemetry::TimeEncoding;

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
/// assert_eq!(options.manager.metrics.bind_address.to_string(), "[::]:8080");
/// ```
#[derive(Clone, Debug, clap::Args)]
pub struct ManagerOptions {
    /// The address the probe endpoints `/healthz` and `/readyz` bind to; `0` is off
    #[arg(long, value_name = "ADDRESS", default_value = ":8081")]
    pub health_probe_bind_address: BindAddress,

    /// Whether and how metrics are served
    #[command(flatten)]
    pub metrics: MetricsOptions,

    /// Offer HTTP/2 on the servers with TLS; it is off because of attacks on it: CVE-2023-44487, CVE-2023-39325
    #[arg(
        long,
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_value_t = false,
        default_missing_value = "true",
        action = clap::ArgAction::Set
    )]
    pub enable_http2: bool,

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
///
/// kubebuilder's flags for its logger mean the same here, so that a Deployment carries over: `--zap-log-level`,
/// `--zap-encoder`, `--zap-time-encoding` and `--zap-devel`. `--zap-stacktrace-level` is taken, and the log says that it does
/// nothing: Rust's logs have no stack traces.
#[derive(Clone, Debug, clap::Args)]
pub struct LogOptions {
    /// A level (`error`, `warn`, `info`, `debug`, `trace`) or one for each target: `info,kube=warn`
    #[arg(
        long,
        alias = "zap-log-level",
        value_name = "FILTER",
        env = "RUST_LOG",
        value_parser = log_level,
        default_value_if("zap_devel", "true", "debug"),
        default_value = "info"
    )]
    pub log_level: String,

    /// One JSON object per line, or text for people
    #[arg(
        long,
        alias = "zap-encoder",
        value_enum,
        value_name = "FORMAT",
        default_value_if("zap_devel", "true", "text"),
        default_value_t = LogFormat::Json
    )]
    pub log_format: LogFormat,

    /// Text for people and `debug`, unless told otherwise: controller-runtime's defaults for development
    #[arg(
        long,
        hide = true,
        num_args = 0..=1,
        require_equals = true,
        default_value_t = false,
        default_missing_value = "true",
        action = clap::ArgAction::Set
    )]
    pub zap_devel: bool,

    /// How a log line tells the time
    #[arg(long, hide = true, value_enum, value_name = "FORMAT")]
    pub zap_time_encoding: Option<TimeEncoding>,

    /// Does nothing: there are no stack traces
    #[arg(long, hide = true, value_name = "LEVEL")]
    pub zap_stacktrace_level: Option<String>,
}

impl Default for LogOptions {
    /// As without any flag: JSON, from `info` on.
    fn default() -> Self {
        Self {
            log_level: "info".to_owned(),
            log_format: LogFormat::Json,
            zap_devel: false,
            zap_time_encoding: None,
            zap_stacktrace_level: None,
        }
    }
}

/// What zap calls a level, in our words: `panic` is the level above its errors, a number is how verbose beyond `info`.
#[expect(clippy::unnecessary_wraps, reason = "clap's form of a parser")]
fn log_level(text: &str) -> Result<String, std::convert::Infallible> {
    let level = match text {
        "panic" => "error",
        "1" => "debug",
        number if number.parse::<u8>().is_ok_and(|number| number > 1) => "trace",
        text => text,
    };
    Ok(level.to_owned())
}

/// How a log line looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// One JSON object per line.
    #[default]
    Json,
    /// Text for people; zap calls it `console`.
    #[value(alias = "console")]
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
        assert_eq!(options.metrics.bind_address, BindAddress::OFF);
        assert!(!options.enable_http2);
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
        for (flag, expected) in [
            ("--enable-http2", true),
            ("--enable-http2=true", true),
            ("--enable-http2=false", false),
        ] {
            let options = Options::parse_from(["manager", flag]).manager;
            assert_eq!(options.enable_http2, expected, "{flag}");
        }
    }

    fn log(flags: &[&str]) -> (String, LogFormat) {
        let arguments = ["manager"].iter().chain(flags);
        let log = Options::parse_from(arguments).manager.log;
        (log.log_level, log.log_format)
    }

    #[test]
    fn the_flags_of_kubebuilders_logger_mean_what_they_mean_there() {
        use LogFormat::{Json, Text};

        for (flags, level, format) in [
            (&[][..], "info", Json),
            (&["--zap-log-level=debug"], "debug", Json),
            (&["--zap-log-level", "panic"], "error", Json),
            (&["--zap-log-level=1"], "debug", Json),
            (&["--zap-log-level=5"], "trace", Json),
            (&["--zap-encoder=console"], "info", Text),
            (&["--zap-encoder=json"], "info", Json),
            (&["--zap-devel"], "debug", Text),
            (&["--zap-devel=false"], "info", Json),
            (&["--zap-devel", "--zap-log-level=error"], "error", Text),
            (&["--zap-devel", "--log-format=json"], "debug", Json),
            (&["--log-level=info,kube=warn"], "info,kube=warn", Json),
        ] {
            assert_eq!(log(flags), (level.to_owned(), format), "{flags:?}");
        }
    }

    /// A Deployment of kubebuilder's would else not start.
    #[test]
    fn the_other_flags_of_kubebuilders_logger_are_taken() {
        let log = |flag| {
            Options::try_parse_from(["manager", flag])
                .unwrap()
                .manager
                .log
        };
        let stack = log("--zap-stacktrace-level=error").zap_stacktrace_level;
        assert_eq!(stack.as_deref(), Some("error"));
        for name in [
            "epoch",
            "millis",
            "nano",
            "iso8601",
            "rfc3339",
            "rfc3339nano",
        ] {
            let flag = format!("--zap-time-encoding={name}");
            let options = Options::try_parse_from(["manager", flag.as_str()]);
            assert!(options.unwrap().manager.log.zap_time_encoding.is_some());
        }
        assert!(Options::try_parse_from(["manager", "--zap-time-encoding=sundial"]).is_err());
    }
}

//! Everything that can end a manager, and how a process says so.
//!
//! What a reconciler returns is not here: it is retried, never fatal.

use std::any::Any;
use std::error::Error as StdError;
use std::io::Write as _;
use std::net::SocketAddr;
use std::time::Duration;

use crate::leader_election::InvalidTimings;

/// Any error of the user's code, as reconcilers and runnables return it.
pub type BoxError = Box<dyn StdError + Send + Sync>;

/// Why a manager could not start, or stopped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// `WATCH_NAMESPACE` isn't set although the operator is a namespaced one.
    #[error(
        "`WATCH_NAMESPACE` is not set; help: set it to a namespace, or to several with commas between them"
    )]
    WatchNamespaceUnset,

    /// Namespaces were listed, and there is none.
    #[error("no namespace is listed to be watched; help: name one, or use `Namespaces::All`")]
    NoNamespaces,

    /// `WATCH_NAMESPACE`, or the list given to the builder, names something that is no namespace.
    #[error(
        "`{0}` is no name of a namespace; help: see `WATCH_NAMESPACE`, or the list in your code"
    )]
    InvalidNamespace(String),

    /// The file given as `--kubeconfig` can't be used.
    #[error("failed to read the kubeconfig `{path}`")]
    Kubeconfig {
        /// The path as it was given.
        path: String,
        /// What is wrong with the file.
        #[source]
        source: kube::config::KubeconfigError,
    },

    /// There is neither a kubeconfig nor a service account to reach an API server with.
    #[error("failed to find an API server; help: pass `--kubeconfig`, or run in a cluster")]
    InferConfig(#[from] kube::config::InferConfigError),

    /// No client could be made of the configuration.
    #[error("failed to make a client for the API server")]
    Client(#[source] kube::Error),

    /// A server's address is taken, or not ours.
    #[error("failed to listen on `{address}` for {server}")]
    Listen {
        /// Which server: `health probes`, `metrics` or `webhooks`.
        server: &'static str,
        /// The address it was told to use.
        address: SocketAddr,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },

    /// Two controllers have the same name, so that their metrics and logs couldn't be told apart.
    #[error("a controller named `{0}` exists already; help: give each controller its own name")]
    DuplicateController(String),

    /// Two webhooks have the same path, so that one of them would never be asked.
    #[error("two webhooks have the path `{0}`; help: give one of them another path")]
    DuplicateWebhookPath(String),

    /// A webhook's path can't be asked for.
    #[error("`{0}` is no path of a webhook; help: begin it with `/`, without a query")]
    InvalidWebhookPath(String),

    /// Two converters are for the same kind.
    #[error("the kind `{0}` has two converters; help: add all versions to one of them")]
    DuplicateConverter(String),

    /// A server can't speak TLS at all.
    #[error("failed to set up TLS")]
    Tls(#[source] rustls::Error),

    /// Leader election was asked for, but there is no name for the lease.
    #[error("leader election needs a lease name; help: call `leader_election_id` on the builder")]
    LeaderElectionIdMissing,

    /// The times of the leader election don't fit together.
    #[error("the timings of the leader election are unusable: {0}")]
    LeaderElectionTimings(#[from] InvalidTimings),

    /// A limit on requests that lets none through.
    #[error(
        "a limit of {qps} requests a second, {burst} at once, lets none through; help: both must be above zero"
    )]
    RequestLimit {
        /// Requests in each second, as given.
        qps: f64,
        /// Requests at once, as given.
        burst: u32,
    },

    /// A limit on the retries of a controller that lets none through.
    #[error(
        "a limit of {per_second} retries a second, {burst} at once, lets none of `{controller}` through; help: both must be above zero"
    )]
    RetryLimit {
        /// The controller's name.
        controller: String,
        /// Retries in each second, as given.
        per_second: f64,
        /// Retries at once, as given.
        burst: u32,
    },

    /// The API server is to be reached through a proxy, and kube was built without.
    #[error(
        "the API server is to be reached through the proxy `{proxy}`, which this program was not built for; help: it \
         comes from `proxy-url` in the kubeconfig or from `HTTPS_PROXY`: take it away, or add the feature `{feature}` in Cargo.toml"
    )]
    Proxy {
        /// Its host, without what may be a password.
        proxy: String,
        /// What has to be switched on, `kube/http-proxy` for example.
        feature: &'static str,
    },

    /// Another process holds the lease now, or it couldn't be renewed in time.
    #[error("leadership was lost")]
    LeadershipLost,

    /// A part that should have run until the end returned early.
    #[error("`{0}` ended on its own")]
    PartEnded(String),

    /// A part failed.
    #[error("`{part}` failed")]
    PartFailed {
        /// Its name, as given when it was added.
        part: String,
        /// What it returned.
        #[source]
        source: BoxError,
    },

    /// A part panicked.
    #[error("`{part}` panicked: {message}")]
    PartPanicked {
        /// Its name, as given when it was added.
        part: String,
        /// The panic's message.
        message: String,
    },

    /// Something was still running when the shutdown's time was over.
    #[error("not everything ended within {0:?}")]
    ShutdownTimedOut(Duration),

    /// A second signal came while the first was being followed.
    #[error("a second signal ended the shutdown")]
    Interrupted,

    /// Signals can't be listened to.
    #[error("failed to listen for signals")]
    Signals(#[source] std::io::Error),

    /// The log filter can't be parsed.
    #[error("`{filter}` is no log filter")]
    LogFilter {
        /// The filter as it was given.
        filter: String,
        /// What is wrong with it.
        #[source]
        source: tracing_subscriber::filter::ParseError,
    },

    /// The environment asks for an export of spans that can't be set up.
    #[cfg(feature = "opentelemetry")]
    #[error("failed to set up the export of spans; help: see the OTEL_EXPORTER_OTLP_… variables")]
    Traces(#[source] BoxError),

    /// Logging was initialised twice.
    #[error("logging is set up already")]
    LogInit,
}

impl Error {
    /// What a part returned. Our own errors, leadership lost for example, stay what they are.
    pub(crate) fn from_part(part: String, source: BoxError) -> Self {
        match source.downcast::<Self>() {
            Ok(error) => *error,
            Err(source) => Self::PartFailed { part, source },
        }
    }
}

/// Ends the process with the result of a `main`: 0, or 1 with the cause of the failure in the log.
///
/// Where logging isn't set up, the cause goes to stderr. A `main` doesn't come back from here, so that nothing is left to
/// wait for: at the end of a `main` tokio's runtime waits, without a limit, for calls that block and for tasks that hold on
/// to their thread. By then nobody listens for signals any more, and what still runs may still write. Destructors in `main`
/// don't run; what has to be done at the end is done before.
///
/// ```no_run
/// use rustop_runtime::{Error, exit_code};
///
/// # async fn run() -> Result<(), Error> { Ok(()) }
/// # async fn main_of_an_operator() -> std::process::ExitCode {
/// exit_code(run().await)
/// # }
/// ```
pub fn exit_code(result: Result<(), Error>) -> ! {
    let Err(error) = result else {
        std::process::exit(0);
    };
    let cause = chain(&error);
    if tracing::dispatcher::has_been_set() {
        tracing::error!(error = cause, "manager failed");
    } else {
        // Nothing can be done about a stderr that is closed.
        let _ = writeln!(std::io::stderr(), "error: {cause}");
    }
    std::process::exit(1);
}

/// Whether the API server answered with this code.
pub(crate) fn has_code(error: &kube::Error, code: u16) -> bool {
    matches!(error, kube::Error::Api(status) if status.code == code)
}

/// An error with its causes in one line, without saying anything twice.
pub(crate) fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        next = cause.source();
    }
    text
}

/// What a panic said.
pub(crate) fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(ToString::to_string);
    let text = text.or_else(|| panic.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "no message".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_names_every_cause_once() {
        let error = Error::PartFailed {
            part: "webhook".into(),
            source: Box::new(std::io::Error::other("address in use")),
        };
        assert_eq!(chain(&error), "`webhook` failed: address in use");
    }
}

//! Logs: JSON for machines, text for people, one filter for both.
//!
//! Everything logs through `tracing`, as kube does; a reconcile runs in a span with its controller, its object and an
//! id, so that the lines of one reconcile can be found together.

use std::io::IsTerminal as _;

use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{EnvFilter, fmt};

use crate::{Error, LogFormat, LogOptions};

/// Sets logging up for the process. Logs go to stderr, as kubebuilder's do.
///
/// ```
/// use rustop_runtime::{LogFormat, LogOptions, telemetry};
///
/// telemetry::init(&LogOptions { log_level: "info,kube=warn".into(), log_format: LogFormat::Text })?;
/// # Ok::<(), rustop_runtime::Error>(())
/// ```
///
/// # Errors
/// [`Error::LogFilter`] for a filter that can't be parsed, [`Error::LogInit`] when logging is set up already.
pub fn init(options: &LogOptions) -> Result<(), Error> {
    let filter = filter(&options.log_level)?;
    let builder = fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let result = match options.log_format {
        LogFormat::Json => builder
            .json()
            .flatten_event(true)
            .with_span_list(false)
            .finish()
            .try_init(),
        LogFormat::Text => builder
            .with_ansi(std::io::stderr().is_terminal())
            .finish()
            .try_init(),
    };
    result.map_err(|_| Error::LogInit)
}

fn filter(text: &str) -> Result<EnvFilter, Error> {
    EnvFilter::builder()
        .with_default_directive(LevelFilter::INFO.into())
        .parse(text)
        .map_err(|source| Error::LogFilter {
            filter: text.to_owned(),
            source,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_a_level_or_directives() {
        for text in [
            "info",
            "debug",
            "info,kube=warn",
            "my_operator::controller=trace",
            "",
        ] {
            assert!(filter(text).is_ok(), "{text}");
        }
        assert!(filter("info,kube=loud").is_err());
    }
}

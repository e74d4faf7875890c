//! Logs: JSON for machines, text for people, one filter for both; and traces, with the feature `opentelemetry`.
//!
//! Everything logs through `tracing`, as kube does; a reconcile runs in a span with its controller, its object and an
//! id, so that the lines of one reconcile can be found together. The keys are controller-runtime's: `controller`,
//! `controllerGroup`, `controllerKind`, `namespace`, `name`, `reconcileID`.
//!
//! With `opentelemetry` these spans are exported over OTLP (HTTP, protobuf) when `OTEL_EXPORTER_OTLP_ENDPOINT` or
//! `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` is set, and not when `OTEL_SDK_DISABLED` is `true` or `OTEL_TRACES_EXPORTER` is
//! `none`. OpenTelemetry's other variables mean what they always do, `OTEL_SERVICE_NAME` and `OTEL_TRACES_SAMPLER` for
//! example: <https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/>.

mod json;
#[cfg(feature = "opentelemetry")]
mod otlp;
mod time;

use std::io::IsTerminal as _;

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::format::JsonFields;
use tracing_subscriber::layer::{Layer, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Registry, fmt};

pub use time::TimeEncoding;

use crate::{Error, LogFormat, LogOptions};
use time::Clock;

/// Sets logging up for the process, and the export of spans where the feature is on. Logs go to stderr, as
/// kubebuilder's do.
///
/// ```
/// use rustop_runtime::{LogFormat, LogOptions, telemetry};
///
/// telemetry::init(&LogOptions { log_format: LogFormat::Text, ..LogOptions::default() })?;
/// # Ok::<(), rustop_runtime::Error>(())
/// ```
///
/// # Errors
/// [`Error::LogFilter`] for a filter that can't be parsed, [`Error::LogInit`] when logging is set up already. With the
/// feature `opentelemetry` also [`Error::Traces`], when spans should be exported and can't be.
pub fn init(options: &LogOptions) -> Result<(), Error> {
    let filter = filter(&options.log_level)?;
    let logs = logs(options.log_format, Clock(options.zap_time_encoding));
    let layers = traces()?.into_iter().chain([logs]).collect::<Vec<_>>();
    let subscriber = Registry::default().with(filter.and_then(layers));
    subscriber.try_init().map_err(|_| Error::LogInit)?;
    if options.zap_stacktrace_level.is_some() {
        tracing::warn!("`--zap-stacktrace-level` does nothing here: there are no stack traces");
    }
    Ok(())
}

type Boxed = Box<dyn Layer<Registry> + Send + Sync>;

fn logs(format: LogFormat, clock: Clock) -> Boxed {
    let layer = fmt::layer().with_writer(std::io::stderr);
    match format {
        LogFormat::Json => layer
            .fmt_fields(JsonFields::new())
            .event_format(json::Lines { clock })
            .boxed(),
        LogFormat::Text => layer
            .with_timer(clock)
            .with_ansi(std::io::stderr().is_terminal())
            .boxed(),
    }
}

#[cfg(feature = "opentelemetry")]
fn traces() -> Result<Option<Boxed>, Error> {
    Ok(otlp::layer()?.map(Layer::boxed))
}

#[cfg(not(feature = "opentelemetry"))]
#[expect(clippy::unnecessary_wraps, reason = "fails where spans are exported")]
fn traces() -> Result<Option<Boxed>, Error> {
    Ok(None)
}

/// Targets and levels. `EnvFilter` also knows spans and their fields, at the price of a regex engine in each operator.
fn filter(text: &str) -> Result<Targets, Error> {
    if text.is_empty() {
        return Ok(Targets::new().with_default(LevelFilter::INFO));
    }
    text.parse().map_err(|source| Error::LogFilter {
        filter: text.to_owned(),
        source,
    })
}

#[cfg(feature = "opentelemetry")]
pub(crate) use otlp::flush;

/// Without the feature there is nothing to do.
#[cfg(not(feature = "opentelemetry"))]
pub(crate) fn flush() -> std::future::Ready<()> {
    std::future::ready(())
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

    #[test]
    fn a_directive_is_for_its_target_and_all_below_it() {
        use tracing::Level;

        let warn = filter("info,kube=warn").unwrap();
        assert!(!warn.would_enable("kube::client", &Level::INFO));
        assert!(warn.would_enable("kube::client", &Level::WARN));
        assert!(warn.would_enable("my_operator", &Level::INFO));
        assert!(!warn.would_enable("my_operator", &Level::DEBUG));
        let nothing = filter("").unwrap();
        assert!(nothing.would_enable("my_operator", &Level::INFO));
        assert!(!nothing.would_enable("my_operator", &Level::DEBUG));
        let one = filter("my_operator=trace").unwrap();
        assert!(one.would_enable("my_operator::controller", &Level::TRACE));
        assert!(!one.would_enable("kube", &Level::ERROR));
    }
}

//! How a log line tells the time: as zap does when it is told how, else as tracing does.

use std::fmt;

use k8s_openapi::jiff::Timestamp;
use serde_json::{Value, json};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};

/// What `--zap-time-encoding` may be, by zap's names:
/// <https://pkg.go.dev/sigs.k8s.io/controller-runtime/pkg/log/zap#Options.BindFlags>. Times are in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
#[non_exhaustive]
pub enum TimeEncoding {
    /// Seconds since 1970, with their parts.
    Epoch,
    /// Milliseconds since 1970, with their parts.
    Millis,
    /// Nanoseconds since 1970.
    Nano,
    /// `2006-01-02T15:04:05.000Z`.
    Iso8601,
    /// `2006-01-02T15:04:05Z`.
    Rfc3339,
    /// `2006-01-02T15:04:05.999999999Z`.
    Rfc3339nano,
}

/// Tells the time in log lines.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock(pub(super) Option<TimeEncoding>);

impl Clock {
    /// The time now, as it stands in a line of JSON.
    pub(super) fn now(self) -> Result<Value, fmt::Error> {
        if let Some(encoding) = self.0 {
            return Ok(encode(encoding, Timestamp::now()));
        }
        let mut text = String::new();
        SystemTime.format_time(&mut Writer::new(&mut text))?;
        Ok(json!(text))
    }
}

impl FormatTime for Clock {
    fn format_time(&self, writer: &mut Writer<'_>) -> fmt::Result {
        match self.now()? {
            Value::String(text) => writer.write_str(&text),
            number => write!(writer, "{number}"),
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "zap counts in floating point too"
)]
fn encode(encoding: TimeEncoding, time: Timestamp) -> Value {
    let nanoseconds = time.as_nanosecond();
    let text = |format: &str| json!(time.strftime(format).to_string());
    match encoding {
        TimeEncoding::Epoch => json!(nanoseconds as f64 / 1e9),
        TimeEncoding::Millis => json!(nanoseconds as f64 / 1e6),
        TimeEncoding::Nano => json!(i64::try_from(nanoseconds).unwrap_or(i64::MAX)),
        TimeEncoding::Iso8601 => text("%Y-%m-%dT%H:%M:%S%.3fZ"),
        TimeEncoding::Rfc3339 => text("%Y-%m-%dT%H:%M:%SZ"),
        TimeEncoding::Rfc3339nano => text("%Y-%m-%dT%H:%M:%S%.fZ"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What zap v1.27 writes of the same moment.
    #[test]
    fn times_are_those_of_zap() {
        let time: Timestamp = "2026-01-02T03:04:05.678900Z".parse().unwrap();
        for (encoding, expected) in [
            (TimeEncoding::Epoch, "1767323045.6789"),
            (TimeEncoding::Millis, "1767323045678.9"),
            (TimeEncoding::Nano, "1767323045678900000"),
            (TimeEncoding::Iso8601, r#""2026-01-02T03:04:05.678Z""#),
            (TimeEncoding::Rfc3339, r#""2026-01-02T03:04:05Z""#),
            (TimeEncoding::Rfc3339nano, r#""2026-01-02T03:04:05.6789Z""#),
        ] {
            assert_eq!(encode(encoding, time).to_string(), expected, "{encoding:?}");
        }
    }
}

//! Prometheus' text format, version 0.0.4: what controller-runtime serves to everybody.
//!
//! prometheus-client writes OpenMetrics only. There a counter `x_total` belongs to a family `x`, histograms have bounds
//! like `1.0`, and a last line says that it is the last; who reads the text format knows the family as `x_total`, and
//! would keep `le="1"` and `le="1.0"` of two operators apart. So the names and numbers are put as Go puts them.

use std::fmt::{self, Write};

use prometheus_client::encoding::text::encode;
use prometheus_client::registry::Registry;

/// The content type of the text format.
pub(crate) const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Everything that `registry` holds, in the text format.
pub(crate) fn encode_text(registry: &Registry) -> Result<String, fmt::Error> {
    let mut open_metrics = String::new();
    encode(&mut open_metrics, registry)?;
    let mut text = String::with_capacity(open_metrics.len());
    let mut family = Family::default();
    for line in open_metrics.lines() {
        match line.strip_prefix("# ") {
            Some(comment) => family.comment(comment, &mut text)?,
            None => family.sample(line, &mut text)?,
        }
    }
    Ok(text)
}

/// The family whose lines are being read.
#[derive(Default)]
struct Family<'a> {
    help: &'a str,
    histogram: bool,
}

impl<'a> Family<'a> {
    /// A `HELP` waits for its `TYPE`, which says what the family is called.
    fn comment(&mut self, comment: &'a str, text: &mut String) -> fmt::Result {
        let (keyword, rest) = comment.split_once(' ').unwrap_or((comment, ""));
        let (name, rest) = rest.split_once(' ').unwrap_or((rest, ""));
        match keyword {
            "HELP" => self.help = rest,
            "TYPE" => {
                self.histogram = rest == "histogram";
                let (suffix, kind) = match rest {
                    "counter" => ("_total", "counter"),
                    "info" => ("_info", "gauge"),
                    "unknown" => ("", "untyped"),
                    other => ("", other),
                };
                writeln!(text, "# HELP {name}{suffix} {}", self.help)?;
                writeln!(text, "# TYPE {name}{suffix} {kind}")?;
            }
            // UNIT and EOF are OpenMetrics' own.
            _ => {}
        }
        Ok(())
    }

    fn sample(&self, line: &str, text: &mut String) -> fmt::Result {
        let end = line.find(['{', ' ']).unwrap_or(line.len());
        let (name, mut rest) = line.split_at(end);
        text.push_str(name);
        if rest.starts_with('{') {
            rest = self.labels(rest, text)?;
        }
        // What follows the value would be an exemplar, which only OpenMetrics knows.
        let value = rest.split_once(" # ").map_or(rest, |(value, _)| value);
        writeln!(text, "{value}")
    }

    /// Copies `{a="b",le="1.0"}` and gives what follows it. Only a histogram's own `le` is a number.
    fn labels<'l>(&self, line: &'l str, text: &mut String) -> Result<&'l str, fmt::Error> {
        let mut rest = line;
        while let Some((name, after)) = rest.split_once("=\"") {
            let (value, after) = after.split_at(closing_quote(after));
            text.push_str(name);
            let le = self.histogram && matches!(name, "{le" | ",le");
            match le.then(|| value.parse().ok()).flatten() {
                Some(bound) => write!(text, "=\"{}\"", go_number(bound))?,
                None => write!(text, "=\"{value}\"")?,
            }
            rest = after.get(1..).unwrap_or_default();
            if !rest.starts_with(',') {
                break;
            }
        }
        let (end, rest) = rest.split_at(rest.find('}').map_or(0, |brace| brace + 1));
        text.push_str(end);
        Ok(rest)
    }
}

/// Where a label's value ends: at the first quote that isn't escaped.
fn closing_quote(text: &str) -> usize {
    let mut escaped = false;
    let quote = text.bytes().position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    });
    quote.unwrap_or(text.len())
}

/// A number as Go's shortest `%g` puts it: `1`, `0.005`, `1e-08`, `+Inf`.
fn go_number(number: f64) -> String {
    if number.is_infinite() {
        return if number > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let scientific = format!("{number:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    match exponent.parse::<i32>() {
        Ok(exponent) if !(-4..6).contains(&exponent) => {
            let sign = if exponent < 0 { '-' } else { '+' };
            format!("{digits}e{sign}{:02}", exponent.abs())
        }
        _ => number.to_string(),
    }
}

#[cfg(test)]
mod tests;

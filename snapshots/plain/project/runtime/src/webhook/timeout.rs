//! How long a handler has.

use std::time::Duration;

/// What the answer needs on its way back.
const MARGIN: Duration = Duration::from_millis(500);

/// More than the API server ever waits for an admission.
const LONGEST: Duration = Duration::from_secs(30);

/// The time for a request with this query: what `timeout` says (the API server sends `timeout=10s`), or `otherwise`,
/// less a margin.
pub(super) fn limit(query: &str, otherwise: Duration) -> Duration {
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    let asked = pairs.find(|(key, _)| *key == "timeout");
    let asked = asked.and_then(|(_, value)| duration(value));
    let allowed = asked.filter(|time| !time.is_zero()).unwrap_or(otherwise);
    let allowed = allowed.min(LONGEST);
    allowed.saturating_sub(MARGIN.min(allowed / 10))
}

/// Go's notation of a duration, as far as the API server uses it: `1m30s`, `10s`, `500ms`.
fn duration(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut total = Duration::ZERO;
    while !rest.is_empty() {
        let digits = rest.find(|character: char| !character.is_ascii_digit())?;
        let number: u32 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let end = rest.find(|character: char| character.is_ascii_digit());
        let (unit, next) = rest.split_at(end.unwrap_or(rest.len()));
        let unit = match unit {
            "h" => Duration::from_secs(3600),
            "m" => Duration::from_secs(60),
            "s" => Duration::from_secs(1),
            "ms" => Duration::from_millis(1),
            _ => return None,
        };
        total = total.checked_add(unit.checked_mul(number)?)?;
        rest = next;
    }
    Some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(query: &str, milliseconds: u64) {
        let actual = limit(query, Duration::from_secs(10));
        assert_eq!(actual, Duration::from_millis(milliseconds), "{query}");
    }

    #[test]
    fn the_api_servers_timeout_is_kept_with_a_margin() {
        check("timeout=10s", 9_500);
        check("a=b&timeout=1s", 900);
        check("timeout=500ms", 450);
        check("timeout=0m5s", 4_500);
        check("timeout=1h", 29_500);
    }

    #[test]
    fn what_is_no_time_is_as_if_nothing_was_said() {
        for query in [
            "",
            "timeout",
            "timeout=",
            "timeout=0s",
            "timeout=ten",
            "timeout=5",
            "timeout=-5s",
            "timeout=99999999999999999s",
            "timeout=5µs",
        ] {
            check(query, 9_500);
        }
    }
}

//! Spans of time as Go writes them, `1h30m`, in whole numbers.

use std::time::Duration;

use super::value::matches;

/// What the API server takes: spans that Rust can add up. kube's `Duration`
/// panics at one beyond 64 bits of seconds, and ten parts of so many digits stay
/// far below.
pub const PATTERN: &str = r"^([0-9]{1,12}(\.[0-9]{1,9})?(ns|us|µs|ms|s|m|h)){1,10}$";

/// The longest, as [`PATTERN`] can say it in seconds.
const LONGEST: Duration = Duration::from_secs(999_999_999_999);

/// The span that `text` says.
pub fn parse(text: &str) -> Option<Duration> {
    let span = sum(text).filter(|span| *span <= LONGEST);
    span.filter(|_| matches(PATTERN, text))
}

fn sum(text: &str) -> Option<Duration> {
    let mut rest = text;
    let mut total = Duration::ZERO;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let count: u32 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let end = rest
            .find(|c: char| c.is_ascii_digit())
            .unwrap_or(rest.len());
        let unit = match &rest[..end] {
            "ms" => Duration::from_millis(1),
            "s" => Duration::from_secs(1),
            "m" => Duration::from_secs(60),
            "h" => Duration::from_secs(3600),
            _ => return None,
        };
        total = total.checked_add(unit.checked_mul(count)?)?;
        rest = &rest[end..];
    }
    Some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_read() {
        let check = |text: &str, expected: Option<u64>| {
            assert_eq!(parse(text), expected.map(Duration::from_millis), "{text}");
        };
        check("1s", Some(1000));
        check("1h30m", Some(5_400_000));
        check("1m500ms", Some(60_500));
        check("0s", Some(0));
        for text in ["", "1", "s", "1.5h", "-1s", "1d", "1 s", "99999999999s"] {
            check(text, None);
        }
        check(&"1s".repeat(10), Some(10_000));
        check(&"1s".repeat(11), None);
        check("4000000000h", None);
    }

    #[test]
    fn no_span_is_beyond_what_rust_counts() {
        let longest = format!("{}.{}h", "9".repeat(12), "9".repeat(9)).repeat(10);
        assert!(matches(PATTERN, &longest));
        let hours = longest
            .split('h')
            .filter_map(|part| part.parse::<f64>().ok());
        assert!(Duration::try_from_secs_f64(hours.sum::<f64>() * 3600.0).is_ok());
        for text in [
            "99999999999999999999999h",
            &format!("{longest}1h"),
            "-1h",
            "1e3s",
            "",
        ] {
            assert!(!matches(PATTERN, text), "{text}");
        }
        for text in ["1h30m", "0s", "1.000000001s", "300.5ms", "1µs"] {
            assert!(matches(PATTERN, text), "{text}");
        }
    }
}

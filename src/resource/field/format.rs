//! The formats of texts that the API server checks.
//!
//! It knows more than these and ignores those that it does not know
//! (`supportedVersionedFormats` in
//! <https://github.com/kubernetes/apiextensions-apiserver/blob/master/pkg/apiserver/validation/formats.go>),
//! so a wrong name would say nothing. Moments and bytes have types of their own.

use regex::Regex;

use super::error::Refusal;

/// A format, for example `email`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Format(&'static Known);

/// A name, a text that has the format, and a pattern that no other text gets through.
#[derive(Debug, PartialEq, Eq)]
struct Known {
    name: &'static str,
    sample: &'static str,
    pattern: &'static str,
}

const fn known(name: &'static str, sample: &'static str, pattern: &'static str) -> Known {
    Known {
        name,
        sample,
        pattern,
    }
}

/// The patterns are narrower than the formats: they judge defaults and examples.
static FORMATS: [Known; 10] = [
    known("cidr", "192.0.2.0/24", ""),
    known(
        "date",
        "2030-01-01",
        r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])$",
    ),
    known(
        "email",
        "user@example.com",
        r"^[A-Za-z0-9_+-]+(\.[A-Za-z0-9_+-]+)*@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$",
    ),
    known(
        "hostname",
        "www.example.com",
        r"^([A-Za-z0-9](-[A-Za-z0-9]{1,61}|[A-Za-z0-9]{1,62})?|([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63})$",
    ),
    known("ipv4", "192.0.2.1", ""),
    known("ipv6", "2001:db8::1", ""),
    known(
        "mac",
        "00:00:5e:00:53:01",
        r"^[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}$",
    ),
    known("password", "change-me", ""),
    known(
        "uri",
        "https://example.com/",
        r"^[a-z][a-z0-9+.-]*://([A-Za-z0-9._~-]+(:[A-Za-z0-9._~-]*)?@)?[A-Za-z0-9.-]*(:[0-9]{1,5})?([/?#]([A-Za-z0-9._~!$&'()*+,;=:@/?#-]|%[0-9A-Fa-f]{2})*)?$",
    ),
    known(
        "uuid",
        "123e4567-e89b-42d3-a456-426614174000",
        r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$",
    ),
];

impl Format {
    pub(super) fn parse(text: &str) -> Result<Self, Refusal> {
        if let Some(known) = FORMATS.iter().find(|known| known.name == text) {
            return Ok(Self(known));
        }
        let refusal = Refusal::new(format!("`{text}` is no format that rustop knows"));
        let own_type = match text {
            "date-time" | "datetime" => Some("date-time"),
            "byte" => Some("byte"),
            "duration" => Some("duration"),
            "int32" => Some("int32"),
            "int64" => Some("int64"),
            _ => None,
        };
        if let Some(name) = own_type {
            return Err(refusal.with_help(format!("that is a type: `:{name}`")));
        }
        let names: Vec<String> = FORMATS
            .iter()
            .map(|known| format!("`{}`", known.name))
            .collect();
        Err(refusal.with_help(format!(
            "the formats are {}; for others use `pattern`",
            names.join(", ")
        )))
    }

    /// Its name in OpenAPI.
    pub fn as_str(self) -> &'static str {
        self.0.name
    }

    pub(super) fn sample(self) -> &'static str {
        self.0.sample
    }

    /// Whether `text` surely has this format.
    pub(super) fn admits(self, text: &str) -> bool {
        match self.0.name {
            "ipv4" => text.parse::<std::net::Ipv4Addr>().is_ok(),
            "ipv6" => text.parse::<std::net::Ipv6Addr>().is_ok(),
            "cidr" => is_cidr(text),
            "hostname" if text.len() > HOSTNAME => false,
            _ => Regex::new(self.0.pattern).is_ok_and(|pattern| pattern.is_match(text)),
        }
    }
}

const HOSTNAME: usize = 255;

fn is_cidr(text: &str) -> bool {
    let Some((address, prefix)) = text.split_once('/') else {
        return false;
    };
    let most = match address.parse() {
        Ok(std::net::IpAddr::V4(_)) => 32,
        Ok(std::net::IpAddr::V6(_)) => 128,
        Err(_) => return false,
    };
    let length = prefix.parse::<u8>();
    length.is_ok_and(|length| length <= most && length.to_string() == prefix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_format_admits_its_sample_and_not_everything() {
        for known in &FORMATS {
            let format = Format::parse(known.name)
                .map_err(|refusal| refusal.reason)
                .unwrap();
            assert!(format.admits(known.sample), "{}", known.name);
            assert_eq!(
                format.admits("not / one"),
                known.name == "password",
                "{}",
                known.name
            );
        }
    }

    /// What the API server refuses, and what it takes.
    #[test]
    fn a_format_is_the_api_servers() {
        let check = |name: &str, text: &str, expected: bool| {
            let format = Format::parse(name).map_err(|refusal| refusal.reason);
            assert_eq!(format.unwrap().admits(text), expected, "{name}: {text}");
        };
        for text in [".a@b.c", "a..b@c.d", "a.@b.c", "a@b..c"] {
            check("email", text, false);
        }
        check("email", "a.b+c@d-e.f", true);
        for text in ["a://%zz", "http://[", "http://a:b", "a", "http://a b"] {
            check("uri", text, false);
        }
        for text in ["http://a:80/b%20c?d=e#f", "file:///a", "ftp://a:b@c"] {
            check("uri", text, true);
        }
        for text in [
            "1.2.3.4/99",
            "2001:db8::/200",
            "1.2.3.4/033",
            "1.2.3.4/+8",
            "1.2.3.4",
        ] {
            check("cidr", text, false);
        }
        for text in ["1.2.3.4/32", "::/0", "2001:db8::/128"] {
            check("cidr", text, true);
        }
        let (most, more) = ("a".repeat(63), "a".repeat(64));
        for text in ["a.b", "ab-c", &more, &format!("{more}.com"), "a..com"] {
            check("hostname", text, false);
        }
        for text in ["a", "a-b", "a-b.com", &most, &format!("{most}.com")] {
            check("hostname", text, true);
        }
        check("date", "٢٠٣٠-01-01", false);
    }

    #[test]
    fn what_is_a_type_is_said_to_be_one() {
        let help = |text: &str| Format::parse(text).unwrap_err().help.unwrap();
        assert_eq!(help("date-time"), "that is a type: `:date-time`");
        assert!(help("phone").contains("`pattern`"));
    }
}

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
    known(
        "cidr",
        "192.0.2.0/24",
        r"^\d{1,3}(\.\d{1,3}){3}/\d{1,2}$|^[0-9a-f:]+::?/\d{1,3}$",
    ),
    known(
        "date",
        "2030-01-01",
        r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])$",
    ),
    known(
        "email",
        "user@example.com",
        r"^[A-Za-z0-9._+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$",
    ),
    known(
        "hostname",
        "www.example.com",
        r"^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z]([A-Za-z0-9-]*[A-Za-z0-9])?)*$",
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
        r"^[a-z][a-z0-9+.-]*://[!-~]+$",
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
            "cidr"
                if text
                    .split_once('/')
                    .is_some_and(|(ip, _)| ip.parse::<std::net::IpAddr>().is_err()) =>
            {
                false
            }
            _ => Regex::new(self.0.pattern).is_ok_and(|pattern| pattern.is_match(text)),
        }
    }
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

    #[test]
    fn what_is_a_type_is_said_to_be_one() {
        let help = |text: &str| Format::parse(text).unwrap_err().help.unwrap();
        assert_eq!(help("date-time"), "that is a type: `:date-time`");
        assert!(help("phone").contains("`pattern`"));
    }
}

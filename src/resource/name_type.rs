//! Writes what all name types share, so that none forgets a part.
//!
//! A name is a `String` that passed its `check` function. It reads and writes
//! as plain text, and reading checks: a PROJECT that was edited by hand cannot
//! bring in what a flag could not.

/// Declares a name type. `check` is `fn(&str) -> Result<(), NameError>`.
macro_rules! name_type {
    ($(#[$doc:meta])* $name:ident, $check:path) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Takes `text` when it is legal; the error says why it is not and
            /// what to try.
            pub fn new(text: &str) -> Result<Self, $crate::resource::NameError> {
                $check(text)?;
                Ok(Self(text.to_owned()))
            }

            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.pad(&self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::resource::NameError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::new(text)
            }
        }

        impl TryFrom<String> for $name {
            type Error = $crate::resource::NameError;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                Self::new(&text)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
    };
}

/// Orders a name type by its text.
macro_rules! order_by_text {
    ($name:ident) => {
        impl Ord for $name {
            fn cmp(&self, other: &Self) -> std::cmp::Ordering {
                self.0.cmp(&other.0)
            }
        }

        impl PartialOrd for $name {
            fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
                Some(self.cmp(other))
            }
        }
    };
}

pub(super) use {name_type, order_by_text};

#[cfg(test)]
mod tests {
    use crate::resource::{Domain, Kind};

    #[test]
    fn a_name_reads_and_writes_as_plain_text() {
        let kind: Kind = serde_json::from_str("\"MyApp\"").unwrap();
        assert_eq!(kind.as_str(), "MyApp");
        assert_eq!(serde_json::to_string(&kind).unwrap(), "\"MyApp\"");
        assert_eq!(
            serde_json::from_str::<Domain>("\"\"").unwrap(),
            Domain::default()
        );
    }

    #[test]
    fn reading_refuses_what_new_refuses() {
        let error = serde_json::from_str::<Kind>("\"my-app\"").unwrap_err();
        assert!(error.to_string().contains("`my-app` is no kind"), "{error}");
    }

    #[test]
    fn a_name_can_be_parsed_and_padded() {
        let kind: Kind = "MyApp".parse().unwrap();
        assert_eq!(format!("{kind:>7}|"), "  MyApp|");
    }
}

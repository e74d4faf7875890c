//! The version of an API.
//!
//! The API server takes any label of RFC 1035 for a CRD's version (`v1`, but
//! also `preview`), so rustop takes the same; see `ValidateCustomResourceDefinition` in
//! <https://github.com/kubernetes/apiextensions-apiserver/blob/master/pkg/apis/apiextensions/validation/validation.go>.
//! Which of several is preferred follows from the form `v2beta1`.

use std::cmp::{Ordering, Reverse};

use super::dns::{check_letter_label, nearest_label, nearest_letter_label};
use super::error::NameError;
use super::name_type::name_type;
use super::rust_name;

name_type! {
    /// The version of an API: `v1`, `v1alpha1`; any label of RFC 1035.
    ///
    /// Its order is the one of files and lists: numbers count as numbers, so
    /// `v2` is before `v10`. For Kubernetes' order see
    /// [`compare_priority`](Self::compare_priority).
    Version, check
}

/// How ready an API is; the order is from the least to the most.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Alpha,
    Beta,
    General,
}

impl Version {
    /// Compares as the API server does when it picks the preferred version:
    /// what comes first is `Less`. General before beta before alpha, in each
    /// the higher number first; what has another form comes last, by text.
    /// <https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/#version-priority>
    pub fn compare_priority(&self, other: &Self) -> Ordering {
        match (self.priority(), other.priority()) {
            (None, None) => self.0.cmp(&other.0),
            (one, two) => Reverse(one)
                .cmp(&Reverse(two))
                .then_with(|| self.0.cmp(&other.0)),
        }
    }

    /// Is this a version of the form `v1`: neither alpha, beta nor free text?
    pub fn is_general(&self) -> bool {
        matches!(self.priority(), Some((Stage::General, ..)))
    }

    /// The Rust module of this version's types, as for a
    /// [`Group`](super::Group::module).
    pub fn module(&self) -> String {
        rust_name::module("version", &self.0)
    }

    fn priority(&self) -> Option<(Stage, i64, i64)> {
        let rest = self.0.strip_prefix('v')?;
        let (major, rest) = leading_number(rest)?;
        if rest.is_empty() {
            return Some((Stage::General, major, 0));
        }
        let (stage, rest) = match rest.strip_prefix("alpha") {
            Some(rest) => (Stage::Alpha, rest),
            None => (Stage::Beta, rest.strip_prefix("beta")?),
        };
        let (minor, rest) = leading_number(rest)?;
        rest.is_empty().then_some((stage, major, minor))
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        natural_order(&self.0, &other.0).then_with(|| self.0.cmp(&other.0))
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Splits `text` behind its leading digits. `None` when there are none or the
/// number is too large, as in Kubernetes.
fn leading_number(text: &str) -> Option<(i64, &str)> {
    let (digits, rest) = split_digits(text);
    Some((digits.parse().ok()?, rest))
}

fn split_digits(text: &str) -> (&str, &str) {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    text.split_at(end)
}

/// Compares by characters, but runs of digits by their value.
fn natural_order(mut one: &str, mut two: &str) -> Ordering {
    loop {
        let ((number, rest), (other_number, other_rest)) = (split_digits(one), split_digits(two));
        if !number.is_empty() && !other_number.is_empty() {
            let order = compare_digits(number, other_number);
            if order.is_ne() {
                return order;
            }
            (one, two) = (rest, other_rest);
        }
        let (mut characters, mut others) = (one.chars(), two.chars());
        match (characters.next(), others.next()) {
            (Some(left), Some(right)) if left == right => (),
            (left, right) => return left.cmp(&right),
        }
        (one, two) = (characters.as_str(), others.as_str());
    }
}

/// Compares digits by value, however many there are.
fn compare_digits(one: &str, two: &str) -> Ordering {
    let (one, two) = (one.trim_start_matches('0'), two.trim_start_matches('0'));
    one.len().cmp(&two.len()).then_with(|| one.cmp(two))
}

fn check(text: &str) -> Result<(), NameError> {
    check_letter_label(text)
        .map_err(|reason| NameError::new("version", text, reason).or_try("--version", guess(text)))
}

/// `1` was meant as `v1`, `V1` as `v1`, `1.2` as `v1`.
fn guess(text: &str) -> Option<String> {
    let label = nearest_label(text)?;
    if label.starts_with(|c: char| c.is_ascii_digit()) {
        let major = label.split('-').next()?;
        return check_letter_label(&format!("v{major}"))
            .is_ok()
            .then(|| format!("v{major}"));
    }
    nearest_letter_label(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        Version::new(text).unwrap()
    }

    #[test]
    fn a_version_is_a_label_that_begins_with_a_letter() {
        fn check(text: &str, expected: bool) {
            assert_eq!(Version::new(text).is_ok(), expected, "{text:?}");
        }
        check("v1", true);
        check("v10", true);
        check("v1alpha1", true);
        check("v1beta2", true);
        check("preview", true);
        check("2024-01", false);
        check("1", false);
        check("V1", false);
        check("v1.0", false);
        check("v1\n", false);
        check("v1\u{1f980}", false);
        check("-v1", false);
        check("", false);
        check("__internal", false);
        check(&"v".repeat(64), false);
    }

    #[test]
    fn the_error_offers_the_nearest_version() {
        fn check(text: &str, expected: Option<&str>) {
            assert_eq!(Version::new(text).unwrap_err().help(), expected, "{text}");
        }
        check("1", Some("try `--version v1`"));
        check("V1", Some("try `--version v1`"));
        check("1.2", Some("try `--version v1`"));
        check("1alpha1", Some("try `--version v1alpha1`"));
        check("", None);
    }

    #[test]
    fn files_come_in_the_order_of_numbers() {
        let mut versions = [
            "v10",
            "v2",
            "v1beta1",
            "v1alpha10",
            "v1",
            "v1alpha2",
            "preview",
        ]
        .map(version);
        versions.sort();
        let texts = versions.each_ref().map(Version::as_str);
        assert_eq!(
            texts,
            [
                "preview",
                "v1",
                "v1alpha2",
                "v1alpha10",
                "v1beta1",
                "v2",
                "v10"
            ]
        );
        assert!(version("v01") != version("v1") && version("v01") < version("v1"));
    }

    #[test]
    fn priority_is_the_one_of_kubernetes() {
        // The example of the page that `compare_priority` cites.
        let expected = [
            "v10",
            "v2",
            "v1",
            "v11beta2",
            "v10beta3",
            "v3beta1",
            "v12alpha1",
            "v11alpha2",
            "foo1",
            "foo10",
        ];
        let mut versions = expected.map(version);
        versions.reverse();
        versions.sort_by(Version::compare_priority);
        assert_eq!(versions.each_ref().map(Version::as_str), expected);
    }

    #[test]
    fn only_the_plain_form_is_general() {
        fn check(text: &str, expected: bool) {
            assert_eq!(version(text).is_general(), expected, "{text}");
        }
        check("v1", true);
        check("v1beta1", false);
        check("v1alpha", false);
        check("v", false);
        check("v1-1", false);
        check("v99999999999999999999", false);
    }

    #[test]
    fn modules_are_legal_rust() {
        fn check(text: &str, expected: &str) {
            assert_eq!(version(text).module(), expected);
        }
        check("v1", "v1");
        check("v1-preview", "v1_preview");
        check("type", "type_");
        check("self", "self_");
    }
}

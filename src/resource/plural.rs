//! The plural of a kind, as it stands in URLs and in the name of the CRD.
//!
//! PROJECT holds it once it is decided; nothing else may compute it again.

use super::dns::{check_letter_label, nearest_letter_label};
use super::error::NameError;
use super::kind::Kind;
use super::name_type::{name_type, order_by_text};
use super::pluralize::pluralize;

name_type! {
    /// The plural of a kind: `myapps`; a label of RFC 1035. See
    /// `ValidateCustomResourceDefinitionNames` in
    /// <https://github.com/kubernetes/apiextensions-apiserver/blob/master/pkg/apis/apiextensions/validation/validation.go>.
    Plural, check
}
order_by_text!(Plural);

impl Plural {
    /// The plural that kubebuilder would choose for `kind`. An error when it
    /// has more than 63 letters: then the user must choose one.
    pub fn of(kind: &Kind) -> Result<Self, NameError> {
        let text = pluralize(&kind.lower());
        Self::new(&text).map_err(|error| error.with_help("choose a shorter one with `--plural`"))
    }
}

fn check(text: &str) -> Result<(), NameError> {
    check_letter_label(text).map_err(|reason| {
        NameError::new("plural", text, reason).or_try("--plural", nearest_letter_label(text))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plural_is_a_label_that_begins_with_a_letter() {
        fn check(text: &str, expected: bool) {
            assert_eq!(Plural::new(text).is_ok(), expected, "{text:?}");
        }
        check("myapps", true);
        check("my-apps", true);
        check("MyApps", false);
        check("3scales", false);
        check("my.apps", false);
        check("my/apps", false);
        check("myapps\n", false);
        check("", false);
        check(&"a".repeat(64), false);
    }

    #[test]
    fn follows_from_the_kind() {
        fn check(kind: &str, expected: &str) {
            let plural = Plural::of(&Kind::new(kind).unwrap()).unwrap();
            assert_eq!(plural.as_str(), expected);
        }
        check("MyApp", "myapps");
        check("NetworkPolicy", "networkpolicies");
        check("DNS", "dnses");
        check("Redis", "redis");
    }

    #[test]
    fn a_kind_that_is_too_long_for_its_plural_is_told_so() {
        let error = Plural::of(&Kind::new(&"K".repeat(63)).unwrap()).unwrap_err();
        assert_eq!(error.help(), Some("choose a shorter one with `--plural`"));
        assert!(Plural::of(&Kind::new(&"K".repeat(62)).unwrap()).is_ok());
    }
}

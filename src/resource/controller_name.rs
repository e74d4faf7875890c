//! The name of a controller: in metrics, in logs, in the names of its files.

use heck::ToUpperCamelCase as _;

use super::dns::{check_letter_label, nearest_letter_label};
use super::error::NameError;
use super::name_type::{name_type, order_by_text};
use super::rust_name;

name_type! {
    /// What `--controller-name` takes: a label of RFC 1035, as in kubebuilder.
    ControllerName, check
}
order_by_text!(ControllerName);

impl ControllerName {
    /// The Rust module of the controller: `captain-backup` is in `captain_backup`.
    pub fn module(&self) -> String {
        rust_name::module("controller", self.as_str())
    }

    /// What its Rust types begin with: `CaptainBackup`.
    pub fn camel_case(&self) -> String {
        self.0.to_upper_camel_case()
    }
}

fn check(text: &str) -> Result<(), NameError> {
    check_letter_label(text).map_err(|reason| {
        let error = NameError::new("name of a controller", text, reason);
        error.or_try("--controller-name", nearest_letter_label(text))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_controller_is_named_like_a_label_that_begins_with_a_letter() {
        fn check(text: &str, expected: bool) {
            assert_eq!(ControllerName::new(text).is_ok(), expected, "{text:?}");
        }
        check("captain-backup", true);
        check("a", true);
        check(&"c".repeat(63), true);
        check(&"c".repeat(64), false);
        check("2nd", false);
        check("Captain", false);
        check("captain_backup", false);
        check("captain-", false);
        check("", false);
    }

    #[test]
    fn its_files_and_types_follow_from_the_name() {
        fn check(name: &str, module: &str, camel_case: &str) {
            let name = ControllerName::new(name).unwrap();
            assert_eq!(
                (name.module().as_str(), name.camel_case().as_str()),
                (module, camel_case)
            );
        }
        check("captain-backup", "captain_backup", "CaptainBackup");
        check("a--b", "a_b", "AB");
        check("type", "type_", "Type");
        check("v2", "v2", "V2");
    }

    #[test]
    fn the_error_offers_the_nearest_name() {
        let error = ControllerName::new("Captain Backup").unwrap_err();
        assert_eq!(error.help(), Some("try `--controller-name captain-backup`"));
    }
}

//! The kind of an API.
//!
//! Kubernetes wants a label of RFC 1035 once in lower case; kubebuilder wants
//! an upper-case first letter; a Rust type can hold no dash. Together: ASCII
//! letters and digits, the first one upper case, at most 63.

use heck::ToSnakeCase as _;

use super::dns::{LABEL_LENGTH, describe};
use super::error::NameError;
use super::name_type::{name_type, order_by_text};
use super::rust_name;

const LIST: &str = "List";

name_type! {
    /// The kind of an API: `MyApp`. Its Rust type is called the same but for a
    /// few words, see [`type_name`](Self::type_name).
    /// See `ValidateCustomResourceDefinitionNames` in
    /// <https://github.com/kubernetes/apiextensions-apiserver/blob/master/pkg/apis/apiextensions/validation/validation.go>.
    Kind, check
}
order_by_text!(Kind);

impl Kind {
    /// The kind in lower case: the CRD's `singular`, and part of file names.
    pub fn lower(&self) -> String {
        self.0.to_ascii_lowercase()
    }

    /// The Rust type: the kind, with `Resource` behind where the file of types
    /// needs the name itself (`Option` is an `OptionResource`).
    pub fn type_name(&self) -> String {
        if NEEDED_BY_TYPES.contains(&self.as_str()) {
            format!("{self}Resource")
        } else {
            self.0.clone()
        }
    }

    /// The Rust module of this kind: `MyApp` is in `my_app`, `HTTPRoute` in
    /// `http_route`; a taken word gets a `_` behind (`Type` is in `type_`).
    ///
    /// Two kinds share a module only if they differ in case alone, and then
    /// the API server could not keep them apart either.
    pub fn module(&self) -> String {
        rust_name::module("kind", &self.0.to_snake_case())
    }

    /// The kind of a list of these. `<Kind>List`, as the API server fills in
    /// by itself; of a kind with more than 59 letters the first 59 and `List`,
    /// because the server refuses a longer one, so the CRD must say it.
    pub fn list_kind(&self) -> String {
        let kept = self.0.len().min(LABEL_LENGTH - LIST.len());
        format!("{}{LIST}", &self.0[..kept])
    }
}

fn check(text: &str) -> Result<(), NameError> {
    match reason(text) {
        Some(reason) => Err(NameError::new("kind", text, reason).or_try("--kind", guess(text))),
        None => Ok(()),
    }
}

/// The rule that `text` breaks.
fn reason(text: &str) -> Option<String> {
    let length = text.chars().count();
    if length == 0 {
        Some("it is empty".to_owned())
    } else if let Some(wrong) = text.chars().find(|c| !c.is_ascii_alphanumeric()) {
        let wrong = describe(wrong);
        Some(format!(
            "it must hold only the letters A to Z and digits, and it holds {wrong}"
        ))
    } else if !text.starts_with(|c: char| c.is_ascii_uppercase()) {
        Some("it must begin with an upper-case letter".to_owned())
    } else if length > LABEL_LENGTH {
        Some(format!(
            "it has {length} characters, at most {LABEL_LENGTH} are allowed"
        ))
    } else {
        None
    }
}

/// Types that each file of types names: one of the project's own would hide
/// them. `S` is what kube's derive calls a parameter, `Self` is a word of Rust.
const NEEDED_BY_TYPES: [&str; 11] = [
    "Condition",
    "CustomResource",
    "Default",
    "Deserialize",
    "JsonSchema",
    "Option",
    "S",
    "Self",
    "Serialize",
    "String",
    "Vec",
];

/// `my-app` and `myApp` were meant as `MyApp`.
fn guess(text: &str) -> Option<String> {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    let joined: String = words.map(capitalize).collect();
    let guess = capitalize(joined.trim_start_matches(|c: char| c.is_ascii_digit()));
    reason(&guess).is_none().then_some(guess)
}

fn capitalize(word: &str) -> String {
    let mut characters = word.chars();
    let first = characters.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(characters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_upper_camel_case_ascii() {
        fn check(text: &str, expected: bool) {
            assert_eq!(Kind::new(text).is_ok(), expected, "{text:?}");
        }
        check("MyApp", true);
        check("A", true);
        check("HTTPRoute", true);
        check("K8sThing", true);
        check("Options", true);
        check("Client", true);
        for needed in NEEDED_BY_TYPES {
            check(needed, true);
        }
        check(&"K".repeat(63), true);
        check(&"K".repeat(64), false);
        check("myApp", false);
        check("My-App", false);
        check("My_App", false);
        check("MyApp\n", false);
        check("-MyApp", false);
        check("3Scale", false);
        check("Größe", false);
        check("\u{410}\u{420}\u{420}", false);
        check("My\u{1f980}", false);
        check("My\0App", false);
        check("", false);
    }

    #[test]
    fn a_type_makes_room_for_what_its_file_needs() {
        fn check(kind: &str, expected: &str) {
            assert_eq!(Kind::new(kind).unwrap().type_name(), expected);
        }
        check("MyApp", "MyApp");
        check("Options", "Options");
        check("Option", "OptionResource");
        check("Self", "SelfResource");
        assert!(NEEDED_BY_TYPES.is_sorted());
    }

    #[test]
    fn the_error_says_what_why_and_help() {
        let error = Kind::new("myApp").unwrap_err().to_string();
        assert_eq!(
            error,
            "`myApp` is no kind: it must begin with an upper-case letter\nhelp: try `--kind MyApp`"
        );
    }

    #[test]
    fn the_error_offers_the_nearest_kind() {
        fn check(text: &str, expected: Option<&str>) {
            assert_eq!(Kind::new(text).unwrap_err().help(), expected, "{text}");
        }
        check("my-app", Some("try `--kind MyApp`"));
        check("My App\n", Some("try `--kind MyApp`"));
        check("3scale", Some("try `--kind Scale`"));
        check("self", Some("try `--kind Self`"));
        check("\u{1f980}", None);
        check("", None);
    }

    #[test]
    fn modules_are_legal_rust() {
        fn check(kind: &str, expected: &str) {
            assert_eq!(Kind::new(kind).unwrap().module(), expected);
        }
        check("MyApp", "my_app");
        check("HTTPRoute", "http_route");
        check("DNSZone", "dns_zone");
        check("K8sThing", "k8s_thing");
        check("A", "a");
        check("Type", "type_");
        check("SELF", "self_");
        check("Mod", "mod_");
        check("Api", "api_");
        check("Runtime", "runtime_");
        check("Std", "std_");
        check("V1Thing", "v1_thing");
        check("Options", "options");
    }

    #[test]
    fn a_list_kind_fits_into_63_letters() {
        fn check(kind: &str, expected: &str) {
            assert_eq!(Kind::new(kind).unwrap().list_kind(), expected);
        }
        check("MyApp", "MyAppList");
        let longest = "K".repeat(59) + "List";
        check(&"K".repeat(59), &longest);
        check(&"K".repeat(60), &longest);
        check(&"K".repeat(63), &longest);
    }
}

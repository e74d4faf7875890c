//! What must hold for every text that a user can type.

use proptest::prelude::*;

use super::{Group, Kind, NameError, Plural, ProjectName, Version};

/// Is `name` an identifier that compiles as a module without a warning?
fn is_module(name: &str) -> bool {
    let legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(legal)
        && !name.contains("__")
        && !super::rust_name::is_keyword(name)
}

/// What the error's help proposes behind the flag.
fn proposal(error: &NameError) -> Option<String> {
    let help = error.help()?.strip_suffix('`')?;
    help.rsplit_once(' ').map(|(_, name)| name.to_owned())
}

/// Any text, and often one that is nearly a name.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[-._ A-Za-z0-9\\nä\u{1f980}]{0,80}",
        "[a-z][-a-z0-9.]{0,62}"
    ]
}

proptest! {
    #[test]
    fn a_proposed_name_is_legal(text in text()) {
        let errors = [
            Kind::new(&text).err(), Group::new(&text).err(), Version::new(&text).err(),
            Plural::new(&text).err(), ProjectName::new(&text).err(),
        ];
        for error in errors.into_iter().flatten() {
            let Some(name) = proposal(&error) else { continue };
            let legal = match error.noun() {
                "kind" => Kind::new(&name).is_ok(),
                "group" => Group::new(&name).is_ok(),
                "version" => Version::new(&name).is_ok(),
                "plural" => Plural::new(&name).is_ok(),
                _ => ProjectName::new(&name).is_ok(),
            };
            prop_assert!(legal, "{}", error);
        }
    }

    #[test]
    fn every_legal_name_has_a_legal_module(kind in "[A-Z][A-Za-z0-9]{0,62}", label in "[a-z]([-a-z0-9]{0,61}[a-z0-9])?") {
        prop_assume!(kind != "Self");
        prop_assert!(is_module(&Kind::new(&kind).unwrap().module()));
        prop_assert!(is_module(&Version::new(&label).unwrap().module()));
        prop_assert!(is_module(&Group::new(&label).unwrap().module()));
        prop_assert!(is_module(&ProjectName::new(&label).unwrap().crate_name(&|_| false)));
    }

    #[test]
    fn kinds_share_a_module_only_when_case_alone_differs(one in "[AB][ABab1]{0,4}", two in "[AB][ABab1]{0,4}") {
        let (one, two) = (Kind::new(&one).unwrap(), Kind::new(&two).unwrap());
        if one.module() == two.module() {
            prop_assert_eq!(one.lower(), two.lower());
        }
    }

    #[test]
    fn an_error_shows_no_control_character(text in text()) {
        if let Err(error) = Kind::new(&text) {
            prop_assert!(!error.to_string().replacen("\nhelp", "", 1).contains(char::is_control));
        }
    }

    #[test]
    fn the_order_of_versions_is_a_total_one(one in "v[0-9ab]{1,4}", two in "v[0-9ab]{1,4}", three in "v[0-9ab]{1,4}") {
        let mut versions = [one, two, three].map(|text| Version::new(&text).unwrap());
        versions.sort();
        prop_assert!(versions[0] <= versions[2]);
        prop_assert_eq!(versions[0] == versions[1], versions[0].cmp(&versions[1]).is_eq());
    }

    #[test]
    fn a_folder_gives_a_name_or_an_error(folder in text()) {
        if let Ok(name) = ProjectName::from_folder(&folder) {
            prop_assert!(ProjectName::new(name.as_str()).is_ok());
        }
    }
}

//! The name of a field: as JSON has it, and as Rust has it.

use heck::{ToLowerCamelCase as _, ToSnakeCase as _};

use super::error::Refusal;
use crate::resource::rust_name;

/// The longest name, in JSON and in Rust. Kubernetes has no limit; a line of Rust has.
const LENGTH: usize = 63;

/// The name of a field in camelCase, as the API conventions want it:
/// <https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api-conventions.md#naming-conventions>.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct FieldName(String);

impl FieldName {
    pub(super) fn new(text: &str) -> Result<Self, Refusal> {
        if let Some(reason) = fault(text) {
            let refusal = Refusal::new(format!("`{text}` is no name of a field: {reason}"));
            let guess = text.to_lower_camel_case();
            return Err(match fault(&guess) {
                None => refusal.with_help(format!("call it `{guess}`")),
                Some(_) => refusal,
            });
        }
        Ok(Self(text.to_owned()))
    }

    /// The name in JSON.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name in Rust: snake_case, and a keyword gets a `_` behind.
    pub fn rust(&self) -> String {
        let snake = self.0.to_snake_case();
        if rust_name::is_keyword(&snake) {
            snake + "_"
        } else {
            snake
        }
    }

    /// Whether serde's `rename_all = "camelCase"` makes another name of the Rust one.
    pub fn needs_rename(&self) -> bool {
        rust_name::serde_camel_case(&self.rust()) != self.0
    }
}

impl std::fmt::Display for FieldName {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.pad(&self.0)
    }
}

fn fault(text: &str) -> Option<String> {
    if !text.starts_with(|c: char| c.is_ascii_lowercase()) {
        return Some("it must begin with a lower-case letter".to_owned());
    }
    if !text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Some("it holds letters and digits only, in camelCase".to_owned());
    }
    let longest = text.len().max(text.to_snake_case().len());
    (longest > LENGTH).then(|| format!("it may have {LENGTH} letters, in Rust's snake_case too"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_a_form_in_rust() {
        let check = |name: &str, rust: &str, renamed: bool| {
            let found = FieldName::new(name).map_err(|refusal| refusal.reason);
            let found = found.unwrap();
            assert_eq!(
                (found.rust().as_str(), found.needs_rename()),
                (rust, renamed)
            );
        };
        check("replicas", "replicas", false);
        check("serviceAccountName", "service_account_name", false);
        check("userID", "user_id", true);
        check("userId", "user_id", false);
        check("serviceURL", "service_url", true);
        check("clusterIPs", "cluster_i_ps", false);
        check("type", "type_", false);
        check("self", "self_", false);
        check("gen", "gen_", false);
        check("x1", "x1", false);
        check("http2Port", "http2_port", false);
        check("a", "a", false);
    }

    #[test]
    fn other_names_are_refused_and_the_right_one_is_offered() {
        let check = |name: &str, help: Option<&str>| {
            let refusal = FieldName::new(name).unwrap_err();
            assert_eq!(refusal.help.as_deref(), help, "{}", refusal.reason);
        };
        check("user_id", Some("call it `userId`"));
        check("UserId", Some("call it `userId`"));
        check("user-id", Some("call it `userId`"));
        check("1a", None);
        check("", None);
        check("é", None);
        check(&"a".repeat(64), None);
        check(&"aB".repeat(25), None);
    }
}

//! The path under which a webhook is reached.

use super::error::NameError;
use super::name_type::{name_type, order_by_text};

name_type! {
    /// The path of a webhook: `/validate-apps-example-com-v1-myapp`.
    ///
    /// It begins with a slash, and each of its segments is a subdomain of RFC
    /// 1123: see `ValidateWebhookService` in
    /// <https://github.com/kubernetes/apiserver/blob/master/pkg/util/webhook/validation.go>.
    /// `/convert` is where the runtime converts.
    WebhookPath, check
}
order_by_text!(WebhookPath);

/// Where every manager converts, as controller-runtime does.
const CONVERT: &str = "/convert";

fn check(text: &str) -> Result<(), NameError> {
    let wrong = |reason: &str| {
        let error = NameError::new("path of a webhook", text, reason.to_owned());
        error.with_help("write for example `/validate-apps-example-com-v1-myapp`")
    };
    let Some(rest) = text.strip_prefix('/') else {
        return Err(wrong("must begin with a slash"));
    };
    if text == CONVERT {
        return Err(wrong("is where objects are converted"));
    }
    let is_segment = |segment: &str| super::dns::check_subdomain(segment).is_ok();
    match rest.split('/').all(is_segment) {
        true => Ok(()),
        false => Err(wrong(
            "must be segments of lower-case letters, digits, `-` and `.`, with a slash before each",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_one_that_the_api_server_takes() {
        fn check(text: &str, expected: bool) {
            assert_eq!(WebhookPath::new(text).is_ok(), expected, "{text:?}");
        }
        check("/a", true);
        check("/mutate--v1-pod", true);
        check("/a/b.c", true);
        check("a", false);
        check("/", false);
        check("/a/", false);
        check("/a//b", false);
        check("/A", false);
        check("/a b", false);
        check("/a\"", false);
        check("/convert", false);
        check("", false);
    }
}

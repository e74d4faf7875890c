//! Descriptions of a CRD as doc comments: text that rustdoc must not take for
//! code to compile, and that no lint of the compiler refuses.

use crate::resource::is_shown;

/// The lines of a doc comment at `indent`, each with its newline.
pub(super) fn comment(indent: &str, description: Option<&str>) -> String {
    let mut fence = None;
    let lines = description.unwrap_or_default().trim().lines();
    let lines = lines.map(|line| {
        let line = plain(line, &mut fence);
        format!("{indent}/// {line}").trim_end().to_owned() + "\n"
    });
    lines.collect()
}

/// A line without what means something to rustdoc. An indented line would be
/// code, and code a test; so would be a fenced block without a language.
fn plain(line: &str, fence: &mut Option<String>) -> String {
    let line: String = line.chars().filter(|c| is_shown(*c)).collect();
    let line = line.replace('\t', "    ");
    let text = line.trim_start();
    let mark = ["```", "~~~"]
        .into_iter()
        .find(|mark| text.starts_with(mark));
    match (mark, &fence) {
        (Some(mark), None) => {
            *fence = Some(mark.to_owned());
            format!("{mark}text")
        }
        (Some(mark), Some(open)) if mark == open => {
            *fence = None;
            mark.to_owned()
        }
        (_, Some(_)) => line,
        (_, None) => {
            let indent = (line.len() - text.len()).min(3);
            format!("{}{text}", " ".repeat(indent))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_description_is_a_test_of_rustdoc() {
        fn check(description: &str, expected: &str) {
            assert_eq!(comment("", Some(description)), expected, "{description:?}");
        }
        check("One line.", "/// One line.\n");
        check("a\n\n    code", "/// a\n///\n///    code\n");
        check("a\n\tb", "/// a\n///    b\n");
        check("a\r\n\u{202e}b\u{0}", "/// a\n/// b\n");
        check(
            "```\n    a\n```\nb",
            "/// ```text\n///     a\n/// ```\n/// b\n",
        );
        check("```yaml\na\n  ```", "/// ```text\n/// a\n/// ```\n");
        check("~~~\n```\n~~~\n", "/// ~~~text\n/// ```\n/// ~~~\n");
        check("  ", "");
        assert_eq!(comment("  ", None), "");
    }
}

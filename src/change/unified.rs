//! Shows a change as a unified diff, for people and for `git apply`.

use super::merged::is_binary;
use crate::tree::RelativePath;

/// The change from `old` to `new` as git writes it; `None` stands for "no such
/// file". Empty when nothing changed; one sentence when a side is not UTF-8.
///
/// See <https://git-scm.com/docs/diff-format>.
pub fn unified_diff(path: &RelativePath, old: Option<&[u8]>, new: Option<&[u8]>) -> String {
    if old == new {
        return String::new();
    }
    let before = old.map_or("/dev/null".to_owned(), |_| format!("a/{path}"));
    let after = new.map_or("/dev/null".to_owned(), |_| format!("b/{path}"));
    match (as_text(old), as_text(new)) {
        (Some(old), Some(new)) => text_diff(&before, &after, old, new),
        _ => format!("Binary files {before} and {after} differ\n"),
    }
}

fn as_text(bytes: Option<&[u8]>) -> Option<&str> {
    let bytes = bytes.unwrap_or_default();
    std::str::from_utf8(bytes)
        .ok()
        .filter(|_| !is_binary(bytes))
}

/// The header is ours: diffy quotes names by rules of its own.
fn text_diff(before: &str, after: &str, old: &str, new: &str) -> String {
    let patch = diffy::create_patch(old, new);
    let formatter = diffy::PatchFormatter::new().suppress_blank_empty(false);
    let shown = formatter.fmt_patch(&patch).to_string();
    let hunks = shown.splitn(3, '\n').nth(2).unwrap_or_default();
    format!("--- {before}\n+++ {after}\n{hunks}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(old: Option<&str>, new: Option<&str>, expected: &str) {
        let path = RelativePath::new("src/a.rs").unwrap();
        let diff = unified_diff(&path, old.map(str::as_bytes), new.map(str::as_bytes));
        assert_eq!(diff, expected, "{old:?} {new:?}");
    }

    #[test]
    fn changes_are_shown_as_git_shows_them() {
        check(Some("a\nb\n"), Some("a\nb\n"), "");
        check(None, None, "");
        check(
            Some("a\n\nb\n"),
            Some("a\n\nc\n"),
            "--- a/src/a.rs\n+++ b/src/a.rs\n@@ -1,3 +1,3 @@\n a\n \n-b\n+c\n",
        );
        check(
            None,
            Some("a\n"),
            "--- /dev/null\n+++ b/src/a.rs\n@@ -0,0 +1 @@\n+a\n",
        );
        check(
            Some("a\n"),
            None,
            "--- a/src/a.rs\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n",
        );
        check(
            Some("a"),
            Some("a\n"),
            "--- a/src/a.rs\n+++ b/src/a.rs\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n",
        );
        check(None, Some(""), "--- /dev/null\n+++ b/src/a.rs\n");
    }

    #[test]
    fn bytes_that_are_no_text_are_named_only() {
        let path = RelativePath::new("logo.png").unwrap();
        let diff = |old: Option<&[u8]>, new: Option<&[u8]>| unified_diff(&path, old, new);
        assert_eq!(
            diff(Some(b"\xff"), Some(b"a")),
            "Binary files a/logo.png and b/logo.png differ\n"
        );
        assert_eq!(
            diff(None, Some(b"a\0")),
            "Binary files /dev/null and b/logo.png differ\n"
        );
        assert_eq!(diff(Some(b"\xff"), Some(b"\xff")), "");
    }
}

//! Finds conflict markers that a merge left in a file.

/// Whether `bytes` hold a conflict as git writes one: whole lines that begin
/// with `<<<<<<< `, maybe `||||||| `, then `=======` and `>>>>>>> `, in this order.
///
/// A lone `=======` is none: it underlines headings in Markdown.
/// See <https://git-scm.com/docs/git-merge#_how_conflicts_are_presented>.
pub fn has_conflict_markers(bytes: &[u8]) -> bool {
    let mut expected = Marker::Start;
    for line in bytes.split(|&byte| byte == b'\n') {
        match (expected, marker(line)) {
            (_, Some(Marker::Start)) => expected = Marker::Middle,
            (Marker::Middle, Some(Marker::Middle)) => expected = Marker::End,
            (Marker::End, Some(Marker::End)) => return true,
            _ => {}
        }
    }
    false
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Marker {
    Start,
    Middle,
    End,
}

fn marker(line: &[u8]) -> Option<Marker> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    match line {
        [b'<', b'<', b'<', b'<', b'<', b'<', b'<', rest @ ..] if is_label(rest) => {
            Some(Marker::Start)
        }
        b"=======" => Some(Marker::Middle),
        [b'>', b'>', b'>', b'>', b'>', b'>', b'>', rest @ ..] if is_label(rest) => {
            Some(Marker::End)
        }
        _ => None,
    }
}

/// A label follows after a space; `git merge-file -L ''` leaves it out.
fn is_label(rest: &[u8]) -> bool {
    rest.is_empty() || rest.starts_with(b" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: bool) {
        assert_eq!(has_conflict_markers(text.as_bytes()), expected, "{text:?}");
    }

    #[test]
    fn conflicts_as_git_writes_them_are_found() {
        check("a\n<<<<<<< yours\nb\n=======\nc\n>>>>>>> rustop\n", true);
        check("<<<<<<< HEAD\n||||||| base\n=======\n>>>>>>> main", true);
        check(
            "<<<<<<< HEAD\r\na\r\n=======\r\nb\r\n>>>>>>> main\r\n",
            true,
        );
        check(
            "<<<<<<< x\n<<<<<<< HEAD\na\n=======\nb\n>>>>>>> main\n",
            true,
        );
        check(
            "Title\n=======\n<<<<<<< HEAD\na\n=======\nb\n>>>>>>> main\n",
            true,
        );
    }

    #[test]
    fn what_only_looks_like_a_conflict_is_none() {
        check("", false);
        check("Title\n=======\n\ntext\n", false);
        check("<<<<<<< HEAD\na\n", false);
        check(">>>>>>> b\n=======\n<<<<<<< a\n", false);
        check(" <<<<<<< a\n =======\n >>>>>>> b\n", false);
        check("<<<<<<<< a\n========\n>>>>>>>> b\n", false);
        check("<<<<<<< a\n======= x\n>>>>>>> b\n", false);
        check("print(\"<<<<<<< a\");\n=======\n>>>>>>> b\n", false);
    }

    #[test]
    fn bytes_that_are_no_text_are_read_too() {
        assert!(has_conflict_markers(
            b"\xff\n<<<<<<< a\n\xfe\n=======\n>>>>>>> b\n"
        ));
        assert!(!has_conflict_markers(b"\xff\0\n"));
    }
}

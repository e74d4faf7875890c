//! Tells a change of substance from what a formatter does.
//!
//! A user who ran a formatter over a file has not made it his own: `delete` may
//! still take it. In doubt the answer is "changed", which keeps the file.

use super::rust_tokens;
use crate::tree::RelativePath;

/// Whether `a` and `b` differ only in what a formatter may change.
///
/// In Rust: white space outside of literals, the end of lines in comments, and
/// a comma before a closing bracket (except the one that makes a tuple of one).
/// The braces that rustfmt sets around a long closure or match arm at another
/// width count as a change. Elsewhere: blanks at the end of lines, empty lines at the end, line ends.
pub fn equal_but_formatting(path: &RelativePath, a: &[u8], b: &[u8]) -> bool {
    if a == b {
        return true;
    }
    match (std::str::from_utf8(a), std::str::from_utf8(b)) {
        (Ok(a), Ok(b)) if is_rust(path) => rust_tokens::of(a) == rust_tokens::of(b),
        (Ok(a), Ok(b)) => trimmed(a).eq(trimmed(b)),
        _ => false,
    }
}

fn is_rust(path: &RelativePath) -> bool {
    path.file_name()
        .rsplit_once('.')
        .is_some_and(|(_, extension)| extension == "rs")
}

fn trimmed(text: &str) -> impl Iterator<Item = &str> {
    text.trim_end().lines().map(str::trim_end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, a: &str, b: &str, expected: bool) {
        let path = RelativePath::new(path).unwrap();
        assert_eq!(
            equal_but_formatting(&path, a.as_bytes(), b.as_bytes()),
            expected,
            "{a:?} {b:?}"
        );
        assert_eq!(
            equal_but_formatting(&path, b.as_bytes(), a.as_bytes()),
            expected,
            "{b:?} {a:?}"
        );
    }

    fn same(a: &str, b: &str) {
        check("src/a.rs", a, b, true);
    }

    fn other(a: &str, b: &str) {
        check("src/a.rs", a, b, false);
    }

    #[test]
    fn rust_may_be_laid_out_differently() {
        same(
            "fn a(){b(1,2)}",
            "fn a() {\n    b(\n        1,\n        2,\n    )\n}\n",
        );
        same("struct A{x:Vec<u8>,}", "struct A {\n    x: Vec<u8>\n}\n");
        same("let x: Map<A, B,> = y;", "let x: Map<A, B> = y;");
        same("a(x, // why\n)", "a(\n    x // why\n)");
        same("a(\"x\r\ny\");", "a(\"x\ny\");");
        same("//! a  \r\nfn a() {}\r\n", "//! a\nfn a() {}\n");
        same("/* a\n     b */ fn a() {}", "/* a\n b */\nfn a() {}");
        same("vec![1, 2,]", "vec![\n    1,\n    2\n]");
        same("impl<'a>A<'a>{}", "impl<'a> A<'a> {}");
        same("if a==b&&c{}", "if a == b && c {}");
        same("let (a, b,) = c;", "let (a, b) = c;");
        same("f((1,),)", "f((1,))");
        same("let x=-1;let y=&z;", "let x = -1;\nlet y = &z;\n");
        same("", "\n\n");
    }

    #[test]
    fn words_and_literals_are_substance() {
        other("let a = 1;", "leta = 1;");
        other("a b", "ab");
        other("\"a b\"", "\"a  b\"");
        other("\"a\n  b\"", "\"a\nb\"");
        other("\"a,)\"", "\"a)\"");
        other("r#\"a \" b\"#", "r#\"a \"  b\"#");
        other("b\"x \"", "b\"x\"");
        other("'a'", "' '");
        other("' '", "'  '");
        other(r"'\'' + ' '", r"'\''+'  '");
        other("\"\\\" \"", "\"\\\"  \"");
        other("a(x)", "a(y)");
        other("a,b", "a b");
    }

    #[test]
    fn what_changes_the_meaning_is_substance() {
        other("let a = (x,);", "let a = (x);");
        other("return (x,);", "return (x);");
        other("a & &b", "a && b");
        other("// a b", "// a  b");
        other("// a\nb", "// a b");
        other("a // b", "a");
        other("/* a */", "/* b */");
        other("/* /* */ a  b */", "/* /* */ a b */");
        other("[1, 2]", "[1, 2, 3]");
        other("fn a() {}", "fn a() { b() }");
        other("r\"a\"", "\"a\"");
        other("b\"a\"", "b \"a\"");
    }

    #[test]
    fn unfinished_rust_is_read_to_its_end() {
        same("\"a", "\"a");
        other("\"a ", "\"a");
        other("/* a", "/* b");
        other("r#\"a", "r#\"b");
        same(")}]", ") } ]");
        other("'", "''");
        other("'\\", "'\\x");
        other("é ü", "éü");
        same("é( ü )", "é(ü)");
    }

    #[test]
    fn other_files_may_lose_blanks_at_the_end_of_lines() {
        check("a.yaml", "a: b  \r\nc:\r\n\r\n", "a: b\nc:\n", true);
        check("a.yaml", "a: b", "a: b\n", true);
        check("a.yaml", "a:  b\n", "a: b\n", false);
        check("a.yaml", "  a: b\n", "a: b\n", false);
        check("a.yaml", "a\n\nb\n", "a\nb\n", false);
        check("a.rs.md", "fn a(){}", "fn a() {}", false);
    }

    #[test]
    fn bytes_that_are_no_text_are_equal_or_not() {
        let path = RelativePath::new("src/a.rs").unwrap();
        assert!(equal_but_formatting(&path, b"\xff ", b"\xff "));
        assert!(!equal_but_formatting(&path, b"\xff ", b"\xff"));
    }
}

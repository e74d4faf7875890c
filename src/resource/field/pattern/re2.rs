//! What the regex crate takes and Go's regexp refuses, and what both read in
//! their own way: classes such as `\d` are ASCII in Go.

use regex_syntax::ast::{self, Ast, ClassPerlKind, ClassSetItem, Flag, FlagsItemKind};
use regex_syntax::ast::{AssertionKind, ClassUnicodeKind, GroupKind, HexLiteralKind, LiteralKind};
use regex_syntax::ast::{RepetitionKind, RepetitionRange, Span};

use super::scripts;

/// The greatest count of a repetition in Go, and the greatest product of those
/// that lie in each other: `repeatIsValid` in
/// <https://github.com/golang/go/blob/master/src/regexp/syntax/parse.go>.
const REPETITION: u32 = 1000;

/// The pattern in the words of the regex crate, or why it is none of Go's.
pub(super) fn as_regex(pattern: &str) -> Result<String, String> {
    let tree = ast::parse::Parser::new().parse(pattern);
    let tree = tree.map_err(|error| error.kind().to_string())?;
    let reader = Reader {
        pattern,
        budgets: vec![REPETITION],
        replaced: Vec::new(),
    };
    let mut same = pattern.to_owned();
    for (span, text) in ast::visit(&tree, reader)?.into_iter().rev() {
        same.replace_range(span.start.offset..span.end.offset, text);
    }
    Ok(same)
}

struct Reader<'a> {
    pattern: &'a str,
    /// How often a repetition may still repeat, one for each that is open.
    budgets: Vec<u32>,
    replaced: Vec<(Span, &'static str)>,
}

type Checked = Result<(), String>;

impl ast::Visitor for Reader<'_> {
    type Output = Vec<(Span, &'static str)>;
    type Err = String;

    fn finish(self) -> Result<Self::Output, String> {
        Ok(self.replaced)
    }

    fn visit_pre(&mut self, tree: &Ast) -> Checked {
        match tree {
            Ast::Flags(set) => flags(&set.flags),
            Ast::Literal(found) => self.literal(found),
            Ast::Assertion(found) => self.assertion(found),
            Ast::ClassUnicode(found) => self.unicode(found),
            Ast::ClassPerl(found) => {
                self.perl(found);
                Ok(())
            }
            Ast::Repetition(found) => self.repetition(found),
            Ast::Group(found) => group(found),
            _ => Ok(()),
        }
    }

    fn visit_post(&mut self, tree: &Ast) -> Checked {
        if matches!(tree, Ast::Repetition(_)) {
            self.budgets.pop();
        }
        Ok(())
    }

    fn visit_class_set_item_pre(&mut self, item: &ClassSetItem) -> Checked {
        match item {
            ClassSetItem::Bracketed(_) => Err("it holds a `[` within `[…]`".to_owned()),
            ClassSetItem::Literal(found) => self.literal(found),
            ClassSetItem::Range(range) => {
                self.literal(&range.start)?;
                self.literal(&range.end)
            }
            ClassSetItem::Unicode(found) => self.unicode(found),
            ClassSetItem::Perl(found) => {
                self.perl(found);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn visit_class_set_binary_op_pre(&mut self, _: &ast::ClassSetBinaryOp) -> Checked {
        Err("it holds `&&`, `--` or `~~` within `[…]`".to_owned())
    }
}

impl Reader<'_> {
    fn holds(&self, span: &Span) -> String {
        format!("it holds `{}`", self.text(span))
    }

    fn text(&self, span: &Span) -> &str {
        let range = span.start.offset..span.end.offset;
        self.pattern.get(range).unwrap_or_default()
    }

    fn literal(&self, found: &ast::Literal) -> Checked {
        use LiteralKind::{HexBrace, HexFixed, Octal};
        let is_legal = match &found.kind {
            Octal => false,
            HexFixed(kind) => *kind == HexLiteralKind::X,
            HexBrace(kind) => *kind == HexLiteralKind::X && !self.text(&found.span).contains(' '),
            _ => true,
        };
        match is_legal {
            true => Ok(()),
            false => Err(self.holds(&found.span)),
        }
    }

    fn assertion(&mut self, found: &ast::Assertion) -> Checked {
        use AssertionKind::{
            EndLine, EndText, NotWordBoundary, StartLine, StartText, WordBoundary,
        };
        match found.kind {
            StartLine | EndLine | StartText | EndText => Ok(()),
            WordBoundary => {
                self.replaced.push((found.span, r"(?-u:\b)"));
                Ok(())
            }
            NotWordBoundary => {
                self.replaced.push((found.span, r"(?-u:\B)"));
                Ok(())
            }
            _ => Err(self.holds(&found.span)),
        }
    }

    fn unicode(&self, found: &ast::ClassUnicode) -> Checked {
        let is_known = match &found.kind {
            ClassUnicodeKind::OneLetter(letter) => scripts::is_known(&letter.to_string()),
            ClassUnicodeKind::Named(name) => scripts::is_known(name),
            ClassUnicodeKind::NamedValue { .. } => false,
        };
        match is_known {
            true => Ok(()),
            false => Err(self.holds(&found.span)),
        }
    }

    /// A class within a class means the same as its letters there.
    fn perl(&mut self, found: &ast::ClassPerl) {
        let ascii = match (&found.kind, found.negated) {
            (ClassPerlKind::Digit, false) => "[0-9]",
            (ClassPerlKind::Digit, true) => "[^0-9]",
            (ClassPerlKind::Space, false) => r"[\t\n\f\r ]",
            (ClassPerlKind::Space, true) => r"[^\t\n\f\r ]",
            (ClassPerlKind::Word, false) => "[0-9A-Za-z_]",
            (ClassPerlKind::Word, true) => "[^0-9A-Za-z_]",
        };
        self.replaced.push((found.span, ascii));
    }

    fn repetition(&mut self, found: &ast::Repetition) -> Checked {
        if matches!(*found.ast, Ast::Repetition(_)) {
            return Err("it repeats a repetition".to_owned());
        }
        let operator = self.text(&found.op.span);
        if operator.contains(' ') || operator.starts_with("{,") {
            return Err(format!("it holds `{operator}`"));
        }
        let budget = self.budgets.last().copied().unwrap_or(REPETITION);
        let count = match &found.op.kind {
            RepetitionKind::Range(
                RepetitionRange::Exactly(count)
                | RepetitionRange::AtLeast(count)
                | RepetitionRange::Bounded(_, count),
            ) => *count,
            _ => 1,
        };
        if count > budget {
            return Err(format!(
                "it repeats something more than {REPETITION} times, counting repetitions within repetitions"
            ));
        }
        self.budgets.push(budget / count.max(1));
        Ok(())
    }
}

fn group(found: &ast::Group) -> Checked {
    match &found.kind {
        GroupKind::NonCapturing(set) => flags(set),
        GroupKind::CaptureName { name, .. } => {
            let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
            match name.name.chars().all(word) {
                true => Ok(()),
                false => Err(format!("`{}` is no name of a group", name.name)),
            }
        }
        GroupKind::CaptureIndex(_) => Ok(()),
    }
}

fn flags(found: &ast::Flags) -> Checked {
    let foreign = found.items.iter().find_map(|item| match item.kind {
        FlagsItemKind::Flag(Flag::Unicode) => Some('u'),
        FlagsItemKind::Flag(Flag::CRLF) => Some('R'),
        FlagsItemKind::Flag(Flag::IgnoreWhitespace) => Some('x'),
        _ => None,
    });
    match foreign {
        None => Ok(()),
        Some(flag) => Err(format!("it holds the flag `{flag}`")),
    }
}

//! Reads a rule as cel-go does
//! (<https://github.com/google/cel-spec/blob/v0.24.0/doc/langdef.md#syntax>), with
//! what Kubernetes switches on: optional fields and macros over two names.
//!
//! The crates that read CEL stand on a generated parser of the size of rustop's
//! own dependencies together; the grammar is a page, so it is here.

use super::cost;
use super::syntax::{Expression, loop_names};
use super::token::{Token, Word, tokens};

/// Why a rule is no CEL, and the byte where it is seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unreadable {
    pub(super) at: usize,
    pub(super) why: String,
}

/// cel-go's limit.
const DEEPEST: usize = 250;

/// Names that CEL keeps for itself
/// (<https://github.com/google/cel-spec/blob/v0.24.0/doc/langdef.md#syntax>).
pub(super) const RESERVED: [&str; 17] = [
    "as",
    "break",
    "const",
    "continue",
    "else",
    "false",
    "for",
    "function",
    "if",
    "import",
    "in",
    "let",
    "loop",
    "package",
    "namespace",
    "return",
    "var",
];
/// The rest of them.
pub(super) const RESERVED_TOO: [&str; 4] = ["void", "while", "true", "null"];

/// Whether `name` is CEL's own.
pub(super) fn is_reserved(name: &str) -> bool {
    RESERVED.contains(&name) || RESERVED_TOO.contains(&name)
}

/// Reads a rule.
///
/// # Errors
/// What is not as the grammar wants it.
pub(super) fn parse(rule: &str) -> Result<Expression, Unreadable> {
    let tokens = tokens(rule).map_err(|(at, why)| Unreadable { at, why })?;
    let mut parser = Parser {
        tokens: &tokens,
        end: rule.len(),
        next: 0,
        depth: 0,
    };
    let expression = parser.expression()?;
    match parser.peek() {
        None => Ok(expression),
        Some(_) => Err(parser.unexpected("an operator or the end")),
    }
}

struct Parser<'a> {
    tokens: &'a [Token],
    end: usize,
    next: usize,
    depth: usize,
}

/// Binary operators. How tightly each binds is of no matter here: all their operands count.
const OPERATORS: [&str; 14] = [
    "||", "&&", "<", "<=", ">", ">=", "==", "!=", "in", "+", "-", "*", "/", "%",
];

type Parsed = Result<Expression, Unreadable>;

impl Parser<'_> {
    fn peek(&self) -> Option<&Word> {
        self.tokens.get(self.next).map(|token| &token.word)
    }

    fn is(&self, sign: &str) -> bool {
        match self.peek() {
            Some(Word::Sign(found)) => *found == sign,
            Some(Word::Name(found)) => sign == "in" && found == "in",
            _ => false,
        }
    }

    fn take(&mut self, sign: &str) -> bool {
        let found = self.is(sign);
        self.next += usize::from(found);
        found
    }

    fn expect(&mut self, sign: &str) -> Result<(), Unreadable> {
        match self.take(sign) {
            true => Ok(()),
            false => Err(self.unexpected(&format!("`{sign}`"))),
        }
    }

    fn unexpected(&self, wanted: &str) -> Unreadable {
        let found = match self.peek() {
            None => "the end".to_owned(),
            Some(Word::Name(name) | Word::Quoted(name)) => format!("`{name}`"),
            Some(Word::Number) => "a number".to_owned(),
            Some(Word::Text(_)) => "a string".to_owned(),
            Some(Word::Sign(sign)) => format!("`{sign}`"),
        };
        self.refused(format!("expected {wanted}, found {found}"))
    }

    fn refused(&self, why: String) -> Unreadable {
        let at = self
            .tokens
            .get(self.next)
            .map_or(self.end, |token| token.start);
        Unreadable { at, why }
    }

    fn expression(&mut self) -> Parsed {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.refused(format!("it is nested deeper than {DEEPEST} times")));
        }
        let condition = self.operation()?;
        let whole = if self.take("?") {
            let first = self.operation()?;
            self.expect(":")?;
            let second = self.expression()?;
            Expression::Choice(Box::new([condition, first, second]))
        } else {
            condition
        };
        self.depth -= 1;
        Ok(whole)
    }

    /// Operands with operators between them.
    fn operation(&mut self) -> Parsed {
        let mut last = self.unary()?;
        let (mut parts, mut cost) = (Vec::new(), 0);
        while let Some(operator) = self.operator() {
            let next = self.unary()?;
            cost += cost::of_operator(operator, &last, &next);
            parts.push(std::mem::replace(&mut last, next));
        }
        if parts.is_empty() {
            return Ok(last);
        }
        parts.push(last);
        Ok(Expression::Operation(parts, cost))
    }

    fn operator(&mut self) -> Option<&'static str> {
        OPERATORS.into_iter().find(|operator| self.take(operator))
    }

    fn unary(&mut self) -> Parsed {
        let sign = ["!", "-"].into_iter().find(|sign| self.is(sign));
        let Some(sign) = sign else {
            return self.member();
        };
        let mut signs = 0;
        while self.take(sign) {
            signs += 1;
        }
        let of = self.member()?;
        let cost = cost::of_signs(sign, signs, &of);
        Ok(Expression::Operation(vec![of], cost))
    }

    fn member(&mut self) -> Parsed {
        let mut expression = self.primary()?;
        loop {
            if self.take(".") {
                expression = self.after_dot(expression)?;
            } else if self.take("[") {
                self.take("?");
                let index = self.expression()?;
                self.expect("]")?;
                expression = Expression::Index(Box::new(expression), Box::new(index));
            } else if self.is("{")
                && matches!(expression, Expression::Name(_) | Expression::Select { .. })
            {
                expression = self.entries()?;
            } else {
                return Ok(expression);
            }
        }
    }

    fn after_dot(&mut self, of: Expression) -> Parsed {
        let optional = self.take("?");
        let field = match self.peek() {
            Some(Word::Name(name))
                if !matches!(name.as_str(), "in" | "true" | "false" | "null") =>
            {
                name.clone()
            }
            Some(Word::Quoted(name)) => name.clone(),
            _ => return Err(self.unexpected("the name of a field")),
        };
        let at = self.next;
        self.next += 1;
        if !self.take("(") {
            let of = Box::new(of);
            return Ok(Expression::Select {
                of,
                field,
                optional,
            });
        }
        let arguments = self.list(")")?;
        self.check_macro(at, &field, &arguments)?;
        Ok(Expression::Call {
            of: Some(Box::new(of)),
            name: field,
            arguments,
        })
    }

    /// What a loop runs over has a plain name.
    fn check_macro(
        &self,
        at: usize,
        name: &str,
        arguments: &[Expression],
    ) -> Result<(), Unreadable> {
        let names = loop_names(name, arguments.len()).unwrap_or(0);
        let plain = |argument: &Expression| matches!(argument, Expression::Name(_));
        if arguments.iter().take(names).all(plain) {
            return Ok(());
        }
        Err(Unreadable {
            at: self.tokens[at].start,
            why: format!("the first argument of `{name}` is not a plain name"),
        })
    }

    fn primary(&mut self) -> Parsed {
        self.take(".");
        let follows = self.tokens.get(self.next + 1).map(|token| &token.word);
        if self.is("-") && follows == Some(&Word::Number) {
            self.next += 1;
        }
        let word = self.peek().cloned();
        let literal = match &word {
            Some(Word::Number) => Some(None),
            Some(Word::Text(text)) => Some(Some(text.len())),
            Some(Word::Name(name)) if matches!(name.as_str(), "true" | "false" | "null") => {
                Some(None)
            }
            _ => None,
        };
        if let Some(length) = literal {
            self.next += 1;
            return Ok(Expression::Literal(length));
        }
        match word {
            Some(Word::Name(name)) => self.name(name),
            Some(Word::Sign("(")) => {
                self.next += 1;
                let inner = self.expression()?;
                self.expect(")").map(|()| inner)
            }
            Some(Word::Sign("[")) => {
                self.next += 1;
                self.list("]").map(Expression::List)
            }
            Some(Word::Sign("{")) => self.entries(),
            _ => Err(self.unexpected("a value")),
        }
    }

    fn name(&mut self, name: String) -> Parsed {
        if is_reserved(&name) {
            return Err(self.refused(format!("`{name}` is a word of CEL's own")));
        }
        self.next += 1;
        if !self.take("(") {
            return Ok(Expression::Name(name));
        }
        let at = self.next;
        let arguments = self.list(")")?;
        let tests_field = matches!(arguments.as_slice(), [Expression::Select { .. }]);
        if name == "has" && !tests_field {
            return Err(Unreadable {
                at: self.tokens[at - 2].start,
                why: "`has` takes a field: `has(self.a)`".to_owned(),
            });
        }
        let of = None;
        Ok(Expression::Call {
            of,
            name,
            arguments,
        })
    }

    /// Expressions between commas, up to `end`; a last comma is fine.
    fn list(&mut self, end: &str) -> Result<Vec<Expression>, Unreadable> {
        let mut items = Vec::new();
        while !self.take(end) {
            if end == "]" {
                self.take("?");
            }
            items.push(self.expression()?);
            if self.take(",") {
                if end == ")" && self.is(end) {
                    return Err(self.unexpected("a value"));
                }
                continue;
            }
            self.expect(end)?;
            break;
        }
        Ok(items)
    }

    /// `{a: b, c: d}`, of a map or of a message.
    fn entries(&mut self) -> Parsed {
        self.expect("{")?;
        let mut parts = Vec::new();
        while !self.take("}") {
            self.take("?");
            parts.push(self.expression()?);
            self.expect(":")?;
            parts.push(self.expression()?);
            if !self.take(",") {
                self.expect("}")?;
                break;
            }
        }
        Ok(Expression::Entries(parts))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_rule_is_refused_at_its_place() {
        let check = |rule: &str, at: usize, why: &str| {
            let expected = Unreadable {
                at,
                why: why.to_owned(),
            };
            assert_eq!(parse(rule), Err(expected), "{rule}");
        };
        check("self.a <", 8, "expected a value, found the end");
        check(
            "self.a < 1)",
            10,
            "expected an operator or the end, found `)`",
        );
        check(
            "self.a self.b",
            7,
            "expected an operator or the end, found `self`",
        );
        check("(self.a", 7, "expected `)`, found the end");
        check("self.", 5, "expected the name of a field, found the end");
        check("self.a ? 1", 10, "expected `:`, found the end");
        check(
            "self.list.all(x.y, true)",
            10,
            "the first argument of `all` is not a plain name",
        );
        check("has(self)", 0, "`has` takes a field: `has(self.a)`");
        check("for == 1", 0, "`for` is a word of CEL's own");
        check("", 0, "expected a value, found the end");
        check("f(1,)", 4, "expected a value, found `)`");
        check("{'a' 1}", 5, "expected `:`, found a number");
        check("!-a", 1, "expected a value, found `-`");
        let deep = format!("{}1{}", "(".repeat(300), ")".repeat(300));
        assert!(parse(&deep).unwrap_err().why.contains("250"));
    }
}

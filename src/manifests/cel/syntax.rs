//! What a rule says: the tree that its text makes.

/// One expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Expression {
    /// A number, a string, `true`, `null`; a string has its length.
    Literal(Option<usize>),
    /// A name by itself.
    Name(String),
    /// `a.b`, `a.?b`.
    Select {
        /// What has the field.
        of: Box<Expression>,
        /// The field as written.
        field: String,
        /// Written with `.?`.
        optional: bool,
    },
    /// `a[b]`, `a[?b]`.
    Index(Box<Expression>, Box<Expression>),
    /// `f(a)`, `a.f(b)`.
    Call {
        /// What stands before the dot.
        of: Option<Box<Expression>>,
        /// The function.
        name: String,
        /// What stands in the brackets.
        arguments: Vec<Expression>,
    },
    /// `a + b`, `!a`: all parts count, and so much the operators between them.
    Operation(Vec<Expression>, u32),
    /// A list.
    List(Vec<Expression>),
    /// A map or a message: keys and values.
    Entries(Vec<Expression>),
    /// `a ? b : c`.
    Choice(Box<[Expression; 3]>),
}

/// The functions that name what they run over, and how many names each gives: the
/// loops, and those that run once, over what an optional value holds.
///
/// <https://kubernetes.io/docs/reference/using-api/cel/#cel-options-language-features-and-libraries>
const MACROS: [(&str, usize, usize); 13] = [
    ("all", 2, 1),
    ("exists", 2, 1),
    ("exists_one", 2, 1),
    ("existsOne", 2, 1),
    ("map", 2, 1),
    ("map", 3, 1),
    ("filter", 2, 1),
    ("all", 3, 2),
    ("exists", 3, 2),
    ("exists_one", 3, 2),
    ("existsOne", 3, 2),
    ("optMap", 2, 1),
    ("optFlatMap", 2, 1),
];

/// Whether a function that names something runs once.
pub(super) fn runs_once(name: &str) -> bool {
    matches!(name, "optMap" | "optFlatMap")
}

/// How many of the arguments of a call are names of what it runs over; `None` for
/// a function that names nothing.
pub(super) fn loop_names(name: &str, arguments: usize) -> Option<usize> {
    let transforms = matches!(name, "transformList" | "transformMap" | "transformMapEntry");
    if transforms && matches!(arguments, 3 | 4) {
        return Some(2);
    }
    let found = MACROS
        .iter()
        .find(|(known, count, _)| *known == name && *count == arguments);
    found.map(|(_, _, names)| *names)
}

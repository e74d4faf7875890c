//! Reads markers such as `// +rustop:rbac:groups=apps,resources=deployments,verbs=get`.
//!
//! Rust has no package comments that a macro could read, and an operator's
//! permissions belong beside the code that needs them. So the markers are
//! kubebuilder's, in plain line comments, with controller-gen's grammar
//! (<https://book.kubebuilder.io/reference/markers>); `+kubebuilder:` is read as
//! well, so that what people know or carry over works.
//!
//! The parts: `comments` knows Rust's lexical grammar, `arguments` the
//! markers', `spelling` what a slip of the pen looks like, and one file per
//! marker (`rbac`, `webhook`) what its fields mean. Everything is a pure function of the
//! source text, and nothing here knows about manifests.

mod arguments;
mod comments;
mod problem;
pub mod rbac;
mod spelling;
mod text;
pub mod webhook;

pub use problem::{Problem, Severity};
pub(crate) use spelling::closest;

use crate::tree::RelativePath;
use comments::{Comment, Style};

/// The prefixes that are read: ours, and the one kubebuilder's users know.
const PREFIXES: [&str; 2] = ["rustop", "kubebuilder"];

/// The markers that there are, by name.
const NAMES: [&str; 3] = ["rbac", "webhook", "webhookconfiguration"];

/// One marker, split but not yet understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marker {
    /// The prefix it was written with, `rustop` or `kubebuilder`.
    pub prefix: &'static str,
    /// What kind of marker it is: `rbac`.
    pub name: &'static str,
    /// Its arguments as written: `groups=apps,verbs=get`.
    pub arguments: String,
    /// The source it stands in.
    pub file: RelativePath,
    /// Its line, counted from 1.
    pub line: usize,
}

impl Marker {
    /// An error about this marker, at its place.
    pub(crate) fn error(&self, why: &str) -> Problem {
        Problem {
            file: self.file.clone(),
            line: self.line,
            severity: Severity::Error,
            message: format!("marker `+{}:{}`: {why}", self.prefix, self.name),
            help: None,
        }
    }
}

/// The markers of one source, and warnings about comments that were surely
/// meant to be markers: a doc comment, a misspelt name, a missing `=`.
///
/// Never fails; what the arguments mean is for `rbac::parse` and `webhook::parse`.
pub fn scan(path: &RelativePath, source: &str) -> (Vec<Marker>, Vec<Problem>) {
    let (mut markers, mut problems) = (Vec::new(), Vec::new());
    for comment in comments::line_comments(source) {
        match read(path, &comment) {
            Some(Ok(marker)) => markers.push(marker),
            Some(Err(problem)) => problems.push(problem),
            None => {}
        }
    }
    (markers, problems)
}

fn read(path: &RelativePath, comment: &Comment<'_>) -> Option<Result<Marker, Problem>> {
    let text = comment.text.strip_prefix('+')?;
    let warning = |(message, help)| Problem {
        file: path.clone(),
        line: comment.line,
        severity: Severity::Warning,
        message,
        help: Some(help),
    };
    let Some((prefix, name, arguments)) = split(text) else {
        return spelling::near_miss(text).map(|miss| Err(warning(miss)));
    };
    if comment.style == Style::Documentation {
        return Some(Err(warning(spelling::documentation(text))));
    }
    let arguments = arguments.to_owned();
    Some(Ok(Marker {
        prefix,
        name,
        arguments,
        file: path.clone(),
        line: comment.line,
    }))
}

/// Splits `rustop:rbac:groups=a,verbs=b` into prefix, name and arguments.
///
/// As controller-gen does it: the text before the first `=` is the marker's
/// name and, after its last colon, the first argument's. A marker without any
/// argument has no `=`. (`Definition.Parse` and `splitMarker` in
/// <https://github.com/kubernetes-sigs/controller-tools/blob/v0.21.0/pkg/markers/parse.go>.)
fn split(text: &str) -> Option<(&'static str, &'static str, &str)> {
    let (prefix, rest) = text.split_once(':')?;
    let prefix = PREFIXES.into_iter().find(|known| *known == prefix)?;
    let head = rest.find('=').map_or(rest, |equals| &rest[..equals]);
    let name = match (head.rsplit_once(':'), rest.contains('=')) {
        (Some((name, _)), true) => name,
        _ => head,
    };
    let name = NAMES.into_iter().find(|known| *known == name)?;
    let arguments = &rest[name.len()..];
    // `+rustop:rbac=x`: controller-gen reads `rbac` as an argument and refuses
    // it; an argument without a name is refused here for the same marker.
    Some((
        prefix,
        name,
        arguments.strip_prefix(':').unwrap_or(arguments),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path() -> RelativePath {
        RelativePath::new("src/controller/foo.rs").unwrap()
    }

    fn check(source: &str, expected: &[(&str, &str, usize)]) {
        let (markers, problems) = scan(&path(), source);
        let found: Vec<_> = markers
            .iter()
            .map(|m| (m.name, m.arguments.as_str(), m.line))
            .collect();
        assert_eq!(found, expected, "in: {source}");
        assert_eq!(problems, [], "in: {source}");
    }

    fn check_warning(source: &str, expected: &str) {
        let (markers, problems) = scan(&path(), source);
        assert_eq!(markers, [], "in: {source}");
        let shown: Vec<_> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(shown, [expected], "in: {source}");
        assert_eq!(problems[0].severity, Severity::Warning);
    }

    #[test]
    fn markers_of_both_prefixes_are_read() {
        check("// +rustop:rbac:verbs=get", &[("rbac", "verbs=get", 1)]);
        check(
            "\n//+kubebuilder:rbac:groups=a,verbs=b;c\r\n",
            &[("rbac", "groups=a,verbs=b;c", 2)],
        );
        check(
            "fn a() {} // +rustop:rbac:verbs=get  ",
            &[("rbac", "verbs=get", 1)],
        );
        check(
            "// +rustop:rbac: verbs = get",
            &[("rbac", " verbs = get", 1)],
        );
        check("// +rustop:rbac", &[("rbac", "", 1)]);
        check("// +rustop:rbac=x", &[("rbac", "=x", 1)]);
        check(
            "// +rustop:webhook:name=a.b.c",
            &[("webhook", "name=a.b.c", 1)],
        );
        check(
            "// +rustop:rbac:urls=/a:b,verbs=get",
            &[("rbac", "urls=/a:b,verbs=get", 1)],
        );
    }

    #[test]
    fn other_comments_are_left_alone() {
        check("// rustop:rbac:verbs=get", &[]);
        check("let a = \"// +rustop:rbac:verbs=get\";", &[]);
        check(
            "// +kubebuilder:object:root=true\n// +optional\n// + 1",
            &[],
        );
        check("//// +rustop:rbac:verbs=get", &[]);
        check("/* +rustop:rbac:verbs=get */", &[]);
    }

    #[test]
    fn a_marker_in_a_doc_comment_is_named() {
        check_warning(
            "/// +rustop:rbac:verbs=get",
            "src/controller/foo.rs:1: marker `+rustop:rbac:verbs=get` stands in a doc comment and is not read\n\
             help: write it as a plain comment: `// +rustop:rbac:verbs=get`",
        );
    }

    #[test]
    fn a_misspelt_marker_is_named() {
        let near = |written: &str, meant: &str| {
            check_warning(
                &format!("fn a() {{}}\n// +{written}=x"),
                &format!(
                    "src/controller/foo.rs:2: `+{written}` is no marker and is not read\n\
                     help: did you mean `+{meant}`?"
                ),
            );
        };
        near("rustop:rabc:verbs", "rustop:rbac");
        near("rustop:Rbac:verbs", "rustop:rbac");
        near("kubebuilder:rbca:verbs", "kubebuilder:rbac");
        near("rusotp:rbac:verbs", "rustop:rbac");
        near("kube-builder:rbac:verbs", "kubebuilder:rbac");
        near(" rustop:rbac:verbs", "rustop:rbac");
        near("rustop:rbac,verbs", "rustop:rbac");
        near("rustop:rbac:verbs:get", "rustop:rbac");
        near("rustop:webhok:name", "rustop:webhook");
    }

    #[test]
    fn a_marker_whose_argument_has_no_value_is_named() {
        check_warning(
            "// +rustop:rbac:verbs",
            "src/controller/foo.rs:1: `+rustop:rbac:verbs` is no marker and is not read\n\
             help: did you mean `+rustop:rbac`?",
        );
    }
}

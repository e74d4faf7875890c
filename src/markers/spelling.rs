//! Tells a misspelt marker from a comment that only begins with `+`.
//!
//! A marker that nobody reads is a permission that is missing at run time, so a
//! near miss is worth a warning; but kubebuilder has many markers that mean
//! nothing here (`+kubebuilder:object:root=true`), and those stay silent.

use super::{NAMES, PREFIXES};

/// What is wrong with `text` (without its `+`) and what to write instead, when
/// it resembles a marker that there is.
pub(super) fn near_miss(text: &str) -> Option<(String, String)> {
    let head = text.split('=').next().unwrap_or(text);
    let mut words = head.split([':', ',']).map(str::trim);
    let (prefix, name) = (words.next()?, words.next()?);
    let prefix = closest(prefix, &PREFIXES)?;
    let name = closest(name, &NAMES)?;
    Some((
        format!("`+{}` is no marker and is not read", head.trim_end()),
        format!("did you mean `+{prefix}:{name}`?"),
    ))
}

/// The message and the help for a marker in a doc comment.
pub(super) fn documentation(text: &str) -> (String, String) {
    (
        format!("marker `+{text}` stands in a doc comment and is not read"),
        format!("write it as a plain comment: `// +{text}`"),
    )
}

/// The one of `known` that `word` was most likely meant to be.
pub(crate) fn closest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let word = word.to_lowercase();
    let (distance, found) = known
        .iter()
        .map(|candidate| (distance(&word, candidate), *candidate))
        .min()?;
    (distance <= 2).then_some(found)
}

/// How many letters must be put in, taken out or replaced (Levenshtein).
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, letter) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = index + 1;
        for column in 1..row.len() {
            let replaced = diagonal + usize::from(letter != right[column - 1]);
            diagonal = row[column];
            row[column] = replaced.min(row[column] + 1).min(row[column - 1] + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_counted_in_letters() {
        let check = |left, right, expected| assert_eq!(distance(left, right), expected);
        check("rbac", "rbac", 0);
        check("rabc", "rbac", 2);
        check("", "rbac", 4);
        check("rb", "rbac", 2);
        check("kitten", "sitting", 3);
    }

    #[test]
    fn what_resembles_no_marker_is_silent() {
        let check = |text: &str| assert_eq!(near_miss(text), None, "{text}");
        check("kubebuilder:object:root=true");
        check("kubebuilder:scaffold:imports");
        check("kubebuilder:validation:Minimum=0");
        check("optional");
        check(" 1: 2");
        check("k8s:deepcopy-gen=package");
    }
}

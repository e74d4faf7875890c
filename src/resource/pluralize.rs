//! English plurals as kubebuilder's users get them.
//!
//! kubebuilder asks `github.com/gobuffalo/flect`; whoever comes from there has
//! CRDs with its answers, odd ones too (`lambda` stays `lambda`), so rustop
//! must give the same. `tests/data/plurals.tsv` holds flect's answers, and a
//! test compares all of them. kube-derive's plurals are others; a CRD never
//! leaves the choice to it.

use super::plural_endings::{ABBREVIATIONS, ENDINGS, WORDS};

/// The plural of a word in lower case. The whole word decides first, then its
/// longest ending in the table; else an `s` is added unless there is one.
///
/// In one case the answer is not flect's: of abbreviations like `dns` it makes
/// `dnsDNSes`, which the API server refuses. Here they get `es`.
pub fn pluralize(word: &str) -> String {
    if let Some((_, plural)) = WORDS.iter().find(|(singular, _)| *singular == word) {
        return (*plural).to_owned();
    }
    if ABBREVIATIONS.contains(&word) {
        return format!("{word}{}", if word.ends_with('s') { "es" } else { "s" });
    }
    match longest_ending(word) {
        Some((ending, plural)) => word[..word.len() - ending.len()].to_owned() + plural,
        None if word.ends_with('s') => word.to_owned(),
        None => format!("{word}s"),
    }
}

/// The row for the longest ending that `word` has. What already ends like a
/// plural keeps its ending.
fn longest_ending(word: &str) -> Option<(&'static str, &'static str)> {
    let kept = |&(singular, plural)| [(singular, plural), (plural, plural)];
    let endings = ENDINGS.iter().flat_map(kept);
    let fitting = endings.filter(|(ending, _)| word.ends_with(ending));
    fitting.max_by_key(|(ending, _)| ending.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What flect answers, but `es` where it gives the abbreviation twice.
    fn expected(word: &str, answer: &str) -> String {
        if answer.chars().any(|c| c.is_ascii_uppercase()) {
            return format!("{word}es");
        }
        answer.to_owned()
    }

    #[test]
    fn gives_the_answers_of_flect() {
        let table = include_str!("../../tests/data/plurals.tsv");
        let rows: Vec<_> = table
            .lines()
            .filter_map(|line| line.split_once('\t'))
            .collect();
        assert!(rows.len() > 250, "{} rows", rows.len());
        let wrong: Vec<_> = rows
            .into_iter()
            .map(|(word, answer)| (word, pluralize(word), expected(word, answer)))
            .filter(|(_, ours, theirs)| ours != theirs)
            .collect();
        assert!(wrong.is_empty(), "{wrong:?}");
    }

    #[test]
    fn a_plural_of_a_label_is_never_empty() {
        for letter in 'a'..='z' {
            assert!(!pluralize(&letter.to_string()).is_empty());
        }
    }

    #[test]
    fn tables_are_sorted() {
        assert!(WORDS.is_sorted());
        assert!(ABBREVIATIONS.is_sorted());
        assert!(ENDINGS.is_sorted());
    }
}

//! Which of two version requirements asks for more.

use std::cmp::Ordering;

/// Compares two requirements of the same kind, such as `1.2` and `1.10`.
///
/// `None` where "higher" has no clear meaning: another operator, a wildcard, a
/// range, a pre-release. A missing part counts as zero, as cargo counts it:
/// <https://doc.rust-lang.org/cargo/reference/specifying-dependencies.html>.
pub(super) fn compare(left: &str, right: &str) -> Option<Ordering> {
    let ((left_operator, left), (right_operator, right)) = (split(left), split(right));
    (left_operator == right_operator).then(|| Some(parts(left)?.cmp(&parts(right)?)))?
}

/// A caret is what cargo assumes when there is none.
fn split(requirement: &str) -> (&str, &str) {
    let requirement = requirement.trim();
    let digits = requirement
        .find(|c: char| c.is_ascii_digit())
        .unwrap_or(requirement.len());
    let (operator, version) = requirement.split_at(digits);
    (operator.trim().trim_start_matches('^'), version)
}

fn parts(version: &str) -> Option<[u64; 3]> {
    let mut numbers = [0; 3];
    for (index, part) in version.split('.').enumerate() {
        *numbers.get_mut(index)? = part.parse().ok()?;
    }
    Some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(left: &str, right: &str, expected: Option<Ordering>) {
        assert_eq!(compare(left, right), expected, "{left} {right}");
        assert_eq!(
            compare(right, left),
            expected.map(Ordering::reverse),
            "{right} {left}"
        );
    }

    #[test]
    fn requirements_of_one_kind_are_compared() {
        check("1", "2", Some(Ordering::Less));
        check("1.9", "1.10", Some(Ordering::Less));
        check("1.0.3", "1.0.21", Some(Ordering::Less));
        check("1", "1.0.0", Some(Ordering::Equal));
        check("^1.2", "1.3", Some(Ordering::Less));
        check("=1.2.3", "=1.2.4", Some(Ordering::Less));
        check("~1.2", "~1.1", Some(Ordering::Greater));
    }

    #[test]
    fn where_higher_has_no_meaning_there_is_no_answer() {
        check("=1.2.3", "1.2.4", None);
        check("*", "1", None);
        check("1.*", "1.2", None);
        check(">=1, <2", "2", None);
        check(">=1, <2", ">=1, <3", None);
        check("1.0.0-rc.1", "1.0.0", None);
        check("", "1", None);
        check("1.2.3.4", "1", None);
    }
}

//! Status conditions, as the API conventions want them:
//! <https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api-conventions.md#typical-status-properties>.
//!
//! They work on the `Condition` of k8s-openapi, so that what reads them in Go finds the same fields.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use k8s_openapi::jiff::Timestamp;

/// The status of a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It holds.
    True,
    /// It doesn't hold.
    False,
    /// It couldn't be found out.
    Unknown,
}

impl Status {
    /// The text in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::True => "True",
            Self::False => "False",
            Self::Unknown => "Unknown",
        }
    }
}

impl From<bool> for Status {
    fn from(holds: bool) -> Self {
        if holds { Self::True } else { Self::False }
    }
}

/// A condition to [`set`]. `reason` is one CamelCase word for programs, `message` a sentence for people.
pub fn condition(
    type_: impl Into<String>,
    status: impl Into<Status>,
    reason: impl Into<String>,
    message: impl Into<String>,
) -> Condition {
    Condition {
        type_: type_.into(),
        status: status.into().as_str().to_owned(),
        reason: reason.into(),
        message: message.into(),
        observed_generation: None,
        last_transition_time: Time(Timestamp::UNIX_EPOCH),
    }
}

/// Puts `condition` among `conditions`, in the place of the one with the same type, and says whether that changed
/// anything. The transition time is now when the status changed, else what it was.
///
/// `generation` is the `metadata.generation` of the object that was looked at.
///
/// ```
/// use rustop_runtime::conditions::{self, Status, condition};
///
/// let mut conditions = Vec::new();
/// let ready = || condition("Available", Status::True, "Reconciled", "the Deployment is up");
/// assert!(conditions::set(&mut conditions, ready(), Some(1)));
/// assert!(!conditions::set(&mut conditions, ready(), Some(1)));
/// assert!(conditions::is_true(&conditions, "Available"));
/// ```
pub fn set(conditions: &mut Vec<Condition>, condition: Condition, generation: Option<i64>) -> bool {
    set_at(conditions, condition, generation, Timestamp::now())
}

fn set_at(
    conditions: &mut Vec<Condition>,
    mut new: Condition,
    generation: Option<i64>,
    now: Timestamp,
) -> bool {
    new.observed_generation = generation;
    new.last_transition_time = Time(now);
    let Some(old) = conditions.iter_mut().find(|old| old.type_ == new.type_) else {
        conditions.push(new);
        return true;
    };
    if old.status == new.status {
        new.last_transition_time = old.last_transition_time.clone();
    }
    let changed = *old != new;
    *old = new;
    changed
}

/// The condition of this type.
pub fn find<'a>(conditions: &'a [Condition], type_: &str) -> Option<&'a Condition> {
    conditions.iter().find(|condition| condition.type_ == type_)
}

/// Whether the condition of this type is there, and `True`.
pub fn is_true(conditions: &[Condition], type_: &str) -> bool {
    find(conditions, type_).is_some_and(|condition| condition.status == Status::True.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn the_transition_time_moves_only_with_the_status() {
        let mut conditions = Vec::new();
        for (second, status, reason, generation, changed, transition) in [
            (1, Status::False, "A", 1, true, 1),
            (2, Status::False, "A", 1, false, 1),
            (3, Status::False, "B", 1, true, 1),
            (4, Status::False, "B", 2, true, 1),
            (5, Status::True, "B", 2, true, 5),
            (6, Status::True, "B", 2, false, 5),
        ] {
            let new = condition("Ready", status, reason, "");
            assert_eq!(
                set_at(&mut conditions, new, Some(generation), at(second)),
                changed,
                "{second}"
            );
            assert_eq!(
                conditions[0].last_transition_time.0,
                at(transition),
                "{second}"
            );
        }
        assert_eq!(conditions.len(), 1);
        assert_eq!(conditions[0].observed_generation, Some(2));
    }

    #[test]
    fn conditions_of_other_types_stay() {
        let mut conditions = Vec::new();
        set(&mut conditions, condition("Ready", true, "Up", ""), None);
        set(
            &mut conditions,
            condition("Degraded", Status::Unknown, "NotSeen", ""),
            None,
        );
        assert!(is_true(&conditions, "Ready"));
        assert!(!is_true(&conditions, "Degraded"));
        assert!(!is_true(&conditions, "Missing"));
        assert_eq!(find(&conditions, "Degraded").unwrap().status, "Unknown");
    }
}

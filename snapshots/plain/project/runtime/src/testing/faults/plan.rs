//! What happens in one run.

use serde_json::Value;

use super::Class;
use crate::testing::Answer;
use crate::testing::fake::Key;

/// One thing that happens.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// The reconciler runs until nothing changes any more.
    Settle,
    /// The reconciler runs until its process dies.
    UntilCut,
    /// The reconciler runs some times, and may fail.
    Try,
    /// It runs once more, and may not change anything.
    Again,
    /// A user changes the spec of each object.
    Change,
    /// A user takes the change back.
    ChangeBack,
    /// A user deletes each object.
    Delete,
    /// Somebody deletes what the reconciler made.
    Lose(Key),
    /// Somebody else has an object of the same name.
    Occupy(Value),
}

/// What becomes of one write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The process dies before the write reaches the server.
    CutBefore,
    /// The process dies before it has the answer.
    CutAfter,
    /// The server answers that the object has been modified.
    Conflict,
    /// The server fails.
    Failure,
}

/// The steps, and what goes wrong in between.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) steps: Vec<Step>,
    pub(super) fault: Option<(usize, Fault)>,
    /// How many events the cache is behind while something happens.
    pub(super) lag: usize,
    pub(super) lag_after_restart: usize,
}

impl Fault {
    pub(super) const ALL: [Self; 4] = [
        Self::CutBefore,
        Self::CutAfter,
        Self::Conflict,
        Self::Failure,
    ];

    pub(super) fn class(self) -> Class {
        match self {
            Self::CutBefore => Class::CutBefore,
            Self::CutAfter => Class::CutAfter,
            Self::Conflict => Class::Conflict,
            Self::Failure => Class::Failure,
        }
    }

    /// What the reconciler hears.
    pub(super) fn answer(self) -> Answer {
        match self {
            Self::CutBefore | Self::CutAfter => Answer::never(),
            Self::Conflict => Answer::status(409, "Conflict"),
            Self::Failure => Answer::status(500, "InternalError"),
        }
    }

    pub(super) fn is_cut(self) -> bool {
        matches!(self, Self::CutBefore | Self::CutAfter)
    }
}

impl Plan {
    pub(super) fn of(steps: &[Step]) -> Self {
        Self {
            steps: steps.to_vec(),
            fault: None,
            lag: 0,
            lag_after_restart: 0,
        }
    }

    pub(super) fn with(mut self, write: usize, fault: Fault) -> Self {
        self.fault = Some((write, fault));
        self
    }
}

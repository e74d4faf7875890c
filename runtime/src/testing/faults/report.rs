//! What was found.

use std::fmt;

/// What can happen to a reconciler.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Class {
    /// Nothing: it doesn't settle although nothing disturbs it, or holds an object for ever that is deleted. Or there
    /// is no object.
    Undisturbed,
    /// The process dies before a write reaches the server, and another one starts.
    CutBefore,
    /// The process dies after a write, before it has the answer, and another one starts.
    CutAfter,
    /// The process dies after a write, and the object is deleted before another one starts; nothing may be left over.
    DeletedMeanwhile,
    /// A write meets a conflict (409), once.
    Conflict,
    /// A write fails (500), once.
    Failure,
    /// The cache is behind, as long as anything happens; or only after a restart.
    OldCache,
    /// Something happened while nobody looked: a change and back, or an object that the reconciler made is gone.
    MissedEvents,
    /// The spec changes after all was settled; it must end as if it had been so from the start.
    Change,
    /// The spec changes and changes back; it must end as if nothing had been.
    ThereAndBack,
    /// It is reconciled again although nothing changed; nothing may change.
    Quiet,
    /// An object that it would make is somebody else's already; it must be there in the end as it was.
    Foreign,
}

/// One fault after which the objects did not end as they should.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Finding {
    /// What happened.
    pub class: Class,
    /// When: at which write, for example.
    pub at: String,
    /// What is wrong then: the lines of the objects that are missing (`-`) and those that should not be there (`+`).
    pub difference: String,
}

/// The result of all runs.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Report {
    /// How often the story was played.
    pub runs: usize,
    /// How many writes the story has when nothing disturbs it.
    pub writes: usize,
    /// How many of them, the last ones, met no fault: none, unless [`Faults::most_writes`](super::Faults::most_writes) was
    /// called.
    pub writes_left_out: usize,
    /// What was found, in the order of the runs.
    pub findings: Vec<Finding>,
    /// Writes that were sent and changed nothing when all was settled already, such as a server-side apply of what is
    /// there. They are right, and cost the API server something.
    pub idle_writes: usize,
}

impl Report {
    /// Whether nothing was found.
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }

    /// Whether something of this class was found.
    pub fn has(&self, class: Class) -> bool {
        self.findings.iter().any(|finding| finding.class == class)
    }

    pub(super) fn count(&mut self) {
        self.runs += 1;
    }

    pub(super) fn find(&mut self, class: Class, at: &str, difference: &str) {
        self.findings.push(Finding {
            class,
            at: at.to_owned(),
            difference: difference.to_owned(),
        });
    }

    pub(super) fn judge(&mut self, (class, at): (Class, &str), difference: Option<String>) {
        if let Some(difference) = difference {
            self.find(class, at, &difference);
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            formatter,
            "{} of {} runs went wrong",
            self.findings.len(),
            self.runs
        )?;
        if self.writes_left_out > 0 {
            let (writes, left_out) = (self.writes, self.writes_left_out);
            writeln!(
                formatter,
                "NOT TRIED: faults at the last {left_out} of {writes} writes; help: raise `most_writes`"
            )?;
        }
        for finding in &self.findings {
            writeln!(
                formatter,
                "\n{:?}, {}:\n{}",
                finding.class, finding.at, finding.difference
            )?;
        }
        Ok(())
    }
}

//! The names that come later, in the order in which they are due.

use std::collections::{BTreeSet, HashMap};

use tokio::time::Instant;

use super::Priority;
use crate::Request;

/// Names with the time when they are due; each is there once, with the earliest of its times.
#[derive(Debug, Default)]
pub(super) struct Later {
    order: BTreeSet<(Instant, Request)>,
    due: HashMap<Request, (Instant, Priority)>,
}

impl Later {
    /// Adds a name, unless it is due earlier anyway.
    pub(super) fn add(&mut self, request: Request, due: Instant, priority: Priority) {
        let known = self.due.get(&request);
        if known.is_some_and(|(earlier, _)| *earlier <= due) {
            return;
        }
        self.forget(&request);
        self.due.insert(request.clone(), (due, priority));
        self.order.insert((due, request));
    }

    pub(super) fn forget(&mut self, request: &Request) {
        if let Some((due, _)) = self.due.remove(request) {
            self.order.remove(&(due, request.clone()));
        }
    }

    /// Takes out what is due by `now`.
    pub(super) fn take_due(&mut self, now: Instant) -> Vec<(Request, Priority)> {
        let mut taken = Vec::new();
        while self.order.first().is_some_and(|(due, _)| *due <= now) {
            let Some((_, request)) = self.order.pop_first() else {
                break;
            };
            let due = self.due.remove(&request);
            let priority = due.map_or(Priority::Change, |(_, priority)| priority);
            taken.push((request, priority));
        }
        taken
    }

    /// When the first name is due.
    pub(super) fn next_due(&self) -> Option<Instant> {
        self.order.first().map(|(due, _)| *due)
    }
}

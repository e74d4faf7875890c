//! The names that can be handed out, in their order.
//!
//! At its start a controller looks at every object there is, and mostly finds nothing to do. A change that somebody is
//! waiting for goes before those. Not for ever, though: however many changes come, every ninth name is one of the first
//! list, so that each of those has its turn after at most nine times as many names as are before it.

use std::collections::BTreeMap;

use crate::Request;

/// How many changes go before a name of the first list.
const CHANGES_IN_A_ROW: u32 = 8;

/// Who goes first. The higher one is greater.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::controller) enum Priority {
    /// It was there when the controller started: controller-runtime's -100.
    Initial,
    /// Something happened: controller-runtime's 0.
    Change,
}

/// Where a name stands, to be taken out again.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    priority: Priority,
    number: u64,
}

/// Two queues, first in first out.
#[derive(Debug, Default)]
pub(super) struct Ready {
    changes: BTreeMap<u64, Request>,
    initial: BTreeMap<u64, Request>,
    pushed: u64,
    changes_in_a_row: u32,
}

impl Ready {
    pub(super) fn push(&mut self, request: Request, priority: Priority) -> Place {
        let number = self.pushed;
        self.pushed += 1;
        self.of(priority).insert(number, request);
        Place { priority, number }
    }

    pub(super) fn remove(&mut self, place: Place) {
        self.of(place.priority).remove(&place.number);
    }

    pub(super) fn pop(&mut self) -> Option<Request> {
        let turn_of_initial = self.changes.is_empty() || self.changes_in_a_row >= CHANGES_IN_A_ROW;
        let (_, request) = if turn_of_initial && !self.initial.is_empty() {
            self.changes_in_a_row = 0;
            self.initial.pop_first()?
        } else {
            self.changes_in_a_row = self.changes_in_a_row.saturating_add(1);
            self.changes.pop_first()?
        };
        Some(request)
    }

    pub(super) fn len(&self, priority: Priority) -> usize {
        match priority {
            Priority::Initial => self.initial.len(),
            Priority::Change => self.changes.len(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.initial.is_empty()
    }

    fn of(&mut self, priority: Priority) -> &mut BTreeMap<u64, Request> {
        match priority {
            Priority::Initial => &mut self.initial,
            Priority::Change => &mut self.changes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ready(names: &[(&str, Priority)]) -> Ready {
        let mut ready = Ready::default();
        for (name, priority) in names {
            ready.push(Request::cluster(*name), *priority);
        }
        ready
    }

    #[test]
    fn changes_go_first_and_in_turn() {
        let (old, new) = (Priority::Initial, Priority::Change);
        let mut ready = ready(&[("a", old), ("b", new), ("c", old), ("d", new)]);
        let order = std::iter::from_fn(|| ready.pop().map(|request| request.name));
        assert_eq!(order.collect::<String>(), "bdac");
    }

    #[test]
    fn changes_that_never_end_leave_every_ninth_turn_to_the_first_list() {
        let mut ready = ready(&[("old", Priority::Initial), ("old", Priority::Initial)]);
        for _ in 0..2 {
            for _ in 0..CHANGES_IN_A_ROW {
                ready.push(Request::cluster("new"), Priority::Change);
                ready.push(Request::cluster("new"), Priority::Change);
                assert_eq!(ready.pop().unwrap().name, "new");
            }
            assert_eq!(ready.pop().unwrap().name, "old");
        }
    }
}

//! Which events are one and the same that happens again.

use std::collections::HashMap;
use std::sync::Arc;

use k8s_openapi::api::core::v1::ObjectReference;
use k8s_openapi::api::events::v1::{Event as ApiEvent, EventSeries};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{MicroTime, ObjectMeta};
use k8s_openapi::jiff::{SignedDuration, Timestamp};

use super::{EventType, Occurrence};

/// What doesn't happen again within this time is another event; client-go's number.
const QUIET: SignedDuration = SignedDuration::from_mins(6);
/// How often a series that goes on is written, so that the API server, which forgets events after an hour, keeps it;
/// client-go's number.
const REFRESH: SignedDuration = SignedDuration::from_mins(30);
/// As many are remembered; what comes beyond is written each time.
const REMEMBERED: usize = 4096;
/// The API server's limit to a note.
const LONGEST_NOTE: usize = 1024;
/// And to the name of an object; an event's name ends with a dot and up to 32 hexadecimal digits.
const LONGEST_NAME: usize = 253 - 33;

/// What makes two events the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    controller: Arc<str>,
    type_: EventType,
    reason: String,
    action: String,
    regarding: [String; 6],
    related: [String; 6],
}

impl Key {
    pub(super) fn of(occurrence: &Occurrence) -> Self {
        let event = &occurrence.event;
        Self {
            controller: Arc::clone(&occurrence.controller),
            type_: event.type_,
            reason: event.reason.clone(),
            action: event.action.clone(),
            regarding: names(Some(&occurrence.regarding)),
            related: names(event.related.as_ref()),
        }
    }
}

fn names(reference: Option<&ObjectReference>) -> [String; 6] {
    let reference = reference.cloned().unwrap_or_default();
    [
        reference.api_version,
        reference.kind,
        reference.namespace,
        reference.name,
        reference.uid,
        reference.field_path,
    ]
    .map(Option::unwrap_or_default)
}

/// What is to be sent now.
#[derive(Debug)]
pub(super) enum Write {
    /// A new event.
    Create(ApiEvent),
    /// The series of an event that was created.
    Patch(ApiEvent),
}

/// The events of the last minutes.
#[derive(Debug, Default)]
pub(super) struct Recent(HashMap<Key, Known>);

#[derive(Debug)]
struct Known {
    event: ApiEvent,
    /// When it was last sent.
    written: Timestamp,
}

impl Recent {
    /// What an occurrence has to be sent, if anything.
    pub(super) fn add(
        &mut self,
        occurrence: &Occurrence,
        instance: &str,
        now: Timestamp,
    ) -> Option<Write> {
        let key = Key::of(occurrence);
        let Some(known) = self.0.get_mut(&key) else {
            let event = new_event(occurrence, instance, now);
            if self.0.len() < REMEMBERED {
                let event = event.clone();
                self.0.insert(
                    key,
                    Known {
                        event,
                        written: now,
                    },
                );
            }
            return Some(Write::Create(event));
        };
        let series = known.event.series.as_ref();
        let seen = series.map_or(1, |series| series.count);
        known.event.series = Some(EventSeries {
            count: seen.saturating_add(1),
            last_observed_time: MicroTime(now),
        });
        if seen > 1 {
            // It is a series already; how long it became is said now and then, and at its end.
            return None;
        }
        known.written = now;
        Some(Write::Patch(known.event.clone()))
    }

    /// Forgets what hasn't happened for a while, and gives the series that ended so, and those that go on but weren't
    /// written for long.
    pub(super) fn finish(&mut self, now: Timestamp) -> Vec<Write> {
        let ended = |event: &ApiEvent| last_seen(event).is_none_or(|at| at + QUIET <= now);
        let mut writes = self.take(ended);
        let series = self
            .0
            .values_mut()
            .filter(|known| known.event.series.is_some());
        for known in series.filter(|known| known.written + REFRESH <= now) {
            known.written = now;
            writes.push(Write::Patch(known.event.clone()));
        }
        writes
    }

    /// Forgets everything, and gives the series that there are.
    pub(super) fn finish_all(&mut self) -> Vec<Write> {
        self.take(|_| true)
    }

    /// Has the event written anew when it happens again: the API server doesn't have it any more.
    pub(super) fn forget(&mut self, event: &ApiEvent) {
        self.0
            .retain(|_, known| known.event.metadata.name != event.metadata.name);
    }

    fn take(&mut self, ended: impl Fn(&ApiEvent) -> bool) -> Vec<Write> {
        let taken = self.0.extract_if(|_, known| ended(&known.event));
        // The second occurrence was written when it came.
        let longer = |event: &ApiEvent| event.series.as_ref().is_some_and(|it| it.count > 2);
        taken
            .map(|(_, known)| known.event)
            .filter(longer)
            .map(Write::Patch)
            .collect()
    }
}

fn last_seen(event: &ApiEvent) -> Option<Timestamp> {
    let series = event.series.as_ref();
    let at = series.map(|series| &series.last_observed_time);
    at.or(event.event_time.as_ref()).map(|time| time.0)
}

fn new_event(occurrence: &Occurrence, instance: &str, now: Timestamp) -> ApiEvent {
    let Occurrence {
        controller,
        regarding,
        event,
    } = occurrence;
    let of = regarding.name.as_deref().unwrap_or("unknown");
    ApiEvent {
        metadata: ObjectMeta {
            name: Some(format!(
                "{}.{:x}",
                shortened(of, LONGEST_NAME),
                fastrand::u128(..)
            )),
            // Those of cluster-scoped objects lie in `default`, as everywhere.
            namespace: Some(regarding.namespace.clone().unwrap_or("default".to_owned())),
            ..ObjectMeta::default()
        },
        type_: Some(event.type_.as_str().to_owned()),
        reason: Some(event.reason.clone()),
        action: Some(event.action.clone()),
        note: Some(shortened(&event.note, LONGEST_NOTE).to_owned()),
        regarding: Some(regarding.clone()),
        related: event.related.clone(),
        reporting_controller: Some(controller.to_string()),
        reporting_instance: Some(instance.to_owned()),
        event_time: Some(MicroTime(now)),
        ..ApiEvent::default()
    }
}

/// The beginning of a text, cut between two characters.
fn shortened(text: &str, bytes: usize) -> &str {
    let fits = |&(at, character): &(usize, char)| at + character.len_utf8() <= bytes;
    let kept = text.char_indices().take_while(fits).last();
    &text[..kept.map_or(0, |(at, character)| at + character.len_utf8())]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::Event;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn occurrence(reason: &str, note: &str) -> Occurrence {
        Occurrence {
            controller: "tester".into(),
            regarding: ObjectReference {
                name: Some("object".into()),
                ..ObjectReference::default()
            },
            event: Event {
                type_: EventType::Normal,
                reason: reason.into(),
                action: "Test".into(),
                note: note.into(),
                related: None,
            },
        }
    }

    fn written(write: Option<Write>) -> String {
        match write {
            None => "nothing".to_owned(),
            Some(Write::Create(_)) => "new".to_owned(),
            Some(Write::Patch(event)) => format!("series of {}", event.series.unwrap().count),
        }
    }

    #[test]
    fn a_series_is_written_when_it_begins_and_when_it_ends() {
        let mut recent = Recent::default();
        for (second, reason, note, expected) in [
            (0, "A", "first", "new"),
            (1, "A", "the note may differ", "series of 2"),
            (2, "A", "", "nothing"),
            (3, "B", "", "new"),
            (4, "A", "", "nothing"),
        ] {
            let write = recent.add(&occurrence(reason, note), "pod", at(second));
            assert_eq!(written(write), expected, "{second}");
        }
        assert_eq!(recent.finish(at(4 + 359)).len(), 0);
        let ended = recent.finish(at(4 + 360));
        let ended: Vec<_> = ended
            .into_iter()
            .map(|write| written(Some(write)))
            .collect();
        assert_eq!(ended, ["series of 4"]);
        let write = recent.add(&occurrence("A", ""), "pod", at(500));
        assert_eq!(written(write), "new");
    }

    /// The API server forgets an event after an hour, and a failure may last longer.
    #[test]
    fn a_series_that_goes_on_is_written_every_half_hour() {
        let mut recent = Recent::default();
        let mut writes = Vec::new();
        for minute in 0..=61 {
            let now = at(minute * 60);
            writes.extend(recent.add(&occurrence("A", ""), "pod", now));
            writes.extend(recent.finish(now));
        }
        let written: Vec<_> = writes.into_iter().map(|it| written(Some(it))).collect();
        let expected = ["new", "series of 2", "series of 32", "series of 62"];
        assert_eq!(written, expected);
    }

    #[test]
    fn a_forgotten_event_is_created_anew() {
        let mut recent = Recent::default();
        recent.add(&occurrence("A", ""), "pod", at(0));
        let Some(Write::Patch(event)) = recent.add(&occurrence("A", ""), "pod", at(1)) else {
            panic!("no series");
        };
        recent.forget(&event);
        let write = recent.add(&occurrence("A", ""), "pod", at(2));
        assert_eq!(written(write), "new");
    }

    #[test]
    fn an_event_fits_the_limits_of_the_api_server() {
        let mut long = occurrence("A", &"ä".repeat(600));
        long.regarding.name = Some("n".repeat(253));
        let event = new_event(&long, "pod", at(0));
        assert!(event.metadata.name.unwrap().len() <= 253);
        assert_eq!(event.note.unwrap(), "ä".repeat(512));
        assert_eq!(event.metadata.namespace.unwrap(), "default");
    }
}

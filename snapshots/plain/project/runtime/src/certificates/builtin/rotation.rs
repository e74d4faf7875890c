//! What to do next with the Secret: a pure function, so that ninety days pass in a test as quickly as it is called.
//!
//! A renewal has two writes. First the next pair is put beside the current one, and the bundle holds the authorities of
//! both. Once the bundle has been in each configuration for a while, the next pair becomes the current one. The old
//! authority stays in the bundle until long after its certificate has expired: a replica that hasn't seen the change yet
//! is trusted all the time.

use std::time::{Duration, SystemTime};

use super::contents::Contents;
use super::pair::{Hosts, Issued, Pair, Proof, carry_over, issue};

/// What is known when the question is asked.
pub(super) struct Situation<'a> {
    /// What the Secret holds; nothing when it is missing, or can't be read.
    pub(super) stored: Option<&'a Contents>,
    /// What this replica serves.
    pub(super) held: Option<&'a Contents>,
    pub(super) hosts: &'a Hosts,
    pub(super) now: SystemTime,
    /// How long a certificate is good for.
    pub(super) lifetime: Duration,
    /// Whether the stored bundle has been everywhere for long enough.
    pub(super) spread: bool,
}

/// What to do with the Secret.
pub(super) enum Step {
    /// Nothing; what is stored is good.
    Keep,
    /// Write this: a new pair is in it.
    Renew(Contents),
    /// Write this: the next pair has become the current one.
    Promote(Contents),
}

impl Situation<'_> {
    /// What to do now.
    pub(super) fn step(&self) -> Result<Step, rcgen::Error> {
        let Some(stored) = self.stored.filter(|stored| self.serves(stored)) else {
            return self.heal();
        };
        match &stored.next {
            None if self.lasts(&stored.current, &stored.bundle) => Ok(Step::Keep),
            None => self.renew(stored),
            Some(next) if !self.lasts(next, &stored.bundle) => self.renew(stored),
            Some(next) if self.spread || self.is_urgent(stored) => {
                Ok(Step::Promote(promoted(stored, next)))
            }
            Some(_) => Ok(Step::Keep),
        }
    }

    /// What is served goes on being trusted, so that not even a deleted Secret costs a request.
    fn heal(&self) -> Result<Step, rcgen::Error> {
        match self.held.filter(|held| self.serves(held)) {
            Some(held) => self.renew(held),
            None => self.begin(),
        }
    }

    fn begin(&self) -> Result<Step, rcgen::Error> {
        let Issued { pair, authority } = self.issue()?;
        Ok(Step::Renew(Contents {
            current: pair,
            bundle: authority,
            next: None,
        }))
    }

    fn renew(&self, contents: &Contents) -> Result<Step, rcgen::Error> {
        let Issued { pair, authority } = self.issue()?;
        let old = carry_over(&contents.current, &contents.bundle, self.hosts, self.now);
        Ok(Step::Renew(Contents {
            current: contents.current.clone(),
            bundle: format!("{authority}{old}"),
            next: Some(pair),
        }))
    }

    fn issue(&self) -> Result<Issued, rcgen::Error> {
        issue(self.hosts, self.now, self.lifetime)
    }

    /// Whether the current pair is of any use now.
    fn serves(&self, contents: &Contents) -> bool {
        let proof = Proof::new(&contents.current, &contents.bundle);
        proof.is_some_and(|proof| self.hosts.iter().any(|host| proof.holds(host, self.now)))
    }

    /// Whether a pair is for every host, and for more than the last third of its time.
    fn lasts(&self, pair: &Pair, bundle: &str) -> bool {
        let renewal = self.now + self.lifetime / 3;
        let proof = Proof::new(pair, bundle);
        proof.is_some_and(|proof| self.hosts.iter().all(|host| proof.holds(host, renewal)))
    }

    /// Whether the current pair has so little time left that a bundle which can't be written is no reason to wait.
    fn is_urgent(&self, stored: &Contents) -> bool {
        let soon = self.now + self.lifetime / 9;
        let proof = Proof::new(&stored.current, &stored.bundle);
        !proof.is_some_and(|proof| self.hosts.iter().any(|host| proof.holds(host, soon)))
    }
}

fn promoted(stored: &Contents, next: &Pair) -> Contents {
    Contents {
        current: next.clone(),
        bundle: stored.bundle.clone(),
        next: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: Duration = Duration::from_secs(24 * 60 * 60);

    /// What one replica sees of a Secret, on a day.
    struct Rig {
        stored: Option<Contents>,
        held: Option<Contents>,
        hosts: Hosts,
        day: u32,
        spread: bool,
    }

    impl Rig {
        /// The Secret as it is on the first day.
        fn new() -> Self {
            let mut rig = Self {
                stored: None,
                held: None,
                hosts: Hosts::from(["a.b.svc".to_owned()]),
                day: 0,
                spread: false,
            };
            rig.follow();
            rig
        }

        fn step(&self) -> Step {
            let situation = Situation {
                stored: self.stored.as_ref(),
                held: self.held.as_ref(),
                hosts: &self.hosts,
                now: SystemTime::UNIX_EPOCH + (20_000 + self.day) * DAY,
                lifetime: 90 * DAY,
                spread: self.spread,
            };
            situation.step().unwrap()
        }

        /// Does what is next, serves the result, and says what it was.
        fn follow(&mut self) -> &'static str {
            let (what, contents) = match self.step() {
                Step::Keep => ("keep", self.stored.clone().unwrap()),
                Step::Renew(contents) => ("renew", contents),
                Step::Promote(contents) => ("promote", contents),
            };
            self.held = Some(contents.clone());
            self.stored = Some(contents);
            what
        }

        fn on(&mut self, day: u32, spread: bool) -> &'static str {
            (self.day, self.spread) = (day, spread);
            self.follow()
        }

        fn served(&self) -> Pair {
            self.held.as_ref().unwrap().current.clone()
        }

        fn trusts(&self, pair: &Pair) -> bool {
            let now = SystemTime::UNIX_EPOCH + (20_000 + self.day) * DAY;
            let proof = Proof::new(pair, &self.held.as_ref().unwrap().bundle);
            proof.is_some_and(|proof| self.hosts.iter().any(|host| proof.holds(host, now)))
        }
    }

    #[test]
    fn a_pair_is_renewed_after_two_thirds_of_its_time() {
        let mut rig = Rig::new();
        let first = rig.served();
        assert_eq!(rig.on(59, true), "keep");
        assert_eq!(rig.on(61, false), "renew");
        assert!(rig.served() == first && rig.trusts(&first));
        let next = rig.stored.as_ref().unwrap().next.clone().unwrap();
        assert!(rig.trusts(&next));
        assert_eq!(rig.on(61, false), "keep");
        assert_eq!(rig.on(61, true), "promote");
        assert!(rig.served() == next && rig.trusts(&first));
        assert_eq!(rig.on(62, true), "keep");
    }

    #[test]
    fn a_bundle_that_cannot_be_written_does_not_let_the_certificate_expire() {
        let mut rig = Rig::new();
        assert_eq!(rig.on(61, false), "renew");
        assert_eq!(rig.on(79, false), "keep");
        assert_eq!(rig.on(81, false), "promote");
    }

    #[test]
    fn a_bundle_does_not_grow_over_the_years() {
        let mut rig = Rig::new();
        for renewal in 1..10 {
            rig.on(renewal * 61, true);
            rig.on(renewal * 61 + 1, true);
        }
        let bundle = &rig.stored.unwrap().bundle;
        assert_eq!(bundle.matches("BEGIN CERTIFICATE").count(), 3);
    }

    #[test]
    fn what_is_served_stays_trusted_when_the_secret_is_lost_or_broken() {
        let check = |what: &str, change: fn(&mut Contents), lost: bool| {
            let mut rig = Rig::new();
            let first = rig.served();
            change(rig.stored.as_mut().unwrap());
            if lost {
                rig.stored = None;
            }
            assert_eq!(rig.on(1, false), "renew", "{what}");
            assert!(rig.served() == first && rig.trusts(&first), "{what}");
            assert_eq!(rig.on(1, true), "promote", "{what}");
            assert!(rig.served() != first, "{what}");
        };
        check("lost", |_| {}, true);
        check(
            "certificate",
            |stored| stored.current.certificate = "x".to_owned(),
            false,
        );
        check("key", |stored| stored.current.key = String::new(), false);
        check("bundle", |stored| stored.bundle = String::new(), false);
    }

    #[test]
    fn a_replica_that_serves_nothing_yet_begins_anew_with_a_broken_secret() {
        let mut rig = Rig::new();
        rig.stored.as_mut().unwrap().bundle = String::new();
        rig.held = None;
        assert_eq!(rig.on(1, false), "renew");
        assert!(rig.trusts(&rig.served()));
        assert_eq!(rig.on(1, false), "keep");
    }

    #[test]
    fn a_certificate_for_another_host_is_replaced() {
        let mut rig = Rig::new();
        rig.hosts = Hosts::from(["renamed.b.svc".to_owned()]);
        assert_eq!(rig.on(1, false), "renew");
        assert!(rig.trusts(&rig.served()), "nothing else could be of use");
        rig.hosts.insert("second.b.svc".to_owned());
        let served = rig.served();
        assert_eq!(rig.on(1, false), "renew");
        assert!(
            rig.served() == served,
            "the first host is called all the time"
        );
        assert_eq!(rig.on(1, true), "promote");
        assert_eq!(rig.on(1, true), "keep");
    }

    #[test]
    fn a_next_pair_that_is_of_no_use_is_made_again() {
        let mut rig = Rig::new();
        rig.on(61, false);
        rig.stored.as_mut().unwrap().next.as_mut().unwrap().key = String::new();
        assert_eq!(rig.on(61, true), "renew");
        assert_eq!(rig.on(61, true), "promote");
    }
}

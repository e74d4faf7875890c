//! Answers that are remembered for a while: bounded in number and in time, and without what was asked.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rustls::crypto::hash;
use rustls::crypto::ring::cipher_suite::TLS13_AES_128_GCM_SHA256;
use tokio::time::Instant;

/// How many answers are kept. Each is small, and a cluster has a few that scrape.
const CAPACITY: usize = 1024;

/// The SHA-256 of a question, so that no token is kept in memory.
pub(super) type Digest = [u8; 32];

/// The digest of `question`, by the hash that TLS brings anyway.
pub(super) fn digest(question: &[u8]) -> Digest {
    let hash: &dyn hash::Hash = match TLS13_AES_128_GCM_SHA256 {
        rustls::SupportedCipherSuite::Tls13(suite) => suite.common.hash_provider,
        rustls::SupportedCipherSuite::Tls12(suite) => suite.common.hash_provider,
    };
    let mut digest = Digest::default();
    digest.copy_from_slice(hash.hash(question).as_ref());
    digest
}

/// Answers by the digest of their question.
pub(super) struct Remembered<V>(Mutex<HashMap<Digest, Answer<V>>>);

struct Answer<V> {
    value: V,
    until: Instant,
}

impl<V> Default for Remembered<V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<V: Clone> Remembered<V> {
    /// The answer, while it holds.
    pub(super) fn get(&self, question: &Digest) -> Option<V> {
        let answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = answers.get(question)?;
        (Instant::now() < answer.until).then(|| answer.value.clone())
    }

    /// Keeps an answer for as long as `holds`.
    pub(super) fn insert(&self, question: Digest, value: V, holds: Duration) {
        let mut answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if answers.len() >= CAPACITY {
            let soonest = answers.iter().min_by_key(|(_, answer)| answer.until);
            let soonest = soonest.map(|(question, _)| *question);
            soonest.map(|question| answers.remove(&question));
        }
        let until = Instant::now() + holds;
        answers.insert(question, Answer { value, until });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_sha_256() {
        let digest = digest(b"abc");
        assert_eq!(digest[..4], [0xba, 0x78, 0x16, 0xbf]);
        assert_eq!(digest[28..], [0xf2, 0x00, 0x15, 0xad]);
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_holds_for_its_time() {
        let answers = Remembered::default();
        let question = digest(b"a");
        answers.insert(question, 1, Duration::from_secs(10));
        assert_eq!(answers.get(&question), Some(1));
        tokio::time::advance(Duration::from_secs(9)).await;
        assert_eq!(answers.get(&question), Some(1));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(answers.get(&question), None);
    }

    #[tokio::test(start_paused = true)]
    async fn what_would_go_next_makes_room() {
        let answers = Remembered::default();
        let questions: Vec<_> = (0..=CAPACITY).map(|n| digest(&n.to_be_bytes())).collect();
        for question in &questions {
            answers.insert(*question, (), Duration::from_secs(10));
            tokio::time::advance(Duration::from_millis(1)).await;
        }
        assert_eq!(answers.0.lock().unwrap().len(), CAPACITY);
        assert_eq!(answers.get(&questions[0]), None);
        assert_eq!(answers.get(&questions[1]), Some(()));
        assert_eq!(answers.get(&questions[CAPACITY]), Some(()));
    }

    #[tokio::test(start_paused = true)]
    async fn what_has_gone_makes_room_first() {
        let answers = Remembered::default();
        let question = digest(b"short");
        answers.insert(question, (), Duration::from_secs(1));
        for number in 1..CAPACITY {
            let lasting = Duration::from_secs(600);
            answers.insert(digest(&number.to_be_bytes()), (), lasting);
        }
        tokio::time::advance(Duration::from_secs(2)).await;
        answers.insert(digest(b"new"), (), Duration::from_secs(1));
        assert_eq!(answers.0.lock().unwrap().len(), CAPACITY);
        assert_eq!(answers.get(&digest(&1_usize.to_be_bytes())), Some(()));
    }
}

//! Whatever happens in whatever order: no name twice at once, none waits twice, and none is lost.

use std::collections::{BTreeMap, BTreeSet};

use fastrand::Rng;
use tokio::time::advance;

use super::tests::{name, now, queue};
use super::*;

const NAMES: [&str; 5] = ["a", "b", "c", "d", "e"];

/// What must hold, kept in the simplest way.
#[derive(Default)]
struct Model {
    running: BTreeSet<String>,
    /// Added and not handed out since: must still come, at the latest then.
    owed: BTreeMap<String, Instant>,
}

impl Model {
    fn owe(&mut self, name: &str, delay: Duration) {
        let due = Instant::now() + delay;
        let owed = self.owed.entry(name.to_owned()).or_insert(due);
        *owed = due.min(*owed);
    }

    fn handed_out(&mut self, name: String, seed: u64) {
        let owed = self.owed.remove(&name);
        assert!(owed.is_some(), "{name} was not added; seed {seed}");
        assert!(
            owed.is_some_and(|due| due <= Instant::now()),
            "{name} came too early; seed {seed}"
        );
        assert!(
            self.running.insert(name),
            "a name twice at once; seed {seed}"
        );
    }
}

async fn run(seed: u64) {
    let mut random = Rng::with_seed(seed);
    let queue = queue();
    let mut model = Model::default();
    for _ in 0..200 {
        let chosen = NAMES[random.usize(..NAMES.len())];
        let running = model.running.iter().next().cloned();
        match random.u8(..8) {
            0 | 1 => {
                let priority = [Priority::Initial, Priority::Change][random.usize(..2)];
                queue.add(&name(chosen), priority);
                model.owe(chosen, Duration::ZERO);
            }
            2 => {
                let delay = Duration::from_millis(random.u64(..50));
                queue.add_after(name(chosen), delay);
                model.owe(chosen, delay);
            }
            3 | 4 => {
                if let Some(next) = now(&queue).await {
                    model.handed_out(next, seed);
                }
            }
            5 => advance(Duration::from_millis(random.u64(..30))).await,
            failed => {
                let Some(running) = running else { continue };
                if failed == 6 {
                    let before = queue.lock().failures.get(&name(&running)).copied();
                    let delay = queue.backoff.delay(before.unwrap_or_default());
                    queue.add_after_failure(name(&running));
                    model.owe(&running, delay);
                } else {
                    queue.forget_failures(&name(&running));
                }
                queue.done(&name(&running));
                model.running.remove(&running);
            }
        }
    }
    drain(&queue, &mut model, seed).await;
}

/// What is still owed comes when there is time and nobody is in the way.
async fn drain(queue: &Queue, model: &mut Model, seed: u64) {
    for running in std::mem::take(&mut model.running) {
        queue.done(&name(&running));
    }
    advance(Duration::from_secs(3600)).await;
    while let Some(next) = now(queue).await {
        model.handed_out(next.clone(), seed);
        queue.done(&name(&next));
        model.running.remove(&next);
    }
    assert!(model.owed.is_empty(), "lost {:?}; seed {seed}", model.owed);
    let state = queue.lock();
    let left = (state.waiting.len(), state.running.len());
    assert_eq!(
        (left, state.later.next_due()),
        ((0, 0), None),
        "seed {seed}"
    );
    assert!(state.ready.is_empty(), "seed {seed}");
}

#[tokio::test(start_paused = true)]
async fn no_name_is_handed_out_twice_at_once_too_early_or_never() {
    for seed in 0..500 {
        run(seed).await;
    }
}

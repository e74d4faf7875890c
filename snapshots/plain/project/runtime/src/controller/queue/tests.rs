use std::sync::Arc;

use prometheus_client::registry::Registry;
use tokio::time::{advance, timeout};

use super::*;
use crate::metrics::Metrics;

pub(super) fn queue() -> Arc<Queue> {
    let metrics = Metrics::register(&mut Registry::default()).controller("test");
    let backoff = Backoff::default().without_jitter();
    let queue = Queue::new(backoff, None, metrics.queue.clone());
    queue.open();
    Arc::new(queue)
}

pub(super) fn name(name: &str) -> Request {
    Request::cluster(name)
}

/// The name that is given out without waiting, if any.
pub(super) async fn now(queue: &Queue) -> Option<String> {
    let next = timeout(Duration::ZERO, queue.next()).await;
    next.ok().flatten().map(|request| request.name)
}

/// How long it takes until the next name, in milliseconds.
async fn wait(queue: &Queue) -> u128 {
    let start = Instant::now();
    queue.next().await.unwrap();
    start.elapsed().as_millis()
}

fn done(queue: &Queue, request: &str) {
    queue.done(&name(request));
}

#[tokio::test(start_paused = true)]
async fn a_name_waits_once_and_in_turn() {
    let queue = queue();
    for each in ["a", "b", "a"] {
        queue.add(&name(each), Priority::Change);
    }
    assert_eq!(queue.metrics.depth.get(), 2);
    assert_eq!(now(&queue).await.as_deref(), Some("a"));
    assert_eq!(now(&queue).await.as_deref(), Some("b"));
    assert_eq!(now(&queue).await, None);
    assert_eq!(
        (queue.metrics.depth.get(), queue.metrics.adds.get()),
        (0, 2)
    );
}

#[tokio::test(start_paused = true)]
async fn a_name_that_is_worked_on_waits_until_it_is_done() {
    let queue = queue();
    queue.add(&name("a"), Priority::Change);
    assert!(now(&queue).await.is_some());
    queue.add(&name("a"), Priority::Change);
    assert_eq!(now(&queue).await, None);
    done(&queue, "a");
    assert_eq!(now(&queue).await.as_deref(), Some("a"));
    done(&queue, "a");
    assert_eq!(now(&queue).await, None);
}

#[tokio::test(start_paused = true)]
async fn delays_double_with_each_failure_and_start_anew_after_success() {
    let queue = queue();
    let mut delays = Vec::new();
    for failure in 0..6 {
        if failure == 4 {
            queue.forget_failures(&name("a"));
        }
        queue.add_after_failure(name("a"));
        delays.push(wait(&queue).await);
        done(&queue, "a");
    }
    assert_eq!(delays, [5, 10, 20, 40, 5, 10]);
    assert_eq!(queue.metrics.retries.get(), 6);
}

#[tokio::test(start_paused = true)]
async fn delays_are_those_of_one_name() {
    let queue = queue();
    queue.add_after_failure(name("a"));
    wait(&queue).await;
    done(&queue, "a");
    queue.add_after_failure(name("b"));
    assert_eq!(wait(&queue).await, 5);
}

#[tokio::test(start_paused = true)]
async fn an_event_brings_a_delayed_name_at_once_and_only_once() {
    let queue = queue();
    queue.add_after(name("a"), Duration::from_secs(100));
    queue.add(&name("a"), Priority::Change);
    assert_eq!(now(&queue).await.as_deref(), Some("a"));
    done(&queue, "a");
    advance(Duration::from_secs(200)).await;
    assert_eq!(now(&queue).await, None);
}

#[tokio::test(start_paused = true)]
async fn of_two_delays_the_earlier_counts() {
    for delays in [[10, 60], [60, 10]] {
        let queue = queue();
        for seconds in delays {
            queue.add_after(name("a"), Duration::from_secs(seconds));
        }
        assert_eq!(wait(&queue).await, 10_000, "{delays:?}");
        done(&queue, "a");
        advance(Duration::from_secs(100)).await;
        assert_eq!(now(&queue).await, None, "{delays:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_delay_that_never_ends_is_no_panic() {
    let queue = queue();
    queue.add_after(name("a"), Duration::MAX);
    assert_eq!(now(&queue).await, None);
}

#[tokio::test(start_paused = true)]
async fn a_closed_queue_gives_nothing_and_wakes_those_who_wait() {
    let queue = queue();
    let waiting = [(); 3].map(|()| {
        let queue = Arc::clone(&queue);
        tokio::spawn(async move { queue.next().await })
    });
    tokio::task::yield_now().await;
    queue.close();
    for each in waiting {
        assert_eq!(each.await.unwrap(), None);
    }
    queue.add(&name("a"), Priority::Change);
    assert_eq!(queue.next().await, None);
}

#[tokio::test(start_paused = true)]
async fn a_queue_that_is_not_open_takes_nothing() {
    let queue = queue();
    queue.state.lock().unwrap().phase = Phase::NotStarted;
    queue.add(&name("a"), Priority::Change);
    queue.add_after(name("b"), Duration::ZERO);
    queue.open();
    assert_eq!(now(&queue).await, None);
}

#[tokio::test(start_paused = true)]
async fn each_waiter_gets_a_name() {
    let queue = queue();
    let waiting = [(); 3].map(|()| {
        let queue = Arc::clone(&queue);
        tokio::spawn(async move { queue.next().await })
    });
    tokio::task::yield_now().await;
    for (each, seconds) in [("a", 0), ("b", 5), ("c", 6)] {
        queue.add_after(name(each), Duration::from_secs(seconds));
    }
    // None of them gives its name back.
    let start = Instant::now();
    for each in waiting {
        assert!(each.await.unwrap().is_some());
    }
    assert_eq!(start.elapsed().as_secs(), 6);
}

#[tokio::test(start_paused = true)]
async fn a_change_overtakes_what_was_there_at_the_start() {
    let queue = queue();
    for each in ["a", "b", "c"] {
        queue.add(&name(each), Priority::Initial);
    }
    queue.add(&name("d"), Priority::Change);
    queue.add(&name("c"), Priority::Change);
    let depths = || (queue.metrics.depth.get(), queue.depth_initial.get());
    assert_eq!(depths(), (2, 2));
    let mut order = String::new();
    while let Some(next) = now(&queue).await {
        order += &next;
    }
    assert_eq!(order, "dcab");
    assert_eq!((depths(), queue.metrics.adds.get()), ((0, 0), 4));
}

#[tokio::test(start_paused = true)]
async fn what_failed_at_the_start_does_not_overtake_changes_afterwards() {
    let queue = queue();
    queue.add(&name("old"), Priority::Initial);
    queue.next().await.unwrap();
    queue.add_after_failure(name("old"));
    done(&queue, "old");
    advance(Duration::from_secs(1)).await;
    queue.add(&name("first"), Priority::Change);
    assert_eq!(now(&queue).await.as_deref(), Some("first"));
    // The old one is due and waits from here on.
    queue.add(&name("second"), Priority::Change);
    assert_eq!(now(&queue).await.as_deref(), Some("second"));
    assert_eq!(now(&queue).await.as_deref(), Some("old"));
}

#[tokio::test(start_paused = true)]
async fn a_change_during_the_first_look_comes_as_a_change() {
    let queue = queue();
    queue.add(&name("a"), Priority::Initial);
    queue.add(&name("b"), Priority::Initial);
    queue.next().await.unwrap();
    queue.add(&name("a"), Priority::Initial);
    queue.add(&name("a"), Priority::Change);
    done(&queue, "a");
    assert_eq!(now(&queue).await.as_deref(), Some("a"));
}

#[tokio::test(start_paused = true)]
async fn retries_share_a_rate() {
    let mut queue = queue();
    Arc::get_mut(&mut queue).unwrap().retries = Some(TokenBucket::new(1.0, 2));
    for each in ["a", "b", "c", "d"] {
        queue.add_after_failure(name(each));
    }
    let mut at = Vec::new();
    let start = Instant::now();
    for _ in 0..4 {
        queue.next().await.unwrap();
        at.push(start.elapsed().as_millis());
    }
    assert_eq!(at, [5, 5, 1000, 2000]);
}

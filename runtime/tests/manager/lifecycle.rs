//! Signals and exit codes, as Kubernetes sees them: of a whole process. No API server is needed.

use crate::operator::Orders;

#[tokio::test]
async fn a_signal_ends_the_process_well() {
    for signal in ["TERM", "INT"] {
        let mut operator = Orders::new("work").start();
        operator.says("running");
        operator.signal(signal);
        operator.says("stopping");
        assert_eq!(operator.ended().await.code(), Some(0), "{signal}");
    }
}

#[tokio::test]
async fn a_second_signal_ends_what_holds_on_to_its_thread() {
    let mut operator = Orders::new("linger").start();
    operator.says("running");
    operator.signal("TERM");
    operator.says("stopping");
    operator.signal("TERM");
    assert_eq!(operator.ended().await.code(), Some(1));
}

#[tokio::test]
async fn a_part_that_ends_fails_or_panics_ends_the_process() {
    for how in ["end", "fail", "panic"] {
        let mut operator = Orders::new(how).start();
        operator.says("running");
        assert_eq!(operator.ended().await.code(), Some(1), "{how}");
    }
}

#[tokio::test]
async fn what_outlives_its_time_does_not_keep_the_process() {
    let mut operator = Orders::new("hang").start();
    operator.says("running");
    operator.signal("TERM");
    operator.says("stopping");
    assert_eq!(operator.ended().await.code(), Some(1));
}

#[tokio::test]
async fn a_call_that_hangs_does_not_keep_a_process_whose_part_panicked() {
    let mut operator = Orders::new("block").start();
    operator.says("running");
    assert_eq!(operator.ended().await.code(), Some(1));
}

#[tokio::test]
async fn a_call_that_hangs_does_not_keep_a_process_that_is_done() {
    let mut operator = Orders::new("leave").start();
    operator.says("running");
    operator.signal("TERM");
    operator.says("stopping");
    assert_eq!(operator.ended().await.code(), Some(0));
}

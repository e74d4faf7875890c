use std::time::Duration;

use super::text::encode_text;
use super::*;

/// The text of a registry in which `act` has counted something.
fn text(act: impl FnOnce(&Metrics)) -> String {
    let mut registry = Registry::default();
    act(&Metrics::register(&mut registry));
    encode_text(&registry).unwrap()
}

fn assert_lines(text: &str, lines: &[&str]) {
    for line in lines {
        assert!(text.lines().any(|actual| actual == *line), "{line}\n{text}");
    }
}

#[test]
fn a_controller_counts_under_its_name() {
    let text = text(|metrics| {
        let metrics = metrics.controller("myapp");
        metrics.success.inc();
        metrics.queue.depth.set(3);
        metrics.queue.depth_at(-100).set(2);
        metrics.seconds.observe(0.02);
    });
    let lines = [
        r#"controller_runtime_reconcile_total{controller="myapp",result="success"} 1"#,
        r#"controller_runtime_reconcile_total{controller="myapp",result="error"} 0"#,
        r#"controller_runtime_reconcile_total{controller="myapp",result="requeue"} 0"#,
        r#"controller_runtime_reconcile_total{controller="myapp",result="requeue_after"} 0"#,
        r#"controller_runtime_reconcile_errors_total{controller="myapp"} 0"#,
        r#"controller_runtime_terminal_reconcile_errors_total{controller="myapp"} 0"#,
        r#"controller_runtime_reconcile_panics_total{controller="myapp"} 0"#,
        r#"controller_runtime_reconcile_timeouts_total{controller="myapp"} 0"#,
        r#"controller_runtime_reconcile_time_seconds_bucket{le="0.025",controller="myapp"} 1"#,
        r#"controller_runtime_reconcile_time_seconds_count{controller="myapp"} 1"#,
        r#"controller_runtime_max_concurrent_reconciles{controller="myapp"} 0"#,
        r#"controller_runtime_active_workers{controller="myapp"} 0"#,
        r#"workqueue_depth{controller="myapp",name="myapp",priority="0"} 3"#,
        r#"workqueue_depth{controller="myapp",name="myapp",priority="-100"} 2"#,
        r#"workqueue_adds_total{controller="myapp",name="myapp"} 0"#,
        r#"workqueue_retries_total{controller="myapp",name="myapp"} 0"#,
        r#"workqueue_queue_duration_seconds_count{controller="myapp",name="myapp"} 0"#,
        r#"workqueue_work_duration_seconds_count{controller="myapp",name="myapp"} 0"#,
        r#"workqueue_unfinished_work_seconds{controller="myapp",name="myapp"} 0.0"#,
        r#"workqueue_longest_running_processor_seconds{controller="myapp",name="myapp"} 0.0"#,
    ];
    assert_lines(&text, &lines);
}

#[test]
fn requests_to_the_api_server_count_by_code_method_and_host() {
    let text = text(|metrics| {
        let client = metrics.client();
        client.count(
            &http::Method::GET,
            "10.0.0.1:443",
            Some(http::StatusCode::OK),
        );
        client.count(
            &http::Method::GET,
            "10.0.0.1:443",
            Some(http::StatusCode::OK),
        );
        client.count(&http::Method::PUT, "10.0.0.1:443", None);
    });
    let lines = [
        r#"rest_client_requests_total{code="200",method="GET",host="10.0.0.1:443"} 2"#,
        r#"rest_client_requests_total{code="<error>",method="PUT",host="10.0.0.1:443"} 1"#,
    ];
    assert_lines(&text, &lines);
}

#[test]
fn a_leader_says_so() {
    let leads = |leads: &[bool]| {
        text(|metrics| {
            let leader = metrics.leader("lease");
            for leads in leads {
                leader.set(*leads);
            }
        })
    };
    assert_lines(
        &leads(&[]),
        &[r#"leader_election_master_status{name="lease"} 0"#],
    );
    assert_lines(
        &leads(&[true]),
        &[r#"leader_election_master_status{name="lease"} 1"#],
    );
    let lost = leads(&[true, false]);
    assert_lines(&lost, &[r#"leader_election_master_status{name="lease"} 0"#]);
}

#[cfg(feature = "webhooks")]
#[test]
fn a_webhook_counts_under_its_path() {
    let text = text(|metrics| {
        let webhook = metrics.webhook("/validate-v1-pod");
        webhook.requests(http::StatusCode::OK).inc();
        webhook.requests(http::StatusCode::BAD_REQUEST).inc();
        webhook.in_flight.inc();
        webhook.seconds.observe(0.02);
        webhook.admission_panics.inc();
    });
    let lines = [
        r#"controller_runtime_webhook_requests_total{webhook="/validate-v1-pod",code="200"} 1"#,
        r#"controller_runtime_webhook_requests_total{webhook="/validate-v1-pod",code="400"} 1"#,
        r#"controller_runtime_webhook_requests_total{webhook="/validate-v1-pod",code="500"} 0"#,
        r#"controller_runtime_webhook_requests_in_flight{webhook="/validate-v1-pod"} 1"#,
        r#"controller_runtime_webhook_latency_seconds_bucket{le="0.1",webhook="/validate-v1-pod"} 1"#,
        "controller_runtime_webhook_panics_total 1",
        "controller_runtime_conversion_webhook_panics_total 0",
    ];
    assert_lines(&text, &lines);
}

#[tokio::test(start_paused = true)]
async fn work_in_progress_grows_until_it_is_done() {
    let mut registry = Registry::default();
    let queue = Metrics::register(&mut registry)
        .controller("myapp")
        .queue
        .clone();
    let first = queue.running.begin();
    tokio::time::advance(Duration::from_secs(3)).await;
    let second = queue.running.begin();
    tokio::time::advance(Duration::from_secs(2)).await;
    let unfinished = |seconds| {
        format!(r#"workqueue_unfinished_work_seconds{{controller="myapp",name="myapp"}} {seconds}"#)
    };
    let longest = |seconds| {
        format!(
            r#"workqueue_longest_running_processor_seconds{{controller="myapp",name="myapp"}} {seconds}"#
        )
    };
    let text = encode_text(&registry).unwrap();
    assert_lines(&text, &[&unfinished("7.0"), &longest("5.0")]);
    drop(first);
    let text = encode_text(&registry).unwrap();
    assert_lines(&text, &[&unfinished("2.0"), &longest("2.0")]);
    drop(second);
    let text = encode_text(&registry).unwrap();
    assert_lines(&text, &[&unfinished("0.0"), &longest("0.0")]);
}

/// The number behind a name.
#[cfg(target_os = "linux")]
fn number(text: &str, name: &str) -> f64 {
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.unwrap_or_else(|| panic!("{name}\n{text}"))
        .trim()
        .parse()
        .unwrap()
}

#[cfg(target_os = "linux")]
#[test]
fn the_process_knows_itself() {
    let text = text(|_| {});
    let number = |name| number(&text, &format!("{name} "));
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let age = now.unwrap().as_secs_f64() - number("process_start_time_seconds");
    assert!((-1.0..86400.0).contains(&age), "started {age} s ago");
    let resident = number("process_resident_memory_bytes");
    assert!((1e6..1e10).contains(&resident), "{resident}");
    assert!(number("process_virtual_memory_bytes") > resident);
    assert!(number("process_virtual_memory_max_bytes") > resident);
    assert!(number("process_open_fds") >= 3.0);
    assert!(number("process_max_fds") > number("process_open_fds"));
    assert!(number("process_cpu_seconds_total") < 86400.0);
    assert!(number("process_network_receive_bytes_total") >= 0.0);
    assert!(number("process_network_transmit_bytes_total") >= 0.0);
}

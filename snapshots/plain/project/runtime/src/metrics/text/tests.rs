use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::exemplar::CounterWithExemplar;
use prometheus_client::metrics::family::Family as MetricFamily;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Metric, Unit};

use super::*;

fn check(name: &str, metric: impl Metric, expected: &str) {
    let mut registry = Registry::default();
    registry.register(name, "What it is", metric);
    assert_eq!(encode_text(&registry).unwrap(), expected);
}

#[test]
fn a_counter_is_called_total_in_every_line() {
    let expected = "# HELP a_total What it is.\n# TYPE a_total counter\na_total 0\n";
    check("a", Counter::<u64>::default(), expected);
}

#[test]
fn a_gauge_stays_as_it_is() {
    let expected = "# HELP a What it is.\n# TYPE a gauge\na 0\n";
    check("a", Gauge::<i64>::default(), expected);
}

#[test]
fn an_info_is_a_gauge() {
    let expected = "# HELP a_info What it is.\n# TYPE a_info gauge\na_info{b=\"c\"} 1\n";
    check("a", Info::new([("b", "c")]), expected);
}

#[test]
fn units_are_left_out() {
    let mut registry = Registry::default();
    registry.register_with_unit("a", "What", Unit::Bytes, Gauge::<i64>::default());
    let expected = "# HELP a_bytes What.\n# TYPE a_bytes gauge\na_bytes 0\n";
    assert_eq!(encode_text(&registry).unwrap(), expected);
}

#[test]
fn exemplars_are_left_out() {
    let counter = CounterWithExemplar::<[(&str, &str); 1], u64>::default();
    counter.inc_by(2, Some([("trace", "1")]), None);
    let expected = "# HELP a_total What it is.\n# TYPE a_total counter\na_total 2\n";
    check("a", counter, expected);
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Hostile {
    role: &'static str,
}

/// A label whose name ends in `le`, and whose value looks like the end of everything.
const HOSTILE: &str = r#"}" 1 # {le="2.0"},\"#;
const HOSTILE_WRITTEN: &str = r#"}\" 1 # {le=\"2.0\"},\\"#;

#[test]
fn bounds_are_numbers_as_go_writes_them_and_other_labels_are_left_alone() {
    let family = MetricFamily::<Hostile, Histogram>::new_with_constructor(|| {
        Histogram::new([9.999_999_999_999_999e-6, 0.005, 1.0, 1000.0, 1e6])
    });
    family
        .get_or_create(&Hostile { role: HOSTILE })
        .observe(0.5);
    let bucket =
        |bound, count| format!("a_bucket{{le=\"{bound}\",role=\"{HOSTILE_WRITTEN}\"}} {count}\n");
    let expected = [
        "# HELP a What it is.\n# TYPE a histogram\n".to_owned(),
        format!("a_sum{{role=\"{HOSTILE_WRITTEN}\"}} 0.5\n"),
        format!("a_count{{role=\"{HOSTILE_WRITTEN}\"}} 1\n"),
        bucket("9.999999999999999e-06", 0),
        bucket("0.005", 0),
        bucket("1", 1),
        bucket("1000", 1),
        bucket("1e+06", 1),
        bucket("+Inf", 1),
    ];
    check("a", family, &expected.concat());
}

#[test]
fn a_label_that_ends_in_le_is_no_bound() {
    let family = MetricFamily::<Hostile, Histogram>::new_with_constructor(|| Histogram::new([]));
    family.get_or_create(&Hostile { role: "1.0" }).observe(0.5);
    let expected = "# HELP a What it is.\n# TYPE a histogram\na_sum{role=\"1.0\"} 0.5\n\
                    a_count{role=\"1.0\"} 1\na_bucket{le=\"+Inf\",role=\"1.0\"} 1\n";
    check("a", family, expected);
}

#[test]
fn numbers_are_those_of_go() {
    for (number, expected) in [
        (1e-8, "1e-08"),
        (1e-5, "1e-05"),
        (1e-4, "0.0001"),
        (0.25, "0.25"),
        (10.0, "10"),
        (999_999.0, "999999"),
        (1_234_567.0, "1.234567e+06"),
        (1e100, "1e+100"),
        (0.0, "0"),
        (f64::INFINITY, "+Inf"),
    ] {
        assert_eq!(go_number(number), expected);
    }
}

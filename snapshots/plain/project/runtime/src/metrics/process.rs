//! `process_*`: what the kernel knows about this process, read from `/proc` when somebody asks.
//!
//! Elsewhere than on Linux there are none: that is where operators run.
#![allow(
    clippy::disallowed_methods,
    reason = "reads what the kernel says; no file of a project is touched"
)]

use std::fmt;
use std::fs;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;

/// The unit of times in `/proc/self/stat`: what `sysconf(_SC_CLK_TCK)` says on every architecture with a current Linux.
const TICKS_PER_SECOND: f64 = 100.0;

/// Gives the metrics of this process.
#[derive(Debug)]
pub(super) struct Process;

enum Value {
    Counter(f64),
    Gauge(f64),
}

use Value::{Counter, Gauge};

type Row = (&'static str, &'static str, Value);

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder) -> fmt::Result {
        let groups = [stat(), resident(), descriptors(), limits(), network()];
        for (name, help, value) in groups.into_iter().flatten().flatten() {
            match value {
                Counter(value) => write(&mut encoder, name, help, &ConstCounter::new(value))?,
                Gauge(value) => write(&mut encoder, name, help, &ConstGauge::new(value))?,
            }
        }
        Ok(())
    }
}

fn write(
    encoder: &mut DescriptorEncoder,
    name: &str,
    help: &str,
    metric: &impl EncodeMetric,
) -> fmt::Result {
    metric.encode(encoder.encode_descriptor(name, help, None, metric.metric_type())?)
}

fn stat() -> Option<Vec<Row>> {
    let text = fs::read_to_string("/proc/self/stat").ok()?;
    // The name of the program, in brackets, may hold anything, blanks and brackets too.
    let fields: Vec<&str> = text.rsplit_once(") ")?.1.split(' ').collect();
    // The numbers are those of proc(5), which counts from 1 and the name as 2.
    let field = |number: usize| fields.get(number - 3)?.parse::<f64>().ok();
    let started = boot_time()? + field(22)? / TICKS_PER_SECOND;
    Some(vec![
        (
            "process_cpu_seconds",
            "User and system CPU time spent in seconds",
            Counter((field(14)? + field(15)?) / TICKS_PER_SECOND),
        ),
        (
            "process_virtual_memory_bytes",
            "Virtual memory size in bytes",
            Gauge(field(23)?),
        ),
        (
            "process_start_time_seconds",
            "Start time of the process since the Unix epoch in seconds",
            Gauge(started),
        ),
    ])
}

fn boot_time() -> Option<f64> {
    number_after(&fs::read_to_string("/proc/stat").ok()?, "btime")
}

/// From `status`, because `stat` counts pages, and their size differs between machines.
fn resident() -> Option<Vec<Row>> {
    let kibibytes = number_after(&fs::read_to_string("/proc/self/status").ok()?, "VmRSS:")?;
    Some(vec![(
        "process_resident_memory_bytes",
        "Resident memory size in bytes",
        Gauge(kibibytes * 1024.0),
    )])
}

fn descriptors() -> Option<Vec<Row>> {
    // One of them is the folder that is being read.
    let open = fs::read_dir("/proc/self/fd").ok()?.count();
    Some(vec![(
        "process_open_fds",
        "Number of open file descriptors",
        #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
        Gauge(open as f64),
    )])
}

fn limits() -> Option<Vec<Row>> {
    let text = fs::read_to_string("/proc/self/limits").ok()?;
    let limit = |name| {
        let rest = line_after(&text, name)?;
        match rest.split_whitespace().next()? {
            // As Go says it: the largest number of bytes there is.
            "unlimited" => Some(18_446_744_073_709_551_615.0),
            number => number.parse().ok(),
        }
    };
    Some(vec![
        (
            "process_max_fds",
            "Maximum number of open file descriptors",
            Gauge(limit("Max open files")?),
        ),
        (
            "process_virtual_memory_max_bytes",
            "Maximum amount of virtual memory available in bytes",
            Gauge(limit("Max address space")?),
        ),
    ])
}

/// Of the network namespace, which a pod has for itself.
fn network() -> Option<Vec<Row>> {
    let text = fs::read_to_string("/proc/self/net/netstat").ok()?;
    // A line with names, then one with their numbers.
    let mut lines = text.lines().filter(|line| line.starts_with("IpExt:"));
    let (names, numbers) = (lines.next()?, lines.next()?);
    let octets = |name| {
        let mut pairs = names.split(' ').zip(numbers.split(' '));
        pairs.find(|pair| pair.0 == name)?.1.parse::<f64>().ok()
    };
    Some(vec![
        (
            "process_network_receive_bytes",
            "Bytes received by the process over the network",
            Counter(octets("InOctets")?),
        ),
        (
            "process_network_transmit_bytes",
            "Bytes sent by the process over the network",
            Counter(octets("OutOctets")?),
        ),
    ])
}

fn line_after<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines().find_map(|line| line.strip_prefix(name))
}

fn number_after(text: &str, name: &str) -> Option<f64> {
    line_after(text, name)?
        .split_whitespace()
        .next()?
        .parse()
        .ok()
}

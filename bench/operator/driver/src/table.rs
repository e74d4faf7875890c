//! The result, as a table for people: one column for each operator, and its ratio to the first.

use crate::measure::Row;

/// A line of the table: what it says, its number, its digits behind the point.
type Line = (&'static str, fn(&Row) -> f64, usize);

const LINES: [Line; 20] = [
    ("binary, MB", |row| row.binary_mb, 1),
    ("start to ready, ms", |row| row.ready_ms, 0),
    ("idle RSS, MB", |row| row.idle_mb, 1),
    ("idle PSS, MB", |row| row.idle_pss_mb, 1),
    ("converged, s", |row| row.converged_s, 2),
    ("CPU, s", |row| row.cpu_s, 2),
    ("peak RSS, MB", |row| row.peak_mb, 1),
    ("RSS afterwards, MB", |row| row.after_mb, 1),
    ("PSS afterwards, MB", |row| row.after_pss_mb, 1),
    ("threads", |row| row.threads as f64, 0),
    ("requests but lists and watches", |row| row.writes as f64, 0),
    ("  of them refused", |row| refused(row) as f64, 0),
    ("sent, MB", |row| row.sent_mb, 2),
    ("received, MB", |row| row.received_mb, 2),
    ("SIGTERM to exit, ms", |row| row.stop_ms, 0),
    (
        "restart: requests but lists and watches",
        |row| row.restart_writes as f64,
        0,
    ),
    (
        "restart: lists and watches",
        |row| row.restart_reads as f64,
        0,
    ),
    ("restart: CPU, s", |row| row.restart_cpu_s, 2),
    ("restart: peak RSS, MB", |row| row.restart_peak_mb, 1),
    ("", |_| 0.0, 0),
];

pub(crate) fn print(objects: usize, concurrency: usize, rows: &[Row]) {
    let at_a_time = if concurrency == 0 {
        "the default number of".to_owned()
    } else {
        concurrency.to_string()
    };
    println!("\n{objects} objects, {at_a_time} reconciles at a time\n");
    let names: Vec<String> = rows
        .iter()
        .map(|row| format!(" {} |", row.operator))
        .collect();
    let ratios: Vec<String> = rows
        .iter()
        .skip(1)
        .map(|row| format!(" {} / {} |", row.operator, rows[0].operator))
        .collect();
    println!("| |{}{}", names.concat(), ratios.concat());
    println!("|---|{}", "---:|".repeat(names.len() + ratios.len()));
    for (name, value, digits) in LINES.iter().filter(|line| !line.0.is_empty()) {
        let first = value(&rows[0]);
        let values: String = rows
            .iter()
            .map(|row| format!(" {:.*} |", digits, value(row)))
            .collect();
        let ratios: String = rows
            .iter()
            .skip(1)
            .map(|row| ratio(value(row), first))
            .collect();
        println!("| {name} |{values}{ratios}");
    }
    for row in rows {
        println!("\n{}: {}", row.operator, requests(row));
    }
}

fn ratio(value: f64, first: f64) -> String {
    if first == 0.0 {
        " |".to_owned()
    } else {
        format!(" {:.2} |", value / first)
    }
}

fn refused(row: &Row) -> usize {
    let codes = row
        .requests
        .iter()
        .filter(|(key, _)| !key.ends_with(" 200") && !key.ends_with(" 201"));
    codes.map(|(_, number)| number).sum()
}

fn requests(row: &Row) -> String {
    let each: Vec<String> = row
        .requests
        .iter()
        .map(|(key, number)| format!("{number} {key}"))
        .collect();
    each.join(", ")
}

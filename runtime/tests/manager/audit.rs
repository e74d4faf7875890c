//! What the API server saw: its audit log, one line of JSON for each request.

use k8s_openapi::jiff::Timestamp;
use serde_json::Value;

use crate::environment::Environment;

/// A request that changed something, or wanted to.
#[derive(Debug)]
pub(crate) struct Write {
    pub(crate) who: String,
    pub(crate) resource: String,
    /// When it came in.
    pub(crate) at: Timestamp,
}

impl Environment {
    /// All writes, in the order in which they were answered. Those to leases are the election's own.
    pub(crate) fn writes(&self) -> Vec<Write> {
        let log = std::fs::read_to_string(&self.audit_log).unwrap();
        let lines = log
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok());
        lines.filter_map(|line: Value| write(&line)).collect()
    }

    pub(crate) fn writes_by(&self, who: &str) -> Vec<Write> {
        let mut writes = self.writes();
        writes.retain(|write| write.who == who && write.resource != "leases");
        writes
    }

    /// Waits until `who` has written this often.
    pub(crate) async fn wrote(&self, who: &str, times: usize) {
        let what = format!("`{who}` writes");
        self.until(&what, async || {
            (self.writes_by(who).len() >= times).then_some(())
        })
        .await;
    }
}

fn write(line: &Value) -> Option<Write> {
    let verb = line["verb"].as_str()?;
    if ["get", "list", "watch"].contains(&verb) {
        return None;
    }
    Some(Write {
        who: line["userAgent"].as_str()?.to_owned(),
        resource: line["objectRef"]["resource"].as_str()?.to_owned(),
        at: line["requestReceivedTimestamp"].as_str()?.parse().ok()?,
    })
}

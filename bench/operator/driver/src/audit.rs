//! What the operator asked the API server for, read from the audit log as it grows.

use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::io::{BufRead as _, BufReader, Seek as _, SeekFrom};
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::Result;

/// The driver's own user; whatever else isn't of the control plane is the operator's.
const OURS: [&str; 2] = ["bench", "system:apiserver"];

/// Follows the log from where it ended when this was made.
pub(crate) struct Audit {
    reader: BufReader<File>,
    rest: String,
    /// How often by what, such as `patch sites/status 200`.
    pub(crate) requests: BTreeMap<String, usize>,
    /// The objects whose status was written.
    pub(crate) written: HashSet<String>,
    pub(crate) last: Instant,
}

impl Audit {
    pub(crate) fn from_now(path: &Path) -> Result<Self> {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::End(0))?;
        Ok(Self {
            reader: BufReader::new(file),
            rest: String::new(),
            requests: BTreeMap::new(),
            written: HashSet::new(),
            last: Instant::now(),
        })
    }

    /// Reads what came, and says whether something did.
    pub(crate) fn read(&mut self) -> Result<bool> {
        let mut came = false;
        while self.reader.read_line(&mut self.rest)? > 0 {
            if !self.rest.ends_with('\n') {
                break; // the rest of the line is still being written
            }
            let line = std::mem::take(&mut self.rest);
            came |= self.count(&serde_json::from_str(&line)?);
        }
        if came {
            self.last = Instant::now();
        }
        Ok(came)
    }

    fn count(&mut self, event: &Value) -> bool {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let user = text(&event["user"]["username"]);
        let verb = text(&event["verb"]);
        let began = event["stage"] == "ResponseStarted";
        if OURS.contains(&user.as_str()) || (verb == "watch") != began {
            return false;
        }
        let object = &event["objectRef"];
        let resource = match (&object["resource"], &object["subresource"]) {
            (Value::String(resource), Value::String(sub)) => format!("{resource}/{sub}"),
            (Value::String(resource), _) => resource.clone(),
            _ => "other".to_owned(),
        };
        if resource == "other" || resource == "leases" {
            return false;
        }
        let code = &event["responseStatus"]["code"];
        if resource == "sites/status" && *code == 200 {
            self.written.insert(text(&object["name"]));
        }
        *self
            .requests
            .entry(format!("{verb} {resource} {code}"))
            .or_default() += 1;
        true
    }

    /// Waits until this many objects had their status written.
    pub(crate) async fn wait_for(&mut self, objects: usize, limit: Duration) -> Result<()> {
        let deadline = Instant::now() + limit;
        while self.written.len() < objects {
            self.read()?;
            if Instant::now() > deadline {
                return Err(format!(
                    "{} of {objects} objects after {limit:?}: {:?}",
                    self.written.len(),
                    self.requests
                )
                .into());
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Ok(())
    }

    /// All requests but the lists and watches that every start needs.
    pub(crate) fn total(&self) -> usize {
        let counted =
            |(key, _): &(&String, &usize)| !key.starts_with("list ") && !key.starts_with("watch ");
        self.requests
            .iter()
            .filter(counted)
            .map(|(_, number)| number)
            .sum()
    }

    pub(crate) fn lists_and_watches(&self) -> usize {
        self.requests.values().sum::<usize>() - self.total()
    }
}

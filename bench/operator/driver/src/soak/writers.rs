//! Who wrote while who led, from the audit log.
//!
//! A replica writes the lease while it leads, and only then. So whoever wrote the lease last is the leader; a write of
//! an object by somebody else that was received after that lease was written, is one too many.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use serde_json::Value;

use crate::Result;

/// A write by a replica.
struct Write {
    user: String,
    received: String,
    completed: String,
    lease: bool,
    name: String,
}

/// The writes of all replicas, gathered while the log grows and is rotated.
pub(crate) struct Writers {
    writes: Receiver<Write>,
    stop: mpsc::Sender<()>,
}

impl Writers {
    pub(crate) fn follow(log: &Path) -> Self {
        let (sender, writes) = mpsc::channel();
        let (stop, stopped) = mpsc::channel();
        let log = log.to_owned();
        std::thread::spawn(move || {
            let mut follower = Follower {
                log,
                reader: None,
                rest: String::new(),
            };
            loop {
                let last = stopped.try_recv().is_ok();
                if follower.read(&sender).is_err() || last {
                    return;
                }
                std::thread::sleep(Duration::from_millis(200));
            }
        });
        Self { writes, stop }
    }

    /// An error that names writes by replicas that didn't lead; else how many writes there were.
    pub(crate) fn verdict(self) -> Result<String> {
        self.stop.send(())?;
        let mut writes: Vec<Write> = self.writes.iter().collect();
        // Leases count from when they were written, objects from when the write came in.
        writes.sort_by(|a, b| a.counts_from().cmp(b.counts_from()));
        let mut leader: Option<&Write> = None;
        let mut by: BTreeMap<&str, usize> = BTreeMap::new();
        let mut wrong = Vec::new();
        for write in &writes {
            if write.lease {
                leader = Some(write);
            } else if leader.is_some_and(|leader| leader.user != write.user) {
                wrong.push(format!(
                    "{} wrote {} at {} although {} led",
                    write.user,
                    write.name,
                    write.received,
                    leader.map_or("", |leader| &leader.user)
                ));
            } else {
                *by.entry(&write.user).or_default() += 1;
            }
        }
        if wrong.is_empty() {
            let total: usize = by.values().sum();
            return Ok(format!(
                "{total} writes of objects by {} leaders, each while it led",
                by.len()
            ));
        }
        Err(format!(
            "{} writes by who didn't lead:\n{}",
            wrong.len(),
            wrong.iter().take(5).cloned().collect::<Vec<_>>().join("\n")
        )
        .into())
    }
}

impl Write {
    fn counts_from(&self) -> &str {
        if self.lease {
            &self.completed
        } else {
            &self.received
        }
    }

    fn of(event: &Value) -> Option<Self> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let user = text(&event["impersonatedUser"]["username"])?;
        let verb = event["verb"].as_str()?;
        let code = event["responseStatus"]["code"].as_i64()?;
        let resource = event["objectRef"]["resource"].as_str()?;
        let of_interest = ["leases", "sites", "deployments"].contains(&resource);
        if !of_interest || !(200..300).contains(&code) || ["get", "list", "watch"].contains(&verb) {
            return None;
        }
        Some(Self {
            user,
            received: text(&event["requestReceivedTimestamp"])?,
            completed: text(&event["stageTimestamp"])?,
            lease: resource == "leases",
            name: format!(
                "{resource}/{}",
                event["objectRef"]["name"].as_str().unwrap_or_default()
            ),
        })
    }
}

/// Reads a log to its end, again and again, and goes on with the next file when it is rotated.
struct Follower {
    log: PathBuf,
    reader: Option<(u64, BufReader<File>)>,
    rest: String,
}

impl Follower {
    fn read(&mut self, sender: &mpsc::Sender<Write>) -> Result<()> {
        self.read_open(sender)?;
        let Ok(file) = File::open(&self.log) else {
            return Ok(());
        };
        let inode = file.metadata()?.ino();
        if self.reader.as_ref().is_none_or(|(open, _)| *open != inode) {
            // The old file may have grown between our last look and its rotation.
            self.read_open(sender)?;
            self.reader = Some((inode, BufReader::new(file)));
            self.read_open(sender)?;
        }
        Ok(())
    }

    fn read_open(&mut self, sender: &mpsc::Sender<Write>) -> Result<()> {
        let Some((_, reader)) = &mut self.reader else {
            return Ok(());
        };
        while reader.read_line(&mut self.rest)? > 0 {
            if !self.rest.ends_with('\n') {
                break;
            }
            let line = std::mem::take(&mut self.rest);
            // A line may be cut where the API server was killed.
            let event: Value = serde_json::from_str(&line).unwrap_or_default();
            if let Some(write) = Write::of(&event) {
                sender.send(write)?;
            }
        }
        Ok(())
    }
}

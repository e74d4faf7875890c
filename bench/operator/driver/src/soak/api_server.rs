//! Kills the API server and starts it again with the same arguments, as a node that reboots does.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::{Child, Command};

use crate::Result;

/// The process that serves the API.
pub(crate) struct ApiServer {
    pid: u32,
    folder: PathBuf,
    command_line: Vec<String>,
    ours: Option<Child>,
    restarts: usize,
}

impl ApiServer {
    /// Finds the process that listens at `address`, which ends with its port.
    pub(crate) fn of(address: &str) -> Result<Self> {
        let port = address.rsplit(':').next().unwrap_or_default();
        let flag = format!("--secure-port={port}");
        for entry in std::fs::read_dir("/proc")? {
            let entry = entry?;
            let Ok(pid) = entry.file_name().to_string_lossy().parse::<u32>() else {
                continue;
            };
            let Ok(bytes) = std::fs::read(entry.path().join("cmdline")) else {
                continue;
            };
            let arguments = bytes
                .split(|byte| *byte == 0)
                .map(|part| String::from_utf8_lossy(part).into_owned());
            let command_line: Vec<String> =
                arguments.filter(|argument| !argument.is_empty()).collect();
            let is_server = command_line
                .first()
                .is_some_and(|program| program.ends_with("kube-apiserver"));
            if is_server && command_line.contains(&flag) {
                let folder = std::fs::read_link(entry.path().join("cwd"))?;
                return Ok(Self {
                    pid,
                    folder,
                    command_line,
                    ours: None,
                    restarts: 0,
                });
            }
        }
        Err(format!("no process has the flag {flag}").into())
    }

    /// Kills it, and starts it again after this time.
    pub(crate) async fn restart(&mut self, away: Duration) -> Result<()> {
        match self.ours.take() {
            Some(mut child) => child.kill().await?,
            None => drop(
                Command::new("kill")
                    .args(["-KILL", &self.pid.to_string()])
                    .status()
                    .await?,
            ),
        }
        tokio::time::sleep(away).await;
        let child = Command::new(&self.command_line[0])
            .args(&self.command_line[1..])
            .current_dir(&self.folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        self.ours = Some(child);
        self.restarts += 1;
        Ok(())
    }

    pub(crate) fn restarts(&self) -> usize {
        self.restarts
    }
}

//! An operator as a process: started, asked whether it is ready, weighed, stopped.

use std::path::PathBuf;
use std::process::Stdio;
use std::str::FromStr;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use crate::Result;

/// The kernel counts processor time in these.
const TICKS_PER_SECOND: f64 = 100.0;

/// An operator to measure.
#[derive(Clone, Debug)]
pub(crate) struct Named {
    pub(crate) name: String,
    pub(crate) binary: PathBuf,
}

impl FromStr for Named {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let (name, binary) = text.split_once('=').ok_or("write <name>=<binary>")?;
        Ok(Self {
            name: name.to_owned(),
            binary: binary.into(),
        })
    }
}

/// What a process takes of the machine.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Weight {
    /// In kB.
    pub(crate) rss: u64,
    /// In kB: pages that are shared with others count in part.
    pub(crate) pss: u64,
    /// In kB.
    pub(crate) peak: u64,
    /// In seconds, user and system.
    pub(crate) cpu: f64,
    pub(crate) threads: u64,
}

/// A running operator; it is killed when this is dropped.
pub(crate) struct Operator {
    child: Child,
    pid: u32,
    pub(crate) ready_after: Duration,
}

impl Operator {
    /// Starts `named` and waits until `/readyz` says 200.
    pub(crate) async fn start(
        named: &Named,
        kubeconfig: &PathBuf,
        concurrency: usize,
        more: &[&str],
    ) -> Result<Self> {
        let port = std::net::TcpListener::bind(("127.0.0.1", 0))?
            .local_addr()?
            .port();
        let mut command = Command::new(&named.binary);
        let log = std::fs::File::create(
            std::env::temp_dir().join(format!("bench-{}-{port}.log", named.name)),
        )?;
        command
            .arg(format!("--health-probe-bind-address=127.0.0.1:{port}"))
            .arg("--metrics-bind-address=0")
            .args(more)
            .env("KUBECONFIG", kubeconfig)
            .stdout(Stdio::null())
            .stderr(log)
            .kill_on_drop(true);
        if concurrency > 0 {
            command.env("CONCURRENCY", concurrency.to_string());
        }
        let began = Instant::now();
        let child = command.spawn()?;
        let pid = child.id().ok_or("the operator ended at once")?;
        let mut operator = Self {
            child,
            pid,
            ready_after: Duration::ZERO,
        };
        while !is_ready(port).await {
            if let Some(status) = operator.child.try_wait()? {
                return Err(format!("{} ended before it was ready: {status}", named.name).into());
            }
            if began.elapsed() > Duration::from_secs(60) {
                return Err(format!("{} isn't ready after a minute", named.name).into());
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        operator.ready_after = began.elapsed();
        Ok(operator)
    }

    pub(crate) fn weight(&self) -> Result<Weight> {
        let read = |file: &str| std::fs::read_to_string(format!("/proc/{}/{file}", self.pid));
        let (status, rollup, stat) = (read("status")?, read("smaps_rollup")?, read("stat")?);
        // After the name, which may hold anything: the state is the first field, times are the 12th and 13th.
        let times = stat
            .rsplit_once(')')
            .map_or("", |(_, rest)| rest)
            .split_whitespace()
            .skip(11)
            .take(2);
        let ticks: u64 = times.filter_map(|text| text.parse::<u64>().ok()).sum();
        Ok(Weight {
            rss: field(&status, "VmRSS:"),
            pss: field(&rollup, "Pss:"),
            peak: field(&status, "VmHWM:"),
            cpu: ticks as f64 / TICKS_PER_SECOND,
            threads: field(&status, "Threads:"),
        })
    }

    /// Bytes sent and received over the connections that are open, TLS included.
    pub(crate) async fn traffic(&self) -> Result<(u64, u64)> {
        let output = Command::new("ss").args(["-tinpH"]).output().await?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let mine = format!("pid={},", self.pid);
        let mut lines = text.lines();
        let (mut sent, mut received) = (0, 0);
        while let Some(line) = lines.next() {
            let Some(details) = lines.next() else { break };
            if line.contains(&mine) {
                sent += after(details, "bytes_sent:");
                received += after(details, "bytes_received:");
            }
        }
        Ok((sent, received))
    }

    /// Waits until it has used no processor time for two seconds; at most a minute.
    pub(crate) async fn settle(&self) -> Result<()> {
        let mut last = self.weight()?.cpu;
        let mut quiet = 0;
        for _ in 0..120 {
            tokio::time::sleep(Duration::from_millis(500)).await;
            let now = self.weight()?.cpu;
            quiet = if now - last < 0.015 { quiet + 1 } else { 0 };
            if quiet == 4 {
                return Ok(());
            }
            last = now;
        }
        Ok(())
    }

    /// Asks it to end, and says how long that took and how it ended.
    pub(crate) async fn stop(mut self) -> Result<(Duration, std::process::ExitStatus)> {
        let began = Instant::now();
        self.signal("-TERM").await?;
        let status = self.child.wait().await?;
        Ok((began.elapsed(), status))
    }

    pub(crate) async fn signal(&self, signal: &str) -> Result<()> {
        Command::new("kill")
            .args([signal, &self.pid.to_string()])
            .status()
            .await?;
        Ok(())
    }

    /// Whether it runs.
    pub(crate) fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }
}

async fn is_ready(port: u16) -> bool {
    let ask = async {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await.ok()?;
        stream
            .write_all(b"GET /readyz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
            .await
            .ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.ok()?;
        answer.starts_with("HTTP/1.1 200").then_some(())
    };
    ask.await.is_some()
}

fn field(text: &str, name: &str) -> u64 {
    let line = text.lines().find(|line| line.starts_with(name));
    let number = line.and_then(|line| line.split_whitespace().nth(1));
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

fn after(text: &str, name: &str) -> u64 {
    let Some((_, rest)) = text.split_once(name) else {
        return 0;
    };
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap_or(0)
}

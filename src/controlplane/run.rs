//! A control plane in the foreground: for people, and for `make demo`.

use std::ffi::OsString;
use std::process::{Child, Command, ExitStatus};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result};
use signal_hook::consts::{SIGINT, SIGTERM};

use super::control_plane::ControlPlane;

/// How a control plane in the foreground came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Somebody pressed Ctrl-C or sent SIGTERM.
    Stopped,
    /// The command that ran against it ended like this.
    Command(ExitStatus),
}

/// Runs `command` with `KUBECONFIG` set, or waits for Ctrl-C where there is none.
///
/// Ctrl-C reaches the command by itself, and may be what it waits for to clean
/// up; so the control plane stays until the command has ended. SIGTERM, which
/// reaches only rustop, is passed on.
pub fn run(plane: &ControlPlane, command: &[OsString]) -> Result<Ending> {
    let signals = Signals::catch()?;
    let Some((program, arguments)) = command.split_first() else {
        signals.wait_for_one();
        return Ok(Ending::Stopped);
    };
    let mut child = Command::new(program)
        .args(arguments)
        .env("KUBECONFIG", plane.kubeconfig_path())
        .spawn()
        .with_context(|| format!("failed to run `{}`", program.display()))?;
    signals.wait(&mut child, || Ok(())).map(Ending::Command)
}

/// Ctrl-C and SIGTERM, caught, so that there is time to clean up.
#[derive(Debug)]
pub struct Signals {
    interrupted: Arc<AtomicBool>,
    terminated: Arc<AtomicBool>,
}

impl Signals {
    /// Catches them from now on.
    pub fn catch() -> Result<Self> {
        Ok(Self {
            interrupted: caught(SIGINT)?,
            terminated: caught(SIGTERM)?,
        })
    }

    fn wait_for_one(&self) {
        while !self.interrupted.load(Ordering::Relaxed) && !self.terminated.load(Ordering::Relaxed)
        {
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Waits until `child` ends. Ctrl-C reaches it by itself, SIGTERM is passed on.
    /// `meanwhile` is called again and again; where it fails the child is told to end.
    pub fn wait(
        &self,
        child: &mut Child,
        mut meanwhile: impl FnMut() -> Result<()>,
    ) -> Result<ExitStatus> {
        loop {
            if let Some(status) = child.try_wait().context("failed to wait for the command")? {
                return Ok(status);
            }
            if self.terminated.swap(false, Ordering::Relaxed) {
                terminate(child)?;
            }
            if let Err(error) = meanwhile() {
                terminate(child)?;
                child.wait().context("failed to wait for the command")?;
                return Err(error);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

fn terminate(child: &Child) -> Result<()> {
    let id = child.id().to_string();
    let kill = Command::new("kill").args(["-TERM", &id]).status();
    kill.map(drop).context("failed to run `kill`")
}

fn caught(signal: i32) -> Result<Arc<AtomicBool>> {
    let flag = Arc::new(AtomicBool::new(false));
    signal_hook::flag::register(signal, Arc::clone(&flag)).context("failed to catch signals")?;
    Ok(flag)
}

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
    let interrupted = caught(SIGINT)?;
    let terminated = caught(SIGTERM)?;
    let Some((program, arguments)) = command.split_first() else {
        while !interrupted.load(Ordering::Relaxed) && !terminated.load(Ordering::Relaxed) {
            std::thread::sleep(Duration::from_millis(50));
        }
        return Ok(Ending::Stopped);
    };
    let mut child = Command::new(program)
        .args(arguments)
        .env("KUBECONFIG", plane.kubeconfig_path())
        .spawn()
        .with_context(|| format!("failed to run `{}`", program.display()))?;
    wait(&mut child, &terminated)
}

fn wait(child: &mut Child, terminated: &AtomicBool) -> Result<Ending> {
    loop {
        if let Some(status) = child.try_wait().context("failed to wait for the command")? {
            return Ok(Ending::Command(status));
        }
        if terminated.swap(false, Ordering::Relaxed) {
            let id = child.id().to_string();
            Command::new("kill")
                .args(["-TERM", &id])
                .status()
                .context("failed to run `kill`")?;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn caught(signal: i32) -> Result<Arc<AtomicBool>> {
    let flag = Arc::new(AtomicBool::new(false));
    signal_hook::flag::register(signal, Arc::clone(&flag)).context("failed to catch signals")?;
    Ok(flag)
}

//! A child process that cannot outlive the process that started it.
//!
//! Between the two stands a shell whose standard input is a pipe from us. When
//! the pipe closes, because we closed it, panicked or were killed, the shell
//! kills the child. That needs no `unsafe`, no signal handler, and works on
//! every Unix, while `prctl` is Linux's own and `Drop` does not run for SIGKILL.

use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::StartError;

/// Runs `"$@"` with its output in the file `$log` until it ends or the pipe closes.
///
/// The watcher needs the pipe as descriptor 3, because a shell gives background
/// commands an empty standard input; it is no business of the child's.
const SUPERVISOR: &str = r#"
log=$1
shift
exec 3<&0
"$@" </dev/null >"$log" 2>&1 3<&- &
child=$!
{ read -r _ <&3; kill -KILL "$child"; } >/dev/null 2>&1 &
watcher=$!
exec 3<&- </dev/null
wait "$child"
status=$?
kill "$watcher" 2>/dev/null
exit "$status"
"#;

/// How many of the log's last lines an error shows.
const TAIL: usize = 20;

/// A running server. Dropping it kills the server and waits until it is gone.
#[derive(Debug)]
pub(super) struct Supervised {
    program: String,
    log: PathBuf,
    supervisor: Child,
}

impl Supervised {
    /// Starts `binary` in `folder`; what it writes goes to `<name>.log` there.
    pub(super) fn start(
        binary: &Path,
        arguments: Vec<OsString>,
        folder: &Path,
    ) -> Result<Self, StartError> {
        let name = binary.file_name().unwrap_or(binary.as_os_str());
        let program = name.to_string_lossy().into_owned();
        let log = folder.join(format!("{program}.log"));
        let binary = std::path::absolute(binary)
            .map_err(StartError::io(format!("find `{}`", binary.display())))?;
        let mut command = Command::new("sh");
        command
            .args(["-c", SUPERVISOR, "rustop-supervisor"])
            .arg(&log)
            .arg(binary);
        command.args(arguments).current_dir(folder);
        let supervisor = own_group(&mut command)
            .stdin(Stdio::piped())
            .spawn()
            .map_err(StartError::io(format!("start `{program}`")))?;
        Ok(Self {
            program,
            log,
            supervisor,
        })
    }

    /// The process group of the server and its supervisor.
    pub(super) fn group(&self) -> u32 {
        self.supervisor.id()
    }

    /// An error when the server has ended.
    pub(super) fn check_running(&mut self) -> Result<(), StartError> {
        match self.supervisor.try_wait() {
            Ok(None) => Ok(()),
            _ => Err(StartError::Exited {
                program: self.program.clone(),
                log: self.log_tail(),
            }),
        }
    }

    /// The error for a server that runs and does not become ready.
    pub(super) fn not_ready(&self, answer: String) -> StartError {
        StartError::NotReady {
            program: self.program.clone(),
            answer,
            log: self.log_tail(),
        }
    }

    /// The last lines of what the server wrote.
    pub(super) fn log_tail(&self) -> String {
        let bytes = std::fs::read(&self.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(TAIL)..].join("\n")
    }
}

impl Drop for Supervised {
    fn drop(&mut self) {
        drop(self.supervisor.stdin.take());
        let _ = self.supervisor.wait();
    }
}

/// A process group of its own keeps Ctrl-C from reaching the servers: it ends
/// our process, the pipes close, and everything goes in the right order. Without
/// our output streams, a pipe that reads our output ends when we do.
///
/// Of our environment only `PATH` and `TMPDIR` go along: etcd takes settings from
/// variables (`ETCD_…`), and a proxy must not come between the server and a webhook.
pub(super) fn own_group(command: &mut Command) -> &mut Command {
    let kept = ["PATH", "TMPDIR"].map(|name| (name, std::env::var_os(name)));
    command
        .env_clear()
        .process_group(0)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.envs(
        kept.into_iter()
            .filter_map(|(name, value)| Some((name, value?))),
    )
}

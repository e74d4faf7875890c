//! The manager of a generated project, as a process.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const DEADLINE: Duration = Duration::from_secs(60);

/// The manager of a generated project; it ends when dropped.
pub(super) struct Manager {
    process: Child,
    probes: String,
}

impl Manager {
    /// With further flags.
    pub(super) fn start(binary: &Path, kubeconfig: &Path, flags: &[String]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let probes = listener.local_addr().unwrap().to_string();
        drop(listener);
        let mut command = Command::new(binary);
        command.args(["--health-probe-bind-address", &probes]);
        command.arg("--kubeconfig").arg(kubeconfig).args(flags);
        command.stdout(Stdio::null()).stderr(Stdio::null());
        let process = command.spawn().unwrap();
        Self { process, probes }
    }

    /// Waits until it is ready.
    pub(super) fn wait(&self) {
        let start = Instant::now();
        let mut answer = String::new();
        while !answer.starts_with("HTTP/1.1 200") {
            assert!(start.elapsed() < DEADLINE, "not ready: {answer}");
            std::thread::sleep(Duration::from_millis(100));
            answer = self.get("/readyz?verbose").unwrap_or_default();
        }
    }

    /// What its probes answer.
    pub(super) fn get(&self, path: &str) -> std::io::Result<String> {
        let mut stream = TcpStream::connect(&self.probes)?;
        let head = "HTTP/1.1\r\nHost: localhost\r\nConnection: close";
        write!(stream, "GET {path} {head}\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    }
}

impl Drop for Manager {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

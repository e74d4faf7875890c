//! A pseudo-terminal with somebody at its keyboard: reads what is shown, types.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use pty_process::Size;

use crate::sandbox::{Run, Sandbox};

pub(crate) const ENTER: &str = "\r";
pub(crate) const ESCAPE: &str = "\u{1b}";
pub(crate) const DOWN: &str = "\u{1b}[B";
pub(crate) const CONTROL_C: &str = "\u{3}";
pub(crate) const CONTROL_D: &str = "\u{4}";

/// How long a program may take to say or to do something, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// A program that runs on a pseudo-terminal, which is its controlling terminal too.
pub(crate) struct Terminal {
    child: Child,
    keys: File,
    screen: Receiver<Vec<u8>>,
    shown: Vec<u8>,
    /// How much of what was shown, without escape sequences, was expected so far.
    read: usize,
}

/// Which streams are no terminal.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Piped {
    Nothing,
    Input,
    Output,
}

impl Terminal {
    /// rustop on a terminal of the usual size, outside CI.
    pub(crate) fn rustop(sandbox: &Sandbox, arguments: &str) -> Self {
        let mut command = sandbox.command(arguments);
        command.env_remove("CI");
        Self::start(command, 80, Piped::Nothing)
    }

    pub(crate) fn start(command: Command, columns: u16, piped: Piped) -> Self {
        let (pty, slave) = pty_process::blocking::open().unwrap();
        pty.resize(Size::new(24, columns)).unwrap();
        let mut command = pty_process::blocking::Command::from(command).env("TERM", "xterm");
        command = match piped {
            Piped::Nothing => command,
            Piped::Input => command.stdin(Stdio::piped()),
            Piped::Output => command.stdout(Stdio::piped()),
        };
        let child = command.spawn(slave).unwrap();
        let keys = File::from(OwnedFd::from(pty));
        let screen = watched(keys.try_clone().unwrap());
        Self {
            child,
            keys,
            screen,
            shown: Vec::new(),
            read: 0,
        }
    }

    pub(crate) fn types(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
    }

    /// Waits until `words` are on the screen, after what was expected before.
    #[track_caller]
    pub(crate) fn shows(&mut self, words: &str) {
        let start = Instant::now();
        loop {
            let text = self.text();
            if let Some(at) = text[self.read..].find(words) {
                self.read += at + words.len();
                return;
            }
            match self
                .screen
                .recv_timeout(PATIENCE.saturating_sub(start.elapsed()))
            {
                Ok(bytes) => self.shown.extend(bytes),
                Err(error) => panic!("the terminal never showed `{words}` ({error}):\n{text}"),
            }
        }
    }

    /// Waits until nothing more is shown for a moment; for what has no words of its own.
    pub(crate) fn settles(&mut self) {
        let mut shown = usize::MAX;
        while shown != self.shown.len() {
            shown = self.shown.len();
            self.watch_for(Duration::from_millis(700));
        }
    }

    /// What was shown so far, without escape sequences.
    fn text(&self) -> String {
        let raw = String::from_utf8_lossy(&self.shown);
        anstream::adapter::strip_str(&raw)
            .to_string()
            .replace('\r', "")
    }

    /// What was shown, escape sequences too.
    pub(crate) fn raw(&self) -> String {
        String::from_utf8_lossy(&self.shown).into_owned()
    }

    /// Waits for the end. What the terminal showed is `stderr`; `stdout` is what went into a pipe.
    #[track_caller]
    pub(crate) fn ends(&mut self) -> Run {
        let start = Instant::now();
        let code = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status.code().unwrap_or(-1);
            }
            if start.elapsed() > PATIENCE {
                self.child.kill().unwrap();
                panic!(
                    "the program does not end; the terminal shows:\n{}",
                    self.text()
                );
            }
            self.watch_for(Duration::from_millis(10));
        };
        while self.watch_for(Duration::from_secs(5)) {}
        let mut stdout = String::new();
        if let Some(mut pipe) = self.child.stdout.take() {
            pipe.read_to_string(&mut stdout).unwrap();
        }
        Run {
            code,
            stdout,
            stderr: self.text(),
        }
    }

    /// Takes what is shown within a while; `false` when the screen is closed.
    fn watch_for(&mut self, time: Duration) -> bool {
        match self.screen.recv_timeout(time) {
            Ok(bytes) => self.shown.extend(bytes),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => {
                std::thread::sleep(Duration::from_millis(1));
                return false;
            }
        }
        true
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // Already gone, mostly.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads in a thread, since a terminal has no time limit; ends when the program has closed the terminal.
fn watched(mut screen: File) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(read @ 1..) = screen.read(&mut buffer) {
            if sender.send(buffer[..read].to_vec()).is_err() {
                return;
            }
        }
    });
    receiver
}

//! Children that are spoken to while they run, and never outlive their test.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Output, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::{JoinHandle, spawn};
use std::time::Duration;

/// A process that is killed when its test forgets it.
pub struct Running {
    child: Child,
    lines: Receiver<String>,
    rest: Vec<String>,
    stdout: Option<JoinHandle<Vec<u8>>>,
}

impl Running {
    /// Starts a command; its standard error is read line by line.
    pub fn start(mut command: Command) -> Self {
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().expect("presec starts");
        let (sender, lines) = channel();
        let stderr = BufReader::new(child.stderr.take().expect("stderr"));
        spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        let mut out = child.stdout.take().expect("stdout");
        let stdout = spawn(move || {
            let mut bytes = Vec::new();
            let _ = out.read_to_end(&mut bytes);
            bytes
        });
        Self {
            child,
            lines,
            rest: Vec::new(),
            stdout: Some(stdout),
        }
    }

    /// Waits for a line of standard error that holds `text`.
    pub fn says(&mut self, text: &str) {
        loop {
            let line = self.lines.recv_timeout(Duration::from_secs(60));
            let line = line.unwrap_or_else(|_| panic!("it never said {text}: {:?}", self.rest));
            let found = line.contains(text);
            self.rest.push(line);
            if found {
                return;
            }
        }
    }

    /// Sends a signal such as `INT`.
    pub fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        let status = Command::new("kill").args([format!("-{name}"), id]).status();
        assert!(status.expect("kill runs").success());
    }

    /// Waits for its end, which must come `within` the time.
    pub fn ends(mut self, within: Duration) -> Output {
        let late = loop {
            match self.lines.recv_timeout(within) {
                Ok(line) => self.rest.push(line),
                Err(RecvTimeoutError::Disconnected) => break false,
                Err(RecvTimeoutError::Timeout) => break true,
            }
        };
        if late {
            let _ = self.child.kill();
        }
        let status = self.child.wait().expect("it ends");
        let stdout = self.stdout.take().expect("once").join().expect("stdout");
        let stderr = self.rest.join("\n").into_bytes();
        assert!(
            !late,
            "it did not end in {within:?}; {}",
            String::from_utf8_lossy(&stderr)
        );
        Output {
            status,
            stdout,
            stderr,
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

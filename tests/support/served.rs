//! A `presec serve` of a test, with its target file.
#![allow(dead_code, reason = "each test crate uses its own part")]

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use super::support::command;

/// A reference target in a process of its own.
pub struct Served {
    child: Child,
    folder: tempfile::TempDir,
    addresses: Vec<(String, SocketAddr)>,
}

impl Served {
    /// Starts one with further arguments of `presec serve`.
    pub fn start(args: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut all = vec!["serve", "--write-target", "."];
        all.extend_from_slice(args);
        let mut presec = command(folder.path(), &all);
        presec
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut child = presec.spawn().expect("presec starts");
        let lines = BufReader::new(child.stdout.take().expect("stdout")).lines();
        let addresses = lines
            .map_while(Result::ok)
            .take_while(|line| !line.contains("Ctrl-C"))
            .filter_map(|line| {
                let (name, address) = line.split_once(' ')?;
                Some((name.to_owned(), address.trim().parse().ok()?))
            })
            .collect();
        Self {
            child,
            folder,
            addresses,
        }
    }

    /// One of its addresses: `tls`, `clear`, `control` or `store`.
    pub fn address(&self, name: &str) -> SocketAddr {
        let found = self.addresses.iter().find(|(one, _)| one == name);
        found
            .unwrap_or_else(|| panic!("no address {name}: {:?}", self.addresses))
            .1
    }

    /// Keeps it from answering anything more; its end is still its test's end.
    pub fn freeze(&self) {
        let id = self.child.id().to_string();
        let status = Command::new("kill").args(["-STOP", &id]).status();
        assert!(status.expect("kill runs").success());
    }

    /// The folder of its target file and certificates.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Its target file with changes, under another name.
    pub fn target(&self, name: &str, change: impl FnOnce(&mut Value)) -> String {
        let text = fs::read_to_string(self.folder().join("target.yaml")).expect("a target file");
        let mut target: Value = serde_json::from_str(&text).expect("JSON");
        change(&mut target);
        let path: PathBuf = self.folder().join(name);
        fs::write(&path, target.to_string()).expect("written");
        path.display().to_string()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

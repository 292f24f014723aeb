//! Starts one of the servers of `ci/servers` in a folder of its own and writes the target file that describes it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicU16, Ordering};

use tempfile::TempDir;

use crate::support::{Call, presec_in, project, run_in};

/// What stands behind the proxy.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Behind {
    /// The server's own store, or nothing: `origin: real`.
    Itself,
    /// presec's observer, which answers by itself: `origin: stub`.
    Observer,
    /// presec's observer, which forwards to the server's own store: `origin: tap`.
    ObserverAndStore,
}

/// A running server. It ends with this value.
pub(crate) struct Server {
    folder: TempDir,
    kind: &'static str,
    facts: BTreeMap<String, String>,
    behind: Behind,
    observer: u16,
}

impl Server {
    /// Starts a server with nothing of presec behind it.
    pub(crate) fn start(kind: &'static str, variant: &str) -> Self {
        Self::start_with(kind, variant, Behind::Itself)
    }

    /// Starts a server.
    pub(crate) fn start_with(kind: &'static str, variant: &str, behind: Behind) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        // httpd gives up its rights when root starts it, and has to reach its store all the same.
        let open = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(folder.path(), open).expect("the folder is ours");
        let observer = free_port();
        let mut command = Command::new(project().join("ci/servers/start"));
        command
            .arg(kind)
            .arg(folder.path().join("server"))
            .args(["0", variant]);
        if behind != Behind::Itself {
            command.env("ORIGIN", observer.to_string());
        }
        let output = command.output().expect("ci/servers/start runs");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            output.status.success(),
            "{kind} {variant} did not start: {text}{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let facts = text
            .lines()
            .filter_map(|line| line.split_once('='))
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect();
        Self {
            folder,
            kind,
            facts,
            behind,
            observer,
        }
    }

    /// Something that `start` printed.
    pub(crate) fn fact(&self, key: &str) -> &str {
        self.facts
            .get(key)
            .unwrap_or_else(|| panic!("start printed no {key}"))
    }

    /// The target file for this server, with some of its texts replaced.
    pub(crate) fn target(&self, changes: &[(&str, &str)]) -> String {
        let address = self.fact("https");
        let port = address.rsplit(':').next().unwrap_or_default();
        let described = if self.is_direct() {
            include_str!("direct.yaml")
        } else {
            include_str!("target.yaml")
        };
        let mut text = described
            .replace("ADDRESS", address)
            .replace("PORT", port)
            .replace("CERTIFICATES", self.fact("certs"))
            .replace("NAME", &format!("{} {}", self.kind, self.fact("variant")));
        text.push_str(&self.observer_section());
        let is_proxy = self.kind.ends_with("-ap");
        if is_proxy || self.is_direct() {
            text.push_str(include_str!("subscribers.yaml"));
        } else {
            text.push_str("subscribers: none\n");
        }
        if is_proxy {
            let hook = project().join("ci/servers/hook");
            text.push_str(
                &include_str!("hooks.yaml")
                    .replace("HOOK", &hook.display().to_string())
                    .replace("WORKDIR", &self.workdir().display().to_string()),
            );
        } else {
            text.push_str(include_str!("no_hooks.yaml"));
        }
        // s_server serves one connection at a time.
        let concurrency = if self.kind == "openssl" { 1 } else { 4 };
        let _ = writeln!(
            text,
            "limits: {{ concurrency: {concurrency}, timeout: 3s }}"
        );
        for (from, to) in changes {
            assert!(
                text.contains(from),
                "the target file says nothing of {from}"
            );
            text = text.replace(from, to);
        }
        text
    }

    /// Lets presec judge the server.
    pub(crate) fn judge(&self) -> Call {
        self.judge_with(&[], &[])
    }

    /// Lets presec judge the server, described otherwise, or by some scenarios only.
    pub(crate) fn judge_with(&self, changes: &[(&str, &str)], args: &[&str]) -> Call {
        std::fs::write(self.folder.path().join("target.yaml"), self.target(changes))
            .expect("a file");
        // What an earlier call wrote must not pass for what this one did not write.
        let _ = std::fs::remove_file(self.folder.path().join("results.json"));
        let mut all = vec!["--target", "target.yaml", "--evidence", "none"];
        all.extend_from_slice(args);
        run_in(self.folder.path(), &all)
    }

    /// Goes on with what an earlier run parked in a file of its folder.
    pub(crate) fn resume(&self, state: &str) -> Call {
        let args = [
            "resume",
            state,
            "--json",
            "results.json",
            "--evidence",
            "none",
        ];
        presec_in(self.folder.path(), &args)
    }

    /// A file of its folder.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Whether it is a presence server that is reached without a proxy in front.
    fn is_direct(&self) -> bool {
        matches!(self.kind, "lighttpd" | "kamailio")
    }

    fn observer_section(&self) -> String {
        let listen = format!("listen: \"127.0.0.1:{}\"", self.observer);
        match self.behind {
            Behind::Itself => "origin_observer: none\n".to_owned(),
            Behind::Observer => format!("origin_observer: {{ {listen} }}\n"),
            Behind::ObserverAndStore => {
                let store = self.fact("as");
                format!("origin_observer: {{ {listen}, forward_to: \"http://{store}\" }}\n")
            }
        }
    }

    /// Where its files are.
    pub(crate) fn workdir(&self) -> PathBuf {
        self.folder.path().join("server")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let stopped = Command::new(project().join("ci/servers/stop"))
            .arg(self.workdir())
            .status();
        if !std::thread::panicking() {
            assert!(
                stopped.is_ok_and(|status| status.success()),
                "{} did not stop",
                self.kind
            );
        }
    }
}

/// A port for an observer that is bound later: below those that the system gives to clients, so that none takes it meanwhile, and
/// above those from which `ci/servers/start` chooses.
fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = u16::try_from(std::process::id() % 500).unwrap_or_default();
    (0..700)
        .map(|_| 32_050 + (first + NEXT.fetch_add(1, Ordering::Relaxed)) % 700)
        .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .expect("a free port")
}

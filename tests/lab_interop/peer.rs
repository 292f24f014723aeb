//! Servers of other stacks, on loopback, that give back what they get.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use presec::model::suite::ProtocolVersion;
use presec::tls::suite::{Proof, Suite};
use tempfile::TempDir;

use crate::stacks::{
    GNUTLS_SUITES, GNUTLS_SUITES_13, IDENTITY, KEY, OPENSSL_SUITES, OPENSSL_SUITES_13,
    certificates, gnutls_listed, gnutls_version, hex, in_der, openssl_listed, openssl_version,
    tlslite_listed,
};
use crate::support::{project, tlslite};

/// What a peer gives back.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// The line, reversed.
    Reversed,
    /// The line.
    Same,
    /// An HTTP response; the header `X-Client-Verify` says what the client's certificate was worth.
    Http,
}

/// A running server. It ends with this value.
pub(crate) struct Peer {
    folder: TempDir,
    child: Option<Child>,
    /// The name for the table.
    pub(crate) name: &'static str,
    /// Its version.
    pub(crate) version: String,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// What it gives back.
    pub(crate) answer: Answer,
    /// What `ci/servers/start` said of it.
    facts: BTreeMap<String, String>,
}

impl Drop for Peer {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        } else {
            let workdir = self.folder.path().join("server");
            let stop = project().join("ci/servers/stop");
            let _ = Command::new(stop).arg(workdir).status();
        }
    }
}

impl Peer {
    /// `openssl s_server` with every suite it has, which gives back lines reversed.
    pub(crate) fn openssl(more: &[&str]) -> Self {
        Self::s_server(&[&["-rev"], more].concat())
    }

    /// The same at its console: it sends what [`Self::type_in`] gives it, and `r` and `R` renegotiate.
    pub(crate) fn openssl_console(more: &[&str]) -> Self {
        Self::s_server(more)
    }

    /// A line at its console.
    pub(crate) fn type_in(&mut self, line: &str) {
        let input = self.child.as_mut().and_then(|child| child.stdin.as_mut());
        let line = format!("{line}\n");
        let written = input.expect("a console").write_all(line.as_bytes());
        written.expect("it reads");
    }

    fn s_server(more: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        certificates(folder.path());
        let mut child = Command::new("openssl")
            .args(["s_server", "-accept", "127.0.0.1:0"])
            .args(["-cert", "server.pem", "-key", "server.key"])
            // More than two kinds of certificates it takes only so, and then all of them.
            .args(["-xcert", "server.pem", "-xkey", "server.key"])
            .args(["-xcert", "server-ecdsa.pem", "-xkey", "server-ecdsa.key"])
            .args(["-xcert", "server-dss.pem", "-xkey", "server-dss.key"])
            .args(["-CAfile", "ca.pem", "-cipher", OPENSSL_SUITES])
            .args(["-ciphersuites", OPENSSL_SUITES_13])
            .args(["-psk", &hex(&KEY), "-psk_identity", IDENTITY])
            .args(["-psk_hint", "3GPP-bootstrapping"])
            .args(more)
            .current_dir(folder.path())
            .env("OPENSSL_CONF", "/dev/null")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("openssl runs");
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let address = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| line.strip_prefix("ACCEPT ")?.trim().parse().ok())
            .expect("it says where it listens");
        // Its output has to be read, or it would wait for us.
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        Self {
            folder,
            child: Some(child),
            name: "openssl s_server",
            version: openssl_version(),
            address,
            answer: Answer::Reversed,
            facts: BTreeMap::new(),
        }
    }

    /// `gnutls-serv` with every suite it has up to TLS 1.2, which gives back lines as they are.
    pub(crate) fn gnutls() -> Self {
        Self::gnutls_with(&["--disable-client-cert"])
    }

    /// The same with other options.
    pub(crate) fn gnutls_with(more: &[&str]) -> Self {
        Self::gnutls_of(GNUTLS_SUITES, more)
    }

    /// The same for TLS 1.3.
    pub(crate) fn gnutls_tls13(more: &[&str]) -> Self {
        Self::gnutls_of(GNUTLS_SUITES_13, more)
    }

    fn gnutls_of(suites: &str, more: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        certificates(folder.path());
        let preload = folder.path().join("bind-loopback.so");
        let compiled = Command::new("cc")
            .args(["-O1", "-shared", "-fPIC", "-o"])
            .arg(&preload)
            .arg(project().join("ci/servers/kinds/bind-loopback.c"))
            .arg("-ldl")
            .status();
        assert!(compiled.expect("cc runs").success());
        let passwords = format!("{IDENTITY}:{}\n", hex(&KEY));
        std::fs::write(folder.path().join("psk"), passwords).expect("a file");
        let bound = folder.path().join("port");
        let child = Command::new("gnutls-serv")
            .args(["--echo", "--quiet", "--port", "0"])
            .args(["--priority", suites])
            .args(more)
            .args([
                "--x509certfile",
                "server.pem",
                "--x509keyfile",
                "server.key",
            ])
            .args(["--x509certfile", "server-ecdsa.pem"])
            .args(["--x509keyfile", "server-ecdsa.key"])
            .args(["--x509certfile", "server-dss.pem"])
            .args(["--x509keyfile", "server-dss.key"])
            .args(["--pskpasswd", "psk", "--pskhint", "3GPP-bootstrapping"])
            .current_dir(folder.path())
            .env("LD_PRELOAD", &preload)
            .env("BOUND_PORT", &bound)
            .env("GNUTLS_SYSTEM_PRIORITY_FILE", "/dev/null")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("gnutls-serv runs");
        Self {
            address: bound_address(&bound),
            folder,
            child: Some(child),
            name: "gnutls-serv",
            version: gnutls_version(),
            answer: Answer::Same,
            facts: BTreeMap::new(),
        }
    }

    /// nginx with every suite its OpenSSL has but those of pre-shared keys; it asks for a certificate and insists on none.
    pub(crate) fn nginx() -> Self {
        Self::of_ci_servers("nginx", "everything")
    }

    /// httpd with every suite it lets its OpenSSL have; it asks for a certificate and insists on none.
    pub(crate) fn httpd() -> Self {
        Self::of_ci_servers("httpd", "everything")
    }

    /// The same taking up a renegotiation that is not bound to the handshake before.
    pub(crate) fn httpd_insecure() -> Self {
        Self::of_ci_servers("httpd", "insecure-renegotiation")
    }

    /// A server as `ci/servers` starts it, which answers in HTTP.
    fn of_ci_servers(kind: &'static str, variant: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        // Servers that root starts give up their rights, and have to reach their files all the same.
        let open = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(folder.path(), open).expect("the folder is ours");
        let output = Command::new(project().join("ci/servers/start"))
            .arg(kind)
            .arg(folder.path().join("server"))
            .args(["0", variant])
            .output()
            .expect("ci/servers/start runs");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let facts: BTreeMap<String, String> = text
            .lines()
            .filter_map(|line| line.split_once('='))
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect();
        let said = || String::from_utf8_lossy(&output.stderr).into_owned();
        let address = facts.get("https").and_then(|text| text.parse().ok());
        let certificates =
            PathBuf::from(facts.get("certs").unwrap_or_else(|| panic!("{}", said())));
        // Its authority issued the first to clients; the others are not good.
        for (from, to) in [
            ("client-alice", "client-p256"),
            ("client-rogue", "client-rogue"),
            ("client-expired", "client-expired"),
        ] {
            in_der(&certificates.join(from), &folder.path().join(to));
        }
        Self {
            name: kind,
            version: facts.get("version").expect("a version").clone(),
            address: address.expect("an address"),
            folder,
            child: None,
            answer: Answer::Http,
            facts,
        }
    }

    /// tlslite-ng with everything it has; it asks for a certificate and insists on none.
    pub(crate) fn tlslite(python: &Path) -> Self {
        Self::tlslite_with(python, &[])
    }

    /// The same with other options.
    pub(crate) fn tlslite_with(python: &Path, more: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        certificates(folder.path());
        let mut child = Command::new(python)
            .arg(project().join("ci/servers/tlslite/peer.py"))
            .arg("serve")
            .arg(folder.path())
            .args(more)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("Python runs");
        let lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let facts: BTreeMap<String, String> = lines
            .map_while(Result::ok)
            .take_while(|line| line != "ready")
            .filter_map(|line| {
                line.split_once('=')
                    .map(|(key, value)| (key.to_owned(), value.to_owned()))
            })
            .collect();
        let address = facts.get("https").and_then(|text| text.parse().ok());
        Self {
            name: "tlslite-ng server",
            version: facts.get("version").expect("a version").clone(),
            address: address.expect("an address"),
            folder,
            child: Some(child),
            answer: Answer::Http,
            facts,
        }
    }

    /// Where it completes a suite; tlslite-ng is asked for anonymous ones elsewhere.
    pub(crate) fn address_for(&self, suite: &Suite) -> SocketAddr {
        if suite.proof == Proof::Anonymous && self.facts.contains_key("anonymous") {
            return self.at("anonymous");
        }
        self.address
    }

    /// Another of its addresses.
    pub(crate) fn at(&self, fact: &str) -> SocketAddr {
        let address = self.facts.get(fact).expect("such an address");
        address.parse().expect("an address")
    }

    /// One of the files of its folder.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Names of the certificates it takes of us.
    pub(crate) fn owns(&self) -> &'static [&'static str] {
        match self.answer {
            Answer::Http if self.name != "tlslite-ng server" => &["client-p256"],
            _ => &["client-rsa", "client-p256", "client-p384"],
        }
    }

    /// The chain of one of the client's certificates.
    pub(crate) fn certificates(&self, name: &str) -> Vec<Vec<u8>> {
        vec![std::fs::read(self.file(&format!("{name}.crt"))).expect("a certificate")]
    }

    /// The key of one of the client's certificates.
    pub(crate) fn key(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.file(&format!("{name}.p8"))).expect("a key")
    }

    /// Whether it has SSL 3.0.
    pub(crate) fn has_ssl3(&self) -> bool {
        self.name == "tlslite-ng server"
    }

    /// The code points the peer itself says it has in a version.
    pub(crate) fn listed(&self, version: ProtocolVersion) -> BTreeSet<u16> {
        let more = &["-ciphersuites", OPENSSL_SUITES_13];
        match self.name {
            "gnutls-serv" => gnutls_listed(version),
            "tlslite-ng server" => tlslite_listed(&tlslite().expect("it runs"), version),
            // They hold no DSS certificate.
            "nginx" => openssl_listed(version, more, "ALL:eNULL:aNULL:!aDSS:@SECLEVEL=0"),
            // It adds to every list that it has no suites without encryption or certificate.
            "httpd" => openssl_listed(version, more, "ALL:!eNULL:!aNULL:!aDSS:@SECLEVEL=0"),
            _ => openssl_listed(
                version,
                &["-psk", "-ciphersuites", OPENSSL_SUITES_13],
                OPENSSL_SUITES,
            ),
        }
    }
}

/// Where a server listens that says by `ci/servers/kinds/bind-loopback.c` which port it got, once it does.
fn bound_address(file: &Path) -> SocketAddr {
    let end = Instant::now() + Duration::from_secs(10);
    loop {
        let port = std::fs::read_to_string(file).unwrap_or_default();
        // It is whole when its line is.
        let port = port.strip_suffix('\n').and_then(|port| port.parse().ok());
        if let Some(port) = port {
            let address = SocketAddr::from(([127, 0, 0, 1], port));
            if TcpStream::connect(address).is_ok() {
                return address;
            }
        }
        assert!(Instant::now() < end, "it does not listen");
        std::thread::yield_now();
    }
}

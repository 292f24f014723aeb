//! The JVM that plays both roles, and the files it and the engine share.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Lines, Write as _};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use presec::model::suite::ProtocolVersion;
use presec::tls::signature::PrivateKey;
use presec::wire::tls::hello::ClientHello;
use tempfile::TempDir;

use crate::stacks;
use crate::support::project;

/// The certificates of the server of everything.
pub(crate) const SERVERS: [&str; 3] = ["server", "server-ecdsa", "server-dss"];
/// Keys of other kinds: name, and what OpenSSL has to be told. Each has a server of its own, because Java looks at one
/// certificate for a suite only.
const OTHERS: [(&str, &str); 3] = [
    ("p384", "ec -pkeyopt ec_paramgen_curve:P-384"),
    ("p521", "ec -pkeyopt ec_paramgen_curve:P-521"),
    ("ed25519", "ed25519"),
];

/// Octets before the body of a ClientHello: the headers of record and message.
const HEADERS: usize = 9;

/// A running JVM. It ends with this value.
pub(crate) struct Jvm {
    folder: TempDir,
    child: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    /// The version of Java.
    pub(crate) version: String,
    /// The server of everything.
    pub(crate) everything: SocketAddr,
    /// The servers of the other kinds of keys, by the names of their certificates.
    pub(crate) others: Vec<(&'static str, SocketAddr)>,
}

impl Drop for Jvm {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The name of a version in Java.
pub(crate) fn java_name(version: ProtocolVersion) -> &'static str {
    match version {
        ProtocolVersion::Ssl2 | ProtocolVersion::Ssl3 => "SSLv3",
        ProtocolVersion::Tls10 => "TLSv1",
        ProtocolVersion::Tls11 => "TLSv1.1",
        ProtocolVersion::Tls12 => "TLSv1.2",
        ProtocolVersion::Tls13 => "TLSv1.3",
    }
}

impl Jvm {
    /// Compiles the program and starts it.
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        stacks::certificates(folder.path());
        for (name, key) in OTHERS {
            stacks::certificate(folder.path(), name, key);
        }
        compile(folder.path());
        // A JVM that lives for seconds is faster when it does not optimize.
        let mut child = Command::new("java")
            .args(["-XX:TieredStopAtLevel=1", "-cp", ".", "Peer", "."])
            .arg(SERVERS.join(","))
            .args(OTHERS.map(|(name, _)| name))
            .current_dir(folder.path())
            .env_remove("JAVA_TOOL_OPTIONS")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("java runs");
        let input = child.stdin.take().expect("its input");
        let mut output = BufReader::new(child.stdout.take().expect("its output")).lines();
        let ready = output.next().expect("a line").expect("text");
        let words: Vec<&str> = ready.split(' ').collect();
        let ["ready", version, everything, others @ ..] = words.as_slice() else {
            panic!("{ready}");
        };
        let address =
            |port: &str| SocketAddr::from(([127, 0, 0, 1], port.parse().expect("a port")));
        Self {
            version: format!("Java {version}"),
            everything: address(everything),
            others: OTHERS
                .iter()
                .zip(others)
                .map(|((name, _), port)| (*name, address(port)))
                .collect(),
            folder,
            child,
            input,
            output,
        }
    }

    fn ask(&mut self, what: &str) -> String {
        writeln!(self.input, "{what}").expect("it listens");
        self.output.next().expect("an answer").expect("text")
    }

    /// The code points it offers in a version when it is told to offer everything it has, without signalling values.
    pub(crate) fn listed(&mut self, version: ProtocolVersion) -> BTreeSet<u16> {
        let said = self.ask(&format!("hello {}", java_name(version)));
        let octets: Vec<u8> = (0..said.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&said[at..at + 2], 16).expect("hexadecimal"))
            .collect();
        let hello = ClientHello::parse(&octets[HEADERS..]).expect("a hello");
        hello
            .suites
            .into_iter()
            .filter(|code| *code != 0x00FF)
            .collect()
    }

    /// Lets its client connect so many times; `certificate` is `-` for none.
    pub(crate) fn call(
        &mut self,
        address: SocketAddr,
        (version, suite): (ProtocolVersion, &str),
        certificate: &str,
        times: usize,
    ) -> Result<(), String> {
        let (port, version) = (address.port(), java_name(version));
        let said = self.ask(&format!(
            "call {port} {version} {suite} {certificate} {times}"
        ));
        // Java has older names of its own for older suites; the one it was told is the only one it offers.
        if said.starts_with(&format!("done {version} ")) {
            Ok(())
        } else {
            Err(said)
        }
    }

    /// A certificate by name.
    pub(crate) fn certificate(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.folder.path().join(format!("{name}.crt"))).expect("a certificate")
    }

    /// Its key.
    pub(crate) fn key(&self, name: &str) -> PrivateKey {
        let der = std::fs::read(self.folder.path().join(format!("{name}.p8"))).expect("a key");
        PrivateKey::from_der(&der).expect("a key the engine has")
    }
}

fn compile(folder: &Path) {
    let output = Command::new("ecj")
        .args(["-17", "-proc:none", "-d"])
        .arg(folder)
        .arg(project().join("tests/lab_interop_jsse/Peer.java"))
        .output()
        .expect("ecj runs");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
}

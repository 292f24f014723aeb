//! Clients of other stacks.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use presec::model::secret::Secret;
use presec::model::suite::ProtocolVersion;
use presec::tls::server::{ClientCertificates, PreSharedKeys, ServerConfig, ServerIdentity};
use presec::tls::signature::PrivateKey;
use presec::tls::suite::{Exchange, Proof, Suite};
use tempfile::TempDir;

use crate::stacks::{
    GNUTLS_SUITES, IDENTITY, KEY, OPENSSL_SUITES, OPENSSL_SUITES_13, certificates, gnutls_listed,
    gnutls_version, hex, openssl_listed, openssl_version, output, tlslite_listed,
};
use crate::support::{project, tlslite};

/// The line every client sends.
pub(crate) const LINE: &str = "what is written comes back\n";

/// A client of another stack, with what it needs.
pub(crate) struct Caller {
    /// The name for the table.
    pub(crate) name: &'static str,
    /// Its version.
    pub(crate) version: String,
    /// Calls when it is told to, for all that is to be called.
    process: Option<Mutex<Process>>,
    /// Calls whatever listens here when it is asked to.
    proxy: Option<Proxy>,
    // Last: fields end in their order, and what stops a proxy looks for its pid in here.
    folder: TempDir,
}

/// A server of `ci/servers` that is a client of what listens on a port. It ends with this value.
struct Proxy {
    workdir: PathBuf,
    /// Where it is asked.
    address: SocketAddr,
    /// What it calls.
    listener: TcpListener,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        let stop = project().join("ci/servers/stop");
        let _ = Command::new(stop).arg(&self.workdir).status();
    }
}

/// One process for many calls, which are lines of JSON.
struct Process {
    child: Child,
    orders: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

struct OneKey;

impl PreSharedKeys for OneKey {
    fn key(&self, identity: &[u8]) -> Option<Secret> {
        (identity == IDENTITY.as_bytes()).then(|| Secret::new(KEY))
    }
}

impl Caller {
    fn new(name: &'static str, version: String) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        certificates(folder.path());
        Self {
            folder,
            name,
            version,
            process: None,
            proxy: None,
        }
    }

    /// nginx or httpd as a proxy, with every suite it has as a client.
    pub(crate) fn proxy(kind: &str) -> Self {
        let name = match kind {
            "nginx" => "nginx as a client",
            _ => "httpd as a client",
        };
        let mut caller = Self::new(name, String::new());
        let workdir = caller.folder.path().join("proxy");
        // Servers that root starts give up their rights, and have to reach their files all the same.
        let open = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(caller.folder.path(), open).expect("the folder is ours");
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let output = Command::new(project().join("ci/servers/start"))
            .arg(kind)
            .arg(&workdir)
            .args(["0", "tls-client"])
            .env("ORIGIN", port.to_string())
            .output()
            .expect("ci/servers/start runs");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let fact = |key: &str| {
            let fact = text.lines().find_map(|line| line.strip_prefix(key));
            fact.unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(&output.stderr)))
        };
        caller.version = fact("version=").to_owned();
        caller.proxy = Some(Proxy {
            address: fact("https=").parse().expect("an address"),
            workdir,
            listener,
        });
        caller
    }

    /// What it calls, if that has to be always the same.
    pub(crate) fn listener(&self) -> Option<&TcpListener> {
        self.proxy.as_ref().map(|proxy| &proxy.listener)
    }

    /// Whether TLS 1.3 is its business here: `tests/lab_interop_server13.rs` has that of the others.
    pub(crate) fn has_tls13(&self) -> bool {
        self.proxy.is_some() || self.process.is_some()
    }

    /// Whether it keeps sessions to resume.
    pub(crate) fn resumes(&self) -> bool {
        self.name != "httpd as a client"
    }

    /// `openssl s_client` with every suite it has.
    pub(crate) fn openssl() -> Self {
        Self::new("openssl s_client", openssl_version())
    }

    /// `gnutls-cli` with every suite it has.
    pub(crate) fn gnutls() -> Self {
        Self::new("gnutls-cli", gnutls_version())
    }

    /// tlslite-ng's client with every suite it has.
    pub(crate) fn tlslite(python: &Path) -> Self {
        let code = "import tlslite; print('tlslite-ng', tlslite.__version__)";
        let version = output(&python.to_string_lossy(), &["-c", code]);
        let mut caller = Self::new("tlslite-ng client", version.trim().to_owned());
        let mut child = Command::new(python)
            .arg(project().join("ci/servers/tlslite/peer.py"))
            .arg("call")
            .arg(caller.folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Python runs");
        caller.process = Some(Mutex::new(Process {
            orders: child.stdin.take().expect("its input"),
            answers: BufReader::new(child.stdout.take().expect("its output")),
            child,
        }));
        caller
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.file(name)).expect("the file")
    }

    /// A server of one version and one suite that these clients trust.
    pub(crate) fn config(&self, version: ProtocolVersion, suite: &Suite) -> ServerConfig {
        let identity = |name: &str| ServerIdentity {
            certificates: vec![self.read(&format!("{name}.crt"))],
            key: PrivateKey::from_der(&self.read(&format!("{name}.p8"))).expect("a key"),
        };
        let identities = ["server", "server-ecdsa", "server-dss"].map(identity);
        let mut config = ServerConfig::new(vec![suite.clone()], identities.to_vec());
        (config.minimum, config.maximum, config.highest) = (version, version, version);
        config.pre_shared_keys = Some(Arc::new(OneKey));
        config.identity_hint = Some(b"3GPP-bootstrapping".to_vec());
        if matches!(suite.proof, Proof::Certificate | Proof::Tls13) {
            config.client_certificates = ClientCertificates::Required;
        }
        config
    }

    /// Whether it has SSL 3.0.
    pub(crate) fn has_ssl3(&self) -> bool {
        self.name == "tlslite-ng client"
    }

    /// The code points the client itself says it has in a version.
    pub(crate) fn listed(&self, version: ProtocolVersion) -> BTreeSet<u16> {
        let more = &["-ciphersuites", OPENSSL_SUITES_13];
        match self.name {
            "gnutls-cli" => gnutls_listed(version),
            "nginx as a client" => openssl_listed(version, more, OPENSSL_SUITES),
            // It adds to every list that it has no suites without encryption or certificate.
            "httpd as a client" => openssl_listed(version, more, "ALL:!aNULL:!eNULL:@SECLEVEL=0"),
            "tlslite-ng client" => tlslite_listed(&tlslite().expect("it runs"), version),
            _ => openssl_listed(version, &["-psk"], OPENSSL_SUITES),
        }
    }

    /// Whether the client itself crashes once such a handshake is complete: gnutls-cli 3.7.9 does when it prints the
    /// parameters beside a pre-shared key, whoever the server is.
    pub(crate) fn crashes_with(&self, suite: &Suite) -> bool {
        self.name == "gnutls-cli"
            && matches!(suite.exchange, Exchange::Dhe | Exchange::Ecdhe)
            && suite.proof == Proof::PreSharedKey
    }

    /// Connects twice, the second time to resume, and says what came back the second time. It has a certificate and shows it
    /// when it is asked for one.
    pub(crate) fn call_twice(
        &self,
        address: SocketAddr,
        version: ProtocolVersion,
        suite: &Suite,
    ) -> String {
        if let Some(process) = &self.process {
            let wire = version.wire();
            let call = serde_json::json!({
                "port": address.port(),
                "version": [wire >> 8, wire & 0xFF],
                "anonymous": suite.proof == Proof::Anonymous,
                // SSL 3.0 knows no ECDSA.
                "own": if version == ProtocolVersion::Ssl3 { "client-rsa" } else { "client-p256" },
                "line": LINE,
                "again": true,
            });
            return tell(process, &call);
        }
        if let Some(proxy) = &self.proxy {
            proxy.get(version);
            return proxy.get(version);
        }
        if self.name == "gnutls-cli" {
            return self.gnutls_cli(address, version);
        }
        self.s_client(address, version, "-sess_out");
        self.s_client(address, version, "-sess_in")
    }

    fn s_client(&self, address: SocketAddr, version: ProtocolVersion, session: &str) -> String {
        let mut command = Command::new("openssl");
        command.args(["s_client", "-quiet", session, "session.pem"]);
        command.args(["-cert", "client-rsa.pem", "-key", "client-rsa.key"]);
        command.args(["-psk", &hex(&KEY), "-psk_identity", IDENTITY]);
        command.args(openssl_options(address, version));
        self.line_through(command)
    }

    fn gnutls_cli(&self, address: SocketAddr, version: ProtocolVersion) -> String {
        let mut command = Command::new("gnutls-cli");
        command.args([
            "--resume",
            "--pskusername",
            IDENTITY,
            "--pskkey",
            &hex(&KEY),
        ]);
        command.args(["--x509certfile", "client-rsa.pem"]);
        command.args(["--x509keyfile", "client-rsa.key"]);
        command.args(gnutls_options(address, version));
        self.line_through(command)
    }

    /// Connects with somebody at the console; with a certificate or without. gnutls-cli renegotiates at once when told to.
    pub(crate) fn open(
        &self,
        address: SocketAddr,
        version: ProtocolVersion,
        (certified, renegotiates): (bool, bool),
    ) -> Console {
        let gnutls = self.name == "gnutls-cli";
        let mut command = Command::new(if gnutls { "gnutls-cli" } else { "openssl" });
        if gnutls {
            command.args(renegotiates.then_some("--rehandshake"));
            command.args(gnutls_options(address, version));
        } else {
            command
                .arg("s_client")
                .args(openssl_options(address, version));
        }
        let (chain, key) = if gnutls {
            ("--x509certfile", "--x509keyfile")
        } else {
            ("-cert", "-key")
        };
        if certified {
            command.args([chain, "client-p256.pem", key, "client-p256.key"]);
        }
        let child = self.spawn(command);
        let mut console = Console(child);
        if renegotiates && !gnutls {
            console.types("R");
        }
        console
    }

    fn spawn(&self, mut command: Command) -> Child {
        command
            .current_dir(self.folder.path())
            .env("OPENSSL_CONF", "/dev/null")
            .env("GNUTLS_SYSTEM_PRIORITY_FILE", "/dev/null")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the client runs")
    }

    /// Sends the line and gives what the client says; the server ends the conversation.
    fn line_through(&self, command: Command) -> String {
        let mut child = self.spawn(command);
        let mut input = child.stdin.take().expect("its input");
        let _ = input.write_all(LINE.as_bytes());
        let mut said = String::new();
        let mut output = child.stdout.take().expect("its output");
        let _ = output.read_to_string(&mut said);
        let mut errors = child.stderr.take().expect("its errors");
        let _ = errors.read_to_string(&mut said);
        drop(input);
        let _ = child.wait();
        said
    }

    /// What `openssl s_client` says when it has no certificate.
    pub(crate) fn openssl_uncertified(&self, address: SocketAddr) -> String {
        let mut command = Command::new("openssl");
        command.args(["s_client", "-quiet", "-tls1_2", "-cipher", OPENSSL_SUITES]);
        command.args(["-connect", &address.to_string()]);
        self.line_through(command)
    }

    /// What curl gets.
    pub(crate) fn curl(&self, address: SocketAddr) -> String {
        let port = address.port();
        let output = Command::new("curl")
            .args(["--silent", "--show-error", "--insecure", "--http1.1"])
            .args(["--resolve", &format!("localhost:{port}:127.0.0.1")])
            .arg(format!("https://localhost:{port}/"))
            .output()
            .expect("curl runs");
        let said = [output.stdout, output.stderr].concat();
        String::from_utf8_lossy(&said).into_owned()
    }
}

impl Proxy {
    /// What comes back for a request; the line when it is the engine's answer.
    fn get(&self, version: ProtocolVersion) -> String {
        let (path, further) = match version {
            ProtocolVersion::Tls10 => ("/TLSv1/", 0),
            ProtocolVersion::Tls11 => ("/TLSv1.1/", 1),
            ProtocolVersion::Tls12 => ("/TLSv1.2/", 2),
            _ => ("/TLSv1.3/", 3),
        };
        let mut address = self.address;
        if self.workdir.join("httpd.conf").exists() {
            address.set_port(address.port() + further);
        }
        let mut stream = TcpStream::connect(address).expect("it listens");
        let request = format!("GET {path} HTTP/1.0\r\nHost: ps.example.test\r\n\r\n");
        stream.write_all(request.as_bytes()).expect("it reads");
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer);
        if answer.contains(" 200 OK\r\n") && answer.ends_with("\r\n\r\npresec\n") {
            return LINE.to_owned();
        }
        answer
    }
}

/// A client with somebody at its console. It ends with this value.
pub(crate) struct Console(Child);

impl Drop for Console {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Console {
    /// A line, or a command to s_client when its first letter is one.
    pub(crate) fn types(&mut self, line: &str) {
        let input = self.0.stdin.as_mut().expect("its input");
        writeln!(input, "{line}").expect("it listens");
    }
}

fn openssl_options(address: SocketAddr, version: ProtocolVersion) -> Vec<String> {
    let version = match version {
        ProtocolVersion::Tls10 => "-tls1",
        ProtocolVersion::Tls11 => "-tls1_1",
        _ => "-tls1_2",
    };
    let address = address.to_string();
    let options = ["-CAfile", "ca.pem", "-connect", &address, version];
    let options = options.into_iter().chain(["-cipher", OPENSSL_SUITES]);
    options.map(str::to_owned).collect()
}

fn gnutls_options(address: SocketAddr, version: ProtocolVersion) -> Vec<String> {
    let only = match version {
        ProtocolVersion::Tls10 => "+VERS-TLS1.0",
        ProtocolVersion::Tls11 => "+VERS-TLS1.1",
        _ => "+VERS-TLS1.2",
    };
    let all = "+VERS-TLS1.2:+VERS-TLS1.1:+VERS-TLS1.0";
    let priority = GNUTLS_SUITES.replace(all, only);
    let (port, host) = (address.port().to_string(), address.ip().to_string());
    let options = [
        "--insecure",
        "--priority",
        &priority,
        "--port",
        &port,
        &host,
    ];
    options.map(str::to_owned).to_vec()
}

/// Gives a process an order; what it says at last, or all of it where that is not as it should be.
fn tell(process: &Mutex<Process>, call: &serde_json::Value) -> String {
    let mut process = process.lock().unwrap_or_else(PoisonError::into_inner);
    writeln!(process.orders, "{call}").expect("it listens");
    let mut answer = String::new();
    process.answers.read_line(&mut answer).expect("it answers");
    let said: serde_json::Value = serde_json::from_str(&answer).unwrap_or_default();
    if said["first"]["resumed"] != false || said["again"]["resumed"] != true {
        return answer;
    }
    said["again"]["heard"]
        .as_str()
        .unwrap_or(&answer)
        .to_owned()
}

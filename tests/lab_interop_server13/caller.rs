//! Clients of other stacks in TLS 1.3.

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::{Arc, LazyLock};

use presec::model::secret::Secret;
use presec::model::suite::{ProtocolVersion, SuiteRecord};
use presec::tls::server::{PreSharedKeys, ServerConfig, ServerIdentity};
use presec::tls::signature::PrivateKey;
use presec::tls::suite::{Exchange, Suite};
use tempfile::TempDir;

use crate::stacks::{
    GNUTLS_SUITES_13, IDENTITY, KEY, OPENSSL_SUITES, certificates, gnutls_listed, gnutls_version,
    hex, openssl_listed, openssl_version,
};

/// The line every client sends.
pub(crate) const LINE: &str = "what is written comes back\n";
/// Every suite OpenSSL has.
const OPENSSL_SUITES_13: &str = "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256:TLS_AES_128_CCM_SHA256:TLS_AES_128_CCM_8_SHA256";
/// An identity as a NAF knows it (TS 33.222 5.4); the server knows its key.
pub(crate) const NAF_IDENTITY: &str = "3GPP-bootstrapping;bGFiLXJhbmQ=@bsf.example.test";

static REGISTRY: LazyLock<Vec<SuiteRecord>> = LazyLock::new(|| {
    serde_yaml::from_str(include_str!("../../scenarios/sets/suites.yaml")).expect("the registry")
});

/// The IANA name of a code point.
pub(crate) fn name(code: u16) -> String {
    let mut known = REGISTRY.iter();
    let found = known.find(|record| record.code.0 == code);
    found.map_or_else(|| format!("0x{code:04X}"), |record| record.name.clone())
}

/// The engine's suites of TLS 1.3.
pub(crate) fn suites() -> Vec<Suite> {
    let suites = REGISTRY.iter().filter_map(Suite::of);
    suites
        .filter(|suite| suite.exchange == Exchange::Tls13)
        .collect()
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Openssl,
    Gnutls,
}

/// A client of another stack, with what it needs.
pub(crate) struct Caller {
    folder: TempDir,
    kind: Kind,
    /// The name for the table.
    pub(crate) name: &'static str,
    /// Its version.
    pub(crate) version: String,
}

struct TwoIdentities;

impl PreSharedKeys for TwoIdentities {
    fn key(&self, identity: &[u8]) -> Option<Secret> {
        [IDENTITY.as_bytes(), NAF_IDENTITY.as_bytes()]
            .contains(&identity)
            .then(|| Secret::new(KEY))
    }
}

impl Caller {
    fn new(kind: Kind, name: &'static str, version: String) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        certificates(folder.path());
        let early = folder.path().join("early.txt");
        std::fs::write(early, "said before anything\n").expect("a file");
        Self {
            folder,
            kind,
            name,
            version,
        }
    }

    pub(crate) fn openssl() -> Self {
        Self::new(Kind::Openssl, "openssl s_client -tls1_3", openssl_version())
    }

    pub(crate) fn gnutls() -> Self {
        Self::new(Kind::Gnutls, "gnutls-cli VERS-TLS1.3", gnutls_version())
    }

    pub(crate) fn is_openssl(&self) -> bool {
        self.kind == Kind::Openssl
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.file(name)).expect("the file")
    }

    /// A server of TLS 1.3 with these suites that the client trusts.
    pub(crate) fn config(&self, suites: Vec<Suite>) -> ServerConfig {
        let identity = |name: &str| ServerIdentity {
            certificates: vec![self.read(&format!("{name}.crt"))],
            key: PrivateKey::from_der(&self.read(&format!("{name}.p8"))).expect("a key"),
        };
        let identities = ["server", "server-ecdsa"].map(identity).to_vec();
        let mut config = ServerConfig::new(suites, identities);
        let version = ProtocolVersion::Tls13;
        (config.minimum, config.maximum, config.highest) = (version, version, version);
        config.pre_shared_keys = Some(Arc::new(TwoIdentities));
        config
    }

    /// The code points of TLS 1.3 that the client itself says it has.
    pub(crate) fn listed(&self) -> BTreeSet<u16> {
        let mut listed = match self.kind {
            Kind::Gnutls => gnutls_listed(ProtocolVersion::Tls13),
            Kind::Openssl => openssl_listed(
                ProtocolVersion::Tls13,
                &["-ciphersuites", OPENSSL_SUITES_13],
                OPENSSL_SUITES,
            ),
        };
        listed.retain(|code| code >> 8 == 0x13);
        listed
    }

    /// Connects once, sends the line and gives what the client says; the server ends the conversation.
    pub(crate) fn call(&self, address: SocketAddr, more: &[&str]) -> String {
        // With suites of pre-shared keys GnuTLS asks its user for one.
        let keyed = more.contains(&"--pskusername");
        let kinds = if keyed {
            ":+PSK:+DHE-PSK:+ECDHE-PSK"
        } else {
            ""
        };
        let priority = GNUTLS_SUITES_13.replace(":+PSK:+DHE-PSK:+ECDHE-PSK", kinds);
        self.call_as(address, &priority, more)
    }

    /// The same with another priority string of GnuTLS.
    pub(crate) fn call_as(&self, address: SocketAddr, priority: &str, more: &[&str]) -> String {
        // None of them bounds its own time.
        let mut command = Command::new("timeout");
        command.arg("20").arg(match self.kind {
            Kind::Openssl => "openssl",
            Kind::Gnutls => "gnutls-cli",
        });
        match self.kind {
            Kind::Openssl => command
                .args(["s_client", "-quiet", "-tls1_3", "-CAfile", "ca.pem"])
                .args(["-ciphersuites", OPENSSL_SUITES_13])
                .args(["-connect", &address.to_string()])
                .args(more),
            Kind::Gnutls => command
                .args(["--insecure", "--priority", priority])
                .args(["--port", &address.port().to_string()])
                .args(more)
                .arg(address.ip().to_string()),
        };
        self.line_through(command)
    }

    /// The options that show one of the client's certificates.
    pub(crate) fn certificate(&self, name: &str) -> Vec<String> {
        let (own, key) = match self.kind {
            Kind::Openssl => ("-cert", "-key"),
            Kind::Gnutls => ("--x509certfile", "--x509keyfile"),
        };
        let words = [own, &format!("{name}.pem"), key, &format!("{name}.key")];
        words.map(str::to_owned).to_vec()
    }

    /// The options that offer a key agreed outside TLS.
    pub(crate) fn pre_shared_key(&self, identity: &str, key: &[u8]) -> Vec<String> {
        let (who, what) = match self.kind {
            Kind::Openssl => ("-psk_identity", "-psk"),
            Kind::Gnutls => ("--pskusername", "--pskkey"),
        };
        [who, identity, what, &hex(key)].map(str::to_owned).to_vec()
    }

    /// Connects twice, the second time to resume, and gives what the client says the second time.
    pub(crate) fn call_twice(&self, address: SocketAddr, more: &[&str]) -> String {
        if self.kind == Kind::Gnutls {
            return self.call(address, &[&["--resume"], more].concat());
        }
        self.call(address, &[&["-sess_out", "session.pem"], more].concat());
        self.call(address, &[&["-sess_in", "session.pem"], more].concat())
    }

    fn line_through(&self, mut command: Command) -> String {
        let mut child = command
            .current_dir(self.folder.path())
            .env("OPENSSL_CONF", "/dev/null")
            .env("GNUTLS_SYSTEM_PRIORITY_FILE", "/dev/null")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the client runs");
        let mut input = child.stdin.take().expect("its input");
        let _ = input.write_all(LINE.as_bytes());
        let (mut said, mut errors) = (Vec::new(), Vec::new());
        let mut output = child.stdout.take().expect("its output");
        let mut buffer = [0; 4096];
        let mut again = false;
        while let Ok(count @ 1..) = output.read(&mut buffer) {
            said.extend_from_slice(&buffer[..count]);
            // Once more when the line came back: what was asked of the client meanwhile goes before it.
            let back = String::from_utf8_lossy(&said).contains(LINE);
            if back && !std::mem::replace(&mut again, true) {
                let _ = input.write_all(LINE.as_bytes());
            }
        }
        let mut other = child.stderr.take().expect("its errors");
        let _ = other.read_to_end(&mut errors);
        drop(input);
        let _ = child.wait();
        String::from_utf8_lossy(&[said, errors].concat()).into_owned()
    }
}

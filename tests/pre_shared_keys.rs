//! The scenarios of pre-shared keys against servers of other stacks: `openssl s_server` and `gnutls-serv`, each as one would
//! set it up and once misconfigured.
#![cfg(test)]

mod support;

use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use support::{Call, run_in};
use tempfile::TempDir;

/// The B-TID that the servers know.
const B_TID: &str = "bGFiLXJhbmQtYWxpY2UuLg==@bsf.example.test";
/// Its key, 32 octets: in hex as the servers want it, in base64 as a target file has it.
const KEY_HEX: &str = "6c61622d6b732d6e61662d666f722d746c732d70736b2d2e616c6963652e2e2e";
const KEY: &str = "bGFiLWtzLW5hZi1mb3ItdGxzLXBzay0uYWxpY2UuLi4=";
/// The key of HTTP Digest.
const DIGEST_KEY: &str = "bGFiLXZhbHVlLW9mLWtzLW5hZi1mb3ItYWxpY2UuLi4=";
/// How long a server may take to listen.
const LIMIT: Duration = Duration::from_secs(20);

/// A server that ends with the test.
struct Peer {
    child: Child,
    port: u16,
    folder: TempDir,
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn openssl(more: &[&str]) -> Peer {
    let identity = format!("3GPP-bootstrapping;{B_TID}");
    start(|command, port| {
        command.args(["openssl", "s_server", "-www", "-accept"]);
        command.arg(format!("127.0.0.1:{port}"));
        command.args(["-cert", "c.pem", "-key", "k.pem"]);
        command.args(["-psk", KEY_HEX, "-psk_identity", &identity]);
        command.args(more);
    })
}

fn gnutls(suites: &str, more: &[&str]) -> Peer {
    gnutls_of(
        &format!("+VERS-TLS1.2:+PSK:+DHE-PSK:+ECDHE-PSK{suites}"),
        more,
    )
}

fn gnutls_of(kinds: &str, more: &[&str]) -> Peer {
    let priority = format!("NORMAL:-VERS-ALL:{kinds}");
    start(|command, port| {
        command.args(["gnutls-serv", "--http", "--disable-client-cert", "--port"]);
        command.arg(port.to_string());
        command.args(["--x509certfile", "c.pem", "--x509keyfile", "k.pem"]);
        command.args(["--pskpasswd", "keys.psk", "--priority", &priority]);
        command.args(more);
    })
}

/// Starts a server in a folder with certificate and keys; `env` finds it and keeps distributions' own rules away.
fn start(arguments: impl Fn(&mut Command, u16)) -> Peer {
    let folder = tempfile::tempdir().expect("a folder");
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes"])
        .args([
            "-subj",
            "/CN=localhost",
            "-keyout",
            "k.pem",
            "-out",
            "c.pem",
        ])
        .args(["-addext", "subjectAltName=DNS:localhost"])
        .current_dir(folder.path())
        .stderr(Stdio::null())
        .status();
    assert!(made.expect("openssl runs").success());
    let keys = format!("3GPP-bootstrapping;{B_TID}:{KEY_HEX}\n");
    std::fs::write(folder.path().join("keys.psk"), keys).expect("the keys");
    let free = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = free.local_addr().expect("an address").port();
    drop(free);
    let mut command = Command::new("env");
    command
        .args([
            "OPENSSL_CONF=/dev/null",
            "GNUTLS_SYSTEM_PRIORITY_FILE=/dev/null",
        ])
        .current_dir(folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    arguments(&mut command, port);
    let child = command.spawn().expect("the server starts");
    let peer = Peer {
        child,
        port,
        folder,
    };
    let began = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(began.elapsed() < LIMIT, "the server does not listen");
        std::thread::yield_now();
    }
    peer
}

impl Peer {
    fn judged(&self, ids: &str) -> Call {
        let port = self.port;
        let target = format!(
            r#"name: peer
roles: [presence-server]
release: rel7
topology: direct
ut: {{ url: "https://localhost:{port}/", address: "127.0.0.1:{port}", ca: c.pem, clear: none }}
documents: {{ names: {{ pres-rules: index }} }}
policy: {{ auth_modes: [psk] }}
subscribers:
  alice:
    impus: ["sip:alice@example.test"]
    credentials:
      b_tid: "{B_TID}"
      ks_naf: "lab:{DIGEST_KEY}"
      pre_shared_key:
        suite: TLS_PSK_WITH_AES_128_GCM_SHA256
        ks_naf: "lab:{KEY}"
        # The servers have one key for every version.
        ks_naf_tls13: "lab:{KEY}"
"#
        );
        let folder: &Path = self.folder.path();
        std::fs::write(folder.join("target.yaml"), target).expect("the target file");
        let risk = ["--risk", "disruptive"];
        run_in(
            folder,
            &[&["--target", "target.yaml"], &risk[..], &[ids]].concat(),
        )
    }
}

/// Verdicts by id, without those that pass everywhere.
fn beside_pass(call: &Call) -> Vec<(String, String)> {
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let cases = call.cases().iter();
    cases
        .map(|case| (text(&case["id"]), text(&case["verdict"])))
        .filter(|(_, verdict)| verdict != "pass")
        .collect()
}

fn hold(peer: &Peer, wanted: &[(&str, &str)]) {
    let call = peer.judged("PSK-*");
    assert_eq!(call.cases().len(), 13, "{}", call.stderr);
    let found = beside_pass(&call);
    let found: Vec<(&str, &str)> = found.iter().map(|(id, v)| (&**id, &**v)).collect();
    assert_eq!(found, wanted);
}

const NO_THROW_AWAY: (&str, &str) = ("PSK-06", "not-applicable");
const NO_TLS_1_3: (&str, &str) = ("PSK-09", "not-applicable");
const INFORMATIVE: (&str, &str) = ("PSK-11", "info");

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn gnutls_takes_its_keys_and_no_others() {
    let peer = gnutls("", &["--pskhint", "3GPP-bootstrapping"]);
    hold(&peer, &[NO_THROW_AWAY, NO_TLS_1_3, INFORMATIVE]);
}

#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn gnutls_without_hint_and_with_null_is_told() {
    let wanted = [
        ("PSK-02", "warn"),
        NO_THROW_AWAY,
        ("PSK-08[version=tls1.2]", "fail"),
        NO_TLS_1_3,
        INFORMATIVE,
    ];
    hold(&gnutls(":+NULL", &[]), &wanted);
}

/// s_server has one key and gives it to every identity; it says so in its log and goes on.
#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn openssl_s_server_looks_at_no_identity() {
    let any = [
        ("PSK-04", "fail"),
        NO_THROW_AWAY,
        ("PSK-07[identity=without-prefix]", "warn"),
        ("PSK-07[identity=nul]", "warn"),
    ];
    let hinted = [
        "-tls1_2",
        "-psk_hint",
        "3GPP-bootstrapping",
        "-cipher",
        "ALL:PSK:!eNULL",
    ];
    let wanted = [&any[..], &[NO_TLS_1_3, INFORMATIVE]].concat();
    hold(&openssl(&hinted), &wanted);
    let bare = ["-tls1_2", "-cipher", "ALL:PSK:eNULL:@SECLEVEL=0"];
    let null = [("PSK-08[version=tls1.2]", "fail"), NO_TLS_1_3, INFORMATIVE];
    let wanted = [&[("PSK-02", "warn")], &any[..], &null].concat();
    hold(&openssl(&bare), &wanted);
}

/// In TLS 1.3 OpenSSL takes the key alone only when it is told to; GnuTLS when PSK is enabled and not DHE-PSK alone.
#[test]
#[ignore = "needs servers that are not ours: ci/test"]
fn a_key_is_taken_alone_where_the_server_is_set_up_so() {
    let with_shares = "+VERS-TLS1.3:+DHE-PSK:+ECDHE-PSK";
    let alone = "+VERS-TLS1.3:+PSK:+DHE-PSK:+ECDHE-PSK";
    for (peer, verdict) in [
        (openssl(&["-tls1_3"]), "pass"),
        (openssl(&["-tls1_3", "-allow_no_dhe_kex"]), "warn"),
        (gnutls_of(with_shares, &[]), "pass"),
        (gnutls_of(alone, &[]), "warn"),
    ] {
        let call = peer.judged("PSK-09");
        let [case] = call.cases() else {
            panic!("{}", call.stderr);
        };
        assert_eq!(case["verdict"], verdict, "{}", call.stdout);
    }
}

//! Stacks of others: what they have to be told so that they do everything, and what they say they have.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use presec::model::suite::ProtocolVersion;

use crate::support::project;

/// The pre-shared key every peer knows under [`IDENTITY`].
pub(crate) const KEY: [u8; 16] = [
    0x00, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77, 0x88, 0x99, 0xAA, 0xBB, 0xCC, 0xDD, 0xEE, 0xFF,
];
/// Its identity.
pub(crate) const IDENTITY: &str = "presec";
/// Every suite OpenSSL has, the worst included.
pub(crate) const OPENSSL_SUITES: &str = "ALL:COMPLEMENTOFALL:@SECLEVEL=0";
/// Every suite of TLS 1.3 OpenSSL has.
pub(crate) const OPENSSL_SUITES_13: &str = "TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256:TLS_AES_128_CCM_SHA256:TLS_AES_128_CCM_8_SHA256";
/// Every suite GnuTLS has.
pub(crate) const GNUTLS_SUITES: &str = "NORMAL:-VERS-ALL:+VERS-TLS1.2:+VERS-TLS1.1:+VERS-TLS1.0:+ANON-DH:+ANON-ECDH:+PSK:+DHE-PSK:+ECDHE-PSK:+RSA-PSK:+RSA:+DHE-RSA:+NULL:+ARCFOUR-128:+3DES-CBC:+CAMELLIA-128-CBC:+CAMELLIA-256-CBC:+CAMELLIA-128-GCM:+CAMELLIA-256-GCM:+AES-128-CCM:+AES-256-CCM:+AES-128-CCM-8:+AES-256-CCM-8:+DHE-DSS:+SIGN-DSA-SHA1:+SIGN-DSA-SHA256:+MD5:+SHA256:+SHA384:+GROUP-ALL:%SERVER_PRECEDENCE";
/// Every suite of TLS 1.3 GnuTLS has; it selects none of them once NULL or RC4 are enabled beside them.
pub(crate) const GNUTLS_SUITES_13: &str = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+PSK:+DHE-PSK:+ECDHE-PSK:+AES-128-CCM:+AES-128-CCM-8:+GROUP-ALL:%SERVER_PRECEDENCE";

/// What a program says.
pub(crate) fn output(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program)
        .args(arguments)
        .env("OPENSSL_CONF", "/dev/null")
        .env("GNUTLS_SYSTEM_PRIORITY_FILE", "/dev/null")
        .output()
        .unwrap_or_else(|error| panic!("{program}: {error}"));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn openssl(folder: &Path, arguments: &str) {
    let output = Command::new("openssl")
        .args(arguments.split_whitespace())
        .current_dir(folder)
        .output()
        .expect("openssl runs");
    assert!(
        output.status.success(),
        "openssl {arguments}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// A certificate and its key in PEM (`from`.pem, .key) as DER (`to`.crt, .p8).
pub(crate) fn in_der(from: &Path, to: &Path) {
    let (from, to) = (from.display(), to.display());
    let folder = Path::new(".");
    openssl(
        folder,
        &format!("x509 -in {from}.pem -outform DER -out {to}.crt"),
    );
    openssl(
        folder,
        &format!("pkcs8 -topk8 -nocrypt -in {from}.key -outform DER -out {to}.p8"),
    );
}

/// An authority, and certificates of servers and clients.
pub(crate) fn certificates(folder: &Path) {
    openssl(
        folder,
        "req -x509 -newkey rsa:2048 -nodes -subj /CN=lab -keyout ca.key -out ca.pem",
    );
    // A group of the size that SHA-1 goes with: Java refuses to sign otherwise.
    openssl(
        folder,
        "genpkey -genparam -algorithm DSA -pkeyopt dsa_paramgen_bits:1024 -pkeyopt dsa_paramgen_q_bits:160 -out dsa.param",
    );
    for (name, key) in [
        ("server", "rsa:2048"),
        ("server-ecdsa", "ec -pkeyopt ec_paramgen_curve:P-256"),
        ("server-dss", "dsa:dsa.param"),
        ("client-rsa", "rsa:2048"),
        ("client-p256", "ec -pkeyopt ec_paramgen_curve:P-256"),
        ("client-p384", "ec -pkeyopt ec_paramgen_curve:P-384"),
    ] {
        certificate(folder, name, key);
    }
}

/// A certificate of the authority, with its key, in the forms the stacks and the engine take.
pub(crate) fn certificate(folder: &Path, name: &str, key: &str) {
    let request = "req -nodes -newkey";
    for what in [
        format!("{request} {key} -subj /CN={name} -keyout {name}.key -out {name}.csr"),
        format!(
            "x509 -req -in {name}.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out {name}.pem"
        ),
    ] {
        openssl(folder, &what);
    }
    in_der(&folder.join(name), &folder.join(name));
}

/// Octets as the stacks take them.
pub(crate) fn hex(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

/// The code points OpenSSL says it has in a version. `openssl ciphers -V`: ` 0xC0,0x2C - ECDHE-... `.
pub(crate) fn openssl_listed(
    version: ProtocolVersion,
    more: &[&str],
    suites: &str,
) -> BTreeSet<u16> {
    let only = match version {
        ProtocolVersion::Tls10 => "-tls1",
        ProtocolVersion::Tls11 => "-tls1_1",
        ProtocolVersion::Tls13 => "-tls1_3",
        _ => "-tls1_2",
    };
    let arguments = [&["ciphers", "-V", "-s", only], more, &[suites]].concat();
    output("openssl", &arguments)
        .lines()
        .filter_map(|line| {
            let code = line.split_whitespace().next()?;
            u16::from_str_radix(&code.replace("0x", "").replace(',', ""), 16).ok()
        })
        .collect()
}

/// The code points GnuTLS says it has in a version. `gnutls-cli --list`: `TLS_...   0xc0, 0x2c   TLS1.2`, the version being the lowest.
pub(crate) fn gnutls_listed(version: ProtocolVersion) -> BTreeSet<u16> {
    let suites = if version == ProtocolVersion::Tls13 {
        GNUTLS_SUITES_13
    } else {
        GNUTLS_SUITES
    };
    output("gnutls-cli", &["--list", "--priority", suites])
        .lines()
        .filter(|line| line.starts_with("TLS_"))
        .filter_map(|line| {
            let columns: Vec<&str> = line.split('\t').map(str::trim).collect();
            let [_, code, lowest] = columns.as_slice() else {
                return None;
            };
            let lowest = match *lowest {
                "TLS1.2" => ProtocolVersion::Tls12,
                "TLS1.3" => ProtocolVersion::Tls13,
                _ => ProtocolVersion::Tls10,
            };
            let code = code.replace("0x", "").replace(", ", "");
            (lowest <= version)
                .then(|| u16::from_str_radix(&code, 16).ok())
                .flatten()
        })
        .collect()
}

/// The code points tlslite-ng says it has in a version.
pub(crate) fn tlslite_listed(python: &Path, version: ProtocolVersion) -> BTreeSet<u16> {
    let peer = project().join("ci/servers/tlslite/peer.py");
    let wire = format!("{:04x}", version.wire());
    let arguments = [&*peer.to_string_lossy(), "list", &wire];
    output(&python.to_string_lossy(), &arguments)
        .lines()
        .map(|code| u16::from_str_radix(code, 16).expect("a code point"))
        .collect()
}

/// The version of OpenSSL.
pub(crate) fn openssl_version() -> String {
    let text = output("openssl", &["version"]);
    text.split(' ').take(2).collect::<Vec<_>>().join(" ")
}

/// The version of GnuTLS.
pub(crate) fn gnutls_version() -> String {
    let text = output("gnutls-serv", &["--version"]);
    let line = text.lines().next().unwrap_or_default();
    line.replace("gnutls-serv", "GnuTLS")
}

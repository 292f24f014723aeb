//! The pins, grouped by what they come from. `docs/assurance.md` explains the ones that are findings.

use super::pin::Pin;

const FACT: &str = "a fact worth knowing, whatever it is";
const LEVER: &str = "the target file declares that this lever does not exist";

/// What no run of these tests asks for, and what no certificate of these servers has.
pub(crate) const EVERYWHERE: &[Pin] = &[
    (
        "DIG-25 RE-10",
        "not-applicable",
        2,
        "its risk `load` is not opted into",
        "these tests judge at the risk that is the default",
    ),
    (
        "GBA-14 PSK-06 RE-08 RE-11 TLSM-11",
        "not-applicable",
        5,
        "its risk `disruptive` is not opted into",
        "the same",
    ),
    (
        "CC-07 PSK-01 PSK-02 PSK-03 PSK-04 PSK-05 PSK-07 PSK-08 PSK-09 PSK-10 PSK-11 RE-13 RE-15",
        "not-applicable",
        13,
        "auth_modes is gba-digest",
        "they authenticate by HTTP Digest",
    ),
    (
        "ID-16",
        "not-applicable",
        1,
        "",
        "the first application server is trusted, or there is no proxy",
    ),
    (
        "CERT-13",
        "not-applicable",
        1,
        "expected a certificate with the address of an OCSP responder",
        "the certificates name none, so there is nothing to staple",
    ),
];

/// Two subscribers and no more.
pub(crate) const TWO_SUBSCRIBERS: &[Pin] = &[(
    "GBA-16",
    "not-applicable",
    1,
    "subscribers names no alice_before",
    "only who knows an earlier B-TID of a subscriber can send it",
)];

/// What every one of these target files rules out.
pub(crate) const ANY: &[Pin] = &[
    (
        "ID-27",
        "not-applicable",
        1,
        "other roles",
        "it judges a server without a proxy",
    ),
    ("TLSV-11", "not-applicable", 1, "ut.clear is none", LEVER),
    ("CERT-09", "info", 1, "full handshake", FACT),
];

/// Facts about any server that speaks TLS 1.2 and 1.3 and resumes sessions.
pub(crate) const BOTH_VERSIONS: &[Pin] = &[
    ("CERT-11", "info", 2, "ServerHello: tls1.", FACT),
    ("TLSC-26", "info", 2, " in tls1.", FACT),
    ("TLSS-04", "info", 2, "resumed by ", FACT),
];

/// A ticket of a connection that a fatal alert ended resumes, as nobody keeps a list of them.
pub(crate) const TICKETS: &[Pin] = &[("TLSS-21", "info", 1, "resumed by ticket", FACT)];

/// No clock that could be moved.
pub(crate) const NO_CLOCK_TLS: &[Pin] = &[(
    "TLSS-06 TLSS-07 TLSS-08 TLSS-18",
    "not-applicable",
    4,
    "hooks.advance_clock is none",
    LEVER,
)];

/// The same for nonces.
pub(crate) const NO_CLOCK: &[Pin] = &[(
    "DIG-05 DIG-06",
    "not-applicable",
    2,
    "hooks.advance_clock is none",
    LEVER,
)];

/// A server that asks nobody for a certificate.
pub(crate) const NO_CERTIFICATE: &[Pin] = &[
    (
        "CC-03 CC-04 CC-05 CC-06 CC-10",
        "not-applicable",
        5,
        "client_certificate is none",
        "policy demands none",
    ),
    (
        "CC-08 CERT-10",
        "info",
        2,
        "full handshake, answered with status",
        FACT,
    ),
];

/// A server that insists on a certificate.
pub(crate) const CERTIFICATE: &[Pin] = &[
    (
        "CC-01",
        "not-applicable",
        1,
        "certificate_required (116)",
        "only an operator without certificates is judged by it",
    ),
    ("CC-08", "info", 1, "certificate_required (116)", FACT),
    (
        "CC-10",
        "not-applicable",
        1,
        "client_certificate is required",
        "whoever logs in there has the certificate",
    ),
    ("CERT-10", "info", 1, "client certificate requested", FACT),
];

/// Nothing of presec stands behind it.
pub(crate) const UNOBSERVED: &[Pin] = &[(
    "AP-01 AP-02 AP-03 AP-05 AP-06 AP-12 AP-18 AP-21 AP-22 ID-02 ID-03 ID-04 ID-05 ID-06 ID-07 ID-08 ID-09 ID-10 ID-11 ID-12 ID-13 ID-14 ID-15 ID-17 ID-18 ID-19 ID-21 ID-24 ID-25 ID-26 ID-28 ID-29 ID-30 TLSS-16",
    "not-applicable",
    34,
    "origin is real",
    "only the observer sees what the proxy forwards",
)];

/// No clear endpoint.
pub(crate) const NO_CLEAR: &[Pin] = &[("TLSM-02", "not-applicable", 1, "ut.clear is none", LEVER)];

/// No subscribers: only TLS is judged.
pub(crate) const NO_SUBSCRIBERS: &[Pin] = &[(
    "AP-04 AP-07 AP-08 AP-11 AP-13 AP-15 AP-19 AP-20 CC-02 CC-09 CERT-12 DIG-01 DIG-02 DIG-03 DIG-04 DIG-05 DIG-06 DIG-07 DIG-08 DIG-09 DIG-10 DIG-11 DIG-12 DIG-13 DIG-14 DIG-15 DIG-16 DIG-17 DIG-18 DIG-19 DIG-20 DIG-21 DIG-22 DIG-23 DIG-24 DIG-26 DIG-27 GBA-01 GBA-02 GBA-03 GBA-04 GBA-05 GBA-06 GBA-07 GBA-08 GBA-09 GBA-13 GBA-16 GBA-17 ID-01 ID-20 ID-22 ID-23 RE-01 RE-02 RE-03 RE-04 RE-05 RE-06 RE-07 RE-14 TLSC-33 TLSC-34 TLSM-01 TLSM-02 TLSS-12 TLSS-13 TLSS-14 TLSS-15 TLSS-19 XC-01 XC-02 XC-03 XC-04 XC-05 XC-06 XC-07 XC-08 XC-09 XC-12 XC-13 XC-21 XC-22 XC-23",
    "not-applicable",
    84,
    "subscribers is none",
    LEVER,
)];

/// No suite without encryption or without authentication of the server.
pub(crate) const NO_WEAK_SUITES: &[Pin] = &[(
    "TLSC-33 TLSC-34",
    "not-applicable",
    2,
    "expected a completed handshake, seen: alert fatal handshake_failure",
    "what such a suite would give away can be seen only where there is one",
)];

/// TLS 1.2 and nobody to renegotiate with.
pub(crate) const NO_RENEGOTIATION: &[Pin] = &[(
    "TLSC-32[version=tls1.2]",
    "not-applicable",
    1,
    "expected a completed renegotiation",
    "what a renegotiation would select can be seen only where there is one",
)];

/// Neither CBC nor RSA key exchange.
pub(crate) const NO_OLD_SUITES: &[Pin] = &[(
    "TLSM-08 TLSM-09",
    "not-applicable",
    2,
    "completes no handshake with these suites",
    "there is no padding to tell apart",
)];

/// The same in three versions.
pub(crate) const NO_RENEGOTIATION_IN_OLD_VERSIONS: &[Pin] = &[(
    "TLSC-32",
    "not-applicable",
    3,
    "expected a completed renegotiation",
    "what a renegotiation would select can be seen only where there is one",
)];

/// A server that has every weak suite, asked for one that a session does not have.
pub(crate) const WEAK_INSTEAD_OF_RESUMPTION: &[Pin] = &[
    (
        "TLSC-31[mechanism=session-id]",
        "fail",
        1,
        "TLS_DH_anon_WITH_AES_128_CBC_SHA",
        "finding: an anonymous suite is selected (TS 33.141 7.2)",
    ),
    (
        "TLSC-31[mechanism=ticket]",
        "inconclusive",
        1,
        "TLS_RSA_WITH_NULL_MD5",
        "it prefers the weak suite even to the known one",
    ),
];

/// The proxy's challenges and the store behind it.
pub(crate) const APACHE: &[Pin] = &[
    (
        "DIG-08",
        "not-applicable",
        1,
        "qop auth-int",
        "mod_auth_digest offers qop auth only",
    ),
    (
        "GBA-04 GBA-05",
        "info",
        2,
        "401 Digest realm=\"3GPP-bootstrapping@ps.example.test\"",
        FACT,
    ),
    (
        "AP-15",
        "info",
        1,
        "401 Digest realm=\"3GPP-bootstrapping@as2.example.test\"",
        "a fact: one connection serves both hosts, each in a realm of its own",
    ),
];

/// httpd without another server in front.
pub(crate) const APACHE_ITSELF: &[Pin] = &[
    (
        "AP-11",
        "warn",
        1,
        "200 OK",
        "finding: ServerTokens is left as it comes, so Server names the versions of httpd and OpenSSL",
    ),
    (
        "RE-14[mechanism=session-id]",
        "not-applicable",
        1,
        "expected a session to resume",
        "the lever is a restart, which forgets the session cache; tickets outlive it",
    ),
];

/// httpd's proxy as the observer behind it sees it, whoever stands in front.
pub(crate) const APACHE_OBSERVED: &[Pin] = &[
    (
        "AP-12",
        "warn",
        1,
        "302 Found to http://127.0.0.1:",
        "finding: ProxyPass without ProxyPassReverse hands the origin's Location on (HARD-location-rewritten)",
    ),
    (
        "ID-24",
        "not-applicable",
        1,
        "subscribers names no no_service",
        "only one who may not use the service can try",
    ),
];

/// mod_dav.
pub(crate) const APACHE_STORE: &[Pin] = &[(
    "XC-02",
    "warn",
    4,
    "204 No Content",
    "finding: RFC 4825 8.2.4 answers a replacement with 200, WebDAV with 204",
)];

/// mod_auth_digest does not look at the nonce count.
pub(crate) const APACHE_REPLAY: &[Pin] = &[(
    "TLSS-14",
    "warn",
    1,
    "200 OK",
    "finding: a used Authorization is accepted again, on a resumed session too (RFC 7616 5.5)",
)];

/// The policy of a proxy that asks nobody for a certificate, where it depends on logins.
pub(crate) const APACHE_NO_CERTIFICATE: &[Pin] = &[(
    "CC-02",
    "not-applicable",
    1,
    "expected a CertificateRequest",
    "it judges only who asks for a certificate",
)];

/// The same of a proxy that insists on one.
pub(crate) const APACHE_CERTIFICATE: &[Pin] = &[(
    "CC-09",
    "not-applicable",
    1,
    "certificate_required (116)",
    "without a certificate there is no connection on which to try",
)];

/// AES128-SHA is configured on purpose in httpd, nginx and s_server.
pub(crate) const RSA_KEY_EXCHANGE: &[Pin] = &[
    (
        "TLSC-20",
        "warn",
        1,
        "TLS_RSA_WITH_AES_128_CBC_SHA",
        "finding: RSA key exchange is on",
    ),
    (
        "TLSC-21",
        "warn",
        1,
        "TLS_RSA_WITH_AES_128_CBC_SHA",
        "finding: a CBC suite is on",
    ),
];

/// What OpenSSL and GnuTLS have on without being told otherwise.
pub(crate) const LIBRARY_SUITES: &[Pin] = &[
    (
        "TLSC-20",
        "warn",
        1,
        "TLS_RSA_WITH_AES_128_CBC_SHA",
        "finding: RSA key exchange is on",
    ),
    (
        "TLSC-21",
        "warn",
        1,
        "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
        "finding: CBC suites are on",
    ),
];

/// SHA-1 signatures.
pub(crate) const SHA1_SIGNATURES: &[Pin] = &[(
    "TLSC-30",
    "warn",
    1,
    "signed with sha1",
    "finding: SHA-1 signs the key exchange for a client that offers nothing better",
)];

/// nginx has no DHE without ssl_dhparam.
pub(crate) const NGINX_NO_DHE: &[Pin] = &[
    (
        "TLSC-16[suite=TLS_DHE_RSA_WITH_AES_128_GCM_SHA256]",
        "warn",
        1,
        "handshake_failure (40)",
        "finding: the profile lists this suite, nginx has it only with ssl_dhparam",
    ),
    (
        "TLSC-28",
        "not-applicable",
        1,
        "expected a ServerHello",
        "there is no DHE group to judge",
    ),
];

/// nginx asks no session for its name where hosts share a cache and a key.
pub(crate) const NGINX_SESSIONS: &[Pin] = &[(
    "TLSS-09",
    "warn",
    2,
    "resumed by ",
    "finding: a session is resumed under another name, although the name is acknowledged (RFC 6066 3)",
)];

/// A server that takes no name up.
pub(crate) const NO_NAMES: &[Pin] = &[(
    "TLSS-09",
    "not-applicable",
    2,
    "expected server_name in the ServerHello",
    "whoever takes no name up binds no session to it",
)];

/// Sessions of TLS 1.3, where there is none.
pub(crate) const NO_TLS13_SESSIONS: &[Pin] = &[(
    "TLSS-05[mechanism=tls13-psk] TLSS-11[mechanism=tls13-psk]",
    "not-applicable",
    2,
    "accepts no version that the lab TLS engine has",
    "nothing of TLS 1.3 to judge",
)];

/// gnutls-serv.
pub(crate) const GNUTLS_SESSIONS: &[Pin] = &[
    (
        "TLSS-10",
        "warn",
        1,
        "(which was not offered), offered session id echoed",
        "finding: a session is resumed with its suite although the client no longer offers it (RFC 5246 7.4.1.2 and 7.4.1.3)",
    ),
    (
        "TLSS-20",
        "warn",
        1,
        "resumed by session-id",
        "finding: a session is resumed whose connection a fatal alert ended (RFC 5246 7.2.2)",
    ),
];

/// A server that stops at TLS 1.2.
pub(crate) const NO_TLS13: &[Pin] = &[
    ("CERT-11", "info", 1, "ServerHello: tls1.2", FACT),
    ("TLSC-26", "info", 1, " in tls1.", FACT),
    (
        "TLSS-04[version=tls1.2]",
        "info",
        1,
        "resumed by ticket",
        FACT,
    ),
    (
        "TLSV-06",
        "fail",
        1,
        "protocol_version (70)",
        "finding: Rel-17 demands TLS 1.3 (TS 33.210 6.2.1)",
    ),
    (
        "TLSC-16[suite=TLS_AES_128_GCM_SHA256]",
        "warn",
        1,
        "protocol_version (70)",
        "finding: the mandatory suite of TLS 1.3",
    ),
    (
        "TLSC-10 TLSS-03 TLSS-04[version=tls1.3] TLSV-07 TLSV-08",
        "not-applicable",
        5,
        "expected a ServerHello",
        "nothing of TLS 1.3 to judge",
    ),
];

/// No session cache, no tickets.
pub(crate) const NO_RESUMPTION: &[Pin] = &[
    (
        "TLSC-31",
        "not-applicable",
        2,
        "expected a session to resume",
        "there is none",
    ),
    ("CERT-11", "info", 2, "ServerHello: tls1.", FACT),
    ("TLSC-26", "info", 2, " in tls1.", FACT),
    (
        "TLSS-01",
        "fail",
        1,
        "full handshake",
        "finding: no mechanism resumes (TS 33.141 7.1)",
    ),
    (
        "TLSS-02",
        "warn",
        1,
        "gave no session",
        "finding: the same for session identifiers and tickets",
    ),
    (
        "TLSS-03",
        "warn",
        1,
        "full handshake",
        "finding: the same in TLS 1.3",
    ),
    (
        "TLSS-04",
        "not-applicable",
        2,
        "expected a session to resume",
        "there is nothing to resume",
    ),
    (
        "TLSS-05 TLSS-11 TLSS-20 TLSS-21",
        "not-applicable",
        6,
        "expected a session to resume",
        "there is nothing to resume",
    ),
    (
        "TLSS-10",
        "not-applicable",
        1,
        "gave no session id",
        "there is nothing to resume",
    ),
];

/// TLS 1.0 to 1.3, anonymous and NULL suites, the client's order: OpenSSL behind s_server and nginx.
pub(crate) const OPENSSL_WEAK: &[Pin] = &[
    ("CERT-11", "info", 4, "ServerHello: tls1.", FACT),
    ("TLSC-26", "info", 4, " in tls1.", FACT),
    ("TLSS-04", "info", 2, "resumed by ", FACT),
    (
        "TLSC-01 TLSC-04 TLSC-06",
        "fail",
        9,
        "TLS_DH_anon_WITH_AES_128_CBC_SHA",
        "anonymous suites",
    ),
    (
        "TLSC-02",
        "fail",
        27,
        "H_anon_WITH_",
        "each anonymous suite by itself",
    ),
    (
        "TLSC-03",
        "fail",
        3,
        "TLS_ECDH_anon_WITH_NULL_SHA",
        "anonymous ECDH",
    ),
    (
        "TLSC-07 TLSC-09 TLSC-27",
        "fail",
        9,
        "TLS_RSA_WITH_NULL_MD5",
        "no encryption",
    ),
    (
        "TLSC-08",
        "fail",
        13,
        "_WITH_NULL_",
        "each suite without encryption by itself",
    ),
    (
        "TLSC-20",
        "warn",
        3,
        "TLS_RSA_WITH_AES_128_CBC_SHA",
        "RSA key exchange",
    ),
    (
        "TLSC-21",
        "warn",
        3,
        "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
        "CBC suites",
    ),
    ("TLSV-03", "fail", 1, "ServerHello: tls1.0", "TLS 1.0"),
    ("TLSV-04", "fail", 1, "ServerHello: tls1.1", "TLS 1.1"),
];

/// TLS 1.0 to 1.2, anonymous, NULL, RC4 and 3DES suites, the server's order.
pub(crate) const GNUTLS_WEAK: &[Pin] = &[
    ("CERT-11", "info", 3, "ServerHello: tls1.", FACT),
    ("TLSC-26", "info", 3, " in tls1.", FACT),
    (
        "TLSS-04[version=tls1.2]",
        "info",
        1,
        "resumed by ticket",
        FACT,
    ),
    (
        "TLSC-01 TLSC-06",
        "fail",
        6,
        "TLS_DH_anon_WITH_AES_256_",
        "anonymous suites",
    ),
    (
        "TLSC-02",
        "fail",
        29,
        "H_anon_WITH_",
        "each anonymous suite by itself",
    ),
    (
        "TLSC-03",
        "fail",
        3,
        "TLS_ECDH_anon_WITH_AES_256_CBC_SHA",
        "anonymous ECDH",
    ),
    (
        "TLSC-07 TLSC-27",
        "fail",
        6,
        "TLS_ECDHE_RSA_WITH_NULL_SHA",
        "no encryption",
    ),
    (
        "TLSC-08",
        "fail",
        12,
        "_WITH_NULL_",
        "each suite without encryption by itself",
    ),
    (
        "TLSC-13",
        "warn",
        3,
        "TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA",
        "triple DES",
    ),
    ("TLSC-14", "warn", 9, "_WITH_RC4_128_", "RC4"),
    (
        "TLSC-20",
        "warn",
        3,
        "ServerHello: tls1.",
        "RSA key exchange",
    ),
    (
        "TLSC-21",
        "warn",
        3,
        "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
        "CBC suites",
    ),
    (
        "TLSC-22",
        "warn",
        3,
        "TLS_RSA_WITH_RC4_128_MD5",
        "an MD5 suite",
    ),
    ("TLSV-03", "fail", 1, "ServerHello: tls1.0", "TLS 1.0"),
    ("TLSV-04", "fail", 1, "ServerHello: tls1.1", "TLS 1.1"),
    (
        "TLSV-06",
        "fail",
        1,
        "handshake_failure (40)",
        "no TLS 1.3 beside these suites",
    ),
    (
        "TLSC-16[suite=TLS_AES_128_GCM_SHA256]",
        "warn",
        1,
        "handshake_failure (40)",
        "the same",
    ),
    (
        "TLSC-10 TLSS-03 TLSS-04[version=tls1.3] TLSV-07 TLSV-08",
        "not-applicable",
        7,
        "expected a ServerHello",
        "nothing of TLS 1.3 to judge",
    ),
];

/// mod_auth_digest behind the scenes of Digest: what RFC 7616 lets a server look at and it does not.
pub(crate) const APACHE_DIGEST: &[Pin] = &[
    (
        "DIG-01 DIG-02 DIG-03",
        "warn",
        3,
        "20",
        "finding: the nonce count is not looked at, so a used one is served again (RFC 7616 5.5)",
    ),
    (
        "DIG-18[nc=1] DIG-18[nc=0000000g] DIG-18[nc=-0000009] DIG-18[nc=000000000000000009]",
        "warn",
        4,
        "200 OK",
        "finding: nor is its form, eight hex digits by RFC 7616 3.4; a count left out is refused",
    ),
];

/// httpd's proxy, whatever its nonces and whoever stands in front.
pub(crate) const APACHE_PROXY: &[Pin] = &[(
    "DIG-21",
    "fail",
    1,
    "200 OK",
    "finding: mod_proxy replaces the header in which mod_auth_digest put Authentication-Info (TS 24.109 7.2)",
)];

/// mod_auth_digest reached without another server in front.
pub(crate) const APACHE_TWO_AUTHORIZATIONS: &[Pin] = &[(
    "DIG-17",
    "warn",
    1,
    "200 OK",
    "finding: of two Authorization fields, joined by a comma, the last response counts (RFC 9110 11.6.2)",
)];

/// Nonces that may be used again and anywhere.
pub(crate) const LASTING_NONCES: &[Pin] = &[
    (
        "DIG-14",
        "not-applicable",
        1,
        "an opaque",
        "the challenge has no opaque, so there is nothing to compare",
    ),
    ("DIG-24", "info", 1, "200 OK", FACT),
];

/// mod_dav.
pub(crate) const APACHE_ENTITY_TAGS: &[Pin] = &[(
    "XC-21",
    "fail",
    1,
    "204 No Content",
    "finding: the answer to PUT has no entity tag (RFC 4825 8.5); that to GET has, and it changes",
)];

/// presec's observer stands alone behind the proxy.
pub(crate) const NO_STORE: &[Pin] = &[(
    "ID-20 XC-02 XC-03 XC-04 XC-05 XC-06 XC-07 XC-08 XC-09 XC-12 XC-21 XC-22 XC-23",
    "not-applicable",
    13,
    "origin is stub",
    "what a store does is judged where there is one",
)];

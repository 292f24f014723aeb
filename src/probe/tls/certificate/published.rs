//! Keys whose private part everybody can have, because some software is published with it.

use super::fingerprint;

/// SHA-256 of the SubjectPublicKeyInfo, and where the private key stands. Each was computed with OpenSSL from the published
/// file, on 2026-11-21. The list is short and can only convict: a key that is not on it may still be no secret.
const PUBLISHED: [(&str, &str); 8] = [
    (
        "64eebde4d94a861ca1b062a103ef51d4d8a2c1b0a2133838198230e9c85407ed",
        "Go, net/http/internal/testcert",
    ),
    (
        "a1196859090ccf33cf5355055e04a0d6f3869eabbac7c4c417ee2b95cff013d4",
        "gRPC, src/core/tsi/test_creds/server1.pem",
    ),
    (
        "be4c89ae84278a5efc10bd6bfa615e3f84b9a91110b17bb52ba6a351eaa14d4d",
        "CPython 3.11, test/keycert.pem",
    ),
    (
        "8064304dc78d97bb96dcf71c5edeb7abe8412efeab98972a9749df0ab065ad37",
        "CPython 3.11, test/keycert3.pem",
    ),
    (
        "0a8b54336a8f109dbf0f1cf6f8ba46f9e31aeaf0c07af3fa56868f0487d895da",
        "CPython 3.11, test/keycert4.pem",
    ),
    (
        "990c02b92948ebe7dd937acf1ee7bda652aee927ae71dcaa027a28d8df0a23fe",
        "CPython 3.11, test/keycertecc.pem",
    ),
    (
        "94d71115241286373b1f722831bc4ec8abf377b222d618051e931cb7f8a57efa",
        "Twisted, twisted/test/server.pem",
    ),
    (
        "e2d06117d1b6d458bd3fca38bfe181e75d418a6a777ecec5daed560f61741390",
        "Tornado, tornado/test/test.key",
    ),
];

/// Where the private key to this SubjectPublicKeyInfo is published, if that is known.
pub(super) fn place_of(public_key: &[u8]) -> Option<String> {
    let hash = fingerprint(public_key);
    let row = PUBLISHED.iter().find(|(known, _)| *known == hash);
    row.map(|(_, place)| (*place).to_owned())
}

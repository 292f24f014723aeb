use super::super::{Client, ServerSignature};
use crate::model::suite::ProtocolVersion;
use crate::tls::recorded::{Turn, client, conversations};
use crate::tls::session::Mechanism;

/// Recorded by `tests/lab_interop.rs` and `tests/lab_interop_jsse.rs`; each file says with whom.
const RECORDINGS: [(&str, ProtocolVersion, &str, Mechanism); 9] = [
    (
        include_str!("../../../../fixtures/wire/tls/lab/openssl-tls10-rsa-cbc.txt"),
        ProtocolVersion::Tls10,
        "TLS_RSA_WITH_AES_128_CBC_SHA",
        Mechanism::Ticket,
    ),
    (
        include_str!("../../../../fixtures/wire/tls/lab/openssl-tls12-ecdhe-chacha20.txt"),
        ProtocolVersion::Tls12,
        "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
        Mechanism::Ticket,
    ),
    (
        include_str!("../../../../fixtures/wire/tls/lab/openssl-tls12-dhe-psk-cbc.txt"),
        ProtocolVersion::Tls12,
        "TLS_DHE_PSK_WITH_AES_256_CBC_SHA384",
        Mechanism::Ticket,
    ),
    (
        include_str!("../../../../fixtures/wire/tls/lab/gnutls-tls11-anon-rc4.txt"),
        ProtocolVersion::Tls11,
        "TLS_DH_anon_WITH_RC4_128_MD5",
        Mechanism::Ticket,
    ),
    (
        include_str!("../../../../fixtures/wire/tls/lab/openssl-tls12-null-by-id.txt"),
        ProtocolVersion::Tls12,
        "TLS_RSA_WITH_NULL_SHA256",
        Mechanism::SessionId,
    ),
    (
        include_str!("../../../../fixtures/wire/tls/lab/openssl-tls12-ecdhe-aria.txt"),
        ProtocolVersion::Tls12,
        "TLS_ECDHE_RSA_WITH_ARIA_128_GCM_SHA256",
        Mechanism::Ticket,
    ),
    (
        include_str!("../../../../fixtures/wire/tls/lab/jsse-ssl3-rsa-export-rc4.txt"),
        ProtocolVersion::Ssl3,
        "TLS_RSA_EXPORT_WITH_RC4_40_MD5",
        // There is one conversation only: Java resumes no session of SSL 3.0.
        Mechanism::SessionId,
    ),
    (
        include_str!("../../../../fixtures/wire/tls/lab/jsse-tls10-dhe-dss-export-des40.txt"),
        ProtocolVersion::Tls10,
        "TLS_DHE_DSS_EXPORT_WITH_DES40_CBC_SHA",
        Mechanism::Ticket,
    ),
    (
        include_str!("../../../../fixtures/wire/tls/lab/jsse-tls12-fixed-ecdh-gcm.txt"),
        ProtocolVersion::Tls12,
        "TLS_ECDH_RSA_WITH_AES_128_GCM_SHA256",
        Mechanism::Ticket,
    ),
];

/// Octets of ours are recorded in the pieces in which they were written, of the peer in those in which they were read.
fn play(client: &mut Client, turns: &[Turn], piece: usize) -> Vec<u8> {
    let mut plaintext = Vec::new();
    let mut written = false;
    for turn in turns {
        if turn.ours {
            let mut output = client.take_output();
            if output.is_empty() && client.is_open() && !written {
                client.write(b"what is written comes back\n");
                written = true;
                output = client.take_output();
            }
            assert_eq!(hex::encode(output), hex::encode(&turn.octets));
        } else {
            for piece in turn.octets.chunks(piece) {
                client.receive(piece).unwrap();
                plaintext.extend(client.take_plaintext());
            }
        }
    }
    plaintext
}

#[test]
fn every_octet_is_the_recorded_one_however_the_peer_s_octets_come() {
    for (text, version, name, mechanism) in RECORDINGS {
        for size in [1, 5, usize::MAX] {
            let mut resume = None;
            for (turns, resumed) in conversations(text).iter().zip([None, Some(mechanism)]) {
                let mut client = client(version, name, resume.clone());
                let plaintext = play(&mut client, turns, size);
                let facts = client.facts();
                assert!(facts.completed, "{name}");
                assert_eq!((facts.version, facts.resumed), (Some(version), resumed));
                assert!(facts.unsolicited_extensions.is_empty());
                let text = String::from_utf8(plaintext).unwrap();
                let reversed: String = text.trim_end().chars().rev().collect();
                let expected = "what is written comes back";
                assert!(
                    text.trim_end() == expected || reversed == expected,
                    "{text}"
                );
                let signs = ["ECDSA", "DHE_DSS", "RSA_EXPORT", "DHE_RSA"];
                if signs.iter().any(|kind| name.contains(kind)) && resumed.is_none() {
                    assert_eq!(facts.signature, ServerSignature::Right);
                }
                resume = client.session().cloned();
            }
        }
    }
}

/// The server's octets of the handshake, with what we say to them.
fn server_octets(turns: &[Turn]) -> Vec<u8> {
    turns
        .iter()
        .filter(|turn| !turn.ours)
        .flat_map(|turn| turn.octets.clone())
        .collect()
}

#[test]
fn no_octet_can_be_changed_unseen_and_none_makes_it_panic() {
    for (text, version, name, _) in RECORDINGS {
        let turns = &conversations(text)[0];
        let octets = server_octets(turns);
        for at in (0..octets.len()).step_by(13) {
            let mut damaged = octets.clone();
            damaged[at] ^= 0x41;
            let mut client = client(version, name, None);
            let received = client.receive(&damaged);
            let plaintext = client.take_plaintext();
            if received.is_ok() && client.is_open() {
                // The version in the header of a record in clear is the only thing nobody authenticates. What is
                // after the answer in the recording may be cut by a changed length.
                let header = in_clear_header(&octets, at);
                let untouched = plaintext.is_empty() || header;
                assert!(untouched, "{name}: octet {at} of {}", octets.len());
            }
        }
    }
}

/// Whether an octet is one of a version in the header of a record before the ChangeCipherSpec, or that record's.
fn in_clear_header(octets: &[u8], wanted: usize) -> bool {
    let mut at = 0;
    while let Some(header) = octets.get(at..at + 5) {
        if (at + 1..at + 3).contains(&wanted) {
            return true;
        }
        at += 5 + usize::from(u16::from_be_bytes([header[3], header[4]]));
        if header[0] == 20 {
            return (at - 6 + 1..at - 6 + 3).contains(&wanted);
        }
    }
    false
}

#[test]
fn a_conversation_cut_anywhere_is_unfinished_and_nothing_else() {
    for (text, version, name, _) in RECORDINGS {
        let turns = &conversations(text)[0];
        let octets = server_octets(turns);
        for cut in (0..octets.len()).step_by(29) {
            let mut client = client(version, name, None);
            client.receive(&octets[..cut]).unwrap();
        }
    }
}

#[test]
fn secrets_are_not_shown() {
    let (text, version, name, _) = RECORDINGS[2];
    let mut client = client(version, name, None);
    play(&mut client, &conversations(text)[0], usize::MAX);
    let session = client.session().unwrap();
    let secret = session.master_secret.expose();
    assert_eq!(secret.len(), 48);
    let shown = format!("{client:?} {session:?}");
    let list = format!("{secret:?}");
    let list = list.trim_matches(['[', ']']);
    assert!(!shown.contains(list) && !shown.contains(&hex::encode(secret)));
    assert!(!shown.contains("17, 34, 51, 68"), "the pre-shared key");
}

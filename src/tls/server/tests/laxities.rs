use std::sync::Arc;

use super::super::{ClientCertificates, ClientTrust, Laxity, Possession, Server, ServerConfig};
use super::parties::{Memory, Talk, begin, client_config, client_identity, server_config, talk};
use crate::model::secret::Secret;
use crate::tls::client::{CertificateVerify, ClientConfig, Identity};
use crate::tls::session::Ticket;
use crate::wire::tls::alert::Alert;
use crate::wire::tls::record::encode_records;

const RSA: &str = "TLS_RSA_WITH_AES_128_CBC_SHA";
const NULL: &str = "TLS_RSA_WITH_NULL_SHA256";
const GCM: &str = "TLS_RSA_WITH_AES_128_GCM_SHA256";

fn lax(laxities: &[Laxity]) -> ServerConfig {
    let mut config = server_config();
    config.laxities = laxities.iter().copied().collect();
    config
}

/// Whether a laxity changes the outcome of a talk, from refusal to success.
fn turns(laxity: Laxity, attempt: impl Fn(ServerConfig) -> bool) {
    assert!(!attempt(lax(&[])), "{laxity:?} is not needed");
    assert!(attempt(lax(&[laxity])), "{laxity:?} changes nothing");
}

fn with_identity(identity: Identity) -> impl Fn(ServerConfig) -> bool {
    move |mut config| {
        config.client_certificates = ClientCertificates::Required;
        let mut client = client_config(&[RSA]);
        client.identity = identity.clone();
        let talk = talk(client, &Arc::new(config));
        talk.is_open() && talk.server.facts().possession != Possession::Right
    }
}

fn chain(verify: CertificateVerify) -> Identity {
    match client_identity("p256") {
        Identity::Chain {
            certificates, key, ..
        } => Identity::Chain {
            certificates,
            key,
            verify,
        },
        other => other,
    }
}

#[test]
fn certificates_that_prove_nothing_are_taken() {
    use Laxity as L;
    turns(
        L::AnyCertificateVerify,
        with_identity(chain(CertificateVerify::Wrong)),
    );
    turns(
        L::NoCertificateVerify,
        with_identity(chain(CertificateVerify::Omitted)),
    );
    turns(L::EmptyCertificate, with_identity(Identity::Empty));
    turns(L::NoCertificate, with_identity(Identity::Omitted));
}

/// Trusts nobody.
struct Nobody;

impl ClientTrust for Nobody {
    fn judge(&self, certificates: &[Vec<u8>]) -> Result<(), Alert> {
        assert_eq!(certificates.len(), 1);
        Err(Alert::fatal(48))
    }
}

#[test]
fn a_chain_that_nobody_trusts_is_taken() {
    let attempt = |mut config: ServerConfig| {
        config.client_certificates = ClientCertificates::Required;
        config.client_trust = Some(Arc::new(Nobody));
        let mut client = client_config(&[RSA]);
        client.identity = client_identity("p256");
        talk(client, &Arc::new(config))
    };
    let why = attempt(lax(&[])).client_said.unwrap_err().to_string();
    assert!(why.contains("unknown_ca"), "{why}");
    turns(Laxity::AnyChain, |config| {
        let talk = attempt(config);
        talk.is_open() && talk.server.facts().certificates.len() == 1
    });
}

#[test]
fn records_that_were_touched_are_taken() {
    for name in [NULL, GCM] {
        turns(Laxity::AnyMac, |config| {
            let mut talk = talk(client_config(&[name]), &Arc::new(config));
            talk.client.write(b"up");
            let mut octets = talk.client.take_output();
            *octets.last_mut().unwrap() ^= 1;
            let received = talk.server.receive(&octets);
            received.is_ok() && talk.server.take_plaintext() == b"up"
        });
    }
}

#[test]
fn a_wrong_finished_is_taken() {
    turns(Laxity::AnyFinished, |mut config| {
        // The Finished of a NULL suite stands there to be changed; its MAC has to be ignored as well.
        config.laxities.insert(Laxity::AnyMac);
        let mut talk = begin(client_config(&[NULL]), &Arc::new(config));
        talk.server.receive(&talk.client.take_output()).unwrap();
        talk.client.receive(&talk.server.take_output()).unwrap();
        let mut second = talk.client.take_output();
        // 12 octets of verify data before 32 of MAC.
        let at = second.len() - 40;
        second[at] ^= 1;
        talk.server.receive(&second).is_ok() && talk.server.is_open()
    });
}

#[test]
fn wrong_padding_is_told_apart() {
    let alert = |config: ServerConfig, at_end: usize| {
        let mut client = client_config(&[RSA]);
        client.encrypt_then_mac = false;
        let mut talk = talk(client, &Arc::new(config));
        talk.client.write(b"up");
        let mut octets = talk.client.take_output();
        let at = octets.len() - at_end;
        octets[at] ^= 0x80;
        assert!(talk.server.receive(&octets).is_err());
        talk.go_on();
        talk.client_said.unwrap_err().to_string()
    };
    // The last octet of a block spoils the last of the next: of the padding here, of the MAC there.
    for (laxities, at_end, expected) in [
        (&[][..], 17, "bad_record_mac"),
        (&[Laxity::PaddingRevealed], 17, "decryption_failed"),
        (&[Laxity::PaddingRevealed], 33, "bad_record_mac"),
    ] {
        let why = alert(lax(laxities), at_end);
        assert!(why.contains(expected), "{at_end} {why}");
    }
}

#[test]
fn premaster_secrets_of_the_wrong_form_are_told_apart() {
    use crate::tls::entropy::Entropy;
    use crate::tls::key_exchange::{RsaPublicKey, encrypt};
    use crate::tls::signature::PublicKey;
    use crate::wire::tls::handshake::{ClientKeyExchange, Message};

    let alert = |config: ServerConfig, premaster: &[u8]| {
        let key = PublicKey::of_certificate(&config.identities[0].certificates[0]).unwrap();
        let key: &RsaPublicKey = key.rsa().unwrap();
        let mut talk = begin(client_config(&[RSA]), &Arc::new(config));
        talk.server.receive(&talk.client.take_output()).unwrap();
        talk.server.take_output();
        let mut entropy = Entropy::from_seed([6; 32]);
        let mut encrypted = encrypt(key, premaster, &mut entropy).unwrap();
        if premaster.is_empty() {
            encrypted[9] ^= 1;
        }
        let exchange = ClientKeyExchange {
            long: Some(encrypted),
            ..ClientKeyExchange::default()
        };
        let message = Message {
            kind: 16,
            body: exchange.encode_body(),
        };
        let mut octets = encode_records(22, 0x0303, &message.encode(), 16_384);
        octets.extend(encode_records(20, 0x0303, &[1], 1));
        octets.extend(encode_records(22, 0x0303, &[7; 64], 64));
        assert!(talk.server.receive(&octets).is_err());
        talk.server.take_output().last().copied().unwrap()
    };
    let wrong_version = [[3, 1].as_slice(), &[7; 46]].concat();
    for premaster in [&[][..], &[3, 3, 7], &wrong_version] {
        assert_eq!(alert(lax(&[]), premaster), 20, "{premaster:?}");
    }
    let revealed = || lax(&[Laxity::PremasterRevealed]);
    assert_eq!(alert(revealed(), &[]), 51);
    assert_eq!(alert(revealed(), &[3, 3, 7]), 51);
    assert_eq!(alert(revealed(), &wrong_version), 47);
}

#[test]
fn heartbeats_give_away_memory() {
    turns(Laxity::HeartbeatOverread, |config| {
        let mut talk = talk(client_config(&[NULL]), &Arc::new(config));
        talk.client.send(24, &[1, 0, 64, 7]);
        let received = talk.server.receive(&talk.client.take_output());
        received.is_ok() && talk.server.take_output().len() > 64
    });
}

#[test]
fn compression_is_selected() {
    use crate::wire::tls::flight::FirstFlight;
    use crate::wire::tls::offer::Offer;
    turns(Laxity::Compression, |config| {
        let version = crate::model::suite::ProtocolVersion::Tls12;
        let mut hello = Offer::new(version, vec![0x002F]).client_hello([3; 32]);
        hello.compressions = vec![1, 0];
        let entropy = crate::tls::entropy::Entropy::from_seed([4; 32]);
        let mut server = Server::new(Arc::new(config), entropy);
        server.receive(&hello.encode()).unwrap();
        let mut flight = FirstFlight::default();
        flight.feed(&server.take_output());
        flight.server_hello.unwrap().compression == 1
    });
}

/// Makes a session, changes the client's next offer, and says whether it was resumed.
fn resumes(change: impl Fn(&mut ClientConfig)) -> impl Fn(ServerConfig) -> bool {
    move |config| {
        let server = Arc::new(config);
        let mut client = client_config(&[RSA]);
        client.resume = talk(client.clone(), &server).client.session().cloned();
        change(&mut client);
        resumed(&talk(client, &server))
    }
}

fn resumed(talk: &Talk) -> bool {
    talk.server.facts().resumed.is_some()
}

#[test]
fn sessions_are_resumed_where_they_should_not() {
    use Laxity as L;
    let another = |client: &mut ClientConfig| client.suites = client_config(&[GCM]).suites;
    turns(L::ResumesWithAnotherSuite, resumes(another));
    let host = |client: &mut ClientConfig| client.server_name = Some("other.test".to_owned());
    turns(L::ResumesAcrossHosts, resumes(host));
    let flip = |client: &mut ClientConfig| {
        let session = client.resume.as_mut().unwrap();
        let held = session.ticket.as_ref().unwrap();
        let mut octets = held.ticket.expose().to_vec();
        octets[9] ^= 4;
        session.ticket = Some(Ticket {
            ticket: Secret::new(octets),
            ..held.clone()
        });
    };
    turns(L::ResumesChangedTicket, resumes(flip));
}

#[test]
fn sessions_are_resumed_after_their_time() {
    turns(Laxity::ResumesExpired, |mut config| {
        let memory = Arc::new(Memory::default());
        config.sessions = Some(Arc::clone(&memory) as _);
        let mut client = client_config(&[RSA]);
        let first = talk(client.clone(), &Arc::new(config.clone()));
        client.resume = first.client.session().cloned();
        config.sessions = Some(memory.a_day_later());
        resumed(&talk(client, &Arc::new(config)))
    });
    turns(Laxity::ResumesAfterFatalAlert, |config| {
        let server = Arc::new(config);
        let mut client = client_config(&[RSA]);
        let mut first = talk(client.clone(), &server);
        client.resume = first.client.session().cloned();
        assert!(first.server.receive(&[23, 3, 3, 0, 1, 9]).is_err());
        resumed(&talk(client, &server))
    });
}

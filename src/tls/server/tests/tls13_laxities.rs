//! What a lax server of TLS 1.3 takes, and a strict one does not.

use std::sync::Arc;

use super::super::{ClientCertificates, ClientTrust, Laxity, Possession, ServerConfig};
use super::parties::{
    Memory, SUITES_13, client_config_13, client_identity, external, offer, server_config_13, talk,
};
use crate::model::secret::Secret;
use crate::tls::client::{CertificateVerify, ClientConfig, Identity};
use crate::tls::quirk::{
    Field, MessageAt, MessageChange, Offset, Quirk, RecordAt, RecordChange, RecordPart,
    RecordState, Which,
};
use crate::tls::session::Tls13Session;
use crate::wire::tls::alert::Alert;
use crate::wire::tls::extension::code;
use crate::wire::tls::record::{content_type, handshake_type};

const AES: &str = SUITES_13[0];

/// Whether a laxity changes the outcome of a talk, from refusal to success.
fn turns(laxity: Laxity, attempt: impl Fn(ServerConfig) -> bool) {
    let mut config = server_config_13();
    assert!(!attempt(config.clone()), "{laxity:?} is not needed");
    config.laxities.insert(laxity);
    assert!(attempt(config), "{laxity:?} changes nothing");
}

fn with_identity(identity: Identity) -> impl Fn(ServerConfig) -> bool {
    move |mut config| {
        config.client_certificates = ClientCertificates::Required;
        let mut client = client_config_13(&[AES]);
        client.identity = identity.clone();
        let mut talk = talk(client, &Arc::new(config));
        let open = talk.is_open() && talk.server.facts().possession != Possession::Right;
        if open {
            talk.carries_data();
        }
        open
    }
}

fn shown(verify: CertificateVerify) -> Identity {
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

struct Nobody;

impl ClientTrust for Nobody {
    fn judge(&self, _: &[Vec<u8>]) -> Result<(), Alert> {
        Err(Alert::fatal(48))
    }
}

#[test]
fn certificates_that_prove_nothing_are_taken() {
    use Laxity as L;
    let wrong = shown(CertificateVerify::Wrong);
    turns(L::AnyCertificateVerify, with_identity(wrong));
    let omitted = shown(CertificateVerify::Omitted);
    turns(L::NoCertificateVerify, with_identity(omitted));
    turns(L::EmptyCertificate, with_identity(Identity::Empty));
    turns(L::NoCertificate, with_identity(Identity::Omitted));
    turns(L::AnyChain, |mut config| {
        config.client_certificates = ClientCertificates::Required;
        config.client_trust = Some(Arc::new(Nobody));
        let mut client = client_config_13(&[AES]);
        client.identity = client_identity("p256");
        talk(client, &Arc::new(config)).is_open()
    });
}

#[test]
fn records_that_were_touched_are_taken() {
    for name in SUITES_13 {
        turns(Laxity::AnyMac, |config| {
            let mut client = client_config_13(&[name]);
            client.quirks = vec![Quirk::Record {
                at: RecordAt {
                    content_type: content_type::APPLICATION_DATA,
                    state: RecordState::Protected,
                    which: Which::FIRST,
                },
                change: RecordChange::Xor {
                    part: RecordPart::Mac,
                    offset: Offset::End(1),
                    mask: 1,
                },
            }];
            let mut talk = talk(client, &Arc::new(config));
            talk.client.write(b"up");
            talk.go_on();
            assert_eq!(talk.client.facts().quirks, [1]);
            talk.server_said.is_ok() && talk.server.take_plaintext() == b"up"
        });
    }
}

#[test]
fn a_wrong_finished_is_taken() {
    turns(Laxity::AnyFinished, |config| {
        let mut client = client_config_13(&[AES]);
        client.quirks = vec![Quirk::bad_finished()];
        let talk = talk(client, &Arc::new(config));
        assert_eq!(talk.client.facts().quirks, [1]);
        talk.server.is_open()
    });
}

/// The binder is the last thing in the hello: one bit of it is another, and the key is the right one.
fn unbound(mut client: ClientConfig) -> impl Fn(ServerConfig) -> bool {
    client.quirks = vec![Quirk::Message {
        at: MessageAt::first(handshake_type::CLIENT_HELLO),
        change: MessageChange::Xor {
            offset: Offset::End(1),
            mask: 1,
        },
    }];
    move |config| {
        let mut talk = talk(client.clone(), &Arc::new(config));
        assert_eq!(talk.client.facts().quirks, [1]);
        if talk.is_open() {
            talk.carries_data();
            assert!(talk.server.facts().tls13.psk.is_some());
        }
        talk.is_open()
    }
}

#[test]
fn a_wrong_binder_is_taken() {
    let mut client = client_config_13(&[AES]);
    client.tls13.external_psks = vec![external(b"presec", &[5; 16])];
    turns(Laxity::AnyBinder, unbound(client));
}

/// Makes a session, changes the client's next offer, and says whether it was resumed.
fn resumes(change: impl Fn(&mut ClientConfig)) -> impl Fn(ServerConfig) -> bool {
    move |config| {
        let server = Arc::new(config);
        let mut client = client_config_13(&[AES]);
        let ticket = talk(client.clone(), &server).client.tickets()[0].clone();
        client.tls13.resume = vec![offer(&ticket, 1)];
        change(&mut client);
        let mut talk = talk(client, &server);
        talk.carries_data();
        talk.server.facts().resumed.is_some()
    }
}

fn flipped(session: &Tls13Session) -> Secret {
    let mut octets = session.ticket.expose().to_vec();
    octets[9] ^= 4;
    Secret::new(octets)
}

#[test]
fn sessions_are_resumed_where_they_should_not() {
    use Laxity as L;
    let host = |client: &mut ClientConfig| client.server_name = Some("other.test".to_owned());
    turns(L::ResumesAcrossHosts, resumes(host));
    turns(
        L::ResumesChangedTicket,
        resumes(|client| {
            let session = &mut client.tls13.resume[0].session;
            session.ticket = flipped(session);
        }),
    );
}

#[test]
fn sessions_are_resumed_after_their_time() {
    turns(Laxity::ResumesExpired, |mut config| {
        let memory = Arc::new(Memory::default());
        config.sessions = Some(Arc::clone(&memory) as _);
        let mut client = client_config_13(&[AES]);
        let first = talk(client.clone(), &Arc::new(config.clone()));
        client.tls13.resume = vec![offer(&first.client.tickets()[0], 86_400)];
        config.sessions = Some(memory.a_day_later());
        talk(client, &Arc::new(config))
            .server
            .facts()
            .resumed
            .is_some()
    });
    turns(Laxity::ResumesAfterFatalAlert, |config| {
        let server = Arc::new(config);
        let mut client = client_config_13(&[AES]);
        let mut first = talk(client.clone(), &server);
        client.tls13.resume = vec![offer(&first.client.tickets()[0], 1)];
        assert!(first.server.receive(&[23, 3, 3, 0, 1, 9]).is_err());
        talk(client, &server).server.facts().resumed.is_some()
    });
}

#[test]
fn tickets_say_more_than_they_may() {
    turns(Laxity::LongTicketLifetime, |mut config| {
        config.ticket_lifetime = 700_000;
        let talk = talk(client_config_13(&[AES]), &Arc::new(config));
        talk.client.tickets()[0].lifetime == 700_000
    });
}

/// Quirks of the server reach what only TLS 1.3 has.
#[test]
fn messages_of_tls_1_3_are_changed_too() {
    let with = |kind: u8, change: MessageChange| {
        let mut config = server_config_13();
        config.quirks = vec![Quirk::Message {
            at: MessageAt::first(kind),
            change,
        }];
        let talk = talk(client_config_13(&[AES]), &Arc::new(config));
        assert_eq!(talk.server.facts().quirks, [1], "{kind}");
        talk
    };
    let extensions = handshake_type::ENCRYPTED_EXTENSIONS;
    let odd = crate::wire::tls::extension::Extension::new(code::HEARTBEAT, vec![1]);
    let talk = with(extensions, MessageChange::AddExtension(odd));
    assert!(talk.is_open());
    assert_eq!(
        talk.client.facts().unsolicited_extensions,
        [code::HEARTBEAT]
    );
    let talk = with(extensions, MessageChange::Omit);
    assert!(talk.client_said.is_err());
    let signature = MessageChange::Field {
        field: Field::Signature,
        value: vec![1; 256],
    };
    let talk = with(handshake_type::CERTIFICATE_VERIFY, signature);
    let doubtful = crate::tls::client::ServerSignature::Right;
    assert!(talk.is_open() && talk.client.facts().signature != doubtful);
    let talk = with(handshake_type::NEW_SESSION_TICKET, MessageChange::Omit);
    assert_eq!(talk.client.tickets().len(), 1);
}

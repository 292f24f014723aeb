use super::server::{Pair, config, message};
use crate::model::secret::Secret;
use crate::tls::client::SelectedPsk;
use crate::tls::entropy::Entropy;
use crate::tls::failure::{Cause, Failure};
use crate::tls::key_exchange::EphemeralKey;
use crate::tls::session::{Tls13Offer, Tls13Session};
use crate::tls::suite::tests::suite;
use crate::wire::tls::extension::{Extension, code, group};
use crate::wire::tls::extension13::KeyShare;
use crate::wire::tls::record::{content_type, encode_records, handshake_type};
use crate::wire::tls::server_hello::{HELLO_RETRY_REQUEST_RANDOM, ServerHello};

const AES: &str = "TLS_AES_128_GCM_SHA256";

fn misbehaved(said: Result<(), Failure>, what: &str) {
    let failure = said.expect_err(what);
    let named = matches!(&failure.cause, Cause::Misbehaved(why) if why.contains(what));
    assert!(named, "{what}: {failure}");
}

fn unexpected(said: Result<(), Failure>, what: &str) {
    let failure = said.expect_err(what);
    let Cause::Unexpected(why) = &failure.cause else {
        panic!("{what}: {failure}");
    };
    assert!(why.contains(what), "{what}: {why}");
}

/// What a client says to a ServerHello that a test spoils.
fn spoiled(more: Vec<Extension>, spoil: impl Fn(&mut ServerHello)) -> Result<(), Failure> {
    let mut pair = Pair::new(config(AES));
    let mut hello = pair.server_hello(more);
    spoil(&mut hello);
    pair.say(&message(handshake_type::SERVER_HELLO, &hello.encode_body()))
}

#[test]
fn a_hello_that_selects_what_was_not_offered_is_named() {
    let nothing = |_: &mut ServerHello| {};
    misbehaved(spoiled(Vec::new(), nothing), "no key_share");
    let share = |group: u16| {
        let share = KeyShare {
            group,
            public: vec![4; 32],
        };
        vec![share.answer()]
    };
    misbehaved(
        spoiled(share(group::SECP384R1), nothing),
        "no share of group",
    );
    misbehaved(
        spoiled(share(group::X25519), |hello| hello.suite = 0x1302),
        "0x1302 was not",
    );
    misbehaved(
        spoiled(Vec::new(), |hello| hello.compression = 1),
        "compression",
    );
    misbehaved(
        spoiled(Vec::new(), |hello| hello.session_id.clear()),
        "session id",
    );
    misbehaved(
        spoiled(Vec::new(), |hello| hello.legacy_version = 0x0302),
        "legacy version",
    );
    let psk = Extension::new(code::PRE_SHARED_KEY, vec![0, 0]);
    misbehaved(spoiled(vec![psk], nothing), "pre-shared key 0 of 0");
    // A suite of TLS 1.3 in TLS 1.2.
    let old = spoiled(Vec::new(), |hello| {
        hello.version = 0x0303;
        hello.extensions.clear();
    });
    assert!(matches!(
        old.expect_err("a refusal").cause,
        Cause::Incompatible(_)
    ));
}

#[test]
fn a_retry_that_changes_nothing_or_comes_twice_is_named() {
    let retry = |extensions: &[Extension]| {
        let extensions = extensions.to_vec();
        spoiled(extensions, |hello| {
            hello.random = HELLO_RETRY_REQUEST_RANDOM;
        })
    };
    let wanted = |group: u16| Extension::new(code::KEY_SHARE, group.to_be_bytes().to_vec());
    misbehaved(retry(&[]), "changes nothing");
    misbehaved(retry(&[wanted(group::X25519)]), "already sent");
    misbehaved(retry(&[wanted(group::X448)]), "not offered");
    let mut pair = Pair::new(config(AES));
    let mut hello = pair.server_hello(vec![wanted(group::SECP256R1)]);
    hello.random = HELLO_RETRY_REQUEST_RANDOM;
    let retry = message(handshake_type::SERVER_HELLO, &hello.encode_body());
    pair.say(&retry).unwrap();
    unexpected(pair.say(&retry), "a second HelloRetryRequest");
}

#[test]
fn messages_out_of_order_or_in_clear_are_unexpected() {
    let greeted = || {
        let mut pair = Pair::new(config(AES));
        pair.greet(None, true).unwrap();
        pair
    };
    for kind in [0, 1, 2, 4, 5, 11, 13, 15, 20, 24, 254] {
        unexpected(greeted().say(&message(kind, &[0; 40])), "handshake message");
    }
    // No Finished without a certificate, none that is wrong.
    let mut pair = greeted();
    pair.say_extensions(&[]).unwrap();
    unexpected(pair.finish(), "handshake message 20");
    let mut pair = greeted();
    pair.say_extensions(&[]).unwrap();
    let none = message(handshake_type::CERTIFICATE, &[0, 0, 0, 0]);
    misbehaved(pair.say(&none), "no certificate");
    // In clear after the hello.
    let mut pair = greeted();
    let clear = message(handshake_type::ENCRYPTED_EXTENSIONS, &[0, 0]).encode();
    let clear = encode_records(content_type::HANDSHAKE, 0x0303, &clear, 16_384);
    let failure = pair.client.receive(&clear).expect_err("a refusal");
    assert_eq!(
        failure.cause.alert().map(|alert| alert.description),
        Some(10)
    );
    // Application data before the end.
    unexpected(
        greeted().say_content(content_type::APPLICATION_DATA, b"early"),
        "application data",
    );
    // A message that goes on behind the one after which keys change.
    let mut pair = Pair::new(config(AES));
    let key = EphemeralKey::new(group::X25519, &mut Entropy::from_seed([1; 32])).unwrap();
    let share = KeyShare {
        group: group::X25519,
        public: key.public(),
    };
    let hello = pair.server_hello(vec![share.answer()]).encode_body();
    let mut octets = message(handshake_type::SERVER_HELLO, &hello).encode();
    octets.extend([8, 0, 0]);
    let said = pair.say_content(content_type::HANDSHAKE, &octets);
    unexpected(said, "over a change of keys");
}

#[test]
fn floods_end() {
    let mut pair = Pair::complete(config(AES));
    let ticket = [&[0; 8][..], &[0, 0, 1, 7, 0, 0]].concat();
    let ticket = message(handshake_type::NEW_SESSION_TICKET, &ticket);
    let said = (0..100).try_for_each(|_| pair.say(&ticket));
    misbehaved(said, "without data");
    assert_eq!(pair.client.tickets().len(), 16);
    assert_eq!(pair.client.facts().tls13.tickets, 64);
    let mut pair = Pair::new(config(AES));
    pair.greet(None, true).unwrap();
    let spec = encode_records(content_type::CHANGE_CIPHER_SPEC, 0x0303, &[1], 1);
    let failure = pair
        .client
        .receive(&spec.repeat(40))
        .expect_err("a refusal");
    assert!(
        failure.to_string().contains("ChangeCipherSpec"),
        "{failure}"
    );
    let mut pair = Pair::complete(config(AES));
    let said = (0..100).try_for_each(|_| pair.say_content(content_type::APPLICATION_DATA, &[]));
    assert!(
        said.expect_err("a refusal")
            .to_string()
            .contains("empty records")
    );
}

#[test]
fn nothing_that_was_not_asked_for_comes_after_the_handshake() {
    for kind in [1, 2, 8, 11, 13, 15, 20] {
        let mut pair = Pair::complete(config(AES));
        unexpected(pair.say(&message(kind, &[0; 12])), "handshake message");
    }
    let mut pair = Pair::complete(config(AES));
    // Every alert but two is an error, whatever its level says.
    let failure = pair.say_content(content_type::ALERT, &[1, 112]);
    assert!(matches!(
        failure.expect_err("an alert").cause,
        Cause::Alert(_)
    ));
    let mut pair = Pair::complete(config(AES));
    pair.say_content(content_type::ALERT, &[1, 90]).unwrap();
    assert_eq!(pair.client.facts().warnings.len(), 1);
    let mut pair = Pair::complete(config(AES));
    assert!(
        pair.say(&message(handshake_type::KEY_UPDATE, &[2]))
            .is_err()
    );
}

#[test]
fn a_key_of_another_hash_cannot_be_selected() {
    let mut config = config("TLS_AES_256_GCM_SHA384");
    config.tls13.resume = vec![Tls13Offer {
        session: Tls13Session {
            suite: suite(AES),
            ticket: Secret::new([1; 40]),
            key: Secret::new([2; 32]),
            lifetime: 60,
            age_add: 7,
            max_early_data: 0,
            server_name: None,
        },
        age: std::time::Duration::ZERO,
    }];
    let mut pair = Pair::new(config);
    let key = Secret::new([2; 32]);
    misbehaved(pair.greet(Some(&key), true), "suite's hash");
    assert_eq!(pair.client.facts().tls13.psk, None::<SelectedPsk>);
}

#[test]
fn random_octets_never_panic() {
    let mut entropy = Entropy::from_seed([6; 32]);
    for round in 0..300_usize {
        let mut pair = match round % 3 {
            0 => Pair::new(config(AES)),
            1 => {
                let mut pair = Pair::new(config(AES));
                pair.greet(None, true).unwrap();
                pair
            }
            _ => Pair::complete(config(AES)),
        };
        let body = entropy.octets(round % 90);
        let kind = [2, 4, 8, 11, 13, 15, 20, 24][round % 8];
        let _ = pair.say(&message(kind, &body));
        let _ = pair.client.receive(&entropy.octets(40));
        assert!(!pair.client.is_open() || round % 3 == 2);
    }
}

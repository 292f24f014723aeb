use super::*;
use crate::tls::suite::tests::suite;

fn secret(hex_digits: &str) -> Secret {
    Secret::new(hex::decode(hex_digits).unwrap())
}

/// RFC 8448 clause 3: the secret of the key exchange gives what the RFC prints.
#[test]
fn stages_are_those_of_the_rfc() {
    let early = EarlySecret::new(HashFunction::Sha256, None);
    assert_eq!(
        hex::encode(early.0.secret.expose()),
        "33ad0a1c607ec03b09e6cd9893680ce210adf300aa1f2660e1b22e10f170f92a"
    );
    let shared = secret("8bd4054fb55b9d63fdfbacf9f04b9f0d35e6d63f537563efd46272900f89492d");
    let handshake = early.handshake(Some(&shared));
    assert_eq!(
        hex::encode(handshake.0.secret.expose()),
        "1dc826e93606aa6fdc0aadc12f741b01046aa6b99f691ed221a9f0ca043fbeac"
    );
    assert_eq!(
        hex::encode(handshake.master().0.secret.expose()),
        "18df06843d13a08bf2a449844c5f8a478001bc4d4c627984d5a41da8d0402919"
    );
}

/// RFC 8448 clause 3: the key of the ticket.
#[test]
fn the_key_of_a_ticket_is_that_of_the_rfc() {
    let resumption = ResumptionSecret(Stage {
        hash: HashFunction::Sha256,
        secret: secret("7df235f2031d2a051287d02b0241b0bfdaf86cc856231f2d5aba46c434ec196c"),
    });
    assert_eq!(
        hex::encode(resumption.key(&[0, 0]).expose()),
        "4ecd0eb6ec3b4d87f5d6028f922ca4c5851a277fd41311c9e62d2c9492e1c4f3"
    );
}

#[test]
fn keys_are_as_long_as_the_suite_has_them() {
    for (name, key, iv) in [
        ("TLS_AES_128_GCM_SHA256", 16, 12),
        ("TLS_AES_256_GCM_SHA384", 32, 12),
        ("TLS_CHACHA20_POLY1305_SHA256", 32, 12),
        ("TLS_AES_128_CCM_8_SHA256", 16, 12),
        ("TLS_SHA256_SHA256", 32, 32),
        ("TLS_SHA384_SHA384", 48, 48),
    ] {
        let suite = suite(name);
        let early = EarlySecret::new(suite.hash, None);
        let keys = early.client_traffic(&[]).keys(&suite);
        let lengths = (keys.key.expose().len(), keys.iv.expose().len());
        assert_eq!(lengths, (key, iv), "{name}");
    }
}

#[test]
fn every_secret_is_another() {
    let transcript = [7; 32];
    let early = EarlySecret::new(HashFunction::Sha256, Some(&Secret::new([1; 32])));
    let handshake = early.handshake(None);
    let master = handshake.master();
    let application = master.traffic(Sender::Client, &transcript);
    let secrets = [
        early.binder(PskOrigin::Resumption).secret,
        early.binder(PskOrigin::External).secret,
        early.client_traffic(&transcript).secret,
        early.exporter(&transcript),
        handshake.traffic(Sender::Client, &transcript).secret,
        handshake.traffic(Sender::Server, &transcript).secret,
        master.traffic(Sender::Server, &transcript).secret,
        master.exporter(&transcript),
        master.resumption(&transcript).0.secret,
        application.next().secret,
        application.secret,
    ];
    for (at, one) in secrets.iter().enumerate() {
        assert!(!secrets[..at].contains(one), "{at}");
    }
}

use std::fmt::Debug;

use super::*;

/// What was written is read back, and nothing that is cut is read.
fn holds<T: PartialEq + Debug>(
    value: &T,
    body: &[u8],
    parse: impl Fn(&[u8]) -> Result<T, Malformed>,
) {
    assert_eq!(parse(body).as_ref(), Ok(value));
    for cut in 0..body.len() {
        assert!(parse(&body[..cut]).is_err(), "cut at {cut}");
    }
    let more = [body, &[0]].concat();
    assert!(parse(&more).is_err());
}

fn extensions() -> Vec<Extension> {
    vec![
        Extension::signature_algorithms(&[0x0403, 0x0804]),
        Extension::new(code::CERTIFICATE_AUTHORITIES, vec![0, 4, 0, 2, 0x30, 0]),
    ]
}

#[test]
fn messages_round_trip_and_are_not_read_when_cut() {
    let body = encode_encrypted_extensions(&extensions());
    holds(&extensions(), &body, parse_encrypted_extensions);

    let request = CertificateRequest13 {
        context: vec![1, 2],
        extensions: extensions(),
    };
    holds(
        &request,
        &request.encode_body(),
        CertificateRequest13::parse,
    );
    let asked = request.asked().unwrap();
    assert_eq!(asked.schemes, [0x0403, 0x0804]);
    assert_eq!(asked.authorities, [[0x30, 0]]);

    let mut chain = Certificate13::of_chain(vec![7], &[vec![0x30, 0], vec![1; 300]]);
    chain.entries[0].extensions = extensions();
    holds(&chain, &chain.encode_body(), Certificate13::parse);
    assert!(Certificate13::parse(&[0, 0, 0, 5, 0, 0, 0, 0, 0]).is_err());

    let ticket = NewSessionTicket13 {
        lifetime: 7200,
        age_add: 0x0102_0304,
        nonce: vec![0, 1],
        ticket: vec![9; 40],
        extensions: vec![Extension::new(code::EARLY_DATA, vec![0, 0, 4, 0])],
    };
    holds(&ticket, &ticket.encode_body(), NewSessionTicket13::parse);
    assert_eq!(ticket.max_early_data(), Ok(1024));
    let without = NewSessionTicket13::default();
    assert_eq!(without.max_early_data(), Ok(0));
    assert!(NewSessionTicket13::parse(&without.encode_body()).is_err());

    let verify = (0x0804, vec![3; 128]);
    let body = [&[8, 4, 0, 128][..], &[3; 128]].concat();
    holds(&verify, &body, parse_certificate_verify);
    assert_eq!(
        (parse_key_update(&[0]), parse_key_update(&[1])),
        (Ok(false), Ok(true))
    );
    assert!(parse_key_update(&[2]).is_err() && parse_key_update(&[]).is_err());
}

#[test]
fn what_is_signed_names_who_signs() {
    let (server, client) = (
        signed_content(true, &[7; 32]),
        signed_content(false, &[7; 32]),
    );
    assert_eq!(server.len(), 64 + 33 + 1 + 32);
    assert!(server[64..].starts_with(b"TLS 1.3, server CertificateVerify\0\x07"));
    assert!(client[64..].starts_with(b"TLS 1.3, client CertificateVerify\0\x07"));
    assert_eq!(message_hash(&[1, 2]), [254, 0, 0, 2, 1, 2]);
}

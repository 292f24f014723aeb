use super::super::*;
use crate::tls::entropy::Entropy;
use crate::tls::record::RecordLayer;
use crate::wire::tls::extension::{Extension, code};
use crate::wire::tls::handshake::Message;
use crate::wire::tls::hello::ClientHello;
use crate::wire::tls::offer::Offer;
use crate::wire::tls::record::{content_type, handshake_type};

const HELLO: u8 = handshake_type::CLIENT_HELLO;

fn layer(quirks: Vec<Quirk>) -> RecordLayer {
    let mut records = RecordLayer::new(0x0301, 16_384);
    records.set_quirks(quirks);
    records
}

fn emit(records: &mut RecordLayer, kind: u8, body: &[u8]) -> Vec<u8> {
    let message = Message {
        kind,
        body: body.to_vec(),
    };
    records.emit(message, &mut Entropy::from_seed([3; 32]))
}

/// What goes out of one message of a kind, and how often the quirk was done.
fn sent(kind: u8, body: &[u8], change: MessageChange) -> (Vec<u8>, usize) {
    let at = MessageAt::first(kind);
    let mut records = layer(vec![Quirk::Message { at, change }]);
    let counted = emit(&mut records, kind, body);
    let output = records.take_output();
    let payload: Vec<u8> = output.get(5..).unwrap_or_default().to_vec();
    if !payload.is_empty() && kind != handshake_type::FINISHED {
        assert_eq!(counted.len() % payload.len(), 0);
    }
    (payload, records.quirks_done()[0])
}

fn hello() -> ClientHello {
    let version = crate::model::suite::ProtocolVersion::Tls12;
    Offer::new(version, vec![0x2F, 0x35]).client_hello([7; 32])
}

/// The hello after a change that leaves it well-formed.
fn changed(change: MessageChange) -> ClientHello {
    let (octets, done) = sent(HELLO, &hello().encode_body(), change);
    assert_eq!(done, 1);
    let length = usize::from(u16::from_be_bytes([octets[2], octets[3]]));
    assert_eq!(octets.len(), length + 4);
    ClientHello::parse(&octets[4..]).unwrap()
}

#[test]
fn fields_of_a_hello_change_and_lengths_follow() {
    let field = |field, value: &[u8]| MessageChange::Field {
        field,
        value: value.to_vec(),
    };
    let version = changed(field(Field::Version, &[3, 0]));
    assert_eq!(version.client_version, 0x0300);
    assert_eq!(changed(field(Field::Random, &[1; 32])).random, [1; 32]);
    let session = changed(field(Field::SessionId, &[5; 9]));
    assert_eq!(session.session_id, [5; 9]);
    let suites = changed(field(Field::CipherSuites, &[0, 1]));
    assert_eq!(suites.suites, [1]);
    let extension = changed(field(Field::Extension(code::RENEGOTIATION_INFO), &[1, 9]));
    assert_eq!(
        extension.extension(code::RENEGOTIATION_INFO),
        Some(&[1, 9][..])
    );
    assert!(changed(field(Field::Extensions, &[])).extensions.is_empty());
    assert_eq!(suites.extensions, hello().extensions);
}

#[test]
fn extensions_come_and_go() {
    let groups = code::SUPPORTED_GROUPS;
    let count = |hello: &ClientHello, wanted| {
        let all = hello.extensions.iter();
        all.filter(|extension| extension.code == wanted).count()
    };
    let none = changed(MessageChange::RemoveExtension(groups));
    assert_eq!(count(&none, groups), 0);
    let twice = changed(MessageChange::DuplicateExtension(groups));
    assert_eq!(count(&twice, groups), 2);
    let empty = changed(MessageChange::EmptyExtension(groups));
    assert_eq!(empty.extension(groups), Some(&[][..]));
    let added = changed(MessageChange::AddExtension(Extension::new(9, vec![8])));
    assert_eq!(added.extension(9), Some(&[8][..]));
    let body = hello().encode_body();
    let absent = sent(HELLO, &body, MessageChange::RemoveExtension(9));
    assert_eq!(absent.1, 0, "what is not there cannot be left out");
}

#[test]
fn lengths_are_off_by_what_they_are_told() {
    let body = hello().encode_body();
    let plain = [&[1, 0, 0, u8::try_from(body.len()).unwrap()][..], &body].concat();
    let difference = |change: MessageChange| -> Vec<(usize, u8)> {
        let (octets, done) = sent(HELLO, &body, change);
        assert_eq!((octets.len(), done), (plain.len(), 1));
        let pairs = octets.iter().zip(&plain).enumerate();
        pairs
            .filter(|(_, (now, before))| now != before)
            .map(|(at, (now, before))| (at, now.wrapping_sub(*before)))
            .collect()
    };
    assert_eq!(difference(MessageChange::Length(-2)), [(3, 254)]);
    let longer = |field| MessageChange::FieldLength { field, delta: 3 };
    // Header, version, random, session id; then the suites' length.
    assert_eq!(difference(longer(Field::SessionId)), [(38, 3)]);
    assert_eq!(difference(longer(Field::CipherSuites)), [(40, 3)]);
    let at = 4 + body.len()
        - hello()
            .extensions
            .iter()
            .map(|e| e.body.len() + 4)
            .sum::<usize>();
    assert_eq!(difference(longer(Field::Extensions)), [(at - 1, 3)]);
}

#[test]
fn other_messages_have_their_fields() {
    let field = |field| MessageChange::Field {
        field,
        value: vec![7],
    };
    for (kind, body, wanted, expected) in [
        (16, &[0, 2, 8, 8][..], Field::Exchange, &[0, 1, 7][..]),
        (16, &[2, 8, 8], Field::Exchange, &[1, 7]),
        (16, &[0, 2, 8, 8], Field::PskIdentity, &[0, 1, 7]),
        (
            16,
            &[0, 1, 8, 0, 1, 9],
            Field::Exchange,
            &[0, 1, 8, 0, 1, 7],
        ),
        (15, &[4, 1, 0, 1, 9], Field::Signature, &[4, 1, 0, 1, 7]),
        (15, &[4, 1, 0, 1, 9], Field::SignatureScheme, &[7, 0, 1, 9]),
        (15, &[0, 1, 9], Field::Signature, &[0, 1, 7]),
        (11, &[0, 0, 1, 9], Field::CertificateList, &[0, 0, 1, 7]),
        (
            11,
            &[1, 5, 0, 0, 1, 9],
            Field::CertificateList,
            &[1, 5, 0, 0, 1, 7],
        ),
        (
            4,
            &[0, 0, 0, 1, 0, 1, 9],
            Field::Ticket,
            &[0, 0, 0, 1, 0, 1, 7],
        ),
        (20, &[1; 12], Field::VerifyData, &[7]),
    ] {
        let (octets, done) = sent(kind, body, field(wanted));
        assert_eq!((&octets[4..], done), (expected, 1), "{kind} {wanted:?}");
    }
    assert_eq!(sent(14, &[], field(Field::Random)).1, 0);
}

#[test]
fn messages_are_omitted_repeated_and_moved_and_count_as_sent() {
    let at = MessageAt::first(15);
    let with = |change| layer(vec![Quirk::Message { at, change }]);
    let message = [15, 0, 0, 1, 9];
    let mut omitted = with(MessageChange::Omit);
    assert!(emit(&mut omitted, 15, &[9]).is_empty());
    assert!(omitted.take_output().is_empty());
    assert_eq!(
        emit(&mut omitted, 15, &[9]),
        message,
        "the second is meant by nobody"
    );
    let mut repeated = with(MessageChange::Repeat(2));
    assert_eq!(emit(&mut repeated, 15, &[9]), message.repeat(3));
    let mut moved = with(MessageChange::After(16));
    assert!(emit(&mut moved, 15, &[9]).is_empty());
    let both = emit(&mut moved, 16, &[]);
    assert_eq!(both, [&[16, 0, 0, 0][..], &message].concat());
}

#[test]
fn points_stop_pause_and_speak() {
    let at = Point::After(MessageAt::first(HELLO));
    let insert = |what| Quirk::Insert {
        at,
        what,
        protection: Protection::Due,
    };
    let alert = Inserted::Alert(crate::wire::tls::alert::Alert::fatal(40));
    let how = Closing::Notify;
    let quirks = vec![
        insert(Inserted::Raw(vec![0xAA])),
        Quirk::Pause(at),
        insert(alert.clone()),
        Quirk::Close { at, how },
        insert(alert),
    ];
    let mut records = layer(quirks);
    emit(&mut records, HELLO, &[]);
    let hello = [22, 3, 1, 0, 4, 1, 0, 0, 0];
    assert_eq!(records.take_output(), [&hello[..], &[0xAA]].concat());
    assert!(records.is_paused() && records.take_output().is_empty());
    records.go_on();
    assert!(!records.is_paused());
    let rest = [21, 3, 1, 0, 2, 2, 40, 21, 3, 1, 0, 2, 1, 0];
    assert_eq!(records.take_output(), rest);
    records.send(
        content_type::ALERT,
        &[1, 0],
        &mut Entropy::from_seed([0; 32]),
    );
    assert!(
        records.take_output().is_empty(),
        "nothing comes after the end"
    );
    assert_eq!(records.closing(), Some(how));
    assert_eq!(records.quirks_done(), [1, 1, 1, 1, 0]);
}

#[test]
fn records_in_clear_are_changed_as_told() {
    let send = |change| {
        let at = RecordAt {
            content_type: content_type::HANDSHAKE,
            state: RecordState::Any,
            which: Which::Nth(2),
        };
        let mut records = layer(vec![Quirk::Record { at, change }]);
        let mut entropy = Entropy::from_seed([0; 32]);
        records.send(content_type::HANDSHAKE, &[1], &mut entropy);
        records.send(content_type::HANDSHAKE, &[1, 2], &mut entropy);
        let output = records.take_output();
        assert_eq!(output[..6], [22, 3, 1, 0, 1, 1]);
        (output[6..].to_vec(), records.quirks_done()[0])
    };
    let (first, mask) = (Offset::Start(0), 0x80);
    let xor = |part| RecordChange::Xor {
        part,
        offset: first,
        mask,
    };
    for (change, expected) in [
        (RecordChange::ContentType(99), &[99, 3, 1, 0, 2, 1, 2][..]),
        (RecordChange::Version(0x0200), &[22, 2, 0, 0, 2, 1, 2]),
        (RecordChange::Length(-1), &[22, 3, 1, 0, 1, 1, 2]),
        (RecordChange::Grow(1), &[22, 3, 1, 0, 3, 1, 2, 0]),
        (
            RecordChange::Split(1),
            &[22, 3, 1, 0, 1, 1, 22, 3, 1, 0, 1, 2],
        ),
        (
            RecordChange::EmptyBefore,
            &[22, 3, 1, 0, 0, 22, 3, 1, 0, 2, 1, 2],
        ),
        (RecordChange::Omit, &[]),
        (xor(RecordPart::Header), &[22 ^ 0x80, 3, 1, 0, 2, 1, 2]),
        (xor(RecordPart::Ciphertext), &[22, 3, 1, 0, 2, 0x81, 2]),
    ] {
        assert_eq!(send(change.clone()), (expected.to_vec(), 1), "{change:?}");
    }
    for change in [xor(RecordPart::Mac), RecordChange::SequenceNumber(1)] {
        assert_eq!(send(change).1, 0, "a record in clear has none");
    }
}

#[test]
fn premaster_blocks_are_spoiled_where_the_form_says() {
    let right = [&[0, 2][..], &[5; 20], &[0], &[9; 48]].concat();
    let spoil = |form: PremasterForm| {
        let mut block = right.clone();
        assert!(form.spoil(&mut block, 48));
        block
    };
    assert_eq!(spoil(PremasterForm::FirstOctets([4, 1]))[..3], [4, 1, 5]);
    assert!(!spoil(PremasterForm::NoZero)[2..].contains(&0));
    let early = spoil(PremasterForm::ZeroInPadding);
    assert_eq!(early[2..].iter().position(|octet| *octet == 0), Some(4));
    let mut entropy = Entropy::from_seed([1; 32]);
    let mut secret = |form: PremasterForm| form.secret(&[3; 48], &mut entropy);
    assert_eq!(secret(PremasterForm::Version(0x0302))[..3], [3, 2, 3]);
    assert_eq!(secret(PremasterForm::SecretLength(47)), [3; 47]);
    assert_eq!(secret(PremasterForm::SecretLength(50)).len(), 50);
}

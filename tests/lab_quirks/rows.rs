//! Quirks with the reactions that the RFCs allow.

use presec::tls::quirk::{
    ChangeCipherSpecChange as Change, Field, Inserted, MessageAt, MessageChange as M, Offset,
    PaddingForm, Point, PremasterForm, Protection, Quirk, RecordAt, RecordChange as R, RecordPart,
    RecordState, Which,
};
use presec::wire::tls::alert::Alert;
use presec::wire::tls::extension::{Extension, code};
use presec::wire::tls::handshake::Message;
use presec::wire::tls::record::{content_type, handshake_type as h};

use crate::reaction::Reaction::{self, Answered, Closed, Silent};

/// A quirk and what may be made of it.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) quirks: Vec<Quirk>,
    pub(crate) demanded: Vec<Reaction>,
}

fn row(name: &'static str, quirk: Quirk, demanded: &[Reaction]) -> Row {
    Row {
        name,
        quirks: vec![quirk],
        demanded: demanded.to_vec(),
    }
}

const UNEXPECTED: Reaction = Reaction::Alert(10);
const BAD_MAC: Reaction = Reaction::Alert(20);
const OVERFLOW: Reaction = Reaction::Alert(22);
const HANDSHAKE_FAILURE: Reaction = Reaction::Alert(40);
const ILLEGAL: Reaction = Reaction::Alert(47);
const DECODE: Reaction = Reaction::Alert(50);
const DECRYPT: Reaction = Reaction::Alert(51);
const VERSION: Reaction = Reaction::Alert(70);

fn message(kind: u8, change: M) -> Quirk {
    Quirk::Message {
        at: MessageAt::first(kind),
        change,
    }
}

fn record(content_type: u8, state: RecordState, change: R) -> Quirk {
    Quirk::Record {
        at: RecordAt {
            content_type,
            state,
            which: Which::FIRST,
        },
        change,
    }
}

fn xor(part: RecordPart, offset: Offset) -> R {
    R::Xor {
        part,
        offset,
        mask: 0x40,
    }
}

/// All of them.
pub(crate) fn all() -> Vec<Row> {
    let groups = [
        hellos(),
        harmless_hellos(),
        messages(),
        unanswered(),
        change_cipher_specs(),
        inserted(),
        premaster_secrets(),
        records_in_clear(),
        protected_records(),
        paddings(),
    ];
    groups.into_iter().flatten().collect()
}

/// RFC 5246 clauses 7.2.2 and 7.4.1.2, RFC 5746 clause 3.6.
pub(crate) fn hellos() -> Vec<Row> {
    let hello =
        |name, change, demanded: &[Reaction]| row(name, message(h::CLIENT_HELLO, change), demanded);
    let field = |field, value: &[u8]| M::Field {
        field,
        value: value.to_vec(),
    };
    let longer = |field| M::FieldLength { field, delta: 1 };
    let wrong = &[ILLEGAL, DECODE][..];
    let reneg = field(Field::Extension(code::RENEGOTIATION_INFO), &[1, 7]);
    vec![
        hello(
            "SSL 3.0",
            field(Field::Version, &[3, 0]),
            &[VERSION, HANDSHAKE_FAILURE],
        ),
        hello("no suites", field(Field::CipherSuites, &[]), wrong),
        hello(
            "odd suites",
            field(Field::CipherSuites, &[0, 0x2F, 0]),
            &[DECODE],
        ),
        hello("suites too long", longer(Field::CipherSuites), &[DECODE]),
        hello("extensions too long", longer(Field::Extensions), &[DECODE]),
        hello("session id of 33", field(Field::SessionId, &[1; 33]), wrong),
        hello(
            "no compression methods",
            field(Field::CompressionMethods, &[]),
            wrong,
        ),
        hello(
            "no null compression",
            field(Field::CompressionMethods, &[1]),
            wrong,
        ),
        hello("hello cut", M::Truncate(3), &[DECODE]),
        hello("hello padded", M::Pad { count: 3, octet: 0 }, &[DECODE]),
        hello("header says less", M::Length(-1), &[DECODE]),
        hello("header says more", M::Length(1), &[Silent]),
        hello("another type", M::Kind(99), &[UNEXPECTED]),
        hello(
            "extension twice",
            M::DuplicateExtension(code::SUPPORTED_GROUPS),
            wrong,
        ),
        hello(
            "extension emptied",
            M::EmptyExtension(code::SUPPORTED_GROUPS),
            wrong,
        ),
        hello("renegotiation_info of another", reneg, &[HANDSHAKE_FAILURE]),
        hello("hello twice", M::Repeat(1), &[UNEXPECTED, VERSION]),
    ]
}

/// Hellos that differ and are right all the same, or ask for what the peers do not have.
pub(crate) fn harmless_hellos() -> Vec<Row> {
    let hello =
        |name, change, demanded: &[Reaction]| row(name, message(h::CLIENT_HELLO, change), demanded);
    let random = M::Field {
        field: Field::Random,
        value: vec![9; 32],
    };
    vec![
        hello("another random", random, &[Answered]),
        hello(
            "no master secret extension",
            M::RemoveExtension(23),
            &[Answered],
        ),
        hello(
            "unknown extension",
            M::AddExtension(Extension::new(0x1234, vec![1, 2])),
            &[Answered],
        ),
        row("compression", Quirk::offer_compression(), &[Answered]),
        row("heartbeat offered", Quirk::offer_heartbeat(), &[Answered]),
    ]
}

/// RFC 5246 clauses 7.3, 7.4.7 and 7.4.9.
pub(crate) fn messages() -> Vec<Row> {
    let exchange = |name, change, demanded: &[Reaction]| {
        row(name, message(h::CLIENT_KEY_EXCHANGE, change), demanded)
    };
    let finished =
        |name, change, demanded: &[Reaction]| row(name, message(h::FINISHED, change), demanded);
    let pad = || M::Pad { count: 1, octet: 0 };
    let longer = M::FieldLength {
        field: Field::Exchange,
        delta: 1,
    };
    let other = M::Field {
        field: Field::Exchange,
        value: vec![1; 256],
    };
    let flipped = M::Xor {
        offset: Offset::End(1),
        mask: 1,
    };
    let zero = M::Field {
        field: Field::VerifyData,
        value: vec![0; 12],
    };
    vec![
        exchange("exchange omitted", M::Omit, &[UNEXPECTED]),
        exchange("exchange twice", M::Repeat(1), &[UNEXPECTED]),
        exchange("exchange cut", M::Truncate(1), &[DECODE]),
        exchange("exchange padded", pad(), &[DECODE]),
        exchange("exchange vector too long", longer, &[DECODE]),
        exchange("another ciphertext", other, &[BAD_MAC]),
        exchange("ciphertext flipped", flipped, &[BAD_MAC]),
        exchange(
            "exchange after Finished",
            M::After(h::FINISHED),
            &[UNEXPECTED],
        ),
        finished("Finished twice", M::Repeat(1), &[UNEXPECTED]),
        finished("Finished cut", M::Truncate(1), &[DECODE]),
        finished("Finished padded", pad(), &[DECODE]),
        finished("Finished of zeros", zero, &[DECRYPT]),
        row("bad Finished", Quirk::bad_finished(), &[DECRYPT]),
    ]
}

/// What leaves the peer waiting for more.
pub(crate) fn unanswered() -> Vec<Row> {
    vec![
        row("Finished omitted", message(h::FINISHED, M::Omit), &[Silent]),
        row(
            "Finished says more",
            message(h::FINISHED, M::Length(1)),
            &[Silent],
        ),
    ]
}

/// RFC 5246 clause 7.1.
pub(crate) fn change_cipher_specs() -> Vec<Row> {
    let change = |name, change| row(name, Quirk::ChangeCipherSpec(change), &[UNEXPECTED, DECODE]);
    let early = Point::Before(MessageAt::first(h::CLIENT_KEY_EXCHANGE));
    vec![
        change("ChangeCipherSpec omitted", Change::Omitted),
        change("ChangeCipherSpec late", Change::Late),
        change("ChangeCipherSpec early", Change::Early(early)),
        change("ChangeCipherSpec twice", Change::Twice),
        change("ChangeCipherSpec with 2", Change::Octet(2)),
        change("ChangeCipherSpec too long", Change::Overlong),
    ]
}

fn insert(
    name: &'static str,
    at: Point,
    what: Inserted,
    protection: Protection,
    demanded: &[Reaction],
) -> Row {
    let quirk = Quirk::Insert {
        at,
        what,
        protection,
    };
    row(name, quirk, demanded)
}

/// RFC 5246 clauses 6, 6.2.1 and 7.2.
pub(crate) fn inserted() -> Vec<Row> {
    let before = Point::Before(MessageAt::first(h::CLIENT_KEY_EXCHANGE));
    let (done, data) = (Point::HandshakeDone, Point::BeforeData(Which::Nth(2)));
    let due = Protection::Due;
    let warning = || Inserted::Alert(Alert::warning(90));
    let octets = |content_type| Inserted::Record {
        content_type,
        content: vec![1],
    };
    let finished = Inserted::Message(Message {
        kind: h::FINISHED,
        body: vec![0; 12],
    });
    let fatal = || Inserted::Alert(Alert::HANDSHAKE_FAILURE);
    vec![
        insert("Finished early", before, finished, due, &[UNEXPECTED]),
        insert("warning", before, warning(), due, &[Answered]),
        insert("fatal alert", before, fatal(), due, &[Closed]),
        insert("fatal alert later", data, fatal(), due, &[Closed]),
        insert(
            "warning under the keys to come",
            Point::BeforeChangeCipherSpec,
            warning(),
            Protection::Next,
            &[UNEXPECTED, BAD_MAC],
        ),
        insert(
            "warning in clear after the handshake",
            done,
            warning(),
            Protection::Clear,
            &[BAD_MAC],
        ),
        insert(
            "ChangeCipherSpec later",
            done,
            Inserted::ChangeCipherSpec,
            due,
            &[UNEXPECTED],
        ),
        insert("unknown type", data, octets(99), due, &[UNEXPECTED]),
        insert(
            "data before Finished",
            before,
            octets(23),
            due,
            &[UNEXPECTED],
        ),
        insert(
            "no record",
            done,
            Inserted::Raw(b"GET / HTTP/1.1\r\n\r\n".to_vec()),
            due,
            &[UNEXPECTED, VERSION, OVERFLOW],
        ),
        // Neither peer knows heartbeats.
        row(
            "heartbeat",
            Quirk::heartbeat_request(b"beat", 4),
            &[UNEXPECTED],
        ),
    ]
}

/// RFC 5246 clause 7.4.7.1: no form may be told from the others.
pub(crate) fn premaster_secrets() -> Vec<Row> {
    let form = |name, form| row(name, Quirk::Premaster(form), &[BAD_MAC]);
    vec![
        form("another version", PremasterForm::Version(0x0300)),
        form(
            "wrong first octets",
            PremasterForm::FirstOctets([0x41, 0x17]),
        ),
        form("block type 1", PremasterForm::FirstOctets([0, 1])),
        form("no zero", PremasterForm::NoZero),
        form("zero in the padding", PremasterForm::ZeroInPadding),
        form("secret of 47", PremasterForm::SecretLength(47)),
        form("secret of 49", PremasterForm::SecretLength(49)),
        form("no secret", PremasterForm::SecretLength(0)),
    ]
}

/// RFC 5246 clause 6.2.1.
pub(crate) fn records_in_clear() -> Vec<Row> {
    let clear = |name, change, demanded: &[Reaction]| {
        let quirk = record(content_type::HANDSHAKE, RecordState::Clear, change);
        row(name, quirk, demanded)
    };
    vec![
        clear("another content type", R::ContentType(23), &[UNEXPECTED]),
        clear(
            "another major version in the header",
            R::Version(0x0200),
            &[VERSION],
        ),
        clear("header says more", R::Length(1), &[Silent]),
        clear("hello split", R::Split(2), &[Answered]),
        clear("empty handshake record", R::EmptyBefore, &[UNEXPECTED]),
        clear("record omitted", R::Omit, &[Silent]),
        clear("record twice", R::Repeat, &[UNEXPECTED, VERSION]),
    ]
}

/// RFC 5246 clauses 6.2.3 and 7.2.2, for whatever protection.
pub(crate) fn protected_records() -> Vec<Row> {
    let data = |name, change, demanded: &[Reaction]| {
        let kind = content_type::APPLICATION_DATA;
        row(name, record(kind, RecordState::Protected, change), demanded)
    };
    let finished = |name, change, demanded: &[Reaction]| {
        let kind = content_type::HANDSHAKE;
        row(name, record(kind, RecordState::Protected, change), demanded)
    };
    let first = Offset::Start(0);
    vec![
        data("unknown content type", R::ContentType(99), &[UNEXPECTED]),
        data("handshake type", R::ContentType(22), &[UNEXPECTED]),
        data("another version", R::Version(0x0302), &[VERSION]),
        data("length one less", R::Length(-1), &[BAD_MAC]),
        data(
            "type flipped",
            xor(RecordPart::Header, first),
            &[BAD_MAC, UNEXPECTED],
        ),
        data("MAC", xor(RecordPart::Mac, first), &[BAD_MAC]),
        data("IV", xor(RecordPart::Iv, Offset::End(1)), &[BAD_MAC]),
        data(
            "ciphertext",
            xor(RecordPart::Ciphertext, Offset::End(1)),
            &[BAD_MAC],
        ),
        data("sequence number", R::SequenceNumber(-1), &[BAD_MAC]),
        data("record twice", R::Repeat, &[BAD_MAC]),
        data("record omitted", R::Omit, &[BAD_MAC]),
        data("too long", R::Grow(16_384), &[OVERFLOW]),
        data("split", R::Split(3), &[Answered]),
        data("empty before", R::EmptyBefore, &[Answered]),
        finished(
            "MAC of Finished",
            xor(RecordPart::Mac, Offset::End(1)),
            &[BAD_MAC],
        ),
        finished("IV of Finished", xor(RecordPart::Iv, first), &[BAD_MAC]),
        finished("Finished one later", R::SequenceNumber(1), &[BAD_MAC]),
        finished("Finished repeated", R::Repeat, &[BAD_MAC]),
        finished(
            "content",
            xor(RecordPart::Content, Offset::End(1)),
            &[DECRYPT],
        ),
    ]
}

/// RFC 5246 clause 6.2.3.2: one alert for whatever is wrong.
pub(crate) fn paddings() -> Vec<Row> {
    let data = |name, change, demanded: &[Reaction]| {
        let kind = content_type::APPLICATION_DATA;
        row(name, record(kind, RecordState::Protected, change), demanded)
    };
    let form = |name, form, demanded: &[Reaction]| data(name, R::Padding(form), demanded);
    vec![
        form("longest", PaddingForm::Longest, &[Answered]),
        form("filled", PaddingForm::Filled(0), &[BAD_MAC]),
        form("first octet", PaddingForm::FirstOctetWrong, &[BAD_MAC]),
        form("overlong", PaddingForm::Overlong, &[BAD_MAC]),
        form("whole record", PaddingForm::Whole, &[BAD_MAC]),
        data(
            "length",
            xor(RecordPart::Padding, Offset::End(1)),
            &[BAD_MAC],
        ),
    ]
}

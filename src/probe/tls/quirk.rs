//! The quirks of scenarios in the words of the lab engine.

use crate::model::step_open::{SentAlert, SentRecord};
use crate::model::tls_quirk::TlsQuirk;
use crate::tls::quirk::{
    ChangeCipherSpecChange, Field, Inserted, MessageAt, MessageChange, Offset, PaddingForm, Point,
    PremasterForm, Protection, Quirk, RecordAt, RecordChange, RecordPart, RecordState, Which,
};
use crate::wire::tls::alert::Alert;
use crate::wire::tls::extension::{Extension, code};
use crate::wire::tls::record::{content_type, handshake_type};

/// heartbeat (RFC 6520 2).
const HEARTBEAT: u16 = 15;
/// peer_allowed_to_send.
const PEER_MAY_SEND: u8 = 1;
/// Where a bit of the ciphertext is flipped: behind any nonce or IV, and within any request.
const WITHIN: Offset = Offset::Start(24);
/// A version that no client offers; those of ROBOT.
const NO_VERSION: u16 = 0x0202;
/// First octets of a block that is none of PKCS #1; those of ROBOT.
const NO_BLOCK: [u8; 2] = [0x41, 0x17];
/// One octet less than a premaster secret has.
const SHORT: u8 = 47;
/// The payload of a heartbeat.
const PAYLOAD: [u8; 16] = *b"presec-heartbeat";
/// What a heartbeat says that it has.
const OVERSTATED: u16 = 16_000;
/// handshake_failure.
const HANDSHAKE_FAILURE: u8 = 40;
/// user_canceled.
const USER_CANCELED: u8 = 90;

/// A quirk as the engine knows it.
pub(super) fn quirk(quirk: TlsQuirk) -> Quirk {
    use TlsQuirk as Named;
    match quirk {
        Named::HeartbeatOffered => {
            let extension = Extension::new(HEARTBEAT, vec![PEER_MAY_SEND]);
            hello(MessageChange::AddExtension(extension))
        }
        Named::WithoutRenegotiationInfo => {
            hello(MessageChange::RemoveExtension(code::RENEGOTIATION_INFO))
        }
        Named::EmptyRenegotiationInfo => hello(MessageChange::Field {
            field: Field::Extension(code::RENEGOTIATION_INFO),
            value: vec![0],
        }),
        Named::PremasterVersion => Quirk::Premaster(PremasterForm::Version(NO_VERSION)),
        Named::PremasterFirstOctets => Quirk::Premaster(PremasterForm::FirstOctets(NO_BLOCK)),
        Named::PremasterWithoutZero => Quirk::Premaster(PremasterForm::NoZero),
        Named::PremasterZeroInPadding => Quirk::Premaster(PremasterForm::ZeroInPadding),
        Named::PremasterShort => Quirk::Premaster(PremasterForm::SecretLength(SHORT)),
        Named::WrongFinished => Quirk::bad_finished(),
        Named::ChangeCipherSpecOmitted => Quirk::ChangeCipherSpec(ChangeCipherSpecChange::Omitted),
        Named::ChangeCipherSpecEarly => {
            let exchange = MessageAt::first(handshake_type::CLIENT_KEY_EXCHANGE);
            Quirk::ChangeCipherSpec(ChangeCipherSpecChange::Early(Point::Before(exchange)))
        }
        other => with_request(other),
    }
}

/// The same for another handshake on a connection. Where the first was `secure` in the sense of RFC 5746 the binding is there to
/// be left out or changed; where the server had none, the client has none to send either, and nothing needs to be left out.
pub(super) fn renegotiation_quirk(named: TlsQuirk, secure: bool) -> Option<Quirk> {
    match named {
        TlsQuirk::WithoutRenegotiationInfo if !secure => None,
        TlsQuirk::EmptyRenegotiationInfo if !secure => {
            let empty = Extension::new(code::RENEGOTIATION_INFO, vec![0]);
            Some(hello(MessageChange::AddExtension(empty)))
        }
        other => Some(quirk(other)),
    }
}

fn hello(change: MessageChange) -> Quirk {
    Quirk::Message {
        at: MessageAt::first(handshake_type::CLIENT_HELLO),
        change,
    }
}

/// Those that show with the first application data.
fn with_request(quirk: TlsQuirk) -> Quirk {
    use TlsQuirk as Named;
    let flipped = |part, offset| {
        record(RecordChange::Xor {
            part,
            offset,
            mask: 1,
        })
    };
    let heartbeat = |declared| {
        before_data(Inserted::Heartbeat {
            declared,
            payload: PAYLOAD.to_vec(),
        })
    };
    match quirk {
        Named::FlippedMacBit => flipped(RecordPart::Mac, Offset::Start(0)),
        Named::WrongSequenceNumber => record(RecordChange::SequenceNumber(1)),
        Named::PaddingLongest => record(RecordChange::Padding(PaddingForm::Longest)),
        Named::PaddingFirstOctetWrong => {
            record(RecordChange::Padding(PaddingForm::FirstOctetWrong))
        }
        Named::PaddingFilled => record(RecordChange::Padding(PaddingForm::Filled(0))),
        Named::PaddingOverlong => record(RecordChange::Padding(PaddingForm::Overlong)),
        Named::PaddingWhole => record(RecordChange::Padding(PaddingForm::Whole)),
        Named::EmptyRecord => record(RecordChange::EmptyBefore),
        Named::RepeatedRecord => record(RecordChange::Repeat),
        Named::Heartbeat => heartbeat(PAYLOAD.len().try_into().unwrap_or(u16::MAX)),
        Named::HeartbeatOverread => heartbeat(OVERSTATED),
        Named::ChangeCipherSpecAgain => before_data(Inserted::ChangeCipherSpec),
        Named::FatalAlert => before_data(Inserted::Alert(Alert::fatal(HANDSHAKE_FAILURE))),
        Named::WarningAlert => before_data(Inserted::Alert(Alert::warning(USER_CANCELED))),
        _ => flipped(RecordPart::Ciphertext, WITHIN),
    }
}

fn record(change: RecordChange) -> Quirk {
    Quirk::Record {
        at: RecordAt {
            content_type: content_type::APPLICATION_DATA,
            state: RecordState::Protected,
            which: Which::FIRST,
        },
        change,
    }
}

fn before_data(what: Inserted) -> Quirk {
    Quirk::Insert {
        at: Point::BeforeData(Which::FIRST),
        what,
        protection: Protection::Due,
    }
}

/// An alert before the request.
pub(super) fn alert(alert: SentAlert) -> Quirk {
    before_data(Inserted::Alert(Alert {
        level: alert.level,
        description: alert.description,
    }))
}

/// A record before the request; `None` when its content is no hex.
pub(super) fn sent_record(record: &SentRecord) -> Option<Quirk> {
    Some(before_data(Inserted::Record {
        content_type: record.content_type,
        content: hex::decode(&record.content).ok()?,
    }))
}
